"""The house rules that a machine can hold: directions, names, durations, texts, requirements."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import UniqueConstraint

from config import catalogue
from tests.sources import DOMAIN, LAYERS, ROOT, SOURCES, tracked


def test_no_foreign_key_points_left():
    """house: an app knows only apps to its right, in the database too."""
    wrong = []
    for model in apps.get_models():
        own = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not field.auto_created and target and own in LAYERS and target._meta.app_label in LAYERS:
                if LAYERS.index(target._meta.app_label) > LAYERS.index(own):
                    wrong.append(f"{model.__name__}.{field.name}")
    assert wrong == []


def test_a_constraint_is_named_for_what_is_unique():
    """rooms, the renames: `unique_x_per_y`, so that an error of the database reads as a sentence."""
    names = [
        constraint.name
        for model in apps.get_models()
        if model._meta.app_label in LAYERS
        for constraint in model._meta.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    assert [name for name in names if not re.fullmatch(r"unique_[a-z_]+_per_[a-z_]+", name)] == []


def test_durations_stand_in_the_table_of_periods_only():
    """house, the periods in one place; transport numbers are marked as such."""
    found = []
    for path in SOURCES:
        if path.parent.name == "lifecycle":
            continue
        for number, line in enumerate(path.read_text().split("\n"), start=1):
            if re.search(r"timedelta\((\w+=)?\s*[1-9]", line) and "period: transport" not in line:
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_the_domain_has_no_clock():
    """house: `now` is given. Whoever reads the clock in a room is at an edge: a form, a message that a worker makes
    later, an answer to another system."""
    edges = {
        "identity/factors/forms/second_factor.py",
        "identity/factors/webauthn.py",
        "identity/notices/messages/accounts.py",
        "identity/notices/messages/base.py",
        "identity/notices/messages/tickets.py",
        "portals/oidc/messages.py",
        "portals/oidc/server.py",
        "portals/oidc/trial_answers.py",
    }
    reads = re.compile(r"(timezone|datetime)\.now\b")
    assert {str(path.relative_to(ROOT)) for path in DOMAIN if reads.search(path.read_text())} == edges


def test_the_refusals_of_a_step_are_defined_once():
    """house, nothing twice: what a step refuses has one name, wherever it is caught."""
    refusals = re.compile(r"^\s*class (NotPossible|Stale|ReasonMissing|SamePerson)\b", re.MULTILINE)
    found = [str(path.relative_to(ROOT)) for path in SOURCES if refusals.search(path.read_text())]
    assert found == ["identity/record/machine.py"]


def test_the_domain_knows_no_requests():
    """house: who asks, from where and with which browser is told in words; what reads a request is listed here."""
    edges = {
        "identity/accounts/backend.py",
        "identity/factors/passkey_challenges.py",
        "identity/factors/webauthn.py",
        "identity/files/upload_limit.py",
        "identity/keys/clients.py",
        "identity/merging/merge_consents.py",
        "identity/record/gateways/twilio.py",
        "identity/sessions/idle.py",
        "portals/legacy/verifications.py",
        "portals/oidc/authorization_request.py",
        "portals/oidc/cross_origin.py",
        "portals/oidc/middleware.py",
        "portals/oidc/proof.py",
        "portals/oidc/redirects.py",
        "portals/oidc/trial_client.py",
    }
    assert {str(path.relative_to(ROOT)) for path in DOMAIN if "HttpRequest" in path.read_text()} == edges


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_opens_with_a_sentence_and_keeps_to_its_size(path):
    """house, conventions: a docstring; at most about 250 lines; no catch-all names."""
    text = path.read_text()
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), f"{path} does not say what it holds"
    assert len(text.split("\n")) <= 300, path
    assert path.stem not in ("utils", "helpers", "common", "misc", "manager")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_whoever_writes_a_table_by_name_stands_in_its_app(path):
    """code F6: a statement that writes another app's rows passes by what that app promises of them."""
    app = path.relative_to(ROOT).parts[0]
    written = re.findall(rf"(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?({'|'.join(LAYERS)})_", path.read_text())
    assert set(written) <= {app}


def test_views_reach_portal_data_through_the_person_or_the_portal():
    """house, conventions: a bare Submission.objects or AccessGrant.objects in a view is a leak."""
    for path in SOURCES:
        if "views" in path.parts:
            for model in ("Submission", "AccessGrant", "Printout"):
                for call in re.findall(rf"{model}\.objects\.(\w+)", path.read_text()):
                    assert call == "of", f"{path}: {model}.objects.{call}"


def test_every_text_has_spanish_words():
    """D-18: English and Spanish complete; placeholders are kept."""
    assert catalogue.missing() == [], "run: make messages"
    for message in catalogue.read():
        if message.id:
            originals = message.id if isinstance(message.id, tuple) else (message.id,)
            words = message.string if isinstance(message.string, tuple) else (message.string,)
            wanted = {name for text in originals for name in re.findall(r"%\((\w+)\)s", text)}
            for text in words:
                assert set(re.findall(r"%\((\w+)\)s", text)) <= wanted, message.id
                assert text.count("<a ") == originals[-1].count("<a "), message.id


def test_nothing_names_a_registry_or_this_machine():
    """No index address, no absolute path of a workplace, no lock file that names hosts."""
    files = tracked()
    assert not {"uv.lock", "package-lock.json"} & {Path(name).name for name in files}
    for name in files:
        path = ROOT / name
        if path.suffix in (".svg", ".png", ".mo") or not path.is_file() or path == Path(__file__):
            continue
        text = path.read_text(errors="replace")
        for word in (
            "registry." + "npmjs",
            "py" + "pi.org",
            "files.python" + "hosted",
            "/" + "work/",
            "index" + "-url",
        ):
            assert word not in text, f"{name} names {word}"


def test_all_models_are_migrated(db):
    from io import StringIO

    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", stdout=StringIO(), verbosity=1)


def templates_in(path: Path) -> set[str]:
    """The templates and folders of mails that a file of ours names."""
    text, app = path.read_text(), path.relative_to(ROOT).parts[0]
    named = re.findall(r"""["']((?:admin|identity|portals|accessforms|enrollment|rbac|errors)/[\w/.-]+)["']""", text)
    mails = {f"{app}/mail/{name}" for name in re.findall(r'self\.mail\(\s*"(\w+)"', text)}
    return mails | {name for name in named if name.endswith((".html", ".txt")) or "/mail/" in name}


def test_every_template_that_the_code_names_exists():
    """A mail whose folder had another name was given up by the outbox, unseen."""
    found = {
        f"{path.relative_to(ROOT)}: {name}": ROOT / "templates" / name
        for path in SOURCES
        for name in templates_in(path)
    }
    assert len(found) > 100
    assert [told for told, template in found.items() if not template.exists()] == []


def test_what_is_wrong_stands_under_the_heading_of_its_page():
    """interface: who hears a page reads what it is before what is wrong with it, on every page alike."""
    names = [name for name in tracked() if name.startswith("templates/") and name.endswith(".html")]
    pages = {name: (ROOT / name).read_text() for name in names if "/admin/" not in name and (ROOT / name).exists()}
    both = {name: text for name, text in pages.items() if "{% error_summary" in text and "<h1" in text}
    assert both
    assert [name for name, text in both.items() if text.index("{% error_summary") < text.index("<h1")] == []
