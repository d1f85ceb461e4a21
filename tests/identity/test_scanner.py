"""The virus scanner: ClamAV's daemon where one is named, and files that wait while it is away (ground, files)."""

import os
import socket
import threading

import pytest

from identity import checks
from identity.files import scanner, stored
from identity.models import StoredFile
from identity.models.files import Refusal
from tests import services
from tests.factories import NOW
from tests.steps import files
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
MARK = "a mark that no other file bears"
SIGNATURES = f"Own.Test.Mark-1:0:*:{MARK.encode().hex()}\n"


@pytest.fixture(scope="module")
def clamd():
    """Debian's, with one signature of our own; STRICT (as CI runs it) must have it."""
    try:
        with services.clamd(SIGNATURES) as address:
            yield address
    except services.Unavailable as why:
        if os.environ.get("STRICT"):
            raise
        pytest.skip(f"no virus scanner: {why}")


def looked_at(account, content):
    return files.looked_at(account, content=content)


def test_what_the_scanner_knows_is_refused_and_the_rest_is_scanned(provider, settings, clamd):
    """nextcloud/files_antivirus BackgroundScannerTest: found, and clean."""
    settings.CLAMAV = clamd
    harmful = looked_at(provider, files.pdf(text=MARK))
    assert (harmful.state, harmful.refusal, harmful.scanned_at) == ("refused", Refusal.HARMFUL, NOW)
    clean = looked_at(provider, files.pdf())
    assert (clean.state, clean.scanned_at) == ("clean", NOW)
    page = signed_in(provider).get("/id/files/message/").content.decode()
    assert ">scanned for viruses<" in page
    assert "not scanned" not in page
    assert "No virus scanner is connected" not in page
    with pytest.raises(stored.NotServed):
        stored.read(file=harmful)


def test_what_is_too_large_for_the_scanner_is_not_served_unscanned(provider, settings, clamd):
    """nextcloud/files_antivirus#130: it was, silently."""
    settings.CLAMAV = clamd
    large = files.received(provider, content=files.pdf() + b"\n%" + bytes(2 * 1024**2) + b"\n%%EOF\n")
    assert stored.inspect_next(now=NOW)
    large.refresh_from_db()
    assert (large.state, large.problem) == ("waiting", "ScannerAway")


@pytest.fixture
def silent():
    """Somebody listens where the scanner should be, and hangs up without a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def hang_up():
            try:
                while True:
                    server.accept()[0].close()
            except OSError:
                return

        threading.Thread(target=hang_up, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("where", ["unix:/nowhere/clamd.ctl", "127.0.0.1:1", "silent"])
def test_while_it_is_away_files_wait_and_whoever_sent_them_reads_that(provider, settings, where, silent):
    settings.CLAMAV = silent if where == "silent" else where
    file = files.received(provider)
    assert stored.inspect_next(now=NOW)
    file.refresh_from_db()
    assert (file.state, file.problem) == ("waiting", "ScannerAway")
    page = signed_in(provider).get("/id/files/message/").content.decode()
    assert "The virus scanner does not answer at the moment." in page
    settings.CLAMAV = ""
    assert stored.inspect_next(now=file.due_at)
    file.refresh_from_db()
    assert (file.state, file.scanned_at) == ("clean", None)


def test_a_scanner_that_never_comes_back_ends_in_a_refusal(provider, settings):
    """No file is served because the scanner was away for long."""
    settings.CLAMAV = "unix:/nowhere/clamd.ctl"
    file, now = files.received(provider), NOW
    while file.state == "waiting":
        stored.inspect_next(now=now)
        file.refresh_from_db()
        now = file.due_at
    assert (file.state, file.scanned_at) == ("refused", None)


def test_none_is_asked_where_none_is_named(provider, monkeypatch):
    monkeypatch.setattr(scanner, "finds_harm", lambda content: pytest.fail("asked"))
    assert files.looked_at(provider).state == "clean"
    assert StoredFile.objects.get().scanned_at is None


@pytest.mark.parametrize(
    ("typed", "is_fine"),
    [("", True), ("unix:/run/clamav/clamd.ctl", True), ("scanner.example:3310", True), ("/run/clamd.ctl", False),
     ("scanner.example", False), ("unix:", False), ("a:b", False)],
)  # fmt: skip
def test_a_mistyped_address_stops_the_start(settings, typed, is_fine):
    settings.CLAMAV = typed
    assert (checks.scanner_is_named(None) == []) == is_fine
