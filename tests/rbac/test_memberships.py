"""For whom somebody works behind a grant (D-29): memberships open, rest, change and end, and never outlive the grant."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from identity.models import JournalEntry
from portals.oidc import claims
from rbac.domain import approvals, grants, memberships, practices
from rbac.models import AccessGrant, Membership, Origin
from rbac.roles import ADMINISTRATOR, USER
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory
from tests.together import together

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def grant(provider) -> AccessGrant:
    return GrantFactory(account=provider)


@pytest.fixture
def harbor():
    return PracticeFactory(name="Harbor")


def opened(grant, practice, by=None, now=NOW, **parts) -> Membership:
    return memberships.open(
        **{"grant": grant, "practice": practice, "role": USER, "origin": Origin.STAFF, "by": by, "now": now} | parts
    )


def kinds_of(membership) -> list[str]:
    entries = JournalEntry.objects.filter(object_kind="rbac.membership", object_id=str(membership.pk))
    return list(entries.order_by("pk").values_list("kind", flat=True))


def counts(membership, now=NOW) -> bool:
    return Membership.objects.open_at(now).filter(pk=membership.pk).exists()


class TestCounting:
    """It counts while it is open, not suspended, not past its last day, and its grant opens: however late a job is."""

    def test_an_open_membership_counts(self, grant, harbor, agent):
        membership = opened(grant, harbor, by=agent, reason="call 4711")
        assert counts(membership)
        assert (membership.created_by, membership.cause) == (agent, "call 4711")
        (entry,) = JournalEntry.objects.filter(kind="rbac.MembershipOpened")
        assert (entry.account, entry.by) == (grant.account, agent)
        assert entry.facts == {
            "portal_key": "claims", "practice": harbor.pk, "role": "user", "reason": "call 4711",
        }  # fmt: skip

    @pytest.mark.parametrize(
        ("change", "still"),
        [
            ({}, True), ({"suspended_at": NOW}, False), ({"until": NOW}, False),
            ({"ends_on": date(2026, 11, 20)}, True), ({"ends_on": date(2026, 11, 19)}, False),
        ],
    )  # fmt: skip
    def test_of_itself(self, grant, harbor, change, still):
        assert counts(MembershipFactory(grant=grant, practice=harbor, **change)) is still

    def test_the_last_day_ends_at_midnight_of_the_place(self, grant, harbor):
        """A day is that of the practices' zone: not yet over while it is the next one at Greenwich."""
        membership = MembershipFactory(grant=grant, practice=harbor, ends_on=date(2026, 11, 20))
        from django.utils import timezone

        midnight = timezone.make_aware(timezone.datetime(2026, 11, 21))
        assert counts(membership, midnight - timedelta(seconds=1))
        assert not counts(membership, midnight)

    @pytest.mark.parametrize("change", [{"suspended_at": NOW}, {"until": NOW}])
    def test_only_while_the_grant_opens_its_portal(self, grant, harbor, change):
        membership = MembershipFactory(grant=grant, practice=harbor)
        AccessGrant.objects.filter(pk=grant.pk).update(**change)
        assert not counts(membership)

    def test_a_rest_of_the_grant_touches_no_membership(self, grant, harbor):
        before = MembershipFactory(grant=grant, practice=harbor)
        AccessGrant.objects.filter(pk=grant.pk).update(suspended_at=NOW)
        assert grants.restore(grant=grant, now=NOW + HOUR)
        after = Membership.objects.get()
        assert (after.pk, after.since, after.until, after.suspended_at) == (before.pk, before.since, None, None)
        assert counts(after)


