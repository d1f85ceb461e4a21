"""A portal's colours as a stylesheet of custom properties, cached for ever under the hash of its text."""

import hashlib
from functools import cache

from django.urls import reverse

from portals.spec import PortalSpec

# In the dark all portals share one palette (dark.css); only the header keeps the portal's colour.
_SHEET = """:root[data-portal="{key}"] {{ --portal-header: {header}; }}
:root[data-portal="{key}"], :root[data-portal="{key}"] ::before, :root[data-portal="{key}"] ::after {{
  --color-primary: {primary};
  --color-primary-dark: {dark};
  --color-primary-darker: {darker};
  --color-primary-darkest: {darkest};
  --color-primary-lightest: {lightest};
}}
"""


@cache
def stylesheet(portal: PortalSpec) -> str:
    """The text of the theme."""
    theme = portal.theme
    return _SHEET.format(
        key=portal.key,
        primary=theme.primary,
        dark=theme.dark,
        darker=theme.darker,
        darkest=theme.darkest,
        lightest=theme.lightest,
        header=theme.header,
    )


@cache
def path_of(portal: PortalSpec) -> str:
    """Where a page finds it: a change of colour changes the address."""
    version = hashlib.sha256(stylesheet(portal).encode()).hexdigest()[:12]
    return f"{reverse('theme', args=[portal.key])}?v={version}"


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (#rrggbb) as WCAG 2 defines it: 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
