"""Every page of the admin site, whatever app it is of: filters, writes, keys of rows, and what stands on them all."""

import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from config.admin_site import SHOWN, WITHOUT_FRESH_PROOF
from identity.admin.base import PersonSearchAdmin
from identity.models import Account, JournalEntry, OutboxMessage, SavedPost, Ticket
from identity.notices import tickets
from identity.policy import lifecycle
from rbac.domain import grants
from rbac.models import AccessGrant, Origin
from tests.factories import NOW, AccountFactory, GrantFactory, SubmissionFactory
from tests.pressing import press
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
HOSTILE_KEYS = ("²", "١٢", "9" * 5000, "99999999999999999999", "%00", "1%00", "x", "-1", "1.5", "%F0%9F%98%80")
ODD_VALUES = ("9" * 40, "9999", "10000", "0", "-1", "²", "١٩٩٩", "x", "%00", "2026%00", "")


def registered() -> list[tuple[type[Model], admin.ModelAdmin]]:
    return [(model, shown) for model, shown in admin.site._registry.items()]


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def has_django_list(shown: admin.ModelAdmin) -> bool:
    """Lists of our own read no filters from the address."""
    return "changelist_view" not in vars(type(shown))


def columns(model: type[Model]) -> list[str]:
    """Every column of a table, and every column one step away, as Django's filters would name them."""
    own, related = [], []
    for field in model._meta.get_fields():
        name = field.name
        if field.is_relation and field.related_model:
            related += [f"{name}__{one.name}" for one in field.related_model._meta.concrete_fields]
        if getattr(field, "concrete", False):
            own.append(name)
    return [*own, *related]


def test_the_site_signs_out_as_every_page_does(agent):
    """policy, Always: a GET ends nothing; a press ends the session, and the journal says so."""
    browser = aged(signed_in(agent, verified=True))  # no fresh proof is asked of whoever leaves
    assert browser.get("/admin/logout/").status_code == 405
    assert browser.get("/admin/").status_code == 200
    assert browser.post("/admin/logout/").url == reverse("signed_out")
    assert browser.get("/admin/").url.startswith("/admin/login/")
    assert JournalEntry.objects.filter(kind="identity.SignedOut", account=agent).count() == 1


def test_every_model_of_the_site_stands_on_the_one_base_class():
    """H1: one allow-list, in one place."""
    for model, shown in registered():
        assert isinstance(shown, PersonSearchAdmin), model
        assert type(shown).lookup_allowed is PersonSearchAdmin.lookup_allowed, model
        assert type(shown).get_object is PersonSearchAdmin.get_object, model


@pytest.mark.parametrize("model", [model for model, _shown in registered()], ids=lambda model: model._meta.label)
def test_an_address_filters_by_declared_filters_only(model, operator):
    """H1: all columns of all models, and one step further; nothing answers yes or no about a hash."""
    shown = admin.site._registry[model]
    if not has_django_list(shown):
        return
    browser, page = signed_in(operator, verified=True), list_of(model)
    request = browser.get(page).wsgi_request
    request.user = operator
    declared = shown._of_filters(request)
    if shown.date_hierarchy:
        declared |= {f"{shown.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    for column in columns(model):
        for lookup in ("", "__exact", "__startswith", "__gt", "__isnull", "__in", "__regex", "__year", "__range"):
            name = f"{column}{lookup}"
            allowed = shown.lookup_allowed(name, "1", request)
            assert allowed == (name in declared), name
    for column in columns(model)[:6]:
        name = f"{column}__startswith"
        assert browser.get(page, {name: "a"}).status_code == 400, name


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=argon2", "session_epoch=0", "is_superuser=1", "is_superuser__exact=1", "public_id__gt=0",
        "year_of_birth__gte=1980", "secured_at__isnull=True", "person__accounts__password__startswith=a",
        "groups__permissions__codename=x", "id__in=1,2", "nonsense=1", "_to_field=login_key", "_to_field=password",
    ],
)  # fmt: skip
def test_no_query_reads_a_password_hash_or_what_else_is_not_shown(agent, query):
    """H1, as it was tried: a service desk agent, the operator's hash, letter by letter."""
    browser = signed_in(agent, verified=True)
    assert browser.get(f"/admin/identity/account/?{query}").status_code == 400
    assert browser.get(f"/admin/identity/account/?is_active__exact=1&{query}").status_code == 400
    assert browser.get("/admin/identity/account/?is_active__exact=1").status_code == 200


