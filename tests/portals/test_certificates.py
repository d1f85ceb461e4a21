"""The certificate on paper: one tagged page, in the language of whom it is for, that fetches nothing (S3-06)."""

import shutil
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from django.db import connection
from django.utils import timezone

from identity.printing import files
from portals import tasks
from portals.inside import printing
from portals.inside.domain import certificates
from portals.models import Certificate
from tests.factories import NOW
from tests.steps import courses as steps

pytestmark = pytest.mark.django_db
LONG = "Maximiliana Ñandú-Øre Featherstonehaugh-Cholmondeley de la Vega y Montenegro O’Shaughnessy"


def printed(*, version=None, **person) -> tuple[Certificate, bytes]:
    version = version or steps.published()
    certificate = steps.passed(version, steps.learner(**person)).certificate
    printing.make_waiting(clock=timezone.now)
    certificate.refresh_from_db()
    return certificate, files.read(certificate.path)


def text_of(pdf: bytes) -> str:
    found = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(found).split())


def test_it_says_who_what_when_and_where_it_is_confirmed(settings):
    certificate, pdf = printed(first_name="Maria", last_name="Alvarez")
    text = text_of(pdf)
    for said in (
        "Maria Alvarez", "Hand hygiene", certificate.number, "November 20, 2026", "November 20, 2027", "100 %",
        f"{settings.PUBLIC_URL}/p/optum-pro/certificates/",
    ):  # fmt: skip
        assert said in text, said
    assert len(pypdfium2.PdfDocument(pdf)) == 1


def test_it_is_in_the_language_of_whom_it_is_for():
    _certificate, pdf = printed(language="es")
    assert "Higiene de manos" in text_of(pdf)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == "es"


@pytest.mark.parametrize("language", ["en", "es"])
def test_independent_checkers_find_no_error(language, tmp_path):
    """interface, PDF: PDF/UA-1, by pdfua, outloud and qpdf; with the longest words that there can be, on one page."""
    version = steps.published(
        title_en=("Reading a referral " * 7)[:120], title_es=("Cómo leer una remisión " * 6)[:120]
    )
    _certificate, pdf = printed(version=version, language=language, first_name=LONG, last_name=LONG[:120])
    assert len(pypdfium2.PdfDocument(pdf)) == 1
    path = tmp_path / "certificate.pdf"
    path.write_bytes(pdf)
    folder = Path(sys.executable).parent
    for command, proof in (
        ([str(folder / "pdfua"), "check", str(path)], "errors=0"),
        ([str(folder / "outloud"), str(path)], ": 0 error(s)"),
        (["qpdf", "--check", str(path)], "No syntax or stream encoding errors"),
    ):
        if shutil.which(command[0]) is None:
            continue  # qpdf is Debian's; set-up installs it where it can
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        assert proof in answer.stdout + answer.stderr, answer.stdout


def test_hostile_names_stay_text_and_fetch_nothing(tmp_path):
    """policy, Always: WeasyPrint fetches nothing."""
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    hostile = f'<link rel=attachment href="file://{secret}"><img src="file://{secret}">'
    _certificate, pdf = printed(first_name=hostile[:128])
    assert "TOPSECRET" not in text_of(pdf)
    assert "<link" in text_of(pdf)
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert len(opened.attachments) == 0


def test_two_people_never_share_a_file_and_a_second_worker_finds_nothing():
    version = steps.published()
    one, two = printed(version=version)[0], printed(version=version)[0]
    assert one.fingerprint != two.fingerprint
    assert printing.make_waiting(clock=timezone.now) == 0
    printing.make(certificate_id=one.pk, now=timezone.now())
    assert Certificate.objects.get(pk=one.pk).attempts == 1


def test_a_worker_that_died_leaves_it_to_the_next(monkeypatch):
    """A claim that nobody answered is taken again after its lease."""
    certificate = steps.passed(steps.published(), steps.learner()).certificate
    now = certificate.due_at
    assert certificates.QUEUE.claim(now=now) == certificate
    assert certificates.QUEUE.claim(now=now) is None
    printing.make_waiting(clock=lambda: now + certificates.QUEUE.lease + timedelta(seconds=1))
    certificate.refresh_from_db()
    assert (certificate.state, certificate.attempts) == ("ready", 2)


@pytest.mark.django_db(transaction=True)
def test_the_nudge_comes_with_the_commit(monkeypatch):
    """The mechanism with a real commit: passed, then asked for; nothing is printed inside the transaction."""
    asked = []
    monkeypatch.setattr(certificates.QUEUE, "nudge", asked.append)
    certificate = steps.passed(steps.published(), steps.learner()).certificate
    assert asked == [certificate.pk]
    assert not connection.in_atomic_block


def test_its_jobs_stand_in_the_printing_queue(settings):
    """speed, PDF: no mail waits behind a page that is laid out."""
    names = [one.name for one in (tasks.print_certificate, tasks.print_waiting_certificates)]
    assert all(name.startswith("portals.tasks.print_") for name in names)
    certificate = steps.passed(steps.published(), steps.learner(), now=NOW).certificate
    tasks.print_certificate(certificate_id=certificate.pk)
    certificate.refresh_from_db()
    assert certificate.state == "ready"