class TestOpening:
    def test_one_open_membership_a_practice(self, grant, harbor):
        opened(grant, harbor)
        with pytest.raises(memberships.AlreadyOpen):
            opened(grant, harbor)
        with pytest.raises(IntegrityError), transaction.atomic():
            MembershipFactory(grant=grant, practice=harbor)

    def test_several_practices_behind_one_grant(self, grant, harbor):
        """D-29: one account, a switcher."""
        opened(grant, harbor)
        opened(grant, PracticeFactory())
        assert grant.memberships.current().count() == 2

    def test_whoever_was_past_their_last_day_is_opened_anew(self, grant, harbor):
        old = MembershipFactory(grant=grant, practice=harbor, ends_on=date(2026, 11, 1), since=NOW - 40 * 24 * HOUR)
        new = opened(grant, harbor)
        old.refresh_from_db()
        assert (old.until, counts(new)) == (NOW, True)

    def test_nobody_opens_one_to_themselves(self, grant, harbor):
        with pytest.raises(grants.OwnGrant):
            opened(grant, harbor, by=grant.account)

    def test_nothing_opens_behind_a_grant_that_has_ended(self, grant, harbor):
        grants.end(account=grant.account, portal_key="claims", reason="left", by=None, now=NOW)
        with pytest.raises(grants.GrantEnded):
            opened(grant, harbor)

    def test_a_tax_id_of_another_practice_is_refused(self, grant, harbor):
        with pytest.raises(memberships.WrongPractice):
            opened(grant, harbor, tins=[TinFactory()])
        assert not Membership.objects.exists()


class TestTelling:
    def test_the_person_is_told_of_what_staff_open_and_of_every_end(self, grant, harbor, agent, inbox):
        membership = opened(grant, harbor, by=agent, role=ADMINISTRATOR)
        mail = inbox.newest("mail", grant.account.email)
        assert mail.subject == "You now work for Harbor"
        assert "you work for Harbor in Claims Online Portal. Your role there: administrator." in mail.text
        MembershipFactory(practice=harbor, role=ADMINISTRATOR)  # somebody stays
        memberships.end(membership=membership, by=agent, now=NOW)
        assert inbox.newest("mail", grant.account.email).subject == "You no longer work for Harbor"

    @pytest.mark.parametrize(
        ("role", "who"), [(USER, "An administrator of the practice can let it go on"), (ADMINISTRATOR, "Only ")]
    )
    def test_the_person_is_told_of_a_rest_and_of_its_end_and_of_nothing_else(self, grant, harbor, inbox, role, who):
        """D-11: never of other practices; what rests and goes on again before a mail leaves is no news."""
        membership = MembershipFactory(grant=grant, practice=harbor, role=role)
        MembershipFactory(grant=grant, practice=PracticeFactory(name="Elsewhere"))
        boss = MembershipFactory(practice=harbor, role=ADMINISTRATOR).grant.account
        memberships.suspend(membership=membership, reason="secret reason", by=boss, now=NOW)
        rests = inbox.newest("mail", grant.account.email)
        assert rests.subject == "Your work for Harbor rests"
        assert who in rests.text
        memberships.restore(membership=membership, by=None, now=NOW)
        back = inbox.newest("mail", grant.account.email)
        assert back.subject == "You can work for Harbor again"
        for mail in (rests, back):
            assert ("secret reason" in mail.text, "Elsewhere" in mail.text) == (False, False)

    def test_what_a_job_lets_rest_it_tells_itself(self, grant, harbor, inbox):
        membership = MembershipFactory(grant=grant, practice=harbor)
        memberships.suspend(membership=membership, by=None, now=NOW)
        assert [mail for mail in inbox.all() if mail.to == grant.account.email] == []

    @pytest.mark.parametrize("origin", [Origin.FORM, Origin.INVITATION])
    def test_whoever_read_it_on_a_page_gets_no_second_word(self, grant, harbor, agent, inbox, origin):
        opened(grant, harbor, by=agent, origin=origin)
        assert [mail.subject for mail in inbox.all() if mail.to == grant.account.email] == []

    def test_the_practices_administrators_are_told_of_what_a_form_opens(self, grant, harbor, agent, inbox):
        """C40, D-25: those whose membership counts, and who can sign in; nobody twice, never the person."""
        boss = GrantFactory()
        MembershipFactory(grant=boss, practice=harbor, role=ADMINISTRATOR)
        MembershipFactory(
            grant=GrantFactory(account=boss.account, portal_key="physician"), practice=harbor, role=ADMINISTRATOR
        )
        for change in ({"role": USER}, {"suspended_at": NOW}, {"grant__account__is_active": False}):
            MembershipFactory(**{"practice": harbor, "role": ADMINISTRATOR, **change})
        tin = TinFactory(practice=harbor)
        grants.change(grant=grant, tins=[tin], reason="8J3LSWSU", by=agent, now=NOW)
        told = [mail.to for mail in inbox.all() if "let in by a form" in mail.subject]
        assert told == [boss.account.email]
        assert grant.account.get_full_name() in inbox.newest("mail", boss.account.email).text
        assert memberships.administrators(harbor, now=NOW) == [boss.account]


