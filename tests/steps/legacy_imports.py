"""Lists of old accounts, as an old system would write them."""

from portals.legacy import lines
from tests.steps.legacy_sign_in import BCRYPT

SOURCE = "provider-online"

HEADER = ",".join(lines.COLUMNS)


def line(name: str, text: str = BCRYPT, *, email: str = "old@example.org", entitlements: str = "") -> str:
    return f'{name},"{text}",{email},Ana,Old,{entitlements}'


def content(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines, ""]).encode()
