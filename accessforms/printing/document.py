"""From a request to a tagged PDF (PDF/UA-1): one layout, then the bar codes are stamped."""

import hashlib
from functools import cache
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from accessforms.forms.builder import format_answer
from accessforms.models import Printout
from accessforms.printing import stamp
from identity.printing import layout
from portals import registry

# Forms print in English: they are read by the plan's service desk (docs/decisions/0006).
LANGUAGE = "en"
STYLE = "accessforms/print/form.css"


@cache
def version() -> str:
    """What a printed form depends on besides its text: another stylesheet or stamp is another file."""
    return hashlib.sha256(f"{layout.css(STYLE)}{stamp.VERSION}".encode()).hexdigest()


def warm_up() -> None:
    """Load fonts and stylesheet before the first form comes."""
    layout.stylesheet(STYLE)


def html_of(printout: Printout) -> str:
    """The page that is laid out: the answers as they were sent in with this revision."""
    submission, answers = printout.submission, printout.answers
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    assert form.paper is not None
    with translation.override(LANGUAGE):
        shown: dict[str, Any] = {
            "form": form,
            "reference": submission.reference,
            "revision": printout.revision,
            "submitted_at": printout.created_at,
            "ohid": submission.account.login_name,
            "raw": answers,
            "answer": {name: format_answer(field, answers.get(name)) for name, field in form.fields().items()},
            "fields": form.fields(),
        }
        return render_to_string(form.paper.print_template, shown)


def pdf_of(page: str, *, reference: str, revision: int) -> bytes:
    """Lay the page out and stamp its bar codes."""
    return stamp.stamped(laid_out(page), reference=reference, revision=revision)


def laid_out(page: str) -> bytes:
    """The page as WeasyPrint makes it."""
    return layout.laid_out(page, style=STYLE)
