"""Signing keys for operators: the page, replacing one with notice or at once, and the command."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from identity.models import JournalEntry
from identity.record import machine
from portals.models import SigningKey
from portals.oidc import key_states, signing_keys
from portals.oidc.key_states import State
from tests.relying_party import later
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/admin/portals/signingkey/"
REPLACE = f"{PAGE}replace/RS256/"


@pytest.fixture(autouse=True)
def _keys_of_this_test():
    signing_keys.forget()
    yield
    signing_keys.forget()


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


def newest(browser, page=REPLACE) -> str:
    return re.search(r'name="newest" value="([^"]*)"', browser.get(page).content.decode()).group(1)


def states(at=None) -> list[State]:
    return [state for state, _key in key_states.for_algorithm("RS256", now=at or timezone.now()).rows]


def test_the_page_says_which_key_signs_which_is_next_and_which_was(browser):
    assert browser.get(PAGE).content.decode().count("None yet") == 2
    assert not SigningKey.objects.exists(), "looking makes none"
    now = timezone.now()
    signing_keys.signing("RS256", now=now)
    signing_keys.rotate("RS256", by=None, now=now)
    assert states() == [State.NEXT, State.SIGNS]
    page = browser.get(PAGE).content.decode()
    for key in SigningKey.objects.all():
        assert key.kid in page
        assert key.private_pem[40:80] not in page
    assert re.findall(r'<span class="badge badge--\w*">(\w+)<', page) == ["next", "signs"]
    assert states(later(hours=2, minutes=1)) == [State.SIGNS, State.FORMER]
    assert states(later(days=2)) == [State.SIGNS]


def test_a_key_is_replaced_with_notice(browser, operator):
    first = signing_keys.signing("RS256", now=timezone.now())
    seen = newest(browser)
    assert seen == first.kid
    page = browser.post(REPLACE, {"newest": seen, "how": "with notice"}, follow=True).content.decode()
    assert "The next key is published." in page
    assert states() == [State.NEXT, State.SIGNS]
    assert JournalEntry.objects.filter(kind="portals.SigningKeyMade", by=operator).count() == 1
    page = browser.post(REPLACE, {"newest": seen, "how": "with notice"}, follow=True).content.decode()
    assert "Nothing was changed" in page, "the form was sent twice"
    refused = browser.post(REPLACE, {"newest": newest(browser), "how": "with notice"})
    assert refused.status_code == 422
    assert "is published already" in refused.content.decode()
    assert SigningKey.objects.count() == 2


def test_at_once_needs_a_second_step(browser):
    """mass acts: every application feels it."""
    first = signing_keys.signing("RS256", now=timezone.now())
    asked = {"newest": newest(browser), "how": "at once", "reason": "It lay in a backup"}
    assert "signed-on applications will refuse" in browser.get(REPLACE).content.decode()
    refused = browser.post(REPLACE, asked)
    assert refused.status_code == 422
    assert "Tick the box" in refused.content.decode()
    without_reason = browser.post(REPLACE, {**asked, "understood": "on", "reason": " "})
    assert without_reason.status_code == 422
    assert '<a href="#reason">Enter a reason' in without_reason.content.decode()
    assert SigningKey.objects.count() == 1
    page = browser.post(REPLACE, {**asked, "understood": "on"}, follow=True).content.decode()
    assert "The new key signs from now on." in page
    assert states() == [State.SIGNS]
    assert signing_keys.signing("RS256", now=timezone.now()).kid != first.kid


def test_the_page_says_who_replaced_a_key_when_and_why(browser, operator):
    signing_keys.signing("RS256", now=timezone.now())
    with pytest.raises(machine.ReasonMissing):
        signing_keys.rotate("RS256", by=operator, now=timezone.now(), at_once=True)
    signing_keys.rotate("RS256", by=operator, now=timezone.now(), at_once=True, reason="It lay in a backup")
    page = browser.get(PAGE).content.decode()
    history = page[page.index('id="history"') :]
    assert history.index(operator.get_full_name()) < history.index("the system"), "newest first"
    assert "It lay in a backup" in history
    assert all(key.kid in history for key in SigningKey.objects.all()), "former ones too"


def test_without_the_right_the_pages_do_not_exist(agent, provider):
    desk = signed_in(agent, verified=True)
    for path in (PAGE, REPLACE):
        assert desk.get(path).status_code == 404
        assert desk.post(path, {"newest": "", "how": "at once", "understood": "on"}).status_code == 404
        assert signed_in(provider).get(path).status_code in (302, 403)
    assert f'href="{PAGE}"' not in desk.get("/admin/").content.decode()
    assert not SigningKey.objects.exists()


def test_an_unknown_algorithm_is_missing(browser):
    assert browser.get(f"{PAGE}replace/HS256/").status_code == 404
    assert f'href="{PAGE}"' in browser.get("/admin/").content.decode()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("rotate_signing_key", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_publishes_the_next_key():
    """Key rotation by command."""
    signing_keys.signing("RS256", now=timezone.now())
    said = run()
    assert re.search(r"^\S+: next, signs from .*\n\S+: signs, signs from .*, published until ", said)
    with pytest.raises(CommandError, match="published already"):
        run("RS256")
    assert SigningKey.objects.count() == 2


def test_the_command_replaces_a_stolen_key_at_once():
    first = signing_keys.signing("ES256", now=timezone.now())
    said = run("ES256", "--at-once")
    assert said.count("\n") == 1
    assert first.kid not in said
    assert signing_keys.signing("ES256", now=timezone.now()).kid in said
    with pytest.raises(CommandError):
        run("HS256")
