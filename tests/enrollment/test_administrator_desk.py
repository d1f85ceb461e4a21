"""Provider Services' desk: the queue, what is known, the decisions, and the invitations that follow (S4-01..06, S4-39,
C10, D-12, D-25)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment.domain import administrator_decisions, invitations
from enrollment.domain.administrator_decisions import HasAdministrators, OwnRequest
from enrollment.models import AdministratorRequest, Invitation
from identity.models import Account, Challenge, JournalEntry, OutboxMessage
from identity.policy import lifecycle
from identity.record import delivery, journal
from identity.record.machine import NotPossible, ReasonMissing, Stale
from rbac.domain import approvals, practices
from rbac.domain.hand_overs import NoNumberOnFile
from rbac.models import Membership, Practice, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, TinFactory
from tests.steps.administrator_requests import PORTAL, TIN, asked, decided, path_of, submitted
from tests.steps.invitations import practice_user, register
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
ADMINISTRATORS = Invitation.objects.filter(kind="administrator")  # the staff of a test were invited as well


@pytest.fixture
def agent(db) -> Account:
    return make_staff("pat.services", "service desk", (PORTAL,))


@pytest.fixture
def colleague(db) -> Account:
    return make_staff("chris.services", "service desk", (PORTAL,))


@pytest.fixture
def stranger(db) -> Account:
    """Of the service desk of another portal."""
    return make_staff("desk.elsewhere", "service desk", ("claims",))


def url_of(row: AdministratorRequest) -> str:
    return reverse("admin:enrollment_administratorrequest_change", args=[row.pk])


LIST = "/admin/enrollment/administratorrequest/"


def press(browser: Client, row: AdministratorRequest, step: str, **typed: str) -> str:
    """Press a button of the desk, and read the page that follows."""
    row.refresh_from_db()
    sent = {"step": step, "version": str(row.version), **typed}
    return browser.post(url_of(row), sent, follow=True).content.decode()


def run_by(login_name: str, *, phone: str = "4145559999", tin: str = TIN) -> tuple[Practice, Account]:
    """A practice that somebody runs, with a number on file."""
    long_ago = timezone.now() - lifecycle.after("number_on_file")
    practice = TinFactory(digits=tin, practice__phone=phone, practice__phone_on_file_since=long_ago).practice
    return practice, practice_user(practice, login_name, role="administrator", phone="+14145550188")


class TestWhoMay:
    def test_staff_of_the_portal_only(self, agent, stranger, operator):
        """D-28, C29: for everybody else the queue and the request do not exist."""
        row = submitted()
        assert signed_in(agent, verified=True).get(url_of(row)).status_code == 200
        theirs = signed_in(stranger, verified=True)
        assert (
            theirs.get(url_of(row)).status_code == theirs.get(url_of(row).replace(str(row.pk), "0")).status_code == 404
        )
        assert theirs.post(url_of(row), {"step": "approved", "version": row.version}).status_code == 404
        assert theirs.get(LIST).status_code == 403
        with pytest.raises(approvals.MayNotDecide):
            decided(row, "approved", by=stranger)
        row.refresh_from_db()
        assert row.state == "submitted"

    def test_what_nobody_proved_does_not_exist_for_staff(self, agent):
        """The machine's unproved."""
        row = asked()
        browser = signed_in(agent, verified=True)
        assert browser.get(url_of(row)).status_code == 404
        assert row.number not in browser.get(f"{LIST}?work=all").content.decode()

    def test_nobody_decides_a_request_that_names_them(self, agent):
        row = submitted(secondary=None)
        agent.emailaddress_set.create(email=row.primary.email, verified=True)
        for step in ("approved", "denied", "returned"):
            with pytest.raises(OwnRequest):
                decided(row, step, by=agent)
        page = press(signed_in(agent, verified=True), row, "approved")
        assert "This request names you." in page


