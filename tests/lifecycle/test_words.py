"""Durations that people read come from the table of periods: no template and no text has one typed into it."""

import ast
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from config import catalogue
from identity.policy import lifecycle
from identity.tenancy import tenancy

ROOT = Path(__file__).resolve().parent.parent.parent
NUMBERS = (
    "two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|ninety|half an|"
    "dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|quince|veinte|treinta|cuarenta|sesenta|noventa|media"
)
UNITS = "second|minute|hour|day|week|month|year|segundo|minuto|hora|día|semana|mes|año"
ONE = "(?:for|after|during) an? (?:hour|month|year)|(?:durante|después de) una? (?:hora|mes|año)"
TYPED = re.compile(rf"\b(?:(?:\d+|{NUMBERS})[ -](?:{UNITS})(?:e?s)?|{ONE})\b", re.IGNORECASE)

# Sentences that name a number of their own, and whose it is: the documents', a standard's, a question's.
SENTENCES = {
    "Allow up to 1-2 minutes for the email to arrive.": "S1-44, C4",
    "If you do not receive a verification email after five minutes, click the 'Resend Email' link.": "S0-23, C4",
    "A restricted method: only with a stronger one beside it, to a proved number, for at most 10 minutes, and people "
    "are told of the risk.": "NIST SP 800-63B-4, 3.1.3.3",
    "At most 24 hours, and at most one hour without activity, where two factors are used.": "NIST SP 800-63B-4, 2.2.3",
    "Shorter than asked: the source documents say half an hour.": "S3-17",
    "When inactive, the Optum Pro portal will timeout after thirty minutes. A five-minute warning will appear prior to "
    "timing out. It's important to be aware you may be on another tab/window when the timeout message appears.": "S3-17",
    "One Healthcare ID password must be changed every 90 days.": "S3-18",
    "did not use Claims for 100 days: the way back": "DemoPerson.unused_days",
    "access rests in 10 days, password ends in 5": "DemoPerson.unused_days",
    "password older than 90 days: a new one at sign-in": "DemoPerson.password_days",
}
# A privacy statement speaks in round words; each holds what the row says, under both profiles.
ROUND = {
    "One cookie keeps you signed in, one protects forms against forgery, one remembers your language, and one, for a "
    "year, knows a browser that you have signed in with. There are no others.": {"known_device": timedelta(days=365)},
    "The record of events is kept for six years, as health plans must. Messages that were sent are deleted after a "
    "month.": {"journal": timedelta(days=6 * 365), "outbox": timedelta(days=30)},
}
# In Spanish the number stands beside the unit: "diez años"; words of the documents (S2-20, S3-19), and what says them.
SAID = {
    "On which street did you live when you were ten?",
    "You will receive an email within the next 1-2 business days.",
    "You will receive an email within the next 1-2 business days, by %(day)s at the latest.",
    "Register for Optum Pro: an administrator decides within two business days.",
    "To safeguard member and health care professional data, we automatically deactivate your account if you haven't "
    "signed into the portal for 90 consecutive days. To keep your account active, all you'll need to do is sign into the "
    "portal.",
}


# News, courses and documents that people of the demo wrote: what they say is theirs, as in a real installation.
CONTENT = {"course_id_safe.py", "course_referral.py", "documents.py", "news.py"}


def sources() -> list[Path]:
    found = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    for app in ("identity", "rbac", "portals", "accessforms", "enrollment", "config"):
        found += ROOT.glob(f"{app}/**/*.py")
    content = {ROOT / "config" / "demo" / name for name in CONTENT}
    return [path for path in found if "migrations" not in path.parts and path not in content]


def texts_of(path: Path) -> list[str]:
    """What a file may show to somebody: a template as it is, every text of a module but what explains its code."""
    if path.suffix != ".py":
        return [path.read_text()]
    nodes = list(ast.walk(ast.parse(path.read_text())))
    explained = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    constants = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in explained]
    return [node.value for node in constants if isinstance(node.value, str)]


def typed_into(path: Path) -> list[str]:
    found = []
    for text in texts_of(path):
        for sentence in (*SENTENCES, *ROUND):
            text = text.replace(sentence, "")
        found += TYPED.findall(text)
    return found


def test_no_text_has_a_duration_typed_into_it():
    """F4: an enrolment link said 72 hours where 24 held. `{% period "invitation_link" %}` says what holds."""
    assert {str(path.relative_to(ROOT)): found for path in sources() if (found := typed_into(path))} == {}


def test_the_spanish_words_type_none_where_english_has_none():
    """F4, D-18: a translation takes the length from the same place."""
    typed = []
    for message in catalogue.read():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        if any(map(TYPED.search, words)) and not any(map(TYPED.search, originals)):
            typed.append(originals[0])
    assert set(typed) == SAID


def test_sentences_with_a_number_of_their_own_are_still_there():
    """An exception that nothing needs any more hides the next duration."""
    shown = "\n".join(text for path in sources() for text in texts_of(path))
    assert [sentence for sentence in (*SENTENCES, *ROUND) if sentence not in shown] == []


@pytest.mark.parametrize("profile", ["source", "nist"])
def test_what_stands_in_round_words_is_what_holds(profile):
    """policy, journal: the privacy statement says how long cookies and records are kept."""
    said = {name: length for rows in ROUND.values() for name, length in rows.items()}
    assert {name: lifecycle.after(name, profile) for name in said} == said


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.html", "<p>It ends after 30 days.</p>", ["30 days"]),
        ("a.html", "<p>Termina en 30 días, o una vez en diez minutos.</p>", ["30 días", "diez minutos"]),
        ("a.html", "<p>Kept for a year, changed every ninety days.</p>", ["for a year", "ninety days"]),
        ("a.html", '<p>{% period "outbox" as time %}It ends after {{ time }}.</p>', []),
        ("a.txt", "Allow up to 1-2 minutes for the email to arrive.", []),
        ("a.py", 'told = _("within an hour, or "\n    "10 minutes")  # 5 minutes\n', ["10 minutes"]),
        ("a.py", 'print(f"{name} waits 72 hours")', ["72 hours"]),
        ("a.py", '"""Ends in 30 days."""\ndef act():\n    """After 5 minutes."""\n', []),
    ],
)
def test_the_search_finds_what_is_typed(tmp_path, name, text, found):
    (tmp_path / name).write_text(text)
    assert typed_into(tmp_path / name) == found


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
    page = Template('{% period "invitation_link" %}')
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
