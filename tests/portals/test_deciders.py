"""Who decides a portal's requests: asked for by one operator, made by another; and keys that no definition knows."""

import pytest
from django import forms
from django.contrib.admin.widgets import FilteredSelectMultiple
from django.core.management import call_command
from django.db import connection
from django.test import Client

from config import checks
from identity.accounts import staff_rights
from identity.factors.forms.base import PageForm
from identity.models import Account, JournalEntry
from identity.record import machine
from portals import registry
from rbac.domain import approvals, deciders
from rbac.models import AccessGrant, ApprovalQueue, DecidersChange
from tests.conftest import make_staff
from tests.factories import NOW, GrantFactory, SubmissionFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def queue(db) -> ApprovalQueue:
    return ApprovalQueue.objects.get_or_create(portal_key="trucase")[0]


@pytest.fixture
def page(queue) -> str:
    return f"/admin/rbac/approvalqueue/{queue.pk}/change/"


@pytest.fixture
def newcomer(db) -> Account:
    """An agent who decides for another portal."""
    return make_staff("new.agent", "service desk", ("physician",))


def decided_by(queue: ApprovalQueue) -> set[str]:
    return {one.login_name for one in deciders.for_queue(queue)}


def asked(browser: Client, page: str, *people: Account, reason: str = "joined the team"):
    return browser.post(page, {"step": "ask", "decider": [one.pk for one in people], "reason": reason})


def pressed(browser: Client, page: str, step: str, **sent: str):
    change = DecidersChange.objects.get(state="asked")
    return browser.post(page, {"step": step, "change": str(change.pk), **sent})


def test_two_operators_say_who_decides(operator, second_operator, agent, newcomer, queue, page, inbox):
    """Walk A1, M1: check boxes, a reason, two operators, the journal, a mail to each person."""
    one, two = signed_in(operator, verified=True), signed_in(second_operator, verified=True)
    shown = one.get(page).content.decode()
    for person, ticked in ((agent, " checked"), (newcomer, "")):
        box = f'id="decider-{person.pk}" name="decider" value="{person.pk}"{ticked}>'
        assert box in shown
        assert f'<label for="decider-{person.pk}">{person.get_full_name()} ({person.login_name})' in shown
    assert 'for="None"' not in shown
    assert "ohid:" not in shown, "C16: nobody reads a key"
    assert asked(one, page, newcomer).status_code == 302
    assert decided_by(queue) == {"desk.agent"}, "nothing changes before the second one"
    assert "You asked for it" in one.get(page).content.decode()
    refused = pressed(one, page, "do")
    assert refused.status_code == 422
    assert "a second operator has to make it" in refused.content.decode()
    waiting = two.get(page).content.decode()
    for words in ("joined the team", "New.Agent", "Desk.Agent", "Make the change"):
        assert words in waiting
    assert pressed(two, page, "do").status_code == 302
    assert decided_by(queue) == {"new.agent"}
    assert approvals.portals_decided_by(newcomer) == ["physician", "trucase"]
    assert "trucase" not in approvals.portals_decided_by(Account.objects.get(pk=agent.pk))
    assert inbox.newest("mail", newcomer.email).subject == "You decide the requests for TruCase"
    assert inbox.newest("mail", agent.email).subject == "You no longer decide the requests for TruCase"
    kinds = list(JournalEntry.objects.filter(kind__startswith="rbac.Decider").order_by("pk").values_list("kind", "by"))
    assert kinds == [
        ("rbac.DecidersChangeAsked", operator.pk), ("rbac.DecidersChanged", second_operator.pk),
        ("rbac.DeciderAdded", second_operator.pk), ("rbac.DeciderRemoved", second_operator.pk),
    ]  # fmt: skip
    history = two.get(page).content.decode()
    assert history.count("joined the team") == 4


def test_a_save_without_a_change_takes_no_right(operator, agent, queue, page):
    """Walk A1: "Save" on the old page took every right."""
    browser = signed_in(operator, verified=True)
    answer = asked(browser, page, agent)
    assert answer.status_code == 422
    assert "nothing was to be changed" in answer.content.decode()
    assert decided_by(queue) == {"desk.agent"}


