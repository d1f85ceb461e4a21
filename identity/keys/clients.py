"""What is told to people about the client of a request: its browser, and the place of its network address (D-23)."""

import ipaddress
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip


@dataclass(frozen=True, slots=True)
class Client:
    """A browser and a place, as lists and mails name them."""

    browser: str
    place: str


def from_request(request: HttpRequest) -> Client:
    """The client of a request. The address itself is not kept."""
    return Client(browser_of(request.headers.get("User-Agent", "")), tenant_of(get_client_ip(request)))


@cache
def _parser() -> Any:
    from ua_parser import parse  # loaded at the first sign-in, not at each start

    return parse


@lru_cache(maxsize=1000)
def _families(user_agent: str) -> tuple[str, str]:
    told = _parser()(user_agent)
    return told.user_agent.family if told.user_agent else "", told.os.family if told.os else ""


def browser_of(user_agent: str) -> str:
    """ "Firefox, Windows", as far as it can be told."""
    browser, system = _families(user_agent[:400])
    if browser and system:
        return f"{browser}, {system}"[:80]  # kept, and read later in another language
    return (browser or system or _("Unknown browser"))[:80]


@cache
def _countries() -> Any:
    with warnings.catch_warnings():  # its source has old string escapes
        warnings.simplefilter("ignore")
        from geoip2fast import GeoIP2Fast
    return GeoIP2Fast()


def tenant_of(address: str) -> str:
    """The country of an IP address, else its network: 203.0.113.0/24 or 2001:db8::/48."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if parsed.is_loopback or parsed.is_private:
        return _network(parsed)
    found = _countries().lookup(address)
    known = found.country_code and found.country_code != "--"
    return str(found.country_name)[:60] if known else _network(parsed)


def _network(parsed: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))
