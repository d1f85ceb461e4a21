"""Access that nobody uses: warned of, switched off, taken back (S3-19, C17, D-09)."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.models import JournalEntry, OutboxMessage
from identity.policy import lifecycle
from identity.record import journal
from rbac import events
from rbac.domain import bulk, grants, idleness, sweeps
from rbac.models import AccessGrant, Origin, Pause, SweepRun
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.steps.idleness import DAY, SECOND, again, idle, sweep
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
IDLE = lifecycle.after("idle_account")


def test_after_ninety_days_without_use_access_rests_and_the_person_is_told(inbox):
    """S3-19: deactivated after 90 consecutive days; journal and mail say so."""
    grant = idle()
    run = sweep()
    rests = again(grant)
    assert (rests.suspended_at, rests.suspended_by_run, rests.until) == (NOW, run, None)
    assert grants.portals_of(grant.account) == []
    assert list(AccessGrant.objects.resting()) == [grant]
    entry = journal.history(of=grant).get()
    assert (entry.kind, entry.by, entry.facts) == (
        "rbac.AccessSuspended", None, {"portal_key": "claims", "run": run.pk},
    )  # fmt: skip
    mail = inbox.newest("mail", grant.account.email)
    assert mail.subject == "Your access to Claims Online Portal rests"
    assert mail.link == "/p/claims/home/"
    assert (run.state, run.suspended, run.warned) == ("done", 1, 0)


def test_each_warning_is_sent_once_and_then_access_rests(inbox):
    """S3-19, policy idle account: 30, 15, 10, 3 and 1 day before, whatever the number of sweeps."""
    grant = GrantFactory(since=NOW)
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(2 * 95):
            sweep(timezone.now())
            inbox.all()
            clock.shift(DAY / 2)
    kinds = JournalEntry.objects.filter(account=grant.account).order_by("at").values_list("kind", "facts", "at")
    warned = [(facts["days"], (at - NOW).days) for kind, facts, at in kinds if kind == "rbac.IdlenessWarned"]
    assert warned == [(30, 60), (15, 75), (10, 80), (3, 87), (1, 89)]
    assert again(grant).suspended_at == NOW + IDLE
    subjects = [mail.subject for mail in inbox.all()]
    assert subjects[-1] == "Your access to Claims Online Portal rests"
    assert subjects[:-1] == ["Your access to Claims Online Portal rests from February 18, 2027 unless you use it"] * 5


def test_a_use_keeps_access_and_begins_the_warnings_anew(inbox):
    """S3-19: "To keep your account active, all you'll need to do is sign into the portal.\""""
    grant = idle(61)
    sweep()
    assert again(grant).warned_days == 30
    with time_machine.travel(NOW + DAY, tick=False):
        assert signed_in(grant.account).get("/p/claims/home/").status_code == 200
        assert inbox.all() == [], "a warning that no longer holds is not sent"
    used = again(grant)
    assert (used.last_used_at, used.idle_from, used.warned_days) == (NOW + DAY, NOW + DAY, None)
    sweep(NOW + DAY * 60)
    assert again(grant).warned_days is None
    sweep(NOW + DAY * 61)
    assert again(grant).warned_days == 30
    assert OutboxMessage.objects.filter(kind="rbac.IdleWarningMail").count() == 2


@pytest.mark.parametrize(("days", "warned"), [(59, None), (60, 30), (74, 30), (76, 15), (85, 10), (88, 3), (89, 1)])
def test_a_late_sweep_sends_only_the_nearest_warning(days, warned):
    grant = idle(days)
    sweep()
    assert again(grant).warned_days == warned
    assert OutboxMessage.objects.count() == (warned is not None)


def test_the_portal_says_after_how_long(monkeypatch):
    """C17: the rule is the portal's."""
    mine, other = idle(40), idle(40, portal_key="physician")
    periods = {"claims": DAY * 40, "physician": IDLE}
    sweeps.start(periods=periods, now=NOW)
    list(sweeps.go_on(clock=lambda: NOW))
    assert again(mine).suspended_at == NOW
    assert again(other).suspended_at is None


