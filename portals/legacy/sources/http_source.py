"""An old system that checks passwords over HTTPS: one POST, one short JSON answer."""

import json
import time
from typing import Any

import requests
from django.conf import settings

from portals.legacy.sources.answers import CONNECT, READ, WHOLE, Known, SourceDown
from rbac.capabilities import Capability

MAX_LENGTH_OF_ANSWER = 64 * 1024  # bytes
TEXTS = ("login_name", "email", "first_name", "last_name")


def ask(*, source_key: str, login_name: str, password: str) -> Known | None:
    """POST {login_name, password}; the answer is {"ok": false}, or {"ok": true} with what is known.

    Raises SourceDown for every other answer: redirects, errors, a certificate that does not hold, too many bytes.
    """
    system = settings.LEGACY_SYSTEMS.get(source_key, {})
    if "url" not in system:
        raise SourceDown("not configured")
    try:
        with requests.Session() as session:
            session.trust_env = False  # no proxy, and no .netrc in the place of our secret
            response = session.post(
                system["url"],
                json={"login_name": login_name, "password": password},
                headers={
                    "Authorization": f"Bearer {system.get('secret', '')}",
                    "Accept": "application/json",
                    "Accept-Encoding": "identity",  # a few bytes stay a few bytes
                },
                timeout=(CONNECT, READ),
                verify=system.get("ca_file", True),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return _known(response.status_code, _body(response))
    except (requests.RequestException, OSError, ValueError, RecursionError) as error:
        raise SourceDown(type(error).__name__) from None  # its text may hold the address, never the password


def _body(response: requests.Response) -> bytes:
    """The whole answer, within bounds of size and time."""
    result, end = b"", time.monotonic() + WHOLE
    for part in response.iter_content(1):  # a larger read waits until it is full, however slowly that comes
        result += part
        if len(result) > MAX_LENGTH_OF_ANSWER or time.monotonic() > end:
            raise SourceDown("too long an answer")
    return result


def _known(status: int, body: bytes) -> Known | None:
    answer: Any = json.loads(body) if status == 200 else None
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        raise SourceDown(f"answered {status}")
    if not answer["ok"]:
        return None
    names = {name: answer.get(name) or "" for name in TEXTS}
    given = answer.get("capabilities")
    if not all(isinstance(value, str) for value in names.values()) or not isinstance(given, list | None):
        raise SourceDown("answered something else")
    # Rights that only the old system knows are nothing to us.
    return Known(**names, capabilities=None if given is None else [one for one in Capability if one in given])