class TestChanging:
    def test_another_role_is_another_row(self, grant, harbor, agent):
        """History is the rows: nothing is written over."""
        tin = TinFactory(practice=harbor)
        before = opened(grant, harbor, tins=[tin], city="Pasadena", work_phone="3105550123")
        after = memberships.change_role(membership=before, role=ADMINISTRATOR, by=agent, now=NOW + HOUR)
        before.refresh_from_db()
        assert (before.role, before.until, before.ended_by) == (USER, NOW + HOUR, agent)
        assert (after.role, after.since, after.created_by, after.city) == (
            ADMINISTRATOR, NOW + HOUR, agent, "Pasadena",
        )  # fmt: skip
        assert list(after.tins.all()) == [tin]
        entry = JournalEntry.objects.get(kind="rbac.RoleChanged")
        assert (entry.facts["role_before"], entry.facts["role"]) == (USER, ADMINISTRATOR)

    def test_the_same_role_changes_nothing(self, grant, harbor):
        before = opened(grant, harbor)
        assert memberships.change_role(membership=before, role=USER, by=None, now=NOW) == before
        assert Membership.objects.count() == 1

    def test_nobody_changes_their_own_role_or_wakes_themselves(self, grant, harbor):
        """Escalation: not even an administrator."""
        membership = opened(grant, harbor)
        with pytest.raises(grants.OwnGrant):
            memberships.change_role(membership=membership, role=ADMINISTRATOR, by=grant.account, now=NOW)
        memberships.suspend(membership=membership, by=None, now=NOW)
        with pytest.raises(grants.OwnGrant):
            memberships.restore(membership=membership, by=grant.account, now=NOW)

    def test_a_rest_stays_through_a_change_of_role(self, grant, harbor):
        membership = opened(grant, harbor)
        memberships.suspend(membership=membership, by=None, now=NOW)
        after = memberships.change_role(membership=membership, role=ADMINISTRATOR, by=None, now=NOW)
        assert after.suspended_at == NOW
        assert not counts(after)


class TestResting:
    """D-11: "Deactivate" is the membership's: the account and its other practices stay."""

    def test_it_rests_and_goes_on_as_the_same_row(self, grant, harbor, agent):
        membership, other = opened(grant, harbor), opened(grant, PracticeFactory())
        memberships.suspend(membership=membership, reason="leave", by=agent, now=NOW)
        assert (counts(membership), counts(other)) == (False, True)
        memberships.restore(membership=membership, by=agent, now=NOW + HOUR)
        assert counts(membership, NOW + HOUR)
        assert kinds_of(membership) == [
            "rbac.MembershipOpened", "rbac.MembershipSuspended", "rbac.MembershipRestored",
        ]  # fmt: skip

    def test_the_second_press_is_told(self, grant, harbor):
        membership = opened(grant, harbor)
        with pytest.raises(memberships.NotSuspended):
            memberships.restore(membership=membership, by=None, now=NOW)
        memberships.suspend(membership=membership, by=None, now=NOW)
        with pytest.raises(memberships.NotOpen):
            memberships.suspend(membership=membership, by=None, now=NOW)
        memberships.end(membership=membership, by=None, now=NOW)
        with pytest.raises(memberships.NotSuspended):
            memberships.restore(membership=membership, by=None, now=NOW)
        with pytest.raises(memberships.NotOpen):
            memberships.end(membership=membership, by=None, now=NOW)


