"""From a request to a tagged PDF (PDF/UA-1): one layout, then the bar codes are stamped."""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from accessforms.forms.builder import format_answer
from accessforms.models import Printout
from accessforms.printing import stamp
from portals import registry

# Forms print in English: they are read by the plan's service desk (docs/decisions/0006).
LANGUAGE = "en"
_FONTS = {400: "opensans-regular-webfont", 700: "opensans-bold-webfont"}


@cache
def _fetcher() -> URLFetcher:
    """Nothing is fetched: no file, no network, whatever somebody typed."""
    return URLFetcher(allowed_protocols=["data"], allow_redirects=False)


@cache
def _fonts() -> FontConfiguration:
    """One for the life of the worker: a new one for each form costs half the time again, and memory for ever."""
    return FontConfiguration()


@cache
def _stylesheet() -> CSS:
    return CSS(string=_css(), font_config=_fonts(), url_fetcher=_fetcher())


@cache
def _css() -> str:
    return _font_faces() + (settings.BASE_DIR / "templates/accessforms/print/form.css").read_text()


def _font_faces() -> str:
    faces = []
    for weight, name in _FONTS.items():
        path = finders.find(f"vendor/cms/fonts/{name}.woff2")
        if path:
            data = base64.b64encode(Path(path).read_bytes()).decode()
            source = f"url(data:font/woff2;base64,{data})"
            faces.append(f'@font-face {{ font-family: "Open Sans"; font-weight: {weight}; src: {source} }}')
    return "\n".join(faces)


@cache
def version() -> str:
    """What a printed form depends on besides its text: another stylesheet or stamp is another file."""
    return hashlib.sha256(f"{_css()}{stamp.VERSION}".encode()).hexdigest()


def warm_up() -> None:
    """Load fonts and stylesheet before the first form comes."""
    _stylesheet()


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
    html = HTML(string=page, url_fetcher=_fetcher(), base_url="about:blank")
    return bytes(html.write_pdf(stylesheets=[_stylesheet()], font_config=_fonts(), pdf_variant="pdf/ua-1"))
