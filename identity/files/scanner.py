"""The virus scanner, where an installation names one: ClamAV's daemon, asked about each file by the worker."""

import re
import tempfile
from collections.abc import Iterable
from typing import BinaryIO, cast

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

ADDRESS = re.compile(r"unix:/\S+|[A-Za-z0-9.-]+:\d{1,5}")
PATIENCE = 20  # seconds for each answer: with a look in the sandbox less than the lease of a file


class ScannerAway(Exception):
    """It did not say yes or no: it is not there, too slow, or the file is larger than it takes. The file waits."""


def is_connected() -> bool:
    """Whether this installation has one."""
    return bool(settings.CLAMAV)


def finds_harm(content: Iterable[bytes]) -> bool:
    """Whether the scanner knows this content as harmful. Raises ScannerAway."""
    with tempfile.TemporaryFile() as copy:
        copy.writelines(content)
        copy.seek(0)
        try:
            found = _daemon().instream(cast(BinaryIO, copy))
        except (ClamdError, OSError) as error:
            raise ScannerAway from error
    answers = {answer for answer, _what in found.values()}
    if answers not in ({"OK"}, {"FOUND"}):
        raise ScannerAway
    return answers == {"FOUND"}


def _daemon() -> ClamdNetworkSocket:
    """By `unix:/path` or `host:port`, as identity.checks holds it to."""
    kind, _colon, rest = settings.CLAMAV.partition(":")
    if kind == "unix":
        return ClamdUnixSocket(rest, timeout=PATIENCE)
    return ClamdNetworkSocket(kind, int(rest), timeout=PATIENCE)
