"""Durations that people read come from the table of periods: no template and no text has one typed into it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from identity.policy import lifecycle
from identity.tenancy import tenancy

ROOT = Path(__file__).resolve().parent.parent.parent
TYPED = re.compile(r"\b\d+ (?:second|minute|hour|day|week|month|year)s?\b")
TEXT = re.compile(r"_(?:lazy)?\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*|'(?:[^'\\]|\\.)*'\s*)+)")
# Not our periods: how much a plot shows, what the standards ask, and how long a mail may take as documents say (C4).
OTHERS = {
    "templates/admin/rbac/sweeprun/overview.html",
    "templates/admin/portals/legacyimport/cut_over.html",
    "identity/governance/standards.py",
    "portals/brands.py",
}


def sources() -> list[Path]:
    found = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    for app in ("identity", "rbac", "portals", "accessforms", "enrollment", "config"):
        found += ROOT.glob(f"{app}/**/*.py")
    return [path for path in found if "migrations" not in path.parts and str(path.relative_to(ROOT)) not in OTHERS]


def typed_into(path: Path) -> list[str]:
    text = path.read_text()
    shown = [text] if path.suffix != ".py" else [re.sub(r"[\"']\s+[\"']", "", one) for one in TEXT.findall(text)]
    return [found for one in shown for found in TYPED.findall(one)]


def test_no_text_has_a_duration_typed_into_it():
    """F4: an enrolment link said 72 hours where 24 held. `{% period "staff_enrolment" %}` says what holds."""
    assert {str(path.relative_to(ROOT)): found for path in sources() if (found := typed_into(path))} == {}


def test_the_search_finds_both_kinds(tmp_path):
    page, code = tmp_path / "a.html", tmp_path / "a.py"
    page.write_text("<p>It ends after 30 days.</p>")
    code.write_text('told = _("within an hour, or "\n    "10 minutes")  # 5 minutes\n')
    assert typed_into(page) == ["30 days"]
    assert typed_into(code) == ["10 minutes"]


@pytest.mark.parametrize(
    ("length", "english", "spanish"),
    [
        (timedelta(seconds=30), "30 seconds", "30 segundos"),
        (timedelta(minutes=10), "10 minutes", "10 minutos"),
        (timedelta(hours=1), "1 hour", "1 hora"),
        (timedelta(days=1), "24 hours", "24 horas"),
        (timedelta(days=3), "72 hours", "72 horas"),
        (timedelta(days=10), "10 days", "10 días"),
    ],
)
def test_a_length_in_words(length, english, spanish):
    assert lifecycle.humanize_duration(length) == english
    with translation.override("es"):
        assert lifecycle.humanize_duration(length) == spanish


def test_the_tag_says_the_column_of_the_places_realm(db, settings):
    """D-19: under `nist` an enrolment link lives 24 hours, and the page says so."""
    page = Template('{% period "staff_enrolment" %}')
    settings.REALM_PROFILES = {"ohid": "nist", "provider-online": "source"}
    said = {
        realm: page.render(Context({"tenant": tenancy().tenant_of_realm(realm)})) for realm in settings.REALM_PROFILES
    }
    assert said == {"ohid": "24 hours", "provider-online": "72 hours"}


def test_dates_have_one_form_and_times_their_zone(client, db):
    """C18 of the walk: "November 29, 2026, 6:03 p.m. PST" everywhere, in Spanish as well; a draft's time is of the same
    zone as a request's, for the script asks the page for it."""
    moment = datetime(2026, 11, 30, 2, 3, tzinfo=UTC)
    short = Template('{{ at|date:"DATETIME_FORMAT" }} - {{ at|date:"DATE_FORMAT" }}')
    assert short.render(Context({"at": moment})) == "November 29, 2026, 6:03 p.m. PST - November 29, 2026"
    with translation.override("es"):
        assert short.render(Context({"at": moment})) == "29 de noviembre de 2026, 18:03 PST - 29 de noviembre de 2026"
    forms = re.compile(r'\|(?:date|time):"(?!DATE_FORMAT|DATETIME_FORMAT)[^"]*"')
    pages = [path for path in ROOT.glob("templates/**/*.*") if not {"admin", "print"} & set(path.parts)]
    assert {str(path): found for path in pages if (found := forms.findall(path.read_text()))} == {}
    assert 'data-zone="America/Los_Angeles"' in client.get("/").content.decode()
    assert "dataset.zone" in (ROOT / "config/static/js/forms.js").read_text()
