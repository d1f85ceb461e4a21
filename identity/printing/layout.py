"""From a page to a tagged PDF (PDF/UA-1): one layout by WeasyPrint, which fetches nothing. Loaded by workers only."""

import base64
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

_FONTS = {400: "opensans-regular-webfont", 700: "opensans-bold-webfont"}


@cache
def _fetcher() -> URLFetcher:
    """Nothing is fetched: no file, no network, whatever somebody typed."""
    return URLFetcher(allowed_protocols=["data"], allow_redirects=False)


@cache
def _fonts() -> FontConfiguration:
    """One for the life of the worker: a new one for each page costs half the time again, and memory for ever."""
    return FontConfiguration()


@cache
def stylesheet(name: str) -> CSS:
    """A stylesheet of the templates' folder with our fonts, parsed once a worker."""
    return CSS(string=css(name), font_config=_fonts(), url_fetcher=_fetcher())


@cache
def css(name: str) -> str:
    """What the stylesheet says, fonts and all."""
    return _font_faces() + (settings.BASE_DIR / "templates" / name).read_text()


def _font_faces() -> str:
    faces = []
    for weight, name in _FONTS.items():
        path = finders.find(f"vendor/cms/fonts/{name}.woff2")
        if path:
            data = base64.b64encode(Path(path).read_bytes()).decode()
            source = f"url(data:font/woff2;base64,{data})"
            faces.append(f'@font-face {{ font-family: "Open Sans"; font-weight: {weight}; src: {source} }}')
    return "\n".join(faces)


def laid_out(page: str, *, style: str) -> bytes:
    """The page as WeasyPrint makes it with a stylesheet of this name."""
    html = HTML(string=page, url_fetcher=_fetcher(), base_url="about:blank")
    return bytes(html.write_pdf(stylesheets=[stylesheet(style)], font_config=_fonts(), pdf_variant="pdf/ua-1"))