# --- M8: hostile keys, years and numbers ----------------------------------------------------------------------------
def addresses() -> list[tuple[str, str]]:
    """The name and route of every address of the site, those of Django's own pages too."""
    found: list[tuple[str, str]] = []

    def walk(patterns, prefix: str) -> None:
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, route)
            elif isinstance(one, URLPattern):
                found.append((one.name or "", re.sub(r"\(\?P<\w+>[^)]*\)|[\^$]|\.\*", "", route)))

    resolver = next(one for one in get_resolver().url_patterns if getattr(one, "app_name", "") == "admin")
    walk(resolver.url_patterns, "/admin/")
    return found


def filled(route: str, key: str) -> str:
    """The route with this in every place that takes text, and a number where only digits fit."""
    return re.sub(r"<(\w+:)?\w+>", lambda hole: "1" if hole[1] in ("int:", "uuid:") else key, route).replace("\\", "")


def test_no_key_of_a_row_fails(operator):
    """M8: change, history, delete and our own pages of all models, with what no key looks like."""
    browser = signed_in(operator, verified=True)
    browser.raise_request_exception = True
    tried = 0
    for name, route in addresses():
        if "<path:" in route or "<str:" in route:
            for key in HOSTILE_KEYS:
                answer = browser.get(filled(route, key))
                assert answer.status_code in (302, 403, 404), (name, key[:30], answer.status_code)
                tried += 1
    assert tried > 300, "the walk found the addresses"


@pytest.mark.parametrize("model", [model for model, shown in registered() if shown.date_hierarchy])
def test_no_moment_of_a_date_hierarchy_fails(model, operator):
    """M8: ?at__year=999..."""
    browser, name = signed_in(operator, verified=True), admin.site._registry[model].date_hierarchy
    for value in ODD_VALUES:
        for query in (
            f"{name}__year={value}", f"{name}__year=2026&{name}__month={value}", f"{name}__day={value}",
            f"{name}__year=2026&{name}__month=2&{name}__day={value}", f"{name}__year={value}&{name}__month=12",
        ):  # fmt: skip
            assert browser.get(f"{list_of(model)}?{query}").status_code in (302, 400), query
    assert browser.get(f"{list_of(model)}?{name}__year=2026&{name}__month=12&{name}__day=31").status_code == 200
    assert browser.get(f"{list_of(model)}?{name}__year=9998&{name}__month=12").status_code == 200


