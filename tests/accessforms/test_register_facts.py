"""What the desk reads beside a registration, and the applicant at their step: facts, never a decision (S2-15)."""

import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.urls import reverse

from accessforms.domain import conflicts, submissions
from accessforms.models import Submission
from identity.policy import lifecycle
from rbac.domain import practices
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, SubmissionFactory
from tests.steps import registers
from tests.steps.register_imports import imported
from tests.steps.registers import excluded, npi_of, organization, person
from tests.steps.registration import PORTAL, POSTS, registered, step_of
from tests.steps.sign_in import signed_in
from tests.steps.submission_desk import desk_of

pytestmark = pytest.mark.django_db
OWN, OTHER, GONE, LAB, UNKNOWN = "1234567893", npi_of(2), npi_of(3), npi_of(4), npi_of(5)
ROWS = (
    person(OWN, "NINA MARIA", "NURSE", "CA"),
    person(OTHER, "PAUL", "OTHER", "NV"),
    {"NPI": GONE, "NPI Deactivation Date": "11/03/2026"},
    organization(LAB, "BAY LABORATORY, INC."),
)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def nurse():
    return AccountFactory(login_name="nina.nurse", first_name="Nina", last_name="Nurse", phone="+13105550123")


@pytest.fixture
def nppes(tmp_path):
    return imported("nppes", registers.nppes(tmp_path / "npidata.csv", ROWS))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)).replace("&#x27;", "'")


def beside(agent, submission, section: str = "facts") -> str:
    """What the desk's page says beside a request, in words; of its tax IDs, where they are ticked."""
    page = signed_in(agent, verified=True).get(desk_of(submission)).content.decode()
    begun = page.index(f'id="{section}"')
    return words_of(page[begun : page.index("</section>", begun)])