@pytest.mark.parametrize(
    ("reason", "says"), [("", "Enter a reason"), ("   ", "Enter a reason"), ("\u200b", "Enter a reason")]
)
def test_a_change_says_why(operator, agent, newcomer, page, reason, says):
    answer = asked(signed_in(operator, verified=True), page, agent, newcomer, reason=reason)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert f'value="{newcomer.pk}" checked' in answer.content.decode(), "what was ticked stays"
    assert not DecidersChange.objects.exists()


def test_a_change_is_cancelled_with_a_reason(operator, second_operator, agent, newcomer, queue, page):
    asked(signed_in(operator, verified=True), page, agent, newcomer)
    two = signed_in(second_operator, verified=True)
    assert pressed(two, page, "cancel").status_code == 422
    old = str(DecidersChange.objects.get().pk)
    assert pressed(two, page, "cancel", reason="not trained yet").status_code == 302
    assert decided_by(queue) == {"desk.agent"}
    again = two.post(page, {"step": "do", "change": old})
    assert again.status_code == 422
    assert "no longer possible" in again.content.decode()


def test_what_a_second_operator_did_not_see_is_not_made(operator, second_operator, agent, newcomer, queue, page):
    """The change that waits may be another one than the page showed."""
    one, two = signed_in(operator, verified=True), signed_in(second_operator, verified=True)
    asked(one, page, agent, newcomer)
    seen = str(DecidersChange.objects.get().pk)
    pressed(one, page, "cancel", reason="mistake")
    asked(one, page)
    assert two.post(page, {"step": "do", "change": seen}).status_code == 422
    assert decided_by(queue) == {"desk.agent"}


def test_nobody_who_is_no_staff_begins_and_nobody_changes_their_own(operator, second_operator, provider, agent, queue):
    with pytest.raises(deciders.NothingChanges):
        deciders.ask(queue=queue, deciders=[agent.pk, provider.pk], reason="x", by=operator, now=NOW)
    with pytest.raises(staff_rights.MayNotHandle):
        deciders.ask(queue=queue, deciders=[], reason="x", by=agent, now=NOW)
    change = deciders.ask(queue=queue, deciders=[], reason="x", by=operator, now=NOW)
    with pytest.raises(deciders.AskedAlready):
        deciders.ask(queue=queue, deciders=[], reason="y", by=second_operator, now=NOW)
    with pytest.raises(machine.SamePerson):
        deciders.do(change=change, by=operator, now=NOW)
    deciders.do(change=change, by=second_operator, now=NOW)
    with pytest.raises(machine.NotPossible):
        deciders.do(change=change, by=second_operator, now=NOW)


def test_somebody_closed_meanwhile_does_not_begin(operator, second_operator, newcomer, agent, queue):
    change = deciders.ask(queue=queue, deciders=[agent.pk, newcomer.pk], reason="x", by=operator, now=NOW)
    Account.objects.filter(pk=newcomer.pk).update(is_active=False)
    with pytest.raises(machine.NotPossible):
        deciders.do(change=change, by=second_operator, now=NOW)
    assert decided_by(queue) == {"desk.agent"}


def test_an_operator_who_is_no_superuser_may_say_who_decides_but_not_of_themselves(operator, second_operator, queue):
    """The group adds up to what the first operators are."""
    Account.objects.filter(pk=operator.pk).update(is_superuser=False)
    operator = Account.objects.get(pk=operator.pk)
    with pytest.raises(staff_rights.OwnAccount):
        deciders.ask(queue=queue, deciders=[operator.pk], reason="x", by=operator, now=NOW)


@pytest.mark.parametrize("who", ["agent", "provider"])
def test_the_page_is_for_operators(request, who, page):
    account = request.getfixturevalue(who)
    browser = signed_in(account, verified=who == "agent")
    assert browser.get(page).status_code in (302, 403, 404)
    assert browser.post(page, {"step": "ask"}).status_code in (302, 403, 404)
    assert not DecidersChange.objects.exists()


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_once_one_makes_the_change(operator, second_operator, newcomer, agent):
    from tests.together import together

    queue = ApprovalQueue.objects.get_or_create(portal_key="trucase")[0]
    change = deciders.ask(queue=queue, deciders=[agent.pk, newcomer.pk], reason="x", by=operator, now=NOW)

    def do():
        try:
            deciders.do(change=DecidersChange.objects.get(pk=change.pk), by=second_operator, now=NOW)
        except machine.NotPossible:
            return False
        return True

    assert sorted(together(do, threads=3)) == [False, False, True]
    assert JournalEntry.objects.filter(kind="rbac.DeciderAdded").count() == 1