class TestEnding:
    @pytest.mark.parametrize("role_changes", [False, True])
    def test_what_staff_suspended_an_administrator_does_not_restore(self, grant, harbor, agent, role_changes):
        membership = MembershipFactory(grant=grant, practice=harbor)
        administrator = MembershipFactory(practice=harbor, role=ADMINISTRATOR).grant.account
        memberships.suspend(membership=membership, by=agent, now=NOW)
        if role_changes:
            membership = memberships.change_role(membership=membership, role=ADMINISTRATOR, by=agent, now=NOW)
        membership.refresh_from_db()
        assert membership.suspended_by == agent
        with pytest.raises(memberships.SuspendedByStaff):
            memberships.restore(membership=membership, by=administrator, now=NOW)
        memberships.restore(membership=membership, by=agent, now=NOW)
        memberships.suspend(membership=membership, by=administrator, now=NOW)
        memberships.restore(membership=membership, by=administrator, now=NOW)
        membership.refresh_from_db()
        assert (membership.suspended_at, membership.suspended_by) == (None, None)

    def test_what_nobody_is_named_for_an_administrator_restores(self, grant, harbor):
        """Rows that are older than the column."""
        membership = MembershipFactory(grant=grant, practice=harbor, suspended_at=NOW)
        administrator = MembershipFactory(practice=harbor, role=ADMINISTRATOR).grant.account
        memberships.restore(membership=membership, by=administrator, now=NOW)
        assert memberships.behind(grant, now=NOW).exists()

    @pytest.mark.parametrize("act", [memberships.end, memberships.suspend, memberships.restore])
    def test_staff_of_another_portal_change_nothing(self, grant, harbor, act):
        """D-28: whoever does not answer for the portal."""
        other = make_staff("pip.agent", "service desk", ("physician",))
        membership = MembershipFactory(grant=grant, practice=harbor)
        with pytest.raises(approvals.MayNotDecide):
            act(membership=membership, by=other, now=NOW)
        with pytest.raises(approvals.MayNotDecide):
            opened(grant, PracticeFactory(), by=other)

    def test_one_may_leave_by_oneself(self, grant, harbor):
        membership = opened(grant, harbor)
        memberships.end(membership=membership, by=grant.account, now=NOW)
        assert not counts(membership)

    def test_the_account_and_its_other_practices_stay(self, grant, harbor, agent):
        membership, other = opened(grant, harbor), opened(grant, PracticeFactory())
        memberships.end(membership=membership, reason="left", by=agent, now=NOW + HOUR)
        membership.refresh_from_db()
        assert (membership.until, membership.ended_by, membership.ended_with_grant) == (NOW + HOUR, agent, False)
        assert counts(other)
        assert grants.current(account=grant.account, portal_key="claims") == grant

    def test_the_last_one_ends_the_grant_where_a_portal_works_by_practice(self, harbor):
        """D-29: whoever works for nobody any more has nothing to do in Provider OnLine, and elsewhere keeps the portal."""
        account = AccountFactory(realm="provider-online")
        grant = GrantFactory(account=account, portal_key="provider-online")
        first, second = opened(grant, harbor), opened(grant, PracticeFactory())
        memberships.suspend(membership=second, by=None, now=NOW)
        memberships.end(membership=first, by=None, now=NOW)
        assert grants.current(account=account, portal_key="provider-online") == grant, "one rests: it may come back"
        memberships.end(membership=second, by=None, now=NOW)
        assert grants.current(account=account, portal_key="provider-online") is None
        elsewhere = GrantFactory()
        memberships.end(membership=opened(elsewhere, harbor), by=None, now=NOW)
        assert grants.current(account=elsewhere.account, portal_key="claims") == elsewhere

    @pytest.mark.parametrize("way", ["end", "give", "supersede"])
    def test_whatever_ends_a_grant_ends_its_memberships(self, grant, harbor, agent, way):
        counted, rests = opened(grant, harbor), opened(grant, PracticeFactory())
        memberships.suspend(membership=rests, by=agent, now=NOW)
        match way:
            case "end":
                grants.end(account=grant.account, portal_key="claims", reason="left", by=agent, now=NOW + HOUR)
            case "give":
                cause = {"origin": Origin.STAFF, "reason": "x"}
                grants.give(account=grant.account, portal_key="claims", by=agent, now=NOW + HOUR, **cause)
            case "supersede":
                grants.supersede(grant=grant, now=NOW + HOUR)
        ended = {row.pk: (row.until, row.suspended_at, row.ended_with_grant) for row in grant.memberships.all()}
        assert ended == {counted.pk: (NOW + HOUR, None, True), rests.pk: (NOW + HOUR, None, False)}
        assert kinds_of(counted)[-1] == "rbac.MembershipEnded"

    def test_reactivation_brings_back_what_ended_with_the_grant_and_nothing_else(self, grant, harbor, agent):
        """1.3: not what an administrator had suspended or ended before, nor whose last day has passed."""
        tin = TinFactory(practice=harbor)
        kept = opened(grant, harbor, role=ADMINISTRATOR, tins=[tin], city="Pasadena")
        rests, gone, short = (opened(grant, PracticeFactory()) for _ in range(3))
        memberships.suspend(membership=rests, by=agent, now=NOW)
        memberships.end(membership=gone, by=agent, now=NOW)
        Membership.objects.filter(pk=short.pk).update(ends_on=date(2026, 11, 21))
        grants.end(account=grant.account, portal_key="claims", reason="left", by=agent, now=NOW)
        grant.refresh_from_db()
        later = NOW + 72 * HOUR
        more = TinFactory()
        told = {"attributes": {}, "tins": [more], "origin_key": "8J3LSWSU", "by": agent, "now": later}
        new = memberships.reopen(ended=grant, **told)
        back, added = new.memberships.order_by("pk")
        assert (back.practice, back.role, back.city, back.since) == (harbor, ADMINISTRATOR, "Pasadena", later)
        assert (list(back.tins.all()), back.cause) == ([tin], kept.cause)
        assert (added.practice, added.role, list(added.tins.all())) == (more.practice, USER, [more])