def test_a_period_shorter_than_a_warning_does_not_warn_whoever_was_just_there():
    grant = idle(0)
    sweeps.start(periods={"claims": DAY * 12}, now=NOW)
    list(sweeps.go_on(clock=lambda: NOW))
    assert again(grant).warned_days is None


def test_use_is_noted_at_most_once_an_hour(provider, django_assert_num_queries):
    """policy, idle account: last_seen_step; a clock that goes back moves nothing."""
    grant = GrantFactory(account=provider)
    with django_assert_num_queries(2):  # the grant, and the memberships behind it
        grants.note_use(grant=grant, now=NOW)
    step = lifecycle.after("last_seen_step")
    for at, noted in ((NOW + step - SECOND, NOW), (NOW - step, NOW), (NOW + step, NOW + step)):
        grants.note_use(grant=again(grant), now=at)
        assert again(grant).last_used_at == noted
    with django_assert_num_queries(0):
        stale = AccessGrant(pk=grant.pk, last_used_at=NOW + step)
        grants.note_use(grant=stale, now=NOW + step)


def test_a_grant_that_rests_is_replaced_by_a_new_one_and_can_be_ended(provider):
    """One current grant a portal: an approved form ends the one that rests."""
    old = idle(account=provider)
    sweep()
    new = grants.give(account=provider, portal_key="claims", origin=Origin.STAFF, reason="form", by=None, now=NOW)
    assert again(old).until == NOW
    assert grants.portals_of(provider) == ["claims"]
    sweep(NOW + IDLE)
    assert again(new).suspended_at
    assert grants.end(account=provider, portal_key="claims", reason="form", by=None, now=NOW + IDLE)
    assert not AccessGrant.objects.current().exists()


def test_nobody_writes_to_a_closed_account(inbox):
    idle(account=AccountFactory(is_active=False))
    assert sweep().suspended == 1
    assert inbox.all() == []


def test_a_mail_that_came_too_late_is_not_sent(inbox, agent):
    """The outbox asks again at delivery: access that is back does not rest."""
    grant = idle()
    sweep()
    idleness.give_back(grant=again(grant), by=agent, now=NOW)
    assert [mail.subject for mail in inbox.all()] == ["Your access to Claims Online Portal is back"]


def test_access_that_came_back_has_ninety_days_again(agent):
    grant = idle()
    sweep()
    idleness.give_back(grant=again(grant), by=agent, now=NOW)
    back = again(grant)
    assert (back.restored_at, back.idle_from, back.suspended_by_run, back.last_used_at) == (NOW, NOW, None, None)
    sweep(NOW + IDLE - SECOND)
    assert again(grant).suspended_at is None
    sweep(NOW + IDLE)
    assert again(grant).suspended_at


def test_nobody_gives_access_back_to_themselves(agent):
    grant = idle(account=agent)
    sweep()
    with pytest.raises(grants.OwnGrant):
        idleness.give_back(grant=again(grant), by=agent, now=NOW)


def test_what_does_not_rest_cannot_come_back(provider, agent):
    grant = GrantFactory(account=provider)
    with pytest.raises(idleness.NotSuspended):
        idleness.come_back(grant=grant, by=provider, now=NOW)
    with pytest.raises(idleness.NotSuspended):
        idleness.give_back(grant=grant, by=agent, now=NOW)


def test_an_hour_back_nothing_is_done_twice():
    """A clock one hour back: the same people, the same entries."""
    idle(), idle(61), idle(76), idle(59)
    sweep()
    before = list(AccessGrant.objects.order_by("pk").values())
    counts = JournalEntry.objects.filter(kind__startswith="rbac.Access").count(), OutboxMessage.objects.count()
    for at in (NOW - timedelta(hours=1), NOW, NOW - DAY):
        assert sweep(at).state == "done"
    assert list(AccessGrant.objects.order_by("pk").values()) == before
    assert (
        JournalEntry.objects.filter(kind__startswith="rbac.Access").count(),
        OutboxMessage.objects.count(),
    ) == counts


def test_nobody_listens_to_events_that_are_written_in_bulk():
    """The one statement of PostgreSQL calls no handler: whoever subscribes has to change rbac.domain.bulk first."""
    for event in (events.AccessSuspended, events.IdlenessWarned, events.AccessRestored):
        assert event not in journal._handlers