class TestQueue:
    def test_what_is_due_first_comes_first_and_the_first_page_counts_it(self, agent):
        later = submitted(practice_name="Later")
        first = submitted(practice_name="First", now=timezone.now() - timedelta(days=3))
        decided(submitted(practice_name="Done"), "denied", by=agent)
        browser = signed_in(agent, verified=True)
        page = browser.get(LIST).content.decode()
        assert page.index(first.number) < page.index(later.number)
        assert "Done" not in page
        assert "Administrator requests to decide" in browser.get("/admin/").content.decode()
        assert "late" in browser.get(url_of(first)).content.decode()
        assert '<span class="badge badge--bad">late' not in browser.get(url_of(later)).content.decode()

    @pytest.mark.parametrize(("off", "late"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)])
    def test_it_is_late_to_the_second(self, agent, off, late):
        """lifecycle administrator_request_decision: from the submission, or the correction; nothing ends."""
        row = submitted(now=NOW)
        with time_machine.travel(NOW + lifecycle.after("administrator_request_decision") + off, tick=False):
            page = signed_in(agent, verified=True).get(url_of(row)).content.decode()
            assert ('<span class="badge badge--bad">late' in page) is late
            assert 'value="approved"' in page

    @pytest.mark.parametrize("spell", [str, str.lower, lambda number: number[2:].replace("-", " ")])
    def test_it_is_found_by_its_number(self, agent, spell):
        row = decided(submitted(), "denied", by=agent)
        other = submitted(practice_name="Another")
        page = signed_in(agent, verified=True).get(LIST, {"q": spell(row.number)}).content.decode()
        assert row.number in page
        assert other.number not in page

    def test_the_desk_keeps_its_query_budget(self, agent, django_assert_max_num_queries):
        """speed: however many others wait."""
        run_by("olga.admin")
        rows = [submitted(now=timezone.now() - timedelta(minutes=n)) for n in range(5)]
        browser = signed_in(agent, verified=True)
        for path, budget in ((url_of(rows[0]), 14), (LIST, 8)):
            browser.get(path)
            with django_assert_max_num_queries(budget):
                assert browser.get(path).status_code == 200


class TestClaims:
    def test_a_colleague_waits_and_then_goes_on(self, agent, colleague):
        """ground 4: claimed, given back; period administrator_request_hold."""
        row = submitted(now=NOW)
        administrator_decisions.take(request=row, by=agent, now=NOW)
        end = NOW + lifecycle.after("administrator_request_hold")
        with pytest.raises(NotPossible):
            decided(row, "denied", by=colleague, now=end - SECOND)
        with pytest.raises(NotPossible):
            administrator_decisions.take(request=row, by=colleague, now=end - SECOND)
        administrator_decisions.take(request=row, by=colleague, now=end)
        with pytest.raises(NotPossible):
            administrator_decisions.release(request=row, by=agent, now=end)
        administrator_decisions.release(request=row, by=colleague, now=end)
        decided(row, "denied", by=agent, now=end)
        kinds = [journal.title_of(entry) for entry in journal.history(of=row)]
        assert kinds.count("Work on the administrator request began") == 2

    def test_the_buttons(self, agent, colleague):
        row = submitted()
        browser, other = signed_in(agent, verified=True), signed_in(colleague, verified=True)
        assert "The request is yours." in press(browser, row, "take")
        page = other.get(url_of(row)).content.decode()
        assert "works on it" in page
        assert 'value="approved"' not in page
        assert "was quicker" in press(other, row, "denied", reason="I was slow.")
        assert "free for your colleagues" in press(browser, row, "release")


