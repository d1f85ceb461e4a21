"""The way back to access that rests, in the browser of the person and of the approver (D-09)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from identity.policy import lifecycle
from identity.record import journal
from rbac.models import AccessGrant
from tests.factories import AccountFactory, GrantFactory
from tests.pressing import press
from tests.steps.idleness import DAY, SECOND, again, sweep
from tests.steps.sign_in import signed_in
from tests.steps.way_back import CHOOSER, CODE, HOME, REST, confirm

pytestmark = pytest.mark.django_db
WAY_BACK = lifecycle.after("idle_way_back")


@pytest.fixture
def grant(provider) -> AccessGrant:
    """Access that rests since now."""
    rests = GrantFactory(account=provider, since=timezone.now() - 90 * DAY)
    sweep(timezone.now())
    return again(rests)


def test_the_portal_and_the_chooser_say_that_access_rests(provider, grant):
    """S3-19: not "no access", but since when it rests, and the way back."""
    browser = signed_in(provider)
    assert browser.get(HOME).url == REST
    page = browser.get(REST).content.decode()
    assert "Your access to Claims Online Portal rests" in page
    assert "Get my access back" in page
    assert browser.get("/p/optum-connect/enter/").url == CHOOSER
    page = browser.get(CHOOSER).content.decode()
    assert "You have no access yet" not in page
    assert "Rests since" in page
    assert f'href="{REST}"' in page
    assert 'href="/p/claims/access-form/"' not in page


def test_a_portal_that_is_open_stands_beside_one_that_rests(provider, grant):
    GrantFactory(account=provider, portal_key="physician", since=timezone.now())
    page = signed_in(provider).get(CHOOSER).content.decode()
    assert 'href="/p/physician/home/"' in page
    assert f'href="{REST}"' in page


def test_a_mailed_code_brings_the_same_grant_back(provider, grant, inbox):
    """D-09: sign in, confirm by e-mailed code; within 30 days the grant comes back as it was."""
    before = (
        AccessGrant.objects.filter(pk=grant.pk)
        .values("role", "since", "attributes", "origin", "origin_key", "reason", "by_id")
        .get()
    )
    browser = signed_in(provider)
    page = confirm(browser, inbox, provider.email)
    assert page.redirect_chain[-1][0] == HOME
    assert "Your access to Claims Online Portal is back, as it was before." in page.content.decode()
    assert (
        AccessGrant.objects.filter(pk=grant.pk)
        .values("role", "since", "attributes", "origin", "origin_key", "reason", "by_id")
        .get()
        == before
    )
    assert again(grant).suspended_at is None
    assert inbox.newest("mail", provider.email).subject == "Your access to Claims Online Portal is back"
    entry = next(entry for entry in journal.history(of=grant) if entry.kind == "rbac.AccessRestored")
    assert (entry.by, entry.facts["reason"]) == (provider, "the person")


def test_a_wrong_code_opens_nothing(provider, grant, inbox):
    browser = signed_in(provider)
    browser.post(CODE, {"resend": "1"})
    page = browser.post(CODE, {"code": "WRNG-CODE"}).content.decode()
    assert "This is not the code we sent." in page
    assert again(grant).suspended_at


def test_looking_changes_nothing(provider, grant, inbox):
    """A GET sends no code and gives nothing back."""
    browser = signed_in(provider)
    inbox.all(), inbox.clear()
    for path in (HOME, REST, CODE, CHOOSER):
        browser.get(path)
    assert inbox.all() == []
    assert again(grant).suspended_at


def test_the_press_asks_for_a_fresh_proof(provider, grant):
    """D-09, step-up: an old session confirms first."""
    browser = signed_in(provider)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert browser.get(REST).status_code == 200
        assert browser.post(CODE, {"resend": "1"}).url.startswith(reverse("confirm"))


def test_the_way_back_asks_for_the_proofs_of_the_portal(provider, grant):
    """D-09: password and second factor."""
    browser = signed_in(provider)
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": timezone.now().timestamp()}]
    session.save()
    for path in (REST, CODE):
        assert browser.get(path).url.startswith(reverse("confirm"))


def test_nobody_reaches_the_rest_of_somebody_else(stranger, grant, client):
    browser = signed_in(stranger)
    for answer in (browser.get(REST), browser.get(CODE), browser.post(CODE, {"resend": "1"})):
        assert answer.url == HOME, "as for somebody without any grant"
    assert client.get(REST).url.startswith(reverse("account_login"))
    assert signed_in(stranger).get("/p/nowhere/way-back/").status_code == 404


@pytest.mark.parametrize(("late", "back"), [(-SECOND, True), (timedelta(0), False)])
def test_after_thirty_days_the_approver_confirms(provider, grant, inbox, agent, late, back):
    """D-09; lifecycle, idle_way_back: a second before, and at the moment."""
    with time_machine.travel(grant.suspended_at + WAY_BACK + late, tick=False):
        browser = signed_in(provider)
        page = confirm(browser, inbox, provider.email).content.decode()
        if back:
            assert again(grant).suspended_at is None
            return
        assert "We asked the service desk to give your access to Claims Online Portal back." in page
        assert "You asked for it on" in page
        assert again(grant).suspended_at
        desk = signed_in(agent, verified=True)
        listed = desk.get("/admin/rbac/accessgrant/?rest=asked").content.decode()
        assert listed.count('class="field-portal"') == 1
        data = {"action": "give_access_back", "_selected_action": [grant.pk]}
        before = desk.post("/admin/rbac/accessgrant/", data).content.decode()
        assert "These people reach their portal again at once" in before, "C17: it says first whose"
        assert f"({provider.login_name}): Claims Online Portal, rests since" in before
        assert again(grant).suspended_at
        said = press(desk, "/admin/rbac/accessgrant/", data, follow=True).content.decode()
        assert "Access was given back to 1 person, who is told by mail." in said
        assert browser.get(HOME).status_code == 200
    entry = next(entry for entry in journal.history(of=grant) if entry.kind == "rbac.AccessRestored")
    assert (entry.by, entry.facts["reason"]) == (agent, "service desk")


def test_asking_twice_is_asking_once(provider, grant, inbox):
    with time_machine.travel(grant.suspended_at + WAY_BACK, tick=False):
        browser = signed_in(provider)
        confirm(browser, inbox, provider.email)
    with time_machine.travel(grant.suspended_at + WAY_BACK + timedelta(hours=1), tick=False):
        browser = signed_in(provider)
        assert "Ask for my access" not in browser.get(REST).content.decode()
        confirm(browser, inbox, provider.email)
    assert again(grant).back_asked_at == grant.suspended_at + WAY_BACK
    assert [entry.kind for entry in journal.history(of=grant)].count("rbac.AccessBackAsked") == 1


def test_staff_give_access_back_before_thirty_days_too_but_only_for_their_portals(grant, agent):
    """D-09: staff can do it too; a foreign portal's grants do not exist for them (C29)."""
    from tests.conftest import make_staff

    other = signed_in(make_staff("physician.desk", "service desk", ("physician",)), verified=True)
    data = {"action": "give_access_back", "_selected_action": [grant.pk]}
    other.post("/admin/rbac/accessgrant/", data)
    assert again(grant).suspended_at
    desk = signed_in(agent, verified=True)
    both = data | {"_selected_action": [grant.pk, GrantFactory(portal_key="claims").pk]}
    before = desk.post("/admin/rbac/accessgrant/", both).content.decode()
    assert before.partition("Left as they are")[2].count("does not rest.") == 1
    press(desk, "/admin/rbac/accessgrant/", both)
    assert again(grant).suspended_at is None
    assert "does not rest" in desk.post("/admin/rbac/accessgrant/", data, follow=True).content.decode()


