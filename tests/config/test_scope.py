"""Staff see their own (D-28): accounts and what concerns them by the realms and portals of their queues, everywhere."""

import re

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.checks import run_checks
from django.db import models
from django.test import Client
from django.urls import reverse
from guardian.models import UserObjectPermission
from guardian.shortcuts import assign_perm

from accessforms.models import Submission
from enrollment.domain import staff
from identity.accounts import staff_rights
from identity.admin.base import PersonSearchAdmin
from identity.governance import closing
from identity.merging import merges
from identity.models import Account, FactorReset, JournalEntry, Merge, OutboxMessage, PhoneDevice, Signature, Ticket
from identity.notices import tickets
from identity.recovery import factor_resets
from identity.tenancy import Scope, tenancy
from portals.legacy import unlinkings
from portals.models import Application, Feedback, LegacyImport, Unlinking
from rbac.domain import approvals, grants, idleness
from rbac.models import AccessGrant, ApprovalQueue, Origin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, LegacyAccountFactory
from tests.relying_party import register
from tests.steps.sign_in import signed_in
from tests.steps.staff import enrol, invite

pytestmark = pytest.mark.django_db
# The pages of the installation: their right alone opens them, and the groups of operators have it.
OF_INSTALLATION = {
    "MassAct",
    "ApprovalQueue",
    "SweepRun",
    "SigningKey",
    "PhaseMove",
    "PortalText",
    "GridVersion",
    "OfferedAnswer",
}


def world(realm: str, portal: str) -> dict[type[models.Model], models.Model]:
    """One person of a realm with one row of each kind that is about them."""
    person = AccountFactory(
        realm=realm, login_name=f"person.{portal}", first_name="Wanda", last_name="Everywhere", phone="+13105550177"
    )
    colleague = AccountFactory(is_staff=True)
    old = AccountFactory(realm=realm, login_name=f"old.{portal}", is_active=False)
    legacy = LegacyAccountFactory(source=portal, account=person, linked_at=NOW, linked_by="final log-in")
    return {
        Account: person,
        Ticket: tickets.open(account=person, topic=Ticket.Topic.OTHER, text="help", by=person, now=NOW),
        FactorReset: FactorReset.objects.create(
            account=person, reason="lost", called="XXX-XXX-0177", started_by=colleague, started_at=NOW
        ),
        Merge: Merge.objects.create(survivor=person, absorbed=old, by=person, at=NOW, changes=[]),
        Signature: Signature.objects.create(
            account=person, agreement="ohid-terms", version=1, mode="box", name="W", login_name="w", language="en", at=NOW
        ),
        JournalEntry: JournalEntry.objects.create(at=NOW, kind="identity.AccountCreated", account=person),
        OutboxMessage: OutboxMessage.objects.create(
            kind="identity.TicketOpenedMail", ids={"account_id": person.pk, "number": "T-1"}, dedupe_key=portal,
            state="given up", created_at=NOW, due_at=NOW,
        ),
        AccessGrant: GrantFactory(account=person, portal_key=portal),
        Unlinking: Unlinking.objects.create(
            legacy=legacy, account=person, reason="wrong", asked_by=colleague, asked_at=NOW
        ),
        Feedback: Feedback.objects.create(portal_key=portal, account=person, page="/", text="x", created_at=NOW),
        LegacyImport: LegacyImport.objects.create(
            source=portal, file_name="list.csv", digest=portal, state="checked", begun_at=NOW, by=colleague
        ),
    }  # fmt: skip


@pytest.fixture
def theirs(db):
    return world("provider-online", "provider-online")


@pytest.fixture
def others(db):
    return world("ohid", "trucase")


def agent_of(*portals: str, name: str = "an.agent") -> Account:
    """A member of the service desk of these portals with every right there is, so that only the scope keeps them out."""
    agent = make_staff(name, "service desk", portals)
    agent.user_permissions.set(Permission.objects.exclude(codename__in=["see_everybody", "decide_requests"]))
    return Account.objects.get(pk=agent.pk)


@pytest.fixture
def provider_services(db):
    return agent_of("provider-online")