class TestDecisions:
    def test_approval_attests_makes_the_practice_and_invites_both(self, agent, inbox):
        """S4-05, S4-06, D-12, D-25: the practice with address and phones, two invitations, the mail E7."""
        row = decided(submitted(has_more_locations=True), "approved", by=agent)
        tin = PracticeTin.objects.get()
        assert (tin.digits, tin.kind, tin.attested_by) == (TIN, "EIN", agent)
        practice = row.practice
        assert (practice.name, practice.city, practice.state) == ("Lakeside Clinic", "Milwaukee", "WI")
        assert (practice.phone, practice.fax, practice.has_more_locations) == ("4145550100", "4145550109", True)
        assert practice.phone_on_file_since is not None
        sent = ADMINISTRATORS.all().order_by("officer")
        assert [(one.kind, one.officer, one.role, one.email) for one in sent] == [
            ("administrator", "primary", "administrator", "paula@example.org"),
            ("administrator", "secondary", "administrator", "sam@example.org"),
        ]
        assert sent[0].work_phone == "4145550101"
        for address in ("paula@example.org", "sam@example.org"):
            mail = inbox.newest("mail", address)
            for said in ("Type | Name | Email", "Primary | Paula Prime | paula@example.org",
                         "Secondary | Sam Second | sam@example.org", "72 hours"):  # fmt: skip
                assert said in mail.text, said

    def test_a_sole_practitioner_is_one_invitation(self, agent, inbox):
        decided(submitted(secondary=None), "approved", by=agent)
        assert ADMINISTRATORS.all().get().officer == "primary"

    def test_returned_and_denied_need_a_reason_that_the_applicant_reads(self, agent, inbox):
        row = submitted()
        for step in ("returned", "denied"):
            with pytest.raises(ReasonMissing):
                decided(row, step, by=agent, reason=" ")
        page = press(signed_in(agent, verified=True), row, "denied")
        assert "Enter a reason: the applicant reads it." in page
        decided(row, "denied", by=agent, reason="No contract with us.")
        assert "No contract with us." in inbox.newest("mail", "paula@example.org").text
        assert not Practice.objects.exists()
        assert not ADMINISTRATORS.all().exists()

    def test_stale_and_double_decisions_are_refused_politely(self, agent, colleague):
        row = submitted()
        browser, other = signed_in(agent, verified=True), signed_in(colleague, verified=True)
        old = row.version
        decided(row, "returned", by=agent)
        typed = {"step": "denied", "version": str(old), "reason": "Too slow"}
        page = other.post(url_of(row), typed, follow=True).content.decode()
        assert "Nothing was changed: a colleague or the applicant was quicker." in page
        assert "You had written: Too slow" in page
        again = submitted(tin="391234599")
        assert "approved" in press(browser, again, "approved")
        assert "was quicker" in press(browser, again, "approved")
        assert ADMINISTRATORS.all().count() == 2
        with pytest.raises(Stale):
            administrator_decisions.decide(
                request=submitted(tin="391234598"), to="denied", by=agent, now=timezone.now(), seen=99, reason="x"
            )

    @pytest.mark.parametrize("step", ["", "submitted", "withdrawn", "expired", "unproved", "x"])
    def test_no_other_step_is_a_decision(self, agent, step):
        row = submitted()
        with pytest.raises(NotPossible):
            decided(row, step, by=agent)

    def test_a_form_renames_no_known_practice(self, agent):
        """D-25: its name, address and the number that staff call back stay."""
        known = TinFactory(
            digits=TIN, practice__name="Known Practice", practice__phone="4145551111", practice__address_1="9 Old Road"
        ).practice
        row = decided(submitted(), "approved", by=agent)
        known.refresh_from_db()
        assert row.practice == known
        assert (known.name, known.phone, known.address_1, known.city) == (
            "Known Practice", "4145551111", "9 Old Road", "",
        )  # fmt: skip
        assert known.fax == "4145550109"

    def test_a_tax_id_that_nobody_attested_leaves_the_practice_of_whoever_wrote_it_down(self, agent):
        """D-25: nobody gets anything by having typed it first."""
        typed = Practice.objects.create(name="Somebody's")
        practices.of_tins(name="Somebody's", tins=[(TIN, "EIN")], now=NOW)
        row = decided(submitted(), "approved", by=agent)
        assert row.practice.name == "Lakeside Clinic"
        assert row.practice != typed
        assert PracticeTin.objects.get().practice == row.practice