@pytest.mark.parametrize("model", [model for model, shown in registered() if has_django_list(shown)])
def test_no_value_of_a_filter_page_or_order_fails(model, operator):
    browser, page = signed_in(operator, verified=True), list_of(model)
    request = browser.get(page).wsgi_request
    request.user = operator
    for name in (*admin.site._registry[model]._of_filters(request), "p", "o", "q", "all", "e"):
        for value in (*ODD_VALUES, "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "é", "'"):
            answer = browser.get(f"{page}?{name}={value}")
            assert answer.status_code in (200, 302, 400), (name, value)


# --- M1, M5: every write asks for a fresh proof and is in the journal -----------------------------------------------
def aged(browser: Client) -> Client:
    """The last proof of this session is older than a sensitive act asks for."""
    session = browser.session
    old = (timezone.now() - lifecycle.after("fresh_sign_in") - timedelta(seconds=1)).timestamp()
    session["account_authentication_methods"] = [
        {**proof, "at": old} for proof in session["account_authentication_methods"]
    ]
    session.save()
    return browser


def test_every_address_of_the_site_asks_for_a_fresh_proof_before_it_writes(operator):
    """M5: asked centrally at all addresses; what asks for none is named."""
    browser = aged(signed_in(operator, verified=True))
    before = {model: model._base_manager.count() for model in apps.get_models()}
    tried = set()
    for name, route in addresses():
        if name in ("login", "") or "view_on_site" in name:
            continue  # the door itself, and the address that catches everything else
        if name == "logout":
            continue  # it ends this session: test_the_site_signs_out_as_every_page_does
        path = filled(route, "1")
        answer = browser.post(path, {"reason": "x"})
        asks = answer.status_code == 302 and answer.url.startswith(reverse("confirm"))
        assert asks == (name not in WITHOUT_FRESH_PROOF), (name, path, answer.status_code)
        tried.add(name)
    assert tried >= WITHOUT_FRESH_PROOF - {"logout"}
    assert len(tried) > 60
    kept = before.pop(SavedPost)
    assert SavedPost.objects.count() > kept
    assert before == {model: model._base_manager.count() for model in before}, "nothing was written meanwhile"


@pytest.mark.parametrize("act", ["close", "reset-methods", "answer"])
def test_what_was_typed_is_kept_over_the_proof(act, agent, operator):
    """M5: the confirmation leads back to the act, with its words."""
    person = AccountFactory(login_name="kept.person", phone="+13105550177")
    ticket = tickets.open(account=person, topic=Ticket.Topic.OTHER, text="help", by=person, now=NOW)
    path, sent, kept = {
        "close": (f"/admin/identity/account/{person.pk}/close/", {"reason": "asked for by letter"}, "by letter"),
        "reset-methods": (
            f"/admin/identity/account/{person.pk}/reset-methods/", {"reason": "called back", "called": "on"}, "called",
        ),
        "answer": (f"/admin/identity/ticket/{ticket.pk}/change/", {"step": "close", "answer": "It is done."}, "done"),
    }[act]  # fmt: skip
    who = operator if act == "close" else agent
    browser = aged(signed_in(who, verified=True))
    answer = browser.post(path, sent)
    assert answer.url.startswith(reverse("confirm"))
    held = SavedPost.objects.get(account=who)
    assert kept in held.body.replace("+", " ")
    fresh = signed_in(who, verified=True)
    session = fresh.session
    session["held"] = str(held.pk)
    session.save()
    assert fresh.post(path, {"held": str(held.pk)}).status_code == 302
    person.refresh_from_db()
    ticket.refresh_from_db()
    done = {
        "close": not person.is_active,
        "reset-methods": person.factorreset_set.exists() if hasattr(person, "factorreset_set") else True,
        "answer": "It is done." in words_of(ticket),
    }
    assert done[act]


def test_every_act_of_the_lists_is_in_the_journal(agent, operator):
    """M1: what the actions of Django's own lists do is recorded like everything else."""
    given_up = OutboxMessage.objects.create(
        kind="identity.TicketOpenedMail",
        ids={"account_id": agent.pk},
        dedupe_key="x",
        state="given up",
        created_at=NOW,
        due_at=NOW,
    )
    grant = GrantFactory(portal_key="referrals")
    resting = GrantFactory(suspended_at=NOW)
    desk = signed_in(agent, verified=True)
    for path, sent, kind in (
        (
            "identity/outboxmessage",
            {"action": "send_again", "_selected_action": given_up.pk},
            "identity.MessageGivenAgain",
        ),
        (
            "rbac/accessgrant",
            {"action": "end_access", "_selected_action": grant.pk},
            "rbac.AccessEnded",
        ),
        ("rbac/accessgrant", {"action": "give_access_back", "_selected_action": resting.pk}, "rbac.AccessRestored"),
    ):
        if path == "rbac/accessgrant":  # C17: a page says first what happens
            press(desk, f"/admin/{path}/", sent, reason="x")
        else:
            desk.post(f"/admin/{path}/", sent)
        assert JournalEntry.objects.get(kind=kind).by == agent
    actions = {(model._meta.label, name) for model, shown in registered() for name in shown.actions or ()}
    assert actions == {
        ("identity.OutboxMessage", "send_again"),
        ("rbac.AccessGrant", "end_access"),
        ("rbac.AccessGrant", "give_access_back"),
    }, "a new action of a list is tried here too"


def test_djangos_own_pages_write_nothing(operator):
    """M1: rows are added, changed and deleted by calls of the domain alone; giving access is the one form of Django's."""
    grant = GrantFactory()
    browser, request = signed_in(operator, verified=True), None
    request = browser.get("/admin/").wsgi_request
    request.user = operator
    for model, shown in registered():
        assert not shown.has_change_permission(request), model
        assert not shown.has_delete_permission(request), model
        if shown.has_add_permission(request):
            assert "add_view" in vars(type(shown)) or model is AccessGrant, model
        assert not shown.get_inline_instances(request), model
        assert not shown.list_editable, model
    assert browser.post(f"/admin/rbac/accessgrant/{grant.pk}/change/", {"role": "x"}).status_code == 403


def test_no_page_of_guardian_is_reachable(operator):
    """Item 4, M1: rights are given on the page "Who decides"."""
    assert not [name for name, _route in addresses() if "permissions" in name]
    browser = signed_in(operator, verified=True)
    for path in ("1/permissions/", "x/permissions/", "1/permissions/user-manage/1/"):
        answer = browser.get(f"/admin/rbac/approvalqueue/{path}", follow=True)
        assert "permission" not in answer.request["PATH_INFO"] or answer.status_code == 404


# --- one person: the links between their rows -----------------------------------------------------------------------
def test_an_account_leads_to_everything_of_its_person(agent, submitted, inbox):
    """D3, C15: phone masked, methods, last sign-in; links to requests, access, tickets; a ticket leads back."""
    person = submitted.account
    SubmissionFactory(submitted=True)
    GrantFactory(account=person)
    ticket = tickets.open(account=person, topic=Ticket.Topic.OTHER, text="help", by=person, now=NOW)
    desk = signed_in(agent, verified=True)
    page = desk.get(f"/admin/identity/account/{person.pk}/change/").content.decode()
    for model, count in (("accessforms/submission", 1), ("rbac/accessgrant", 1), ("identity/ticket", 1)):
        path = f"/admin/{model}/?person={person.pk}"
        assert path in page
        assert desk.get(path).content.decode().count('name="_selected_action"') in (0, count)
        assert "1 " in desk.get(path).content.decode()
    assert desk.get("/admin/accessforms/submission/?person=999999").content.decode().count("field-reference") == 0
    assert f"/admin/identity/account/{person.pk}/history/" in page
    assert "Account created" not in page
    assert "Request submitted" in desk.get(f"/admin/identity/account/{person.pk}/history/").content.decode()
    answer = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
    assert f'<a href="/admin/identity/account/{person.pk}/change/">' in answer


def test_the_last_sign_in_is_the_last_one(operator):
    """B7: the account's own column moves at most once an hour."""
    from identity.record import events, journal

    person = AccountFactory(phone="+13105550177")
    with transaction.atomic():
        journal.record(events.SignedIn(account=person, by=person, methods=["password"]), now=NOW + timedelta(minutes=3))
    page = signed_in(operator, verified=True).get(f"/admin/identity/account/{person.pk}/change/").content.decode()
    assert "9:03 a.m." in page
    assert "XXX-XXX-0177" in page
    assert "+1310" not in page


def test_staff_find_the_desk_from_every_page_and_come_back(agent, provider):
    """C14."""
    desk = signed_in(agent, verified=True)
    for path in ("/", "/id/profile/", "/p/claims/home/", "/id/help/"):
        assert 'href="/admin/"' in desk.get(path, follow=True).content.decode(), path
    assert 'href="/admin/"' not in signed_in(provider).get("/id/profile/").content.decode()
    page = desk.get("/admin/").content.decode()
    assert 'href="/id/profile/"' in page
    assert 'href="/"' in page


def test_the_query_of_a_person_is_never_wider_than_the_desk(agent):
    """C29: somebody of a portal that the agent does not decide has no rows there."""
    other = SubmissionFactory(submitted=True)
    agent.approvalqueueuserpermission_set.all().delete()
    page = signed_in(agent, verified=True).get(f"/admin/accessforms/submission/?{urlencode({'q': other.reference})}")
    assert page.status_code == 403
    assert Account.objects.filter(pk=other.account_id).exists()


def test_nobody_opens_a_portal_to_themselves(agent):
    with pytest.raises(grants.OwnGrant):
        grants.give(account=agent, portal_key="referrals", origin=Origin.STAFF, reason="x", by=agent, now=NOW)
    browser = signed_in(agent, verified=True)
    page = browser.post(
        "/admin/rbac/accessgrant/add/", {"login_name": "desk.agent", "portal": "referrals", "reason": "x"}
    )
    assert "A colleague gives you access." in page.content.decode()


def test_the_admin_site_shows_our_models_only(operator):
    """No side door: nothing that a library registers changes rows without a journal entry."""
    assert {model._meta.label for model in admin.site._registry} == SHOWN
    browser = signed_in(operator, verified=True)
    for path in ("account/emailaddress/add/", "auth/group/", "auth/user/"):
        assert browser.get(f"/admin/{path}").status_code == 404, path
    assert browser.get("/admin/password_change/").url == reverse("profile")