class TestAtTheDesk:
    def test_nothing_was_imported_and_the_page_says_so(self, nurse, agent):
        said = beside(agent, registered(nurse, now=NOW))
        assert "NPPES was not imported yet" in said
        assert "LEIE was not imported yet" in said
        assert f"{OWN} check digit right" in said
        assert "not in NPPES" not in said
        assert "old data" not in said

    def test_name_and_state_against_nppes(self, nurse, agent, nppes):
        """A middle name is no difference; a deactivated number and an organization have no name to compare."""
        said = beside(agent, registered(nurse, now=NOW, npis=[OWN, OTHER, GONE, LAB, UNKNOWN]))
        found = {line[:10]: line for line in re.split(r"(?=\b\d{10} check digit)", said)}
        assert "NINA MARIA NURSE, CA" in found[OWN]
        assert "not the" not in found[OWN]
        assert "PAUL OTHER, NV not the applicant's name not the state of this request" in found[OTHER]
        assert "deactivated in NPPES on Nov" in found[GONE]
        assert "BAY LABORATORY, INC., CA" in found[LAB]
        assert "not the" not in found[LAB]
        assert "not in NPPES" in found[UNKNOWN]

    def test_a_wrong_check_digit_is_told(self, nurse, agent):
        """The form refuses one; a row that was stored otherwise is not believed."""
        assert "1234567890 check digit wrong" in beside(agent, registered(nurse, now=NOW, npis=["1234567890"]))

    def test_exclusions_by_number_and_by_name(self, nurse, agent, nppes, tmp_path):
        """LEIE: the number is certain; a name alone is somebody called alike, and not one with another number."""
        rows = [
            excluded("OTHER", "PAUL", npi=OTHER, state="NV"),
            excluded("NURSE", "NINA"),
            excluded(business="Bay Laboratory Inc"),
            excluded("NURSE", "NINA MARIA", npi=npi_of(99)),
        ]
        submission = registered(nurse, now=NOW, npis=[OWN, OTHER, LAB])
        assert "in LEIE" not in beside(agent, submission)
        imported("leie", registers.leie(tmp_path / "UPDATED.csv", rows))
        said = beside(agent, submission)
        assert "in LEIE with this NPI: PAUL OTHER, NV, excluded since March 20, 2019" in said
        assert "somebody of this name is in LEIE: NINA NURSE, CA" in said
        assert "somebody of this name is in LEIE: Bay Laboratory Inc" in said
        assert "NINA MARIA NURSE, CA, excluded" not in said

    def test_nobody_is_excluded(self, nurse, agent, tmp_path):
        imported("leie", registers.leie(tmp_path / "UPDATED.csv", [excluded("DOE", "JANE")]))
        assert "Nobody of this name is in LEIE" in beside(agent, registered(nurse, now=NOW))

    def test_old_data_stands_beside_each_fact(self, nurse, agent, tmp_path):
        """`register_stale`: from the import on, of each row its own."""
        old = NOW - lifecycle.after("register_stale")
        imported("nppes", registers.nppes(tmp_path / "month.csv", ROWS), now=old)
        imported("leie", registers.leie(tmp_path / "UPDATED.csv", [excluded("NURSE", "NINA")]), now=old)
        submission = registered(nurse, now=NOW, npis=[OWN, OTHER, UNKNOWN])
        assert beside(agent, submission).count("old data") == 4
        imported("nppes", registers.nppes(tmp_path / "week.csv", ROWS[:1]))
        assert beside(agent, submission).count("old data") == 2  # the other's row, and the exclusion

    def test_numbers_in_requests_of_others(self, nurse, agent):
        """Same NPI or tax ID in another request; the own earlier one is none."""
        own = registered(nurse, now=NOW)
        submissions.withdraw(submission=own, by=nurse, now=NOW)
        other = registered(AccountFactory(), now=NOW)
        sent = registered(nurse, now=NOW)
        page = beside(agent, sent) + beside(agent, sent, "tins")
        assert page.count(f"also in {other.reference}") == 3  # the NPI and two tax IDs
        assert own.reference not in page

    def test_whoever_decides_for_one_portal_learns_nothing_of_another(self, nurse):
        """C29: the same tax ID on a form of another portal."""
        elsewhere = SubmissionFactory(account=AccountFactory(), submitted=True)
        submission = registered(nurse, now=NOW, tins=elsewhere.answers["tins"])
        found = [
            conflicts.facts_of(submission, submission.answers, portals=portals, now=NOW).tins[0].requests
            for portals in ({PORTAL}, {PORTAL, elsewhere.portal_key})
        ]
        assert found == [(), (elsewhere,)]

    def test_tax_ids_attested_or_not_and_who_administers_them(self, nurse, agent):
        """D-25: nobody's, not attested, attested; of a vendor its clients' too."""
        staff = AccountFactory()
        tins = practices.of_tins(name="Harbor", tins=[("123456789", "EIN")], now=NOW)
        ruth = AccountFactory(first_name="Ruth", last_name="Adeyemi", login_name="ruth.a")
        MembershipFactory(grant=GrantFactory(account=ruth), practice=tins[0].practice, role=ADMINISTRATOR)
        submission = registered(nurse, now=NOW)
        said = beside(agent, submission, "tins")
        assert "12-3456789: of Harbor, not attested administered by Ruth Adeyemi (ruth.a)" in said
        assert "98-7654321: new: it becomes a practice of its own" in said
        practices.attest(tins=tins, reason="called", by=staff, now=NOW)
        assert "12-3456789: of Harbor, attested" in beside(agent, submission, "tins")

    @pytest.mark.parametrize("is_decided", [False, True])
    def test_a_tax_id_stands_once_with_all_that_is_known_of_it(self, nurse, agent, is_decided):
        """Thirty of them (S2-15) are read once. Those of a vendor's clients, which nobody attests here, are facts."""
        practices.of_tins(name="Harbor", tins=[("123456789", "EIN"), ("111111112", "EIN")], now=NOW)
        other = registered(AccountFactory(), now=NOW)  # with the same
        own, clients = [{"digits": "111111112", "kind": "EIN"}], [{"digits": "123456789", "kind": "EIN"}]
        vendor = registered(nurse, now=NOW, category="vendor", tins=[], vendor_tin=own, client_tins=clients)
        if is_decided:
            for sent in (other, vendor):
                submissions.decide(submission=sent, to="approved", by=agent, now=NOW, seen_version=sent.version)
        said = beside(agent, other, "tins")
        assert re.search(rf"12-3456789: of \w+, (not )?attested.* also in {vendor.reference}", said)
        assert "12-3456789" not in beside(agent, other)
        assert "11-1111112: of " in beside(agent, vendor, "tins")
        facts = beside(agent, vendor)
        assert "11-1111112" not in facts
        assert re.search(rf"Other tax IDs in this request 12-3456789 of \w+, .* also in {other.reference}", facts)

    def test_the_same_address(self, nurse, agent):
        """S2-05: whoever proved it too, with their request."""
        submission = registered(nurse, now=NOW)
        assert "The email address is in no other request" in beside(agent, submission)
        other = AccountFactory(first_name="Ana", last_name="Twin", login_name="ana.twin")
        theirs = registered(other, now=NOW)
        EmailAddress.objects.create(user=other, email=nurse.email, verified=True)
        said = beside(agent, submission)
        assert "The email address is also that of Ana Twin (ana.twin)" in said
        assert f"The email address: also in {theirs.reference} (submitted)" in said

    def test_facts_decide_nothing(self, nurse, agent, nppes, tmp_path):
        imported("leie", registers.leie(tmp_path / "UPDATED.csv", [excluded("NURSE", "NINA", npi=OWN)]))
        submission = registered(nurse, now=NOW)
        desk = signed_in(agent, verified=True)
        desk.post(desk_of(submission), {"step": "approved", "version": submission.version})
        submission.refresh_from_db()
        assert submission.state == "approved"

    def test_a_form_on_paper_has_none(self, agent):
        submission = SubmissionFactory(submitted=True)
        assert 'id="facts"' not in signed_in(agent, verified=True).get(desk_of(submission)).content.decode()

    def test_its_budget_does_not_grow_with_numbers(self, nurse, agent, nppes, django_assert_max_num_queries):
        for _ in range(3):
            registered(AccountFactory(), now=NOW)
        tins = [{"digits": f"12345{n:04}", "kind": "EIN"} for n in range(30)]
        practices.of_tins(name="Harbor", tins=[(tin["digits"], "EIN") for tin in tins], now=NOW)
        submission = registered(nurse, now=NOW, npis=[npi_of(n) for n in range(30)], tins=tins)
        desk = signed_in(agent, verified=True)
        desk.get(desk_of(submission))
        with django_assert_max_num_queries(31):
            assert desk.get(desk_of(submission)).status_code == 200