class TestPracticeThatSomebodyRuns:
    def test_a_form_never_takes_it(self, agent):
        """D-25: also where their membership rests, and where they are only invited."""
        _practice, oaa = run_by("olga.admin")
        row = submitted()
        with pytest.raises(HasAdministrators):
            decided(row, "approved", by=agent)
        Membership.objects.filter(grant__account=oaa).update(suspended_at=timezone.now())
        with pytest.raises(HasAdministrators):
            decided(row, "approved", by=agent)
        row.refresh_from_db()
        assert row.state == "submitted"
        assert not ADMINISTRATORS.all().exists()

    def test_a_second_request_with_another_secondary(self, agent):
        """Bad input: whoever comes second is not let in by the form either."""
        first, second = submitted(), submitted(secondary=None)
        decided(first, "approved", by=agent)
        for has_called in (False, True):  # the number was written down a moment ago
            with pytest.raises(NoNumberOnFile):
                decided(second, "approved", by=agent, has_called=has_called)
        assert ADMINISTRATORS.all().count() == 2

    def test_staff_call_the_number_on_file(self, agent, inbox):
        practice, _oaa = run_by("olga.admin")
        row = submitted()
        browser = signed_in(agent, verified=True)
        page = browser.get(url_of(row)).content.decode()
        assert "No form takes it" in page
        assert "4145559999" in page
        assert "tick the box if it agrees" in press(browser, row, "approved")
        press(browser, row, "approved", has_called="1")
        row.refresh_from_db()
        assert (row.state, row.practice) == ("approved", practice)
        assert row.called_at is not None
        practice.refresh_from_db()
        assert practice.phone == "4145559999"
        assert "the practice agreed at the number on file" in browser.get(url_of(row)).content.decode()

    def test_without_a_number_on_file_nobody_can_be_called(self, agent):
        run_by("olga.admin", phone="")
        row = submitted()
        with pytest.raises(NoNumberOnFile):
            decided(row, "approved", by=agent, has_called=True)
        assert "no number on file" in press(signed_in(agent, verified=True), row, "approved", has_called="1")

    def test_a_number_that_was_written_down_a_moment_ago_proves_nothing(self, agent):
        """D-30, lifecycle number_on_file: to the second."""
        practice, _oaa = run_by("olga.admin")
        row, now = submitted(), timezone.now()
        since = now - lifecycle.after("number_on_file")
        Practice.objects.filter(pk=practice.pk).update(phone_on_file_since=since + SECOND)
        with pytest.raises(NoNumberOnFile):
            decided(row, "approved", by=agent, has_called=True, now=now)
        assert "too new to prove anything" in signed_in(agent, verified=True).get(url_of(row)).content.decode()
        decided(row, "approved", by=agent, has_called=True, now=now + SECOND)

    def test_no_practice_is_stuck(self, agent):
        """Where all access rests and there is no number that could be called, staff may approve."""
        practice, oaa = run_by("olga.admin", phone="")
        Membership.objects.filter(grant__account=oaa).update(suspended_at=timezone.now())
        row = decided(submitted(), "approved", by=agent)
        assert row.practice == practice
        assert row.called_at is None

    def test_they_are_told_once_a_day_by_a_job(self, inbox):
        """D-25: they are told; after the proof, and never by the page."""
        _practice, oaa = run_by("olga.admin")
        for _ in range(3):
            submitted()
        now = timezone.now()
        assert administrator_decisions.tell_administrators(now=now) == 3
        assert administrator_decisions.tell_administrators(now=now) == 0
        told = [mail for mail in inbox.all() if mail.to == oaa.email and "asks to be an administrator" in mail.subject]
        assert len(told) == 1
        assert "paula" not in told[0].text.lower()

    def test_the_other_kind_of_the_same_digits_is_pointed_out(self, agent):
        """C11."""
        TinFactory(digits=TIN, kind="SSN", practice__name="Dr. Sole")
        page = signed_in(agent, verified=True).get(url_of(submitted())).content.decode()
        assert "The same digits are known as SSN of Dr. Sole" in page