# --- keys that no definition knows ----------------------------------------------------------------------------------
def test_a_key_is_never_typed(operator, queue, page):
    """Walk A2: the key of a queue is read-only."""
    browser = signed_in(operator, verified=True)
    assert "portal_key" not in browser.get(page).content.decode()
    browser.post(page, {"portal_key": "nonsense", "step": "ask", "reason": "x"})
    queue.refresh_from_db()
    assert queue.portal_key == "trucase"
    assert browser.post("/admin/rbac/approvalqueue/add/", {"portal_key": "nonsense"}).status_code == 403


def test_an_unknown_key_breaks_no_list_and_is_named(operator, agent, provider, queue, page, caplog, capsys):
    """Walk A2: left out of the lists and the person's own pages, logged, and named where operators look."""
    own = SubmissionFactory(account=provider, submitted=True)
    lost = SubmissionFactory(account=provider, submitted=True)
    grant = GrantFactory(account=provider)
    type(lost).objects.filter(pk=lost.pk).update(portal_key="nonsense")
    AccessGrant.objects.filter(pk=grant.pk).update(portal_key="nonsense")
    ApprovalQueue.objects.filter(pk=queue.pk).update(portal_key="nonsense")
    desk, desk_of = signed_in(agent, verified=True), "/admin/accessforms/submission"
    listed = desk.get(f"{desk_of}/")
    assert listed.status_code == 200
    assert own.reference in listed.content.decode()
    assert "no definition knows the portal nonsense" in caplog.text
    assert desk.get(f"{desk_of}/?portal=nonsense").status_code == 200
    assert desk.get(f"{desk_of}/{lost.pk}/change/").status_code == 404
    assert desk.get("/admin/rbac/accessgrant/").status_code == 200
    assert desk.get(f"/admin/rbac/accessgrant/{grant.pk}/change/").status_code == 200
    mine = signed_in(provider)
    for path in (
        "/", "/id/profile/", "/id/profile/shared-address/", "/p/optum-connect/portals/", "/p/optum-connect/register/",
        "/p/claims/home/", f"/requests/{lost.reference}/", f"/requests/{lost.reference}/edit/", "/id/merge/",
    ):  # fmt: skip
        assert mine.get(path).status_code in (200, 302, 403, 404), path
    browser = signed_in(operator, verified=True)
    assert "nonsense: no definition knows this portal" in browser.get("/admin/rbac/approvalqueue/").content.decode()
    assert "No definition knows the portal nonsense" in browser.get(page).content.decode()
    named = browser.get("/admin/standards/").content.decode()
    assert "Portals that no definition knows" in named
    assert checks.unknown_portals().keys() == {"nonsense"}
    call_command("check", databases=["default"])
    assert "No definition knows the portal nonsense" in capsys.readouterr().err


def test_known_portals_raise_no_warning(db, queue):
    assert checks.unknown_portals() == {}
    assert [portal.key for portal in registry.known(["claims", "nonsense", "trucase"])] == ["claims", "trucase"]


# --- the field template ---------------------------------------------------------------------------------------------
def test_only_check_boxes_and_radio_buttons_are_drawn_one_by_one():
    """Walk A1: every other widget that asks for a fieldset draws itself."""

    class Odd(PageForm):
        boxes = forms.MultipleChoiceField(choices=[("a", "Ay")], widget=forms.CheckboxSelectMultiple)
        radio = forms.ChoiceField(choices=[("a", "Ay")], widget=forms.RadioSelect)
        day = forms.DateField(widget=forms.SelectDateWidget)
        moment = forms.SplitDateTimeField()
        moved = forms.MultipleChoiceField(choices=[("a", "Ay")], widget=FilteredSelectMultiple("x", False))

    form = Odd()
    for name in form.fields:
        html = form[name].as_field_group()
        assert 'for="None"' not in html, name
        labelled = html.count("<label")
        assert labelled == (1 if name in ("boxes", "radio") else html.count("<label")), name
        if name in ("day", "moment", "moved"):
            assert str(form[name]).strip() in html, name
    assert form["moved"].as_field_group().count("<select") == 1