def test_a_member_of_staff_cannot_give_access_back_to_themselves(agent):
    rests = GrantFactory(account=agent, since=timezone.now() - 90 * DAY)
    sweep(timezone.now())
    data = {"action": "give_access_back", "_selected_action": [rests.pk]}
    page = signed_in(agent, verified=True).post("/admin/rbac/accessgrant/", data, follow=True).content.decode()
    assert "A colleague gives you access back." in page
    assert again(rests).suspended_at


def test_two_tabs_bring_it_back_once(provider, grant, inbox):
    browser = signed_in(provider)
    assert confirm(browser, inbox, provider.email).status_code == 200
    assert browser.post(CODE, {"code": "AAAA-AAAA"}).url == HOME


def test_a_use_of_the_portal_is_noted_once_an_hour_and_costs_two_statements(django_assert_num_queries):
    """speed: the grant and its memberships are written when the note of the hour is due; else the home asks for
    the account, its grants and memberships, new answers, the sign-in before and what is due."""
    account = AccountFactory()
    GrantFactory(account=account, since=timezone.now())
    browser = signed_in(account)
    with django_assert_num_queries(6 + 2):
        assert browser.get(HOME).status_code == 200
    with django_assert_num_queries(6):
        assert browser.get(HOME).status_code == 200
    assert AccessGrant.objects.get().last_used_at