class TestInvitations:
    @pytest.fixture
    def approved(self, agent, inbox) -> AdministratorRequest:
        row = decided(submitted(), "approved", by=agent, now=timezone.now() - timedelta(hours=60))
        assert inbox.all()
        return row

    def test_only_provider_services_send_them_again(self, approved, colleague, inbox, stranger):
        """C10: after the 72 hours of the link, too."""
        primary = ADMINISTRATORS.all().get(officer="primary")
        chosen = {"invitation": str(primary.pk)}
        with time_machine.travel(timezone.now() + timedelta(hours=20), tick=False):
            browser = signed_in(colleague, verified=True)
            assert "link ended" in browser.get(url_of(approved)).content.decode()
            assert "sent again to paula@example.org." in press(browser, approved, "resend", **chosen)
            assert "a moment ago" in press(browser, approved, "resend", **chosen)
            primary.refresh_from_db()
            assert primary.sendings == 2
            assert Client().get(inbox.newest("mail", primary.email).link).status_code == 200
        with pytest.raises(approvals.MayNotDecide):
            administrator_decisions.resend(request=approved, invitation=primary, by=stranger, now=timezone.now())

    def test_a_wrong_address_is_corrected(self, approved, agent, inbox):
        """A bounced address stands at the desk; the one before counts no longer."""
        secondary = ADMINISTRATORS.all().get(officer="secondary")
        row = OutboxMessage.objects.filter(kind="enrollment.InvitationMail", ids__invitation=str(secondary.pk)).get()
        OutboxMessage.objects.filter(pk=row.pk).update(provider_id="p-1")
        bounce = delivery.Report(provider_id="p-1", delivery="bounced", at=timezone.now(), is_address=True)
        delivery.report(bounce, now=timezone.now())
        browser = signed_in(agent, verified=True)
        assert "Our mail to this address came back." in browser.get(url_of(approved)).content.decode()
        page = press(browser, approved, "invite anew", invitation=str(secondary.pk), email="not an address")
        assert "Enter a valid email address" in page
        assert 'value="not an address"' in page
        page = press(browser, approved, "invite anew", invitation=str(secondary.pk), email="samuel@example.org")
        assert "A new invitation was sent to samuel@example.org." in page
        secondary.refresh_from_db()
        assert secondary.state == "canceled"
        mail = inbox.newest("mail", "samuel@example.org")
        assert "Secondary | Sam Second | samuel@example.org" in mail.text
        assert "sam@example.org" not in mail.text

    def test_a_lapsed_one_is_invited_anew(self, agent, inbox):
        """S4-24."""
        row = decided(submitted(secondary=None), "approved", by=agent, now=timezone.now() - timedelta(days=8))
        invitations.lapse_due(now=timezone.now())
        old = ADMINISTRATORS.all().get()
        press(signed_in(agent, verified=True), row, "invite anew", invitation=str(old.pk), email=old.email)
        assert ADMINISTRATORS.all().filter(state="sent").count() == 1

    def test_an_invitation_of_another_request_is_none_of_this_one(self, approved, agent):
        other = decided(submitted(tin="391234599", secondary=None), "approved", by=agent)
        foreign = administrator_decisions.invitations_of(other)
        pk = str(next(foreign).pk)
        assert "Nothing was changed" in press(signed_in(agent, verified=True), approved, "resend", invitation=pk)
        for made_up in ("", "x", "0"):
            assert "Nothing was changed" in press(
                signed_in(agent, verified=True), approved, "resend", invitation=made_up
            )

    def test_an_accepted_one_is_left_alone(self, agent, inbox):
        row = decided(submitted(secondary=None), "approved", by=agent)
        register(Client(), ADMINISTRATORS.all().get(), inbox, "paula")
        assert Membership.objects.get().role == "administrator"
        with pytest.raises(NotPossible):
            administrator_decisions.invite_anew(
                request=row,
                invitation=ADMINISTRATORS.all().get(),
                email="other@example.org",
                by=agent,
                now=timezone.now(),
            )


def test_the_journal_holds_numbers_and_no_personal_data(agent):
    """policy, Always."""
    row = decided(submitted(), "approved", by=agent)
    facts = " ".join(str(entry.facts) for entry in JournalEntry.objects.filter(object_kind__contains="administrator"))
    assert row.number in facts
    for personal in ("paula", "Prime", TIN, "4145550101"):
        assert personal not in facts
    assert Challenge.objects.count() == 0
    assert path_of(row)
