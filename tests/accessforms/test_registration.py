"""A form without paper, in steps: registration for Optum Pro, from its public page to the first sign-in (S2-10..20)."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accessforms.domain import late, machines, offered, submissions, waiting
from accessforms.models import OfferedAnswer, Printout, Submission
from enrollment.domain import invitation_links, registration_invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation
from identity.models import JournalEntry
from identity.policy import lifecycle, zones
from identity.record import outbox
from portals import registry
from portals.definitions.optum_pro import REGISTRATION
from rbac.domain import approvals, grid
from rbac.models import AccessGrant, Membership, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, SubmissionFactory
from tests.steps.grid import publish
from tests.steps.registration import ANSWERS, BEGIN, FORM, HOME, PORTAL, POSTS, fill, registered, step_of
from tests.steps.sign_in import sign_in_by_mail, signed_in
from tests.steps.submission_desk import desk_of

State = Submission.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse():
    return AccountFactory(login_name="nina.nurse", first_name="Nina", last_name="Nurse", phone="+13105550123")


@pytest.fixture
def browser(nurse):
    return signed_in(nurse, verified=True)


@pytest.fixture
def draft(browser, nurse):
    browser.post(BEGIN, {"category": "professional"})
    return Submission.objects.get(account=nurse)


class TestTheWay:
    def test_a_stranger_chooses_the_category_then_signs_in_and_reads_of_four_steps(self, client, browser, nurse):
        """S2-10, S2-11, S2-12, S2-13: the GET after the sign-in begins no draft; a press does."""
        assert BEGIN in client.get("/p/optum-pro/").content.decode()
        page = client.get(BEGIN).content.decode()
        assert "Contracted Professional" in page
        assert "Business Vendor" in page
        led = client.post(BEGIN, {"category": "vendor"})
        assert led.url == f"{FORM}?category=vendor"
        assert "/id/sign-in/" in client.get(led.url).url
        page = browser.get(led.url).content.decode()
        assert "You have 4 steps to complete." in page
        assert "Business Vendor" in page
        assert not Submission.objects.exists()
        assert browser.post(led.url).url == step_of(Submission.objects.get(account=nurse), "state")

    def test_the_public_page_says_what_it_is_for_whom_and_by_which_browsers(self, client):
        """S2-09, S3-01, S3-10, S3-12."""
        page = client.get("/p/optum-pro/").content.decode()
        for text in (
            "a secure web portal created by Optum that provides you with one-stop access to point-of-care support",
            "all clinicians with an Optum affiliation (employed or independent partners)",
            "Chrome, Edge and Firefox are the preferred browsers.",
            "no longer be supporting Internet Explorer after June 2022.",
        ):
            assert text in page

    def test_names_and_address_are_the_ids_and_change_only_there(self, browser, draft, nurse):
        """S2-01: said on the start page and beside the category; no step asks for them."""
        sentence = "use the same unique email address, first and last name for both OHID and Optum Pro."
        assert sentence in browser.get("/p/optum-pro/about/start/").content.decode()
        assert sentence in browser.get(BEGIN).content.decode()
        page = browser.get(FORM).content.decode()
        assert all(text in page for text in (nurse.first_name, nurse.email, "are changed there only"))
        assert not {"first_name", "last_name", "email"} & set(REGISTRATION.fields())

    def test_the_start_page_has_three_branches_and_each_leads_on_to_registration(self, client, inbox):
        """S2-03, S2-31, S2-32: whoever recovered the password is sent on to it."""
        page = client.get("/p/optum-pro/about/start/").content.decode()
        for text in ("I have (and know my) One Healthcare ID", "do not recall", "I do not have", "Important"):
            assert text in page
        on = f"?portal=optum-pro&amp;next={BEGIN}"
        for name in ("account_signup", "forgot_id", "forgot_password"):
            assert reverse(name) + on in page
        assert client.get("/p/optum-pro/about/troubleshooting/").status_code == 200
        assert client.get("/p/optum-pro/about/nothing/").status_code == 404
        assert client.get("/p/claims/about/start/").status_code == 404
        client.get(f"{reverse('forgot_password')}?portal=optum-pro&next={BEGIN}")
        led = sign_in_by_mail(client, AccountFactory().login_name)
        assert led.url == BEGIN

    def test_without_a_category_it_is_asked(self, client, browser):
        assert browser.get(FORM).url == BEGIN
        assert browser.get(FORM + "?category=pirate").url == BEGIN
        page = client.post(BEGIN, {}).content.decode()
        assert "Choose your category." in page

    def test_from_the_first_step_to_the_home_page(self, browser, draft, nurse, agent, inbox):
        """S2-02, S2-14, S2-15, S2-17, S2-18, S2-19, S2-20, C14, D-25: the desk's approval opens the door, with one
        membership a tax ID."""
        for number, (key, answers) in enumerate(POSTS.items()):
            page = browser.get(FORM).content.decode()
            assert f"You have completed {number} of 4 steps." in page
            assert "Complete the next step" in page
            led = browser.post(step_of(draft, key), answers)
        assert led.url == reverse("check_answers", args=[draft.reference])
        page = browser.get(led.url).content.decode()
        for shown in ("Submit to administrator", "Nina", nurse.email, "Medical Assistant", "12-3456789 (EIN)"):
            assert shown in page
        draft.refresh_from_db()
        browser.post(led.url, {"version": draft.version})
        draft.refresh_from_db()
        assert draft.state == State.SUBMITTED
        assert draft.due_at is not None
        assert not Printout.objects.exists()
        assert not machines.of(draft).can_move(draft, to=State.FAX_RECEIVED)
        page = browser.get(reverse("request", args=[draft.reference])).content.decode()
        assert "You will receive an email within the next 1-2 business days." in page
        assert "fax" not in page.lower()
        desk = signed_in(agent, verified=True)
        page = desk.get(desk_of(draft)).content.decode()
        assert 'name="attest"' in page
        assert "/edit/" not in page  # nothing that the desk could change
        desk.post(desk_of(draft), {"step": "approved", "version": draft.version, "attest": ["EIN 123456789"]})
        draft.refresh_from_db()
        assert (draft.state, draft.decided_by) == (State.APPROVED, agent)
        opened = Membership.objects.filter(grant__account=nurse).order_by("practice")
        assert [(row.role, row.market) for row in opened] == [("medical_assistant", "CA")] * 2
        attested = {tin.digits: tin.attested_by for tin in PracticeTin.objects.all()}
        assert attested == {"123456789": agent, "987654321": None}
        asked = browser.get(HOME)
        assert asked.url == reverse("clinicians", args=[PORTAL])  # S2-21: asked, and not locked out
        browser.post(reverse("clinicians_go_on", args=[PORTAL]))
        home = browser.get(HOME).content.decode()
        for tool in ("Patient panel", "Risk Strat.", "Education and Training", 'href="https://claims.example/"'):
            assert tool in home
        assert "My Agreements" not in home  # S3-10: no tool of another role's
        assert AccessGrant.objects.get(account=nurse).attributes["job_functions"] == ["scheduling", "referrals"]


class TestSteps:
    def test_an_unfinished_step_blocks_the_next_and_a_finished_one_opens_again(self, browser, draft):
        """S2-13, S2-19: out of order is led back; what is behind can be changed."""
        led = browser.get(step_of(draft, "role"))
        assert led.url == reverse("edit_request", args=[draft.reference])
        assert browser.post(step_of(draft, "role"), POSTS["role"]).status_code == 302
        draft.refresh_from_db()
        assert "role" not in draft.answers
        browser.post(step_of(draft, "state"), POSTS["state"])
        assert 'value="CA" selected' in browser.get(step_of(draft, "state")).content.decode()
        browser.post(step_of(draft, "state"), {"market": "PR"})
        draft.refresh_from_db()
        assert draft.answers["market"] == "PR"
        assert browser.get(step_of(draft, "nowhere")).status_code == 404
        assert browser.get(step_of(draft, "vendor-identifier")).url == reverse("edit_request", args=[draft.reference])

    def test_the_category_decides_the_second_step(self, browser, draft):
        """S2-11: nothing that was asked of the other category is sent in."""
        fill(browser, draft)
        browser.post(step_of(draft, "category"), {"category": "vendor"})
        draft.refresh_from_db()
        assert not draft.is_complete
        for ask in (browser.get, browser.post):  # a tab in which the other category's step stands still
            page = ask(step_of(draft, "identifier"), follow=True).content.decode()
            assert "this step is not asked any more" in page
        typed = browser.post(step_of(draft, "identifier") + "draft/", POSTS["identifier"])
        assert (typed.status_code, typed.json()) == (409, {"saved": False})
        browser.post(step_of(draft, "vendor-identifier"), {"vendor_tin": "11-1111112", "client_tins": "12-3456789"})
        draft.refresh_from_db()
        assert draft.is_complete
        assert "tins" not in draft.answers
        assert draft.answers["vendor_tin"] == [{"digits": "111111112", "kind": "EIN"}]

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ({"tins": ", ".join(f"12-34567{n:02}" for n in range(31))}, "Enter at most 30 tax IDs on one form."),
            ({"tins": "12-3456789, 123-45-6789"}, "This tax ID is entered twice: 12-3456789, 123-45-6789."),
            ({"tins": "12-34567"}, "This is not a tax ID: 12-34567."),
            (
                {"tins": "12-3456789", "npis": " ".join(["1234567893"] * 2)},
                "This NPI is entered twice: 1234567893.",
            ),
            (
                {"tins": "12-3456789", "npis": "1234567893, 1234567894, 1003000126"},
                "This is not an NPI: 1234567894.",
            ),
            ({"tins": ""}, "Fill in “Tax IDs”."),
        ],
        ids=["31", "both-forms", "short", "npi-twice", "one-wrong-digit", "none"],
    )
    def test_what_is_wrong_with_numbers_is_named_and_what_was_typed_is_kept(self, browser, draft, typed, says):
        """S2-15, C11."""
        browser.post(step_of(draft, "state"), POSTS["state"])
        page = browser.post(step_of(draft, "identifier"), typed).content.decode()
        assert page.count(says) == 2  # next to the field, and in the summary
        draft.refresh_from_db()
        assert draft.answers["tins"] == typed["tins"]
        assert not draft.is_complete

    def test_a_vendor_is_none_of_its_own_clients(self, browser, draft):
        """S3-10, bad input: a mandate to oneself, in either dash style."""
        browser.post(BEGIN, {"category": "vendor"})
        browser.post(step_of(draft, "state"), POSTS["state"])
        typed = {"vendor_tin": "74-2000077", "client_tins": "95-4440002, 742-00-0077"}
        page = browser.post(step_of(draft, "vendor-identifier"), typed, follow=True).content.decode()
        assert "This is the tax ID of your own company: 742-00-0077." in page
        assert 'href="#id_client_tins"' in page
        browser.post(step_of(draft, "vendor-identifier"), typed | {"client_tins": "95-4440002"})
        assert "You have completed 2 of 4 steps." in browser.get(FORM).content.decode()

    def test_thirty_tax_ids_and_all_separators_pass(self, browser, draft):
        browser.post(step_of(draft, "state"), POSTS["state"])
        tins = "\n".join(f"12-34567{n:02}" for n in range(15)) + "; " + " ".join(f"1234568{n:02}" for n in range(15))
        browser.post(step_of(draft, "identifier"), {"tins": tins, "npis": "1234567893\n1003000126"})
        draft.refresh_from_db()
        assert len(draft.answers["tins"]) == 30
        assert draft.answers["npis"] == ["1234567893", "1003000126"]

    def test_each_of_thirty_stands_in_a_line_of_its_own(self, browser, draft):
        """interface: one a row after parsing; on the page that is checked, and on that of the request."""
        tins = [f"12-34567{n:02}" for n in range(30)]
        fill(browser, draft, identifier={"tins": ", ".join(tins), "npis": ""})
        step = browser.get(step_of(draft, "identifier")).content.decode()
        assert "\n".join(tins) in step
        check = browser.get(f"/requests/{draft.reference}/check/").content.decode()
        assert "30 numbers" in check
        assert all(f"<li>{tin} (EIN)</li>" in check for tin in tins)
        draft.refresh_from_db()
        browser.post(f"/requests/{draft.reference}/check/", {"version": draft.version})
        sent = browser.get(f"/requests/{draft.reference}/").content.decode()
        assert "What you sent" in sent
        assert all(f"<li>{tin} (EIN)</li>" in sent for tin in tins)
        assert "Medical Assistant" in sent
        assert "#id_tins" not in sent  # nothing is changed any more

    def test_a_state_is_offered_once(self, browser, draft):
        """D-10: territories are among the states of the list already."""
        page = browser.get(step_of(draft, "state")).content.decode()
        offered = re.findall(r'<option value="(\w\w)"', page)
        assert len(offered) == len(set(offered)) > 55
        assert {"PR", "GU", "CA"} <= set(offered)

    def test_two_tabs_keep_each_others_steps(self, browser, draft):
        """Bad input: a step that was opened before the other tab saved writes its own answers only."""
        browser.post(step_of(draft, "state"), POSTS["state"])
        stale = Submission.objects.get(pk=draft.pk)
        browser.post(step_of(draft, "identifier"), POSTS["identifier"])
        submissions.save_step(submission=stale, answers={"market": "OR"}, whole=lambda _answers: None, now=NOW)
        draft.refresh_from_db()
        assert draft.answers["market"] == "OR"
        assert draft.answers["tins"] == ANSWERS["tins"]

    def test_what_is_typed_is_kept_by_itself(self, browser, draft):
        kept = browser.post(step_of(draft, "state") + "draft/", {"market": "CA"})
        assert kept.json() == {"saved": True, "draft": draft.reference}
        draft.refresh_from_db()
        assert draft.answers == {"category": "professional", "market": "CA"}
        Submission.objects.update(state=State.SUBMITTED)
        assert browser.post(step_of(draft, "state") + "draft/", {"market": "OR"}).status_code == 409

    def test_later_keeps_it_unchecked(self, browser, draft):
        browser.post(step_of(draft, "state"), POSTS["state"])
        browser.post(step_of(draft, "identifier"), {"tins": "12-34", "later": "1"})
        draft.refresh_from_db()
        assert draft.answers["tins"] == "12-34"
        assert "Needs a correction" in browser.get(FORM).content.decode()

    def test_what_is_for_paper_or_for_one_page_does_not_exist(self, browser, draft):
        fill(browser, draft)
        draft.refresh_from_db()
        assert browser.get(FORM + "instructions/").status_code == 404
        assert browser.post(FORM + "draft/", {"market": "OR"}).status_code == 404
        assert Submission.objects.get(pk=draft.pk).answers == draft.answers
        assert browser.get(f"/requests/{draft.reference}/form.pdf").status_code == 404
        claims = SubmissionFactory(account=draft.account)
        assert browser.get(step_of(claims, "request")).status_code == 404

    def test_a_strangers_draft_does_not_exist(self, draft):
        other = signed_in(AccountFactory())
        assert other.get(step_of(draft, "state")).status_code == 404
        assert other.post(step_of(draft, "state") + "draft/", {"market": "CA"}).status_code == 404


def without_role(role: str) -> None:
    """A version without the boxes of a role, in force since yesterday."""
    now, second = timezone.now(), make_staff("op.two", "operator")
    boxes = [box for box in grid.current(now=now).cells if box[0] == role]
    first = make_staff("op.one", "operator")
    publish(by=first, second=second, without=boxes, effective_from=now - timedelta(days=1), now=now - timedelta(days=2))


class TestLists:
    def test_a_role_that_left_the_list_is_said_and_the_rest_stays(self, browser, draft):
        """Bad input, D-10: half filled, or complete and about to be sent."""
        fill(browser, draft)
        draft.refresh_from_db()
        gone = {**draft.answers, "role": "astrologer"}
        Submission.objects.filter(pk=draft.pk).update(answers=gone)
        page = browser.get(FORM).content.decode()
        assert "Needs a correction" in page
        page = browser.get(step_of(draft, "role")).content.decode()
        assert "astrologer is not one of the available choices" in page
        browser.post(step_of(draft, "role"), POSTS["role"])
        draft.refresh_from_db()
        assert draft.is_complete
        assert draft.answers == ANSWERS

    def test_a_role_that_left_the_grid_is_offered_sent_in_and_approved_by_nobody(self, browser, draft, nurse, agent):
        """S2-17, bad input: half filled, about to be sent, and between the sending and the approval."""
        role = ANSWERS["role"]
        sent = registered(AccountFactory(), now=timezone.now())
        fill(browser, draft)
        held = grid.current(now=timezone.now())
        without_role(role)
        assert f'value="{role}"' not in browser.get(step_of(draft, "role")).content.decode()
        page = browser.post(reverse("check_answers", args=[draft.reference]), {"version": 0}, follow=True)
        assert "is offered no longer" in page.content.decode()
        desk = signed_in(agent, verified=True)
        assert "Medical Assistant" in desk.get(desk_of(sent)).content.decode()
        answer = desk.post(desk_of(sent), {"step": "approved", "version": sent.version, "attest": ["EIN 123456789"]})
        assert "The role that was chosen is offered no longer." in answer.content.decode()
        assert not AccessGrant.objects.filter(account=sent.account).exists()
        sent.refresh_from_db()
        assert sent.state == State.SUBMITTED
        assert role in held.roles

    def test_an_answer_that_is_sent_often_is_kept_once(self, browser, draft):
        """S2-18."""
        fill(browser, draft, **{"job-functions": {"job_functions": ["scheduling"] * 900}})
        draft.refresh_from_db()
        assert draft.answers["job_functions"] == ["scheduling"]

    LISTS = "/admin/accessforms/offeredanswer/"

    def test_operators_add_answers_and_take_them_away_at_once(self, operator, browser, draft):
        """D-10: in both languages, and what somebody chose before keeps its name."""
        fill(browser, draft)
        desk = signed_in(operator, verified=True)
        assert "Optum Pro: Job functions" in desk.get(self.LISTS).content.decode()
        about = {"portal": PORTAL, "field": "job_functions"}
        desk.post(self.LISTS, about | {"add": "1", "label": "Lab results", "label_es": "Resultados"})
        desk.post(self.LISTS, about | {"take": "scheduling"})
        page = browser.get(step_of(draft, "job-functions")).content.decode()
        assert "Lab results" in page
        assert 'value="scheduling"' not in page
        led = browser.post(reverse("check_answers", args=[draft.reference]), {"version": 0}, follow=True)
        assert "is offered no longer" in led.content.decode()
        assert "Needs a correction" in led.content.decode()
        browser.post(step_of(draft, "job-functions"), {"job_functions": ["lab_results"]})
        draft.refresh_from_db()
        assert draft.is_complete
        sent = submissions.submit(submission=draft, seen_version=draft.version, by=draft.account, now=NOW)
        desk.post(self.LISTS, about | {"take": "lab_results"})
        assert "Lab results" in desk.get(desk_of(sent)).content.decode()
        desk.post(self.LISTS, about | {"again": "scheduling"})
        assert JournalEntry.objects.filter(kind="accessforms.ListChanged").count() == 4

    @pytest.mark.parametrize(
        ("posted", "status"),
        [
            ({"add": "1", "label": "Scheduling"}, 422),
            ({"add": "1", "label": " "}, 422),
            ({"take": "nothing"}, 404),
            ({"take": "scheduling", "field": "tins"}, 404),
            ({"take": "scheduling", "portal": "claims"}, 404),
            ({"take": "scheduling", "portal": "x"}, 404),
        ],
    )
    def test_what_no_list_has_is_refused(self, operator, posted, status):
        desk = signed_in(operator, verified=True)
        answer = desk.post(self.LISTS, {"portal": PORTAL, "field": "job_functions"} | posted)
        assert answer.status_code == status
        assert not OfferedAnswer.objects.exists()

    def test_the_desk_changes_no_list(self, agent):
        assert signed_in(agent, verified=True).get(self.LISTS).status_code != 200
        with pytest.raises(offered.MayNotChange):
            offered.add(portal=registry.get(PORTAL), field="job_functions", label="x", by=agent, now=NOW)


class TestOnce:
    def test_who_waits_or_is_registered_does_not_register_again(self, browser, nurse, agent):
        sent = registered(nurse, now=timezone.now())
        assert browser.get(FORM).url == browser.get(BEGIN).url == reverse("request", args=[sent.reference])
        submissions.decide(submission=sent, to=State.APPROVED, by=agent, now=timezone.now(), seen_version=sent.version)
        assert browser.get(FORM).url == browser.post(BEGIN, {"category": "vendor"}).url == HOME
        assert Submission.objects.count() == 1


class TestDecisions:
    def test_returned_with_a_reason_it_is_corrected_and_due_anew(self, browser, nurse, agent, inbox):
        """D-08 without paper: submitted, returned, submitted again."""
        sent = registered(nurse, now=NOW)
        back = submissions.decide(
            submission=sent, to=State.RETURNED, by=agent, now=NOW, seen_version=sent.version, reason="Which state?"
        )
        assert "Which state?" in browser.get(reverse("edit_request", args=[sent.reference])).content.decode()
        browser.post(step_of(sent, "state"), {"market": "OR"})
        back.refresh_from_db()
        later = datetime(2026, 12, 1, 17, tzinfo=UTC)
        again = submissions.submit(submission=back, seen_version=back.version, by=nurse, now=later)
        assert (again.revision, again.answers["market"]) == (2, "OR")
        assert again.due_at > sent.due_at


class TestOwnAddress:
    SHARED = "shared email addresses will prevent registration approval in Optum Pro"
    IN_SYSTEM = "A request is already in the system with the email you&#x27;re trying to use."

    @pytest.fixture
    def coworker(self, nurse):
        other = AccountFactory(login_name="cora", email=nurse.email)
        assert EmailAddress.objects.filter(email=nurse.email, verified=True).count() == 2
        return other

    def sent(self, browser, draft):
        draft.refresh_from_db()
        return browser.post(reverse("check_answers", args=[draft.reference]), {"version": draft.version})

    def test_a_shared_address_is_refused_in_the_words_of_the_document(self, browser, draft, coworker):
        """S2-05, S3-14: said before the first step, and refused at the last one; nothing is lost."""
        assert self.SHARED in browser.get(FORM).content.decode()
        fill(browser, draft)
        answer = self.sent(browser, draft)
        assert answer.status_code == 409
        assert self.SHARED in answer.content.decode()
        assert f'<a href="{reverse("addresses")}">Your email addresses</a>' in answer.content.decode()  # the way out
        draft.refresh_from_db()
        assert (draft.state, draft.is_complete) == (State.DRAFT, True)

    def test_that_a_request_is_in_the_system_is_told_to_who_proved_the_address(self, browser, draft, nurse, coworker):
        """S2-26: and to nobody else."""
        address = EmailAddress.objects.filter(user=coworker)
        address.update(email="cora@example.org")
        registered(coworker, now=NOW)
        fill(browser, draft)
        assert self.IN_SYSTEM not in browser.get(FORM).content.decode()
        address.update(email=nurse.email)
        assert self.IN_SYSTEM in browser.get(FORM).content.decode()
        assert self.IN_SYSTEM in self.sent(browser, draft).content.decode()
        EmailAddress.objects.filter(user=nurse).update(verified=False)
        assert self.IN_SYSTEM not in browser.get(FORM).content.decode()


class TestDue:
    """S2-20: within two business days, told once where it is not."""

    def test_to_the_second(self, nurse, inbox):
        sent = registered(nurse, now=NOW)
        end = lifecycle.due_at("optum_pro_decision", now=NOW, zone=zones.of_realm("ohid"))
        assert sent.due_at == end
        second = timedelta(seconds=1)
        assert late.tell(now=end - second) == 0
        assert late.tell(now=end) == 1
        assert late.tell(now=end + timedelta(days=1)) == 0
        assert JournalEntry.objects.filter(kind="accessforms.RequestLate").count() == 1
        outbox.drain(now=end)
        mail = inbox.newest("mail")
        assert "takes longer than we promised" in mail.subject
        assert "November 24, 2026" in mail.text

    def test_why_is_how_many_wait_before(self, browser, nurse, inbox):
        for minutes in (3, 2):
            registered(AccountFactory(), now=NOW - timedelta(minutes=minutes))
        sent = registered(nurse, now=NOW)
        assert waiting.before(sent) == 2
        page = browser.get(reverse("request", args=[sent.reference])).content.decode()
        assert "This takes longer than we promised" in page
        assert "2 requests that were sent in before yours wait too." in page

    def test_a_decision_in_time_is_told_to_nobody_as_late(self, nurse, agent):
        sent = registered(nurse, now=NOW)
        submissions.decide(submission=sent, to=State.APPROVED, by=agent, now=NOW, seen_version=sent.version)
        assert late.tell(now=NOW + timedelta(days=30)) == 0

    def test_the_desk_sees_the_day_and_what_is_late(self, agent, nurse):
        sent, desk = registered(nurse, now=NOW), signed_in(agent, verified=True)
        queue = "/admin/accessforms/submission/"
        assert "November 24, 2026" in desk.get(queue).content.decode()
        for work, there in (("decide", True), ("late", True), ("fax", False), ("open", True), ("done", False)):
            page = desk.get(f"{queue}?work={work}").content.decode()
            assert (sent.reference in page) is there, work
        Submission.objects.update(due_at=timezone.now() + timedelta(days=1))
        assert sent.reference not in desk.get(f"{queue}?work=late").content.decode()
        assert "Access requests to decide" in desk.get("/admin/").content.decode()

    def test_what_is_late_comes_first_over_all_portals_of_an_agent(self, nurse):
        """S2-20: whatever waits longer in another portal; on the first page of what there is to do."""
        now = timezone.now()
        old = SubmissionFactory(state=State.SUBMITTED, submitted_at=now - timedelta(days=60))
        new = registered(AccountFactory(), now=now)
        late_ones = [registered(AccountFactory(), now=now - timedelta(days=days)) for days in (9, 20)]
        desk = signed_in(make_staff("both", "service desk", ("claims", PORTAL)), verified=True)
        queue = reverse("admin:accessforms_submission_changelist")
        page = desk.get(queue).content.decode()
        order = [row.reference for row in (*reversed(late_ones), old)]
        assert [page.index(one) for one in order] == sorted(page.index(one) for one in order)
        assert page.index("Late: decide these first") < page.index(order[0])
        assert page.count(new.reference) == 1
        for more in ("?work=all", "?q=x", "?p=after.1.1", "?portal=claims"):
            assert "Late: decide these first" not in desk.get(queue + more).content.decode()
        other = signed_in(make_staff("other", "service desk", ("claims",)), verified=True)
        assert "Late: decide these first" not in other.get(queue).content.decode()


class TestUncorrected:
    def test_it_expires_to_the_second_and_what_waits_for_the_desk_never_does(self, nurse, agent, inbox):
        """D-08 without paper: only what is with the applicant expires."""
        sent = registered(nurse, now=NOW)
        submissions.expire_unfaxed(now=NOW + timedelta(days=400))
        sent.refresh_from_db()
        assert sent.state == State.SUBMITTED
        back = submissions.decide(
            submission=sent, to=State.RETURNED, by=agent, now=NOW, seen_version=sent.version, reason="Why?"
        )
        end = NOW + lifecycle.after("uncorrected_request")
        assert submissions.expire_unfaxed(now=end - timedelta(seconds=1)) == 0
        assert submissions.expire_unfaxed(now=end) == 1
        back.refresh_from_db()
        assert back.state == State.EXPIRED
        outbox.drain(now=end)
        assert "nobody sent it again" in inbox.newest("mail").text


class TestInvited:
    """S2-08: an invitation by mail leads to registration, with what is known filled in."""

    def invited(self, agent, **facts):
        invitee = Invitee(email="new@example.org", first_name="Nora", last_name="New")
        return registration_invitations.invite(
            portal_key=PORTAL, invitee=invitee, role="front_office", market="CA", by=agent, now=timezone.now(), **facts
        )

    def test_who_accepts_confirms_what_was_filled_in(self, agent, nurse, browser, inbox):
        EmailAddress.objects.create(user=nurse, email="new@example.org", verified=True)
        row = self.invited(agent)
        outbox.drain(now=timezone.now())
        assert "You are invited to register for Optum Pro." in inbox.newest("mail").text
        answer = browser.post(reverse("invitation_join", args=[invitation_links.token_of(row)]))
        assert answer.url == FORM
        assert not AccessGrant.objects.filter(account=nurse).exists()
        draft = Submission.objects.get(account=nurse)
        assert draft.answers == {"market": "CA", "role": "front_office"}
        assert browser.get(FORM).url == BEGIN
        assert browser.post(BEGIN, {"category": "professional"}).url == FORM
        assert "You have completed 1 of 4 steps." in browser.get(FORM).content.decode()

    def test_what_somebody_typed_themselves_stays(self, agent, nurse, draft, browser):
        EmailAddress.objects.create(user=nurse, email="new@example.org", verified=True)
        browser.post(step_of(draft, "state"), {"market": "OR"})
        browser.post(reverse("invitation_join", args=[invitation_links.token_of(self.invited(agent))]))
        draft.refresh_from_db()
        assert (draft.answers["market"], draft.answers["role"]) == ("OR", "front_office")

    PAGE = "/admin/enrollment/invitation/"

    def test_the_desk_invites_sends_again_and_takes_back(self, agent, inbox):
        desk = signed_in(agent, verified=True)
        asked = {"invite": "1", "portal": PORTAL, "email": "New@example.org", "first_name": "Nora", "last_name": "New"}
        answer = desk.post(self.PAGE, asked | {"role": "front_office", "market": "CA"})
        assert answer.url == self.PAGE
        row = Invitation.objects.get(kind="portal")
        assert (row.email, row.role, row.market, row.created_by) == ("new@example.org", "front_office", "CA", agent)
        assert "new@example.org" in desk.get(self.PAGE).content.decode()
        again = desk.post(self.PAGE, asked)
        assert again.status_code == 422
        assert "open invitation already" in again.content.decode()
        assert desk.post(self.PAGE, asked | {"email": ""}).status_code == 422
        Invitation.objects.filter(pk=row.pk).update(last_sent_at=timezone.now() - timedelta(hours=1))
        desk.post(self.PAGE, {"resend": str(row.pk)})
        row.refresh_from_db()
        assert row.sendings == 2
        desk.post(self.PAGE, {"cancel": str(row.pk)})
        row.refresh_from_db()
        assert row.state == "canceled"
        assert desk.post(self.PAGE, {"cancel": "x"}).status_code == 404

    def test_who_decides_for_another_portal_sees_nothing(self):
        desk = signed_in(make_staff("desk.of.claims", "service desk", ("claims",)), verified=True)
        assert desk.get(self.PAGE).status_code == 404

    def test_only_who_decides_for_the_portal_invites(self):
        with pytest.raises(approvals.MayNotDecide):
            self.invited(make_staff("desk.of.claims", "service desk", ("claims",)))
