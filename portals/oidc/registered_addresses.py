"""Which addresses an application may register: those that only it can receive at, written in one way only.

Django's URLValidator and oauthlib were tried: they take 20 and 31 of the 49 that must be refused (decision 0037).
"""

import re
from enum import StrEnum, auto
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from portals import public_hosts

MAX_LENGTH = 500
_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&'()+,;=%]+")  # RFC 3986 without "#" and "*"
_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.I)
_ADDRESS = re.compile(r"\[[0-9a-f:.]+\]", re.I)  # IPv6
_OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Problem(StrEnum):
    """What is wrong with an address."""

    LENGTH = auto()
    FRAGMENT = auto()
    WILDCARD = auto()
    CHARACTER = auto()
    FORM = auto()
    USER = auto()
    SCHEME = auto()
    PLAIN_HTTP = auto()
    DOTS = auto()
    OURS = auto()
    PORT = auto()
    NOT_PUBLIC = auto()


def problem_of(address: str, *, own_scheme: bool = False) -> Problem | None:
    """What is wrong with an address to which browsers are sent; None for one that may be registered.

    https, or http on the same machine; `own_scheme` allows that of an application on a phone (RFC 8252, 7.1), which
    has a dot: `com.example.app:/back`. That rules out javascript:, data: and their like.
    """
    for refused, problem in (
        (len(address) > MAX_LENGTH, Problem.LENGTH),
        ("#" in address, Problem.FRAGMENT),
        ("*" in address, Problem.WILDCARD),
        (not _CHARACTERS.fullmatch(address), Problem.CHARACTER),
    ):
        if refused:
            return problem
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  raises for one that is no number
    except ValueError:
        return Problem.FORM
    if any(segment in (".", "..") for segment in parts.path.lower().replace("%2e", ".").split("/")):
        return Problem.DOTS  # a browser goes elsewhere than the text says
    if address.startswith(("https:", "http:")):
        return _problem_of_web(parts)
    own = own_scheme and _OWN_SCHEME.fullmatch(address.partition(":")[0])
    return _problem_of_own(parts) if own else Problem.SCHEME


def problem_of_call(address: str) -> Problem | None:
    """What is wrong with an address that our own servers call: https at its own port, and a public host. A name that
    nobody knows yet may be registered; it is looked at again before each call (portals.public_hosts)."""
    if problem := problem_of(address):
        return problem
    parts = urlsplit(address)
    if not public_hosts.is_called(parts):
        return Problem.PORT if parts.scheme == "https" else Problem.SCHEME
    try:
        public_hosts.resolve(parts)
    except public_hosts.NotPublic:
        return Problem.NOT_PUBLIC
    except (OSError, UnicodeError):
        return None
    return None


def _problem_of_web(parts: SplitResult) -> Problem | None:
    host, _colon, port = parts.netloc.partition("]")
    host = f"{host}]" if _colon else parts.netloc.partition(":")[0]
    port = port if _colon else parts.netloc[len(host) :]
    if "@" in parts.netloc:
        return Problem.USER
    if not (_HOST.fullmatch(host) or _ADDRESS.fullmatch(host)) or not re.fullmatch(r"(:[0-9]{1,5})?", port):
        return Problem.FORM
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return Problem.PLAIN_HTTP
    ours = urlsplit(settings.PUBLIC_URL)
    is_ours = (parts.hostname, _port(parts)) == (ours.hostname, _port(ours))
    return Problem.OURS if is_ours else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _problem_of_own(parts: SplitResult) -> Problem | None:
    if "@" in parts.netloc:
        return Problem.USER
    return None if parts.path or parts.netloc else Problem.FORM