def test_what_somebody_reacts_to_is_not_written_in_bulk(monkeypatch):
    """code F6: the chunk fails as a whole instead of passing the handler by; row by row the handler is called."""
    heard = []
    monkeypatch.setattr(journal, "_handlers", {})
    journal.subscribe(events.AccessSuspended, lambda event, now: heard.append(event.about))
    with pytest.raises(journal.HandlersWaiting, match=r"rbac\.AccessSuspended"):
        journal.insertion(events.AccessSuspended, source="changed", expressions={}, about=AccessGrant, by=None, now=NOW)
    grant, in_bulk = idle(), connection.vendor == "postgresql"
    with pytest.raises(journal.HandlersWaiting) if in_bulk else nullcontext():
        sweep()
    assert (again(grant).suspended_at is None, heard) == (in_bulk, [] if in_bulk else [grant])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the one statement is PostgreSQL's")
def test_the_one_statement_writes_what_the_functions_write(operator, monkeypatch):
    """house: a sweep is one statement a chunk on PostgreSQL and the same domain function elsewhere: row by row alike."""

    def written() -> tuple[list[list[str]], int]:
        """What two runs leave of grants, entries and messages, and how many statements wrote all three at once."""
        for days in (90, 100, 60, 76, 81, 87.5, 89, 10):
            idle(days, portal_key="physician" if days == 100 else "claims")
        with CaptureQueriesContext(connection) as sent:
            run = sweep()
            sweeps.undo(run=run, by=operator, reason="100 % wrong", now=NOW)
            list(sweeps.go_on(clock=lambda: NOW + SECOND))
        tables = ("rbac_accessgrant", "identity_journalentry", "identity_outboxmessage")
        whole = sum(all(table in query["sql"] for table in tables) for query in sent)
        people = list(AccessGrant.objects.order_by("pk").values_list("account_id", flat=True))
        numbers = {pk: number for number, pk in enumerate(people)}
        rows = {pk: number for number, pk in enumerate(AccessGrant.objects.order_by("pk").values_list("pk", flat=True))}

        def plain(one: dict) -> dict:
            """Rows of two rounds are compared by the order of their people, not by the numbers of sequences."""
            one.pop("id")
            if "dedupe_key" in one:
                kind, account, grant, *rest = one["dedupe_key"].split(":")
                assert (int(account), int(grant)) == (one["ids"]["account_id"], one["ids"]["grant"])
                last = rest[:-1] if kind == "rbac.AccessSuspendedMail" else rest
                assert rest[len(last) :] == ([str(run.pk)] if kind == "rbac.AccessSuspendedMail" else [])
                one["dedupe_key"] = (kind, numbers[int(account)], rows[int(grant)], *last)
                one["ids"] |= {"account_id": numbers[int(account)], "grant": rows[int(grant)]}
                assert one["ids"].pop("run", run.pk) == run.pk
            if "facts" in one:
                assert one["facts"].pop("run", run.pk) == run.pk
                one["object_id"] = rows[int(one["object_id"])]
                one["account_id"] = numbers[one["account_id"]]
            if "portal_key" in one:
                one["account_id"] = numbers[one["account_id"]]
            return one

        entries = JournalEntry.objects.exclude(account=None).filter(object_kind="rbac.accessgrant")
        found = [
            [plain(one) for one in rows_of.values()]
            for rows_of in (
                AccessGrant.objects.order_by("pk"),
                entries,
                OutboxMessage.objects.filter(kind__startswith="rbac."),
            )
        ]
        OutboxMessage.objects.all().delete()
        JournalEntry.objects.all().delete()
        Pause.objects.all().delete()
        AccessGrant.objects.all().delete()
        SweepRun.objects.all().delete()
        return [sorted(map(repr, part)) for part in found], whole

    in_bulk, statements = written()
    monkeypatch.setattr(bulk, "_in_one_statement", bulk.one_by_one)
    singly, none = written()
    assert [len(part) for part in in_bulk] == [8, 9, 9]
    assert in_bulk == singly
    assert none == 0
    assert statements > 1, "the first of the two rounds was the one statement's"