class TestAttestation:
    """D-25: a tax ID that nobody attested opens nothing, and no application is told of it."""

    def told(self, grant) -> set[str]:
        return {digits for one in claims._practices(grant.pk, now=NOW) for digits in one["tax_ids"]}

    def test_applications_are_told_attested_tax_ids_of_memberships_that_count(self, grant, harbor, agent):
        right, unproved = TinFactory(practice=harbor), TinFactory(practice=harbor, attested_at=None, attested_by=None)
        membership = MembershipFactory(grant=grant, practice=harbor, tins=[right, unproved])
        assert self.told(grant) == {right.digits}
        practices.attest(tins=[unproved], reason="x", by=agent, now=NOW)
        practices.attest(tins=[unproved], reason="x", by=agent, now=NOW)
        assert self.told(grant) == {right.digits, unproved.digits}
        assert JournalEntry.objects.filter(kind="rbac.TinAttested").count() == 1, "twice is once"
        memberships.suspend(membership=membership, by=agent, now=NOW)
        assert self.told(grant) == set()

    def test_an_act_of_staff_without_tax_ids_is_for_the_whole_practice_and_a_form_is_not(self, grant, harbor):
        tin = TinFactory(practice=harbor)
        TinFactory(practice=harbor, attested_at=None, attested_by=None)
        membership = opened(grant, harbor)
        assert self.told(grant) == {tin.digits}
        assert practices.holders_of([tin], portal_key="claims") == {tin.pk: [grant]}
        Membership.objects.filter(pk=membership.pk).update(origin=Origin.FORM)
        assert self.told(grant) == set()
        assert practices.holders_of([tin], portal_key="claims") == {}

    def test_whoever_wrote_down_a_tax_id_first_gets_nobody_by_it(self, harbor):
        """A tax ID that nobody attested does not bring its real holder into the practice of who claimed it."""
        claimed = TinFactory(practice=harbor, digits="954501234", attested_at=None, attested_by=None)
        (tin,) = practices.of_tins(name="Real", tins=[("954501234", "EIN")], now=NOW)
        assert (tin.pk, tin.practice.name) == (claimed.pk, "Real")
        proved = TinFactory(practice=harbor, digits="330876543")
        (known,) = practices.of_tins(name="Other", tins=[("330876543", "EIN")], now=NOW)
        assert (known.pk, known.practice) == (proved.pk, harbor)

    def test_digits_lie_encrypted_and_are_found_by_their_key(self):
        """C11: a tax ID may be somebody's Social Security number."""
        TinFactory(digits="987654321", kind="SSN")
        with connection.cursor() as cursor:
            cursor.execute("SELECT digits, key FROM rbac_practicetin")
            ((digits, key),) = cursor.fetchall()
        assert "987654321" not in digits + key
        assert len(practices.known_among([("987654321", "SSN")])) == 1
        assert practices.known_among([("987654321", "EIN")]) == {}
        assert practices.known_among([]) == {}

    def test_one_practice_a_tax_id(self):
        TinFactory(digits="987654321")
        TinFactory(digits="987654321", kind="SSN")
        with pytest.raises(IntegrityError), transaction.atomic():
            TinFactory(digits="987654321")


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": NOW - HOUR}, {"until": NOW, "suspended_at": NOW}, {"ended_with_grant": True},
    ],
)  # fmt: skip
def test_the_database_keeps_a_membership_whole(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(**wrong)


def test_entering_a_portal_is_the_last_use_of_what_counts_there(grant, harbor):
    used, rests = MembershipFactory(grant=grant, practice=harbor), MembershipFactory(grant=grant, suspended_at=NOW)
    elsewhere = MembershipFactory()
    grants.note_use(grant=grant, now=NOW)
    assert dict(Membership.objects.values_list("pk", "last_used_at")) == {
        used.pk: NOW, rests.pk: None, elsewhere.pk: None,
    }  # fmt: skip


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_many_who_end_a_membership_one_does(self, harbor):
        membership = MembershipFactory(practice=harbor)

        def press():
            try:
                memberships.end(membership=membership, by=None, now=NOW)
            except memberships.NotOpen:
                return "late"

        assert sorted(together(press, threads=6), key=str) == [None, *["late"] * 5]
        assert JournalEntry.objects.filter(kind="rbac.MembershipEnded").count() == 1

    def test_of_many_who_open_one_one_does(self, harbor):
        grant = GrantFactory()

        def press():
            try:
                opened(grant, harbor)
            except memberships.AlreadyOpen:
                return "late"

        assert sorted(together(press, threads=6), key=str) == [None, *["late"] * 5]
        assert Membership.objects.count() == 1

    def test_two_last_ones_that_end_at_once_end_the_grant(self):
        """Each of the two sees the other: nobody is left with a door and no practice."""
        grant = GrantFactory(account__realm="provider-online", portal_key="provider-online")
        waiting = [MembershipFactory(grant=grant) for _ in range(2)]
        together(lambda: memberships.end(membership=waiting.pop(), by=None, now=NOW), threads=2)
        assert not AccessGrant.objects.current().exists()

    def test_nothing_opens_behind_a_grant_that_ends_in_the_same_moment(self):
        for _ in range(8):
            grant, practice = GrantFactory(), PracticeFactory()
            acts = [
                lambda grant=grant, practice=practice: opened(grant, practice),
                lambda grant=grant: grants.end(
                    account=grant.account, portal_key="claims", reason="x", by=None, now=NOW
                ),
            ]

            def press(acts=acts):
                try:
                    acts.pop()()
                except grants.GrantEnded:
                    return "late"

            together(press, threads=2)
        assert not Membership.objects.current().exists()
