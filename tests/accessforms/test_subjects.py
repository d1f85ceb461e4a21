"""Whom a form is about: one outcome a person, never the applicant by default (walk A4, A5, B2; S1-23, S1-28, S1-31)."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accessforms.domain import effects, submissions
from accessforms.domain.outcomes import Result
from accessforms.models import Submission
from identity.models import JournalEntry
from portals import registry
from rbac.domain import grants, practices
from rbac.models import AccessGrant
from tests.conftest import make_staff
from tests.factories import (
    ANSWERS,
    NOW,
    AccountFactory,
    GrantFactory,
    LegacyAccountFactory,
    SubmissionFactory,
    answers_of,
)
from tests.steps.sign_in import signed_in

State = Submission.State
pytestmark = pytest.mark.django_db
KIM = {"user_is_applicant": False, "user_name": "Kim Nguyen", "user_email": "kim.nguyen@example.org"}


@pytest.fixture
def dolores(db):
    """Somebody of the front office, with access of her own."""
    account = AccountFactory(login_name="dolores", first_name="Dolores", last_name="Reyes")
    GrantFactory(account=account)
    return account


@pytest.fixture
def kim(db):
    """Somebody who left the practice."""
    account = AccountFactory(
        login_name="kim.n", first_name="Kim", last_name="Nguyen", email="kim.nguyen@example.org", language="es"
    )
    GrantFactory(account=account)
    return account


def faxed(account, portal="claims", **changes) -> Submission:
    return SubmissionFactory(
        account=account, portal_key=portal, answers={**answers_of(portal, account), **changes}, submitted=True
    )


def approve(submission, agent, chosen=None) -> Submission:
    for to in (State.FAX_RECEIVED, State.APPROVED)[submission.state == State.FAX_RECEIVED :]:
        submission = submissions.decide(
            submission=submission, to=to, by=agent, now=NOW, seen_version=submission.version, chosen=chosen
        )
    return submission


def open_to(account) -> bool:
    return "claims" in grants.portals_of(account)


class TestDeactivating:
    """walk A4: the front office ends the access of somebody who left."""

    @pytest.mark.parametrize(
        "named",
        [
            {"login_user_id": "KIM.N", "user_email": "x@example.org"},
            {"login_user_id": "old", "user_email": "Kim.Nguyen@example.org"},
            {"login_user_id": "KNguyen.Old", "user_email": "x@example.org"},
        ],
        ids=["by ID", "by proved address", "by old user name"],
    )
    def test_ends_the_named_persons_access_and_not_the_applicants(self, dolores, kim, agent, inbox, named):
        LegacyAccountFactory(
            source="optum-connect", login_name="knguyen.old", account=kim, linked_at=NOW, linked_by="final log-in"
        )
        approved = approve(faxed(dolores, request_type="deactivate", **{**KIM, **named}), agent)
        assert open_to(dolores)
        assert not open_to(kim)
        ended = JournalEntry.objects.get(kind="rbac.AccessEnded")
        assert (ended.account, ended.by, ended.facts["reason"]) == (kim, agent, approved.reference)
        mail = inbox.newest("mail", dolores.email)
        assert "Access ended for Kim Nguyen." in mail.text
        assert "From now on you reach the portal" not in mail.text + mail.html, "B2"
        assert "kim.n" not in mail.text, "whose ID it is stays with the desk"
        assert approved.reference in inbox.newest("mail", kim.email).text, "who lost access is told"

    def test_the_page_says_for_whom_and_leads_to_no_portal(self, dolores, kim, agent):
        """walk B2."""
        approved = approve(faxed(dolores, request_type="deactivate", **KIM), agent)
        page = signed_in(dolores).get(reverse("request", args=[approved.reference])).content.decode()
        assert "Access ended for Kim Nguyen." in page
        assert "Go to your portal" not in page

    def test_nobody_is_matched_by_name_alone_nor_the_applicant_taken_instead(self, dolores, kim, agent):
        unknown = faxed(dolores, request_type="deactivate", **{**KIM, "user_email": "other@example.org"})
        with pytest.raises(effects.SubjectUnclear):
            approve(unknown, agent)
        assert (open_to(dolores), open_to(kim)) == (True, True)

    def test_an_office_address_that_the_applicant_proved_does_not_make_her_the_one_who_left(self, dolores, kim, agent):
        shared = faxed(dolores, request_type="deactivate", **{**KIM, "user_email": dolores.email})
        with pytest.raises(effects.SubjectUnclear):
            approve(shared, agent)
        assert open_to(dolores)

    def test_an_address_that_was_never_proved_matches_nobody(self, dolores, kim, agent):
        EmailAddress.objects.filter(user=kim).update(verified=False)
        with pytest.raises(effects.SubjectUnclear):
            approve(faxed(dolores, request_type="deactivate", **KIM), agent)

    def test_an_account_of_another_realm_is_never_matched(self, dolores, agent):
        AccountFactory(
            login_name="kim.n", realm="provider-online", first_name="Kim", last_name="Nguyen", email=KIM["user_email"]
        )
        with pytest.raises(effects.SubjectUnclear):
            approve(faxed(dolores, request_type="deactivate", login_user_id="kim.n", **KIM), agent)

    def test_two_accounts_with_one_address_leave_the_choice_to_the_desk(self, dolores, kim, agent):
        twin = AccountFactory(login_name="kim.two", first_name="Kim", last_name="Nguyen", email=kim.email)
        GrantFactory(account=twin)
        request = faxed(dolores, request_type="deactivate", **KIM)
        with pytest.raises(effects.SubjectUnclear):
            approve(request, agent)
        approve(Submission.objects.get(pk=request.pk), agent, chosen={0: twin})
        assert (open_to(kim), open_to(twin)) == (True, False)

    def test_who_holds_a_tax_id_of_the_form_under_that_name_is_offered_to_the_desk(self, dolores, kim):
        grants.change(
            grant=AccessGrant.objects.get(account=kim), reason="x", by=None, now=NOW,
            tins=practices.of_tins(name="Harbor", tins=[("954501234", "EIN")], now=NOW),
        )  # fmt: skip
        request = faxed(dolores, request_type="deactivate", **{**KIM, "user_email": "other@example.org"})
        (outcome,) = effects.plan(submission=request, answers=request.answers)
        assert (outcome.result, outcome.candidates) == (Result.UNCLEAR, (kim,))

    def test_the_applicant_may_end_her_own(self, dolores, agent):
        approve(faxed(dolores, request_type="deactivate", user_name="Dolores Reyes"), agent)
        assert not open_to(dolores)


class TestAccess:
    """walk A5: access goes to the applicant who says so; others are invited, whether they have an ID or not."""

    def test_a_form_for_somebody_else_opens_nothing_and_says_so(self, stranger, kim, agent, inbox):
        AccessGrant.objects.all().delete()
        approved = approve(faxed(stranger, **KIM), agent)
        assert not AccessGrant.objects.exists()
        sentence = "Kim Nguyen was invited by mail, and gets access with an ID of their own."
        assert sentence in inbox.newest("mail", stranger.email).text
        assert "From now on" not in inbox.newest("mail", stranger.email).text
        page = signed_in(stranger).get(reverse("request", args=[approved.reference])).content.decode()
        assert sentence in page
        assert "Go to your portal" not in page

    def test_the_request_says_so_while_it_waits(self, stranger, kim):
        request = faxed(stranger, **KIM)
        page = signed_in(stranger).get(reverse("request", args=[request.reference])).content.decode()
        assert "Kim Nguyen is invited by mail, and gets access with an ID of their own." in page

    def test_four_signatures_are_one_outcome_a_person(self, provider, agent):
        """S1-23, C33."""
        people = [{**ANSWERS["physician"]["staff"][0], "name": f"Person {n}", "email": f"p{n}@example.org", "is_applicant": n == 2} for n in range(4)]  # fmt: skip
        people[2]["name"] = provider.get_full_name()
        request = faxed(provider, "physician", staff=people)
        results = [outcome.result for outcome in effects.plan(submission=request, answers=request.answers)]
        assert results == [Result.INVITED, Result.INVITED, Result.GIVEN, Result.INVITED]
        approve(request, agent)
        assert AccessGrant.objects.get().account == provider

    def test_who_says_i_am_the_user_under_another_name_is_looked_at_by_the_desk(self, provider, agent):
        request = faxed(provider, user_name="Grace Lin")
        (outcome,) = effects.plan(submission=request, answers=request.answers)
        assert (outcome.result, outcome.candidates) == (Result.UNCLEAR, (provider,))
        approve(request, agent, chosen={0: provider})
        assert open_to(provider)

    def test_the_applicants_own_address_and_name_say_so_too(self, provider, agent):
        own = {"user_is_applicant": False, "user_name": "Zoe O’Brien Nunez", "user_email": provider.email.upper()}
        approve(faxed(provider, **own), agent)
        assert open_to(provider)

    def test_the_page_before_sending_tells_what_to_expect_and_nothing_about_accounts(self, stranger, kim):
        """policy, Always: the same for existing and unknown people."""
        browser, pages = signed_in(stranger), []
        for email in (kim.email, "nobody.n@example.org"):
            Submission.objects.all().delete()
            draft = SubmissionFactory(
                account=stranger,
                answers={**ANSWERS["claims"], **KIM, "user_email": email, "request_type": "deactivate"},
            )
            page = browser.get(reverse("check_answers", args=[draft.reference])).content.decode()
            assert "The access of Kim Nguyen ends." in page
            pages.append(page.split("What the service desk")[1].split("</section>")[0])
        assert pages[0] == pages[1]

    def test_who_ticked_the_box_is_not_told_to_tick_it(self, provider):
        from tests.steps.filling import PHYSICIAN, PHYSICIAN_POST

        browser = signed_in(provider)
        for ticked, asked in (({}, True), ({"staff-0-is_applicant": "on"}, False)):
            answer = browser.post(
                PHYSICIAN,
                {**PHYSICIAN_POST, "staff-1-name": "Ina Invited", "staff-1-email": "i@example.org", **ticked},
                follow=True,
            )
            page = answer.content.decode()
            assert "Ina Invited is invited by mail" in page
            assert ("go back and tick the box that says so" in page) is asked

    def test_i_am_the_user_fills_what_is_empty_without_script(self, provider):
        from tests.steps.filling import CLAIMS, CLAIMS_POST

        browser = signed_in(provider)
        page = browser.get(CLAIMS).content.decode()
        assert "I am the user" in page
        assert "for you alone" not in page, "whom a form for new access names is invited (D-26)"
        assert "they are invited by mail when it is approved" in page
        post = {**CLAIMS_POST, "user_name": "", "user_email": "", "user_is_applicant": "on"}
        assert browser.post(CLAIMS, post).status_code == 302
        kept = Submission.objects.get().answers
        assert (kept["user_name"], kept["user_email"], kept["user_is_applicant"]) == (
            provider.get_full_name(), provider.email, True,
        )  # fmt: skip

    def test_i_am_this_person_fills_the_row_and_only_one(self, provider):
        from tests.steps.filling import PHYSICIAN, PHYSICIAN_POST

        browser = signed_in(provider)
        post = {**PHYSICIAN_POST, "staff-1-is_applicant": "on"}
        assert browser.post(PHYSICIAN, post).status_code == 302
        row = Submission.objects.get().answers["staff"][1]
        assert (row["name"], row["email"]) == (provider.get_full_name(), provider.email)
        both = browser.post(PHYSICIAN, {**post, "staff-0-is_applicant": "on"}).content.decode()
        assert "You can be one of these people only" in both


class TestDesk:
    """The desk sees before every press who will gain or lose what, and which account that is (walk A4, C17)."""

    @pytest.fixture
    def desk(self, agent):
        return signed_in(agent, verified=True)

    def url(self, submission):
        return reverse("admin:accessforms_submission_change", args=[submission.pk])

    def press(self, desk, submission, **posted):
        version = Submission.objects.get(pk=submission.pk).version
        return desk.post(self.url(submission), {"step": "approved", "version": version, **posted}, follow=True)

    def received(self, account, agent, **changes):
        request = faxed(account, **changes)
        return submissions.decide(
            submission=request, to=State.FAX_RECEIVED, by=agent, now=timezone.now(), seen_version=request.version
        )

    def test_it_names_the_account_before_the_press_and_acts_on_that_one(self, desk, dolores, kim, agent):
        request = self.received(dolores, agent, request_type="deactivate", **KIM)
        page = desk.get(self.url(request)).content.decode()
        assert "The access of Kim Nguyen ends." in page
        assert "Kim Nguyen (kim.n), kim.nguyen@example.org" in page
        assert 'name="account-0" value="kim.n"' in page
        assert "becomes a practice" not in page, "who loses access brings no tax IDs"
        assert "no practice has it" in page
        self.press(desk, request, **{"account-0": "kim.n"})
        assert (open_to(kim), open_to(dolores)) == (False, True)
        assert "Access ended for Kim Nguyen." in desk.get(self.url(request)).content.decode()

    def test_what_is_not_certain_is_chosen_or_nothing_happens(self, desk, dolores, kim, agent):
        twin = AccountFactory(login_name="kim.two", first_name="Kim", last_name="Nguyen", email=kim.email)
        request = self.received(dolores, agent, request_type="deactivate", **KIM)
        page = desk.get(self.url(request)).content.decode()
        for text in (
            "Whose account is it? Kim Nguyen cannot be matched",
            "(kim.n)",
            "(kim.two)",
            "leave this person out",
        ):
            assert text in page, text
        refused = self.press(desk, request)
        assert refused.status_code == 422
        assert "Say first whose account the form is about, or return the form." in refused.content.decode()
        refused = self.press(desk, request, **{"account-0": "?", "id-0": "nobody.here"})
        assert "Nobody has the ID “nobody.here”" in refused.content.decode()
        assert 'value="nobody.here"' in refused.content.decode(), "what was typed is kept"
        request.refresh_from_db()
        assert (request.state, open_to(kim)) == (State.FAX_RECEIVED, True)
        self.press(desk, request, **{"account-0": "?", "id-0": " KIM.N "})
        assert not open_to(kim)
        assert twin.is_active

    def test_the_applicant_is_never_the_answer_to_an_empty_choice(self, desk, dolores, agent):
        request = self.received(dolores, agent, request_type="deactivate", **KIM)
        self.press(desk, request, **{"account-0": ""})
        assert open_to(dolores)
        self.press(desk, request, **{"account-0": "-"})
        request.refresh_from_db()
        assert (request.state, open_to(dolores)) == (State.APPROVED, True)
        assert request.outcomes == [{"name": "Kim Nguyen", "result": "unchanged", "own": False}]

    def test_tax_ids_that_somebody_holds_are_shown(self, desk, dolores, kim, agent):
        """H2: with the practice and the people whom they were approved for."""
        tins = practices.of_tins(name="Sunset Pediatrics", tins=[("954501234", "EIN")], now=NOW)
        grants.change(grant=AccessGrant.objects.get(account=kim), reason="x", by=None, now=NOW, tins=tins)
        page = desk.get(self.url(self.received(dolores, agent))).content.decode()
        assert "95-4501234: of Sunset Pediatrics; approved here for Kim Nguyen (kim.n)" in page
        assert "33-0876543: new: it becomes a practice of its own" in page

    def test_nobody_approves_what_touches_their_own_access(self, dolores):
        own = make_staff("desk.own", "service desk")
        GrantFactory(account=own)
        request = self.received(dolores, own, request_type="deactivate", **{**KIM, "login_user_id": "desk.own"})
        refused = self.press(signed_in(own, verified=True), request, **{"account-0": "desk.own"})
        assert "This form is about your own access. A colleague decides it." in refused.content.decode()
        assert open_to(own)


def test_what_is_written_about_people_waits_for_no_promise():
    """The forms say plainly that others ask with their own ID."""
    for key in ("claims", "physician"):
        form = registry.get(key).access_form
        texts = [str(section.intro) for section in form.sections] + [
            str(field.hint) for field in form.fields().values()
        ]
        assert any("of their own" in " ".join(text.split()) for text in texts), key
