"""The PDF: made by a worker, one page or two, tagged, bar codes readable, nothing cut, nothing fetched."""

import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accessforms import printing
from accessforms.domain import barcodes, printouts
from accessforms.models import Printout
from accessforms.printing import document
from identity.printing import files
from tests.conftest import body
from tests.factories import ANSWERS, AccountFactory, SubmissionFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LONG = "Ñandú-Øre O’Shaughnessy Łukasiewicz "


def printed(submission) -> bytes:
    printing.make_waiting(clock=timezone.now)
    with default_storage.open(printouts.current(submission).path) as stored:
        return stored.read()


def text_of(pdf: bytes) -> str:
    found = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return " ".join(" ".join(found).split())


def pages_of(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


@pytest.mark.parametrize("portal", ["claims", "physician"])
def test_a_form_with_usual_data_is_one_page_with_everything_on_it(portal):
    """S1-22, S1-32, S1-33: fields, fax number, form number, page n of m, signature boxes, HIPAA text."""
    submission = SubmissionFactory(portal_key=portal, submitted=True)
    pdf = printed(submission)
    text = text_of(pdf)
    assert pages_of(pdf) == 1
    for expected in (
        submission.reference, "(310) 808-9217", "Page 1 of 1", "Sign After Printing", submission.account.login_name,
        ANSWERS[portal]["address"], "ACCESS FORM",
    ):  # fmt: skip
        assert expected in text, expected
    if portal == "physician":
        assert "Clinicians or designees understand that the use of Health Insurance Portability" in text, "S1-24"
        assert "up to and including termination of contract." in text
        assert text.count("Sign After Printing") == 4, "S1-23, C33"
        assert "NOTE: THIS FORM IS NOT TO BE USED" in text


@pytest.mark.parametrize("portal", ["claims", "physician"])
def test_both_bar_codes_of_each_page_read_back(portal):
    """policy, fax bar code: QR level H, 1.0 mm modules, two copies a page; form number, page, revision."""
    submission = SubmissionFactory(portal_key=portal, submitted=True)
    page = pypdfium2.PdfDocument(printed(submission))[0]
    picture = page.render(scale=200 / 72).to_pil()
    codes = zxingcpp.read_barcodes(picture)
    assert len(codes) == 2
    width, height = picture.size
    centres = sorted(
        ((c.position.top_left.x + c.position.bottom_right.x) / 2 / width, (c.position.top_left.y + c.position.bottom_right.y) / 2 / height)
        for c in codes
    )  # fmt: skip
    assert centres[0][0] < 0.2 and centres[0][1] > 0.8, "bottom left"  # noqa: PT018
    assert centres[1][0] > 0.8 and centres[1][1] < 0.2, "top right"  # noqa: PT018
    for code in codes:
        assert code.ec_level == "H"
        assert barcodes.parse(code.text) == barcodes.PageCode(submission.reference, 1, 1, 1)
        side = (code.position.top_right.x - code.position.top_left.x) / 200 * 25.4
        assert 24 <= side <= 26


def test_names_with_accents_and_long_data_flow_on_uncut():
    """Bad input: accents, apostrophes, two family names, 128 characters; more rows print on a second page (C33)."""
    name = (LONG * 4)[:128]
    rows = [{"name": name, "email": f"person{n}@" + "x" * 60 + ".example.org", "npi": "1234567893", "username": "u" * 60,
             "cap_report": "yes", "add_terms": "no"} for n in range(8)]  # fmt: skip
    answers = {**ANSWERS["physician"], "physician_name": name, "practice_name": name, "address": name, "staff": rows}
    pdf = printed(SubmissionFactory(portal_key="physician", answers=answers, submitted=True))
    squeezed = text_of(pdf).replace(" ", "").replace("\ufffe", "").replace("-", "")
    assert pages_of(pdf) == 4, "128-character names in all eight rows; usual ones take two pages"
    assert squeezed.count("ŁukasiewiczÑandúØreO’Shaughnessy") >= 8
    for n in range(8):
        assert f"person{n}@" in squeezed
    assert "Page4of4" in squeezed


def test_claims_with_thirty_tax_ids_stays_within_two_pages():
    tins = [{"digits": f"95450{n:04d}", "kind": "EIN"} for n in range(30)]
    pdf = printed(SubmissionFactory(answers={**ANSWERS["claims"], "tins": tins}, submitted=True))
    assert pages_of(pdf) <= 2
    assert "95-4500029" in text_of(pdf)


def test_hostile_text_stays_text_and_fetches_nothing(tmp_path):
    """policy, Always: WeasyPrint fetches nothing."""
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    hostile = f'<img src="file://{secret}"><link rel=attachment href="file://{secret}"><h1>x</h1>'
    pdf = printed(SubmissionFactory(answers={**ANSWERS["claims"], "practice_name": hostile[:128]}, submitted=True))
    assert "TOPSECRET" not in text_of(pdf)
    assert b"TOPSECRET" not in pdf
    assert "<img src=" in text_of(pdf)


def test_nothing_is_fetched_even_from_html_of_ours(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOPSECRET")
    page = f'<html lang=en><title>t</title><link rel=attachment href="file://{secret}"><p>x</p><img alt="a" src="http://127.0.0.1:9/x.png">'
    with pikepdf.open(BytesIO(document.laid_out(page))) as pdf:
        assert len(pdf.attachments) == 0


def test_the_file_is_tagged_as_pdf_ua():
    """interface, PDF: pdf/ua-1, a title, a language, structure; bar codes are artifacts."""
    pdf = printed(SubmissionFactory(submitted=True))
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "en"
        assert opened.Root.StructTreeRoot is not None
        metadata = opened.open_metadata()
        assert metadata["pdfuaid:part"] == "1"
        assert "ACCESS FORM" in metadata["dc:title"]
        stamp = opened.pages[0].Contents[0].read_bytes()
        assert stamp.startswith(b"/Artifact <</Type /Layout>> BDC")


def test_no_text_is_smaller_than_eight_points():
    pdf = printed(SubmissionFactory(portal_key="physician", submitted=True))
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    sizes = []
    for number in range(text.count_chars()):
        matrix = pypdfium2.raw.FS_MATRIX()
        invented = pypdfium2.raw.FPDFText_IsGenerated(text.raw, number)
        if not invented and pypdfium2.raw.FPDFText_GetMatrix(text.raw, number, matrix):
            sizes.append(abs(matrix.d) * pypdfium2.raw.FPDFText_GetFontSize(text.raw, number))
    assert len(sizes) > 500
    assert min(sizes) >= 7.99


def test_one_file_for_one_content_and_a_second_worker_finds_nothing(submitted):
    """speed, PDF: stored by content hash, rendered once."""
    printout = printouts.current(submitted)
    printing.make(printout_id=printout.pk, now=timezone.now())
    printing.make(printout_id=printout.pk, now=timezone.now())
    printout.refresh_from_db()
    assert (printout.state, printout.attempts, printout.pages) == ("ready", 1, 1)
    assert default_storage.exists(printout.page_path(1))
    Printout.objects.update(state="waiting", due_at=timezone.now())
    assert printing.make_waiting(clock=timezone.now) == 1
    folder = default_storage.listdir(f"forms/{printout.fingerprint[:2]}")[1]
    assert sorted(folder) == sorted([f"{printout.fingerprint}.pdf", f"{printout.fingerprint}-1.png"])


def test_a_failing_print_is_tried_again_and_then_shown_as_failed(submitted, provider, monkeypatch):
    """Nothing is lost: five tries with growing pauses, then the page says what to do."""
    from datetime import timedelta

    monkeypatch.setattr(document, "pdf_of", lambda *a, **k: 1 / 0)
    now = timezone.now()
    for number in range(5):
        printing.make_waiting(clock=lambda moment=now + timedelta(minutes=10 * number): moment)
    printout = printouts.current(submitted)
    assert (printout.state, printout.problem) == ("failed", "ZeroDivisionError")
    page = signed_in(provider).get(reverse("request", args=[submitted.reference])).content.decode()
    assert "The form could not be made. Your request is safe" in page


def test_the_page_shows_progress_and_then_offers_the_form(submitted, provider):
    """Every user-visible thing is seen: being made, then the PDF under a name of its own."""
    browser = signed_in(provider)
    url = reverse("request", args=[submitted.reference])
    assert browser.get(url + "progress.json").json() == {"state": "waiting"}
    assert browser.get(url + "form.pdf").status_code == 404
    printed(submitted)
    assert browser.get(url + "progress.json").json() == {"state": "ready"}
    assert "Open the form (PDF)" in browser.get(url).content.decode()
    pdf = browser.get(url + "form.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    assert submitted.reference in pdf["Content-Disposition"]
    assert {"private", "no-store"} <= set(pdf["Cache-Control"].split(", "))
    assert body(pdf).startswith(b"%PDF-1.7")


def test_weasyprint_is_never_loaded_in_a_web_process():
    """speed, PDF: 1.1 to 1.6 seconds and 40 MB that no request pays for."""
    program = (
        "import django, sys; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "import config.wsgi, accessforms.tasks; from django.test import Client; "
        "sys.exit(any(name in sys.modules for name in ('weasyprint', 'pypdfium2', 'pikepdf')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_a_damaged_payload_is_not_read():
    """policy, fax bar code: own check characters."""
    payload = barcodes.PageCode("ABCDEFGH", 1, 2, 3).payload()
    assert len(payload) == 14
    assert barcodes.parse(payload) == barcodes.PageCode("ABCDEFGH", 1, 2, 3)
    for position in range(14):
        for character in "29Z":
            damaged = payload[:position] + character + payload[position + 1 :]
            if damaged != payload:
                with pytest.raises(barcodes.Unreadable):
                    barcodes.parse(damaged)
    with pytest.raises(barcodes.Unreadable):
        barcodes.parse("")


def test_forms_of_two_people_never_share_a_file():
    one, two = (SubmissionFactory(account=AccountFactory(), submitted=True) for _ in range(2))
    printing.make_waiting(clock=timezone.now)
    assert printouts.current(one).fingerprint != printouts.current(two).fingerprint


def test_a_worker_that_died_while_writing_leaves_no_half_file(submitted, monkeypatch):
    """Written whole or not at all: the next try makes the form."""

    printout = printouts.current(submitted)
    monkeypatch.setattr(Path, "replace", lambda *a: 1 / 0)
    printing.make(printout_id=printout.pk, now=timezone.now())
    monkeypatch.undo()
    Printout.objects.update(due_at=timezone.now())
    printing.make_waiting(clock=timezone.now)
    printout.refresh_from_db()
    assert printout.state == "ready"
    assert files.read(printout.path).startswith(b"%PDF")


def test_a_form_that_kills_its_workers_fails_and_can_be_printed_again(submitted, agent):
    """A claim that nobody answered for five times ends; the desk gives it a new chance."""
    from datetime import timedelta

    now = timezone.now()
    for number in range(len(printouts.QUEUE.pauses) + 2):
        printouts.QUEUE.claim(now=now + timedelta(minutes=5 * number))
    printout = printouts.current(submitted)
    assert (printout.state, printout.problem) == ("failed", "worker lost")
    desk = signed_in(agent, verified=True)
    url = reverse("admin:accessforms_submission_change", args=[submitted.pk])
    assert "The form could not be printed." in desk.get(url).content.decode()
    desk.post(url, {"print_again": "1"})
    printing.make_waiting(clock=timezone.now)
    assert printouts.current(submitted).state == "ready"


def test_a_worker_that_was_too_slow_says_nothing_any_more(submitted):
    """The claim is the token: READY is not turned back by the one who lost it."""
    from datetime import timedelta

    now = timezone.now()
    slow = printouts.QUEUE.claim(now=now)
    fast = printouts.QUEUE.claim(now=now + printouts.QUEUE.lease + timedelta(seconds=1))
    assert printouts.QUEUE.done(fast, fingerprint="f", pages=1, now=now)
    printouts.QUEUE.failed(slow, error=OSError(), now=now)
    assert not printouts.QUEUE.done(slow, fingerprint="g", pages=2, now=now)
    assert printouts.current(submitted).state == "ready"


def test_the_paper_and_the_desk_show_what_was_sent_in_while_a_returned_form_is_edited(submitted, agent, provider):
    """Half and wrong edits of a returned request break neither the printed revision nor the desk."""
    from accessforms.domain import submissions
    from tests.factories import NOW

    submissions.decide(
        submission=submitted, to="returned", by=agent, now=NOW, seen_version=submitted.version, reason="x"
    )
    signed_in(provider).post(reverse("edit_request", args=[submitted.reference]), {"tins": "half", "city": "Edited"})
    printing.make_waiting(clock=timezone.now)
    with default_storage.open(printouts.current(submitted).path) as stored:
        text = text_of(stored.read())
    assert "Long Beach" in text
    desk = signed_in(agent, verified=True).get(reverse("admin:accessforms_submission_change", args=[submitted.pk]))
    assert desk.status_code == 200
    assert "Long Beach" in desk.content.decode()


@pytest.mark.parametrize(("portal", "rows"), [("claims", 0), ("physician", 2), ("physician", 8)])
def test_independent_checkers_find_no_error(portal, rows, tmp_path):
    """interface, PDF: pdfua, outloud and qpdf, on one page and on more."""
    answers = dict(ANSWERS[portal])
    if rows > 2:
        answers["staff"] = answers["staff"] * (rows // 2)
    path = tmp_path / "form.pdf"
    path.write_bytes(printed(SubmissionFactory(portal_key=portal, answers=answers, submitted=True)))
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
