"""A form's PDF: our worker's time beside bare WeasyPrint for the same finished page, and its memory over 500 forms.

Runs in a process of its own, under production settings, and prints a JSON list of results.
"""

import base64
import json
import os
import sys
import time
from dataclasses import asdict
from io import BytesIO

from tests.bench.processes import megabytes
from tests.bench.result import Result

# How many forms are timed, how many come before the clock, how many for the memory's growth.
ROUNDS, WARM, GROWTH = (int(number) for number in os.environ.get("BENCH_SIZE", "40,5,500").split(","))


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    results = [_time(portal) for portal in ("claims", "physician")] + [_memory()]
    print(json.dumps([asdict(result) for result in results]))


def _submission(portal: str, number: int = 0):
    from django.utils import timezone

    from accessforms.domain import submissions
    from config.demo.answers import CLAIMS_ANSWERS, PHYSICIAN_ANSWERS
    from identity.accounts import accounts

    now = timezone.now()
    name = f"bench.{portal}.{number}.{os.getpid()}"
    sign_up = accounts.SignUp("ohid", name, "Ana", "Núñez", 1980, f"{name}@example.org", "Bench-Pass-1", "", "en")
    account = accounts.create(sign_up=sign_up, now=now)
    draft = submissions.draft_of(account=account, portal_key=portal, now=now)
    answers = {"claims": CLAIMS_ANSWERS, "physician": PHYSICIAN_ANSWERS}[portal]
    submissions.save_answers(submission=draft, answers=answers, is_complete=True, now=now)
    submissions.submit(submission=draft, seen_version=draft.version, by=account, now=now)
    return draft


def _time(portal: str) -> Result:
    """Ours: claim, HTML, layout, stamp, store, pictures. Bare: HTML with the codes in it, laid out, nothing else."""
    from django.core.files.storage import default_storage
    from django.utils import timezone

    from accessforms import printing
    from accessforms.domain import printouts
    from accessforms.models import Printout

    submission = _submission(portal)
    bare = _bare(submission)
    ours_total = bare_total = 0.0
    for number in range(ROUNDS + WARM):
        printout = printouts.current(submission)
        if printout.fingerprint:
            for path in (printout.path, printout.page_path(1), printout.page_path(2)):
                default_storage.delete(path)
        Printout.objects.update(state="waiting", attempts=0, due_at=timezone.now())
        began = time.process_time()
        printing.make(printout_id=printout.pk, now=timezone.now())
        middle = time.process_time()
        bare()
        ended = time.process_time()
        if number >= WARM:
            ours_total, bare_total = ours_total + middle - began, bare_total + ended - middle
    assert printouts.current(submission).state == "ready"
    ours, peer = ours_total / ROUNDS * 1000, bare_total / ROUNDS * 1000
    return Result.beside(f"PDF of the {portal} form", "ms of processor", ours, peer, 1.15)


def _bare(submission):
    """Bare WeasyPrint, with shared fonts and stylesheet, for the same finished page: the codes are in its HTML."""
    import segno
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    from accessforms.domain import printouts
    from accessforms.domain.barcodes import PageCode
    from accessforms.printing import document
    from identity.printing import layout

    payload = PageCode(submission.reference, 1, 1, submission.revision).payload()
    out = BytesIO()
    segno.make(payload, version=2, error="h", boost_error=False).save(out, kind="svg", scale=1, border=4)
    source = "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
    codes = "".join(
        f'<img alt="code" src="{source}" style="position: fixed; width: 33mm; {place}">'
        for place in ("top: -4mm; right: -7mm", "bottom: -36mm; left: -7mm")
    )
    page = document.html_of(printouts.current(submission)).replace("<body>", "<body>" + codes)
    fonts = FontConfiguration()
    css = CSS(string=layout.css(document.STYLE), font_config=fonts)
    return lambda: HTML(string=page).write_pdf(stylesheets=[css], font_config=fonts, pdf_variant="pdf/ua-1")


def _memory() -> Result:
    """Growth of the process between the 50th and the 550th form, all different."""
    from accessforms.domain import printouts
    from accessforms.printing import document, stamp

    submission = _submission("claims", 1)
    page = document.html_of(printouts.current(submission))
    before = 0.0
    for number in range(GROWTH + 50):
        if number == 50:
            before = megabytes(os.getpid())
        pdf = document.laid_out(page.replace("Harbor", f"Harbor {number}"))
        stamp.stamped(pdf, reference=submission.reference, revision=1)
    growth = megabytes(os.getpid()) - before
    return Result.absolute(f"memory growth over {GROWTH} forms", "MB", growth, 5)


if __name__ == "__main__":
    sys.exit(main())
