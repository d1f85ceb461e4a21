"""The markets: U.S. states and territories in which somebody works, as the database stores them (S3-04, D-10)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_noop
from localflavor.us.us_states import STATE_CHOICES

LABELS: dict[str, str | Promise] = dict(sorted(STATE_CHOICES, key=lambda choice: choice[0]))

# Places keep their names in every language, as on an envelope. These are no places: the catalogue translates them.
NO_PLACES = (
    gettext_noop("Armed Forces Americas"),
    gettext_noop("Armed Forces Europe"),
    gettext_noop("Armed Forces Pacific"),
)


def label_of(market: str) -> str:
    """What pages call a market; its key where nothing names it."""
    return str(LABELS.get(market, market))