def page(model: type[models.Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def listed(browser: Client, model: type[models.Model], query: str = "") -> set[str]:
    """The keys of the rows that a list links to."""
    path = page(model, "changelist")
    found = browser.get(f"{path}{query}").content.decode()
    return set(re.findall(rf'href="{re.escape(path)}([^/"?]+)/change/', found))


# --- who sees what --------------------------------------------------------------------------------------------------
def test_a_queue_says_portals_and_realms():
    """ground 6: portal and realm; a portal without a form goes with its landing page (C12)."""
    assert tenancy().scope_of(agent_of("provider-online")) == Scope(
        portals=frozenset({"provider-online"}), realms=frozenset({"provider-online"})
    )
    assert tenancy().scope_of(agent_of("claims", name="other.agent")) == Scope(
        portals=frozenset({"claims", "referrals"}), realms=frozenset({"ohid"})
    )


def test_a_queue_that_no_definition_knows_shows_nobody():
    """It would fall to the ID itself, whose people are another desk's."""
    agent = agent_of("provider-online")
    assign_perm(approvals.DECIDE, agent, ApprovalQueue.objects.create(portal_key="gone"))
    assert tenancy().scope_of(agent).realms == {"provider-online"}


@pytest.mark.parametrize("who", ["nobody", "closed", "no staff"])
def test_whoever_is_no_active_staff_sees_nobody(who, provider):
    agent = agent_of("claims") if who != "nobody" else provider
    Account.objects.filter(pk=agent.pk).update(is_active=who != "closed", is_staff=who != "no staff")
    assert tenancy().scope_of(Account.objects.get(pk=agent.pk)) == Scope()


def test_operators_see_everybody_by_their_groups_right_and_superusers_do(operator):
    """D-28: operators see all; so does somebody of the group who is no superuser."""
    assert tenancy().scope_of(operator).is_all
    member = AccountFactory(is_staff=True)
    member.groups.add(staff._group(staff.OPERATORS))
    scope = tenancy().scope_of(member)
    assert scope.is_all
    assert scope.portals == frozenset(), "whose access they decide hangs on queues alone"


def test_every_page_of_the_site_says_where_its_rows_belong():
    """A new page without an answer shows nothing to anybody but operators; this list is read at its review."""
    for model, shown in admin.site._registry.items():
        says = shown.realm_path or shown.portal_path or type(shown).within is not PersonSearchAdmin.within
        assert bool(says) != shown.is_of_installation, model
        assert shown.is_of_installation == (model.__name__ in OF_INSTALLATION), model


def test_every_list_shows_the_rows_of_the_reader_only(provider_services, theirs, others):
    """D-28, ground 7: lists and their counters."""
    browser = signed_in(provider_services, verified=True)
    for model, row in theirs.items():
        shown = admin.site._registry[model]
        request = browser.get(page(model, "changelist")).wsgi_request
        request.user = provider_services
        keys = set(shown.get_queryset(request).values_list("pk", flat=True))
        if model is Unlinking:
            assert keys == {row.pk}
            continue
        assert row.pk in keys, model
        assert others[model].pk not in keys, model
        if model is not LegacyImport:  # a page of ours, looked at below
            assert str(row.pk) in listed(browser, model) or model is OutboxMessage, model
            assert str(others[model].pk) not in listed(browser, model), model


def test_an_operator_sees_both(operator, theirs, others):
    browser = signed_in(operator, verified=True)
    for model in (Account, Ticket, FactorReset, Merge, JournalEntry, AccessGrant, Unlinking):
        assert {str(theirs[model].pk), str(others[model].pk)} <= listed(browser, model), model


def without_keys(answer, key: object) -> str:
    """An answer without what is new in each: the key that was asked for, tokens."""
    body = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode() + str(answer.get("Location", "")))
    before = r'(/|%2F|“|person=|person%3D|name="person" value=")'
    return re.sub(rf"{before}{re.escape(str(key))}(?=[/”\"&]|%2F)", r"\1KEY", body)


def missing_key(model: type[models.Model]) -> object:
    if isinstance(model._meta.pk, models.UUIDField):
        return "00000000-0000-4000-8000-000000000000"
    return 99999999


@pytest.mark.parametrize("way", ["change", "history", "delete"])
def test_a_foreign_row_answers_as_a_missing_one(provider_services, others, way):
    """policy, Always: the same bytes, whichever page of it is asked for."""
    browser = signed_in(provider_services, verified=True)
    for model, row in others.items():
        missing = missing_key(model)
        for method in ("get", "post"):
            foreign, nothing = (
                getattr(browser, method)(
                    page(model, way, key), {"step": "x"} if method == "post" else None, follow=True
                )
                for key in (row.pk, missing)
            )
            assert foreign.status_code == nothing.status_code, (model, method)
            assert without_keys(foreign, row.pk) == without_keys(nothing, missing), (model, method)


@pytest.mark.parametrize("name", ["close", "reopen", "reset"])
def test_the_pages_that_act_on_a_foreign_account_do_not_exist(provider_services, others, theirs, name):
    browser = signed_in(provider_services, verified=True)
    for method in ("get", "post"):
        foreign = getattr(browser, method)(page(Account, name, others[Account].pk), {"reason": "x", "called": "on"})
        nothing = getattr(browser, method)(page(Account, name, 99999999), {"reason": "x", "called": "on"})
        assert (foreign.status_code, nothing.status_code) == (404, 404)
        assert without_keys(foreign, others[Account].pk) == without_keys(nothing, 99999999)
    assert browser.get(page(Account, name, theirs[Account].pk)).status_code in (200, 302)


def test_searches_filters_and_links_tell_nothing_of_others(provider_services, theirs, others):
    """D-28: the same name in both realms; a person by key; what waits on the first page."""
    browser = signed_in(provider_services, verified=True)
    for model in (Account, Ticket, FactorReset, Merge, JournalEntry, AccessGrant):
        found = listed(browser, model, "?q=Wanda")
        assert str(others[model].pk) not in found, model
        assert str(theirs[model].pk) in found, model
    foreign, nothing = (
        without_keys(browser.get(f"{page(Ticket, 'changelist')}?person={key}"), key)
        for key in (others[Account].pk, 99999999)
    )
    assert others[Account].login_name not in foreign
    assert foreign == nothing
    first = browser.get(reverse("admin:index")).content.decode()
    counts = {words: int(n) for n, words in re.findall(r"waiting__count\">(\d+)</strong><span>([^<]+)<", first)}
    assert counts["Open tickets"] == 1
    assert counts["Messages that could not be delivered"] == 1


def test_a_possible_duplicate_of_another_realm_is_not_named(provider_services, theirs, others):
    """Two realms, one name and year of birth: the desk of one learns nothing of the other."""
    Account.objects.filter(pk__in=[theirs[Account].pk, others[Account].pk]).update(year_of_birth=1980)
    shown = signed_in(provider_services, verified=True).get(page(Account, "change", theirs[Account].pk))
    assert others[Account].login_name not in shown.content.decode()
    assert list(merges.duplicates_of(Account.objects.get(pk=theirs[Account].pk))) == []


def test_lists_of_old_accounts_and_the_cut_over_are_those_of_ones_portals(provider_services, theirs, others):
    browser = signed_in(provider_services, verified=True)
    overview = browser.get(page(LegacyImport, "changelist")).content.decode()
    assert "TruCase" not in overview
    assert browser.get(reverse("admin:portals_cut_over", args=["trucase"])).status_code == 404
    assert browser.get(reverse("admin:portals_cut_over", args=["provider-online"])).status_code == 200
    for name in ("report", "progress"):
        assert browser.get(page(LegacyImport, name, others[LegacyImport].pk)).status_code == 404


def test_applications_are_those_of_ones_portals(provider_services):
    register()
    application = Application.objects.get()
    browser = signed_in(provider_services, verified=True)
    assert listed(browser, Application) == set()
    foreign = browser.get(page(Application, "change", application.pk))
    assert foreign.status_code == browser.get(page(Application, "change", 99999999)).status_code == 404


def test_requests_are_those_of_ones_portals(provider_services, submitted):
    """C29: also for somebody who holds every other right."""
    browser = signed_in(provider_services, verified=True)
    assert listed(browser, Submission, "?work=all") == set()
    assert browser.get(page(Submission, "change", submitted.pk), follow=True).status_code == 404


# --- who may do what: asked again in the domain -----------------------------------------------------------------------
def test_nobody_acts_on_an_account_of_another_realm(provider_services, others, theirs):
    """ground 6: start a reset, close, undo a merge, answer a ticket, untie."""
    person = others[Account]
    FactorReset.objects.all().delete()
    acts = (
        lambda: closing.close(account=person, reason="x", by=provider_services, now=NOW),
        lambda: factor_resets.start(account=person, reason="x", by=provider_services, now=NOW),
    )
    for act in acts:
        with pytest.raises(staff_rights.OutOfScope):
            act()
    with pytest.raises(tickets.MayNotHandle):
        tickets.take(ticket=others[Ticket], by=provider_services, now=NOW)
    with pytest.raises(tickets.MayNotHandle):
        tickets.close(ticket=others[Ticket], answer="x", by=provider_services, now=NOW)
    with pytest.raises(merges.MayNotUndo):
        merges.undo(merge=others[Merge], by=provider_services, now=NOW)
    with pytest.raises(staff_rights.MayNotHandle):
        unlinkings.cancel(unlinking=others[Unlinking], reason="x", by=provider_services, now=NOW)
    assert tickets.take(ticket=theirs[Ticket], by=provider_services, now=NOW).claimed_by == provider_services
    closing.close(account=theirs[Account], reason="x", by=provider_services, now=NOW)


def test_nobody_gives_or_ends_access_to_a_portal_of_others(provider_services, others, theirs):
    """ground 6: give access, change its rights, end it, give it back."""
    grant, person = others[AccessGrant], others[Account]
    acts = (
        lambda: grants.give(account=person, portal_key="referrals", origin=Origin.STAFF, by=provider_services, now=NOW),
        lambda: grants.end(account=person, portal_key="trucase", reason="x", by=provider_services, now=NOW),
        lambda: grants.set_capabilities(grant=grant, capabilities=[], reason="x", by=provider_services, now=NOW),
        lambda: idleness.give_back(grant=grant, by=provider_services, now=NOW),
    )
    for act in acts:
        with pytest.raises(approvals.MayNotDecide):
            act()
    assert grants.end(account=theirs[Account], portal_key="provider-online", reason="x", by=provider_services, now=NOW)


# --- rights -----------------------------------------------------------------------------------------------------------
def test_only_permissions_marked_as_staffs_make_an_account_stronger():
    """S4-37: a document that is shared with an administrator of a practice does not keep the desk from helping them."""
    agent, person = agent_of("provider-online"), AccountFactory(realm="provider-online", login_name="an.oaa")
    assign_perm("identity.view_account", person, AccountFactory())
    assert UserObjectPermission.objects.filter(user=person).exists()
    staff_rights.check_can_handle(agent=agent, account=person)
    assign_perm(approvals.DECIDE, person, ApprovalQueue.objects.get(portal_key="trucase"))
    with pytest.raises(staff_rights.MoreRights):
        staff_rights.check_can_handle(agent=agent, account=person)


def test_tables_of_rights_of_staff_are_known():
    """A new table of object permissions says whether it makes somebody staff; these two do."""
    marked = {model.__name__ for model in apps.get_models() if getattr(model, "is_staff_right", False)}
    assert marked == {"ApprovalQueueUserPermission", "ApprovalQueueGroupPermission"}


def test_a_right_that_no_model_declares_stops_the_start(monkeypatch):
    """ground, Mend first: rights of other apps reached no group, silently."""
    assert not [found for found in run_checks() if found.id == "enrollment.E001"]
    monkeypatch.setitem(
        staff.GROUPS, staff.PROVIDER_SERVICES.group, ("enrollment.decide_nothing", "identity.view_account")
    )
    (found,) = [found for found in run_checks() if found.id == "enrollment.E001"]
    assert "enrollment.decide_nothing" in found.msg


def test_a_right_of_any_app_reaches_its_group(monkeypatch):
    """By app and name: the same name in another app is another right."""
    right = Permission.objects.get(content_type__app_label="accessforms", codename="view_submission")
    monkeypatch.setitem(staff.GROUPS, staff.PROVIDER_SERVICES.group, ("accessforms.view_submission",))
    assert list(staff._group(staff.PROVIDER_SERVICES.group).permissions.all()) == [right]


def test_provider_services_enrol_by_their_queue(client, inbox):
    """D-28: the staff of Provider OnLine, a portal without an access form; no right about old accounts of others."""
    account = enrol(client, invite("--role", "service desk", "--portal", "provider-online"), inbox)
    assert [group.name for group in account.groups.all()] == ["Provider Services"]
    assert approvals.portals_decided_by(account) == ["provider-online"]
    assert not account.has_perm("portals.untie_accounts")
    phone = PhoneDevice.objects.get(user=account)
    assert phone.confirmed


def test_who_decides_for_both_is_in_both_groups():
    agent = make_staff("both.agent", "service desk", ("provider-online", "claims"))
    assert set(agent.groups.values_list("name", flat=True)) == {"Provider Services", "Service desk"}
    assert tenancy().scope_of(agent).realms == {"ohid", "provider-online"}
    assert Group.objects.count() == 2


def test_giving_access_by_hand_tells_nothing_of_another_realm():
    """D-28: of a portal that others answer for, a user name that somebody has and one that nobody has are the same."""
    AccountFactory(realm="provider-online", login_name="k")
    desk = signed_in(make_staff("physician.agent", "service desk", ("physician",)), verified=True)
    answers = []
    for name in ("k", "nobody"):
        typed = {"login_name": name, "portal": "provider-online", "reason": "x"}
        answer = desk.post("/admin/rbac/accessgrant/add/", typed)
        answers.append((answer.status_code, "Nobody has this ID" in answer.content.decode()))
    assert answers == [(200, False)] * 2
    assert not AccessGrant.objects.exists()