class TestForTheApplicant:
    @pytest.fixture
    def browser(self, nurse):
        return signed_in(nurse, verified=True)

    @pytest.fixture
    def draft(self, browser, nurse):
        browser.post(reverse("form_begin", args=[PORTAL]), {"category": "professional"})
        draft = Submission.objects.get(account=nurse)
        browser.post(step_of(draft, "state"), POSTS["state"])
        return draft

    def test_after_step_2_and_on_the_page_of_answers_it_says_name_and_state(self, browser, draft, nppes):
        """S2-15: an answer that is no error: the step is finished, the request can be sent."""
        typed = {"tins": "12-3456789", "npis": f"{OTHER}, {UNKNOWN}, {GONE}"}
        page = words_of(browser.post(step_of(draft, "identifier"), typed, follow=True).content.decode())
        for shown in (
            "Your NPIs in the national register (NPPES)",
            f"{OTHER}: PAUL OTHER, NV",
            f"{UNKNOWN}: not in NPPES",
            f"{GONE}: deactivated in NPPES on Nov",
            "You have completed 2 of 4 steps.",
        ):
            assert shown in page
        assert f"{OTHER}: PAUL OTHER" in words_of(browser.get(step_of(draft, "identifier")).content.decode())
        assert "NPPES" not in browser.get(step_of(draft, "role")).content.decode()
        for key in ("role", "job-functions"):
            led = browser.post(step_of(draft, key), POSTS[key])
        page = browser.get(led.url).content.decode()
        assert f"{OTHER}: PAUL OTHER" in words_of(page)
        draft.refresh_from_db()
        browser.post(led.url, {"version": draft.version})
        draft.refresh_from_db()
        assert draft.state == "submitted"

    def test_without_a_register_or_a_right_number_it_says_nothing(self, browser, draft, tmp_path):
        browser.post(step_of(draft, "identifier"), POSTS["identifier"])
        assert "NPPES" not in browser.get(step_of(draft, "identifier")).content.decode()
        imported("nppes", registers.nppes(tmp_path / "npidata.csv", ROWS))
        assert "NPPES" in browser.get(step_of(draft, "identifier")).content.decode()
        page = browser.post(step_of(draft, "identifier"), {"tins": "12-3456789", "npis": "1234567890"})
        assert "NPPES" not in page.content.decode()

    def test_a_stranger_s_request_is_not_looked_up(self, draft, nppes):
        other = signed_in(AccountFactory(phone="+13105550199"), verified=True)
        assert other.get(step_of(draft, "identifier")).status_code == 404

    def test_in_spanish(self, browser, draft, nppes):
        browser.post(step_of(draft, "identifier"), {"tins": "12-3456789", "npis": OTHER})
        browser.cookies["django_language"] = "es"
        assert "PAUL OTHER, NV" in browser.get(step_of(draft, "identifier")).content.decode()

    def test_old_data_says_so(self, browser, draft, tmp_path):
        old = NOW - lifecycle.after("register_stale")
        imported("nppes", registers.nppes(tmp_path / "npidata.csv", ROWS), now=old)
        browser.post(step_of(draft, "identifier"), {"tins": "12-3456789", "npis": OTHER})
        assert "old data" in browser.get(step_of(draft, "identifier")).content.decode()

    def test_its_budget(self, browser, draft, nurse, nppes, django_assert_max_num_queries):
        """Two statements more than the step without numbers, of thirty as of one."""
        draft.refresh_from_db()
        submissions.save_answers(
            submission=draft,
            answers=draft.answers | {"npis": [npi_of(n) for n in range(30)]},
            is_complete=False,
            now=NOW,
        )
        browser.get(step_of(draft, "identifier"))
        with django_assert_max_num_queries(7):
            page = browser.get(step_of(draft, "identifier"))
        assert page.status_code == 200
