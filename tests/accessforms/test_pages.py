"""What the pages of a form say: groups, lines, legal text, states, what comes next (S1-21, S1-24, C37, T02, walk C5, C6, C8, C9, F3)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from accessforms.domain import limits, submissions
from accessforms.models import Submission
from portals import registry, tenancy
from rbac.models import AccessGrant
from tests.conftest import make_staff
from tests.factories import NOW, SubmissionFactory
from tests.steps.filling import CLAIMS, CLAIMS_POST, PHYSICIAN, PHYSICIAN_POST
from tests.steps.sign_in import signed_in

State = Submission.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(provider):
    return signed_in(provider)


def plain(html: str) -> str:
    """The words of a page, as they are read out."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def decide(submission, agent, to, **told):
    return submissions.decide(
        submission=submission, to=to, by=agent, now=NOW, seen_version=submission.version, reason="Sign in ink", **told
    )


class TestTheForm:
    def test_each_group_is_a_fieldset_and_labels_are_the_documents_own(self, browser):
        """C37, S1-30, S1-31: "Email Address" and "Title" stand twice, in two groups."""
        page = browser.get(CLAIMS).content.decode()
        for legend in ("Your request", "Practice", "Authorizing Officer", "User"):
            assert f"<legend><h2>{legend}</h2></legend>" in page, legend
        labels = re.findall(r'<label class="ds-c-label"[^>]*>([^<]+?)\s*</label>', page)
        assert labels.count("Email Address") == labels.count("Title") == 2
        assert "Authorizing Officer Title" not in page
        assert "User Email Address" not in page

    def test_the_summary_names_group_and_field(self, browser):
        """C37, walk C8: in sentences."""
        page = browser.post(
            CLAIMS, {**CLAIMS_POST, "officer_title": "", "user_title": "", "state": ""}
        ).content.decode()
        summary = plain(page.split("data-error-summary")[1].split("</ul>")[0])
        for sentence in (
            "Authorizing Officer: Fill in “Title”.", "User: Fill in “Title”.", "Choose an answer to “State”.",
        ):  # fmt: skip
            assert sentence in summary, sentence

    def test_request_types_stand_in_three_lines_with_their_lead_in(self, browser):
        """S1-21: Staff PCP Specialist / New Access Update Report Access / Add Remove Access Update: Phone Address Email."""
        page = browser.get(PHYSICIAN).content.decode()
        lines = page.split("Select Request Type")[1].split("</fieldset>")[0].split('class="options options--line"')[1:]
        assert [plain(line.partition(">")[2].removesuffix("<div ")) for line in lines] == [
            "Staff PCP Specialist",
            "New Access Update Report Access",
            "Add Remove Access Update: Update: Phone Update: Address Update: Email",
        ], "the visible lead-in is read once a box, and not by itself"
        assert page.count('class="options__lead" aria-hidden="true">Update:') == 1

    def test_the_hipaa_text_is_read_before_anybody_signs(self, browser):
        """S1-24: on the form and on check answers, word for word."""
        legal = registry.get("physician").access_form.paper.legal
        assert legal in browser.get(PHYSICIAN).content.decode()
        url = browser.post(PHYSICIAN, PHYSICIAN_POST).url
        assert legal in browser.get(url).content.decode()

    @pytest.mark.parametrize("state", ["PR", "VI", "GU", "AS", "MP", "FM", "MH", "PW", "AA", "AE", "AP", "DC", "CA"])
    def test_every_state_territory_and_military_address_can_be_chosen(self, browser, state):
        """T02: the postal service's list."""
        assert browser.post(CLAIMS, {**CLAIMS_POST, "state": state}).status_code == 302

    def test_one_npi_is_one_person(self, browser):
        """walk C9."""
        two = {"staff-1-name": "A Second", "staff-1-email": "s@example.org", "staff-1-npi": " 1234567893"}
        page = browser.post(PHYSICIAN, {**PHYSICIAN_POST, **two}).content.decode()
        assert "Person 2: Physician NPI: This NPI is entered for somebody else already" in page
        without = browser.post(PHYSICIAN, {**PHYSICIAN_POST, **two, "staff-0-npi": "", "staff-1-npi": ""})
        assert without.status_code == 302, "several people may have none"

    def test_only_the_first_person_looks_required(self, browser):
        """walk C9."""
        page = plain(browser.get(PHYSICIAN).content.decode())
        assert "Person 1 I am this person" in page
        for number in (2, 3, 4):
            assert f"Person {number} (optional)" in page

    def test_a_tax_id_without_dashes_says_how_it_was_read(self, browser):
        """walk C9, C11."""
        url = browser.post(CLAIMS, {**CLAIMS_POST, "tins": "123456789 123-45-6789"}).url
        assert "<li>12-3456789 (EIN)</li><li>123-45-6789 (SSN)</li>" in browser.get(url).content.decode()

    def test_each_row_of_check_answers_leads_to_its_own_question(self, browser):
        """walk, beside GOV.UK: one Change a row."""
        url = browser.post(CLAIMS, CLAIMS_POST).url
        page = browser.get(url).content.decode()
        edit = browser.get(reverse("edit_request", args=[Submission.objects.get().reference])).content.decode()
        targets = re.findall(r'/edit/#([^"]+)"', page)
        assert len(targets) == page.count(">Change<") == len(CLAIMS_POST)
        for target in targets:
            assert f'id="{target}"' in edit, target
        assert "Change<span" in page
        assert "User  Title</span>" in page, "screen readers hear which one"

    def test_the_words_name_the_button_and_where_it_is(self, browser):
        """walk B8: "press Submit", "Print Portal Access Form"."""
        for path, post, label in (
            (CLAIMS, CLAIMS_POST, "Submit"),
            (PHYSICIAN, PHYSICIAN_POST, "Print Portal Access Form"),
        ):
            assert f"You find the button “{label}” on the next page" in browser.get(path).content.decode()
            check = browser.get(browser.post(path, post).url).content.decode()
            assert f"press “{label}” at the end of this page" in check
            assert f">{label}</button>" in check

    def test_print_opens_the_paper_by_itself(self, browser):
        """S1-22: one press; the Claims form, whose button says Submit, only offers it."""
        for path, post, opens in ((PHYSICIAN, PHYSICIAN_POST, True), (CLAIMS, CLAIMS_POST, False)):
            url = browser.post(path, post).url
            draft = Submission.objects.get(state="draft")
            sent = browser.post(url, {"version": draft.version}).url
            page = browser.get(sent).content.decode()
            assert (f'data-opens="/requests/{draft.reference}/form.pdf"' in page) is opens
            assert "data-opens" not in browser.get(sent.partition("?")[0]).content.decode(), "coming back opens nothing"


class TestTheRequest:
    """walk C6: by when to fax, what happens next, the usual time, which print counts, and each thing once."""

    def test_it_says_by_when_to_fax_and_what_comes_next(self, browser, submitted, inbox):
        page = plain(browser.get(reverse("request", args=[submitted.reference])).content.decode())
        assert "Fax the signed form by December 20, 2026 ." in page
        assert "by Dec. 20, 2026" in inbox.newest("mail").text or "by December 20, 2026" in inbox.newest("mail").text
        assert "What happens next" in page
        assert "are decided within" not in page, "no usual time is claimed without enough decided requests"
        assert "void" not in page

    def test_the_usual_time_is_measured(self, browser, submitted):
        for days in range(limits.ENOUGH_TO_SAY):
            SubmissionFactory(state=State.APPROVED, submitted_at=NOW, state_since=NOW + timedelta(days=days))
        assert limits.usual_days("claims") == 6
        assert limits.usual_days("physician") is None
        page = plain(browser.get(reverse("request", args=[submitted.reference])).content.decode())
        assert "Half of the requests are decided within 6 days after they were sent in." in page

    def test_a_new_revision_voids_the_old_print_and_is_another_line_of_the_history(self, browser, submitted, agent):
        decide(submitted, agent, State.RETURNED)
        check = browser.post(reverse("edit_request", args=[submitted.reference]), CLAIMS_POST).url
        submitted.refresh_from_db()
        browser.post(check, {"version": submitted.version})
        page = plain(browser.get(reverse("request", args=[submitted.reference])).content.decode())
        assert "This is revision 2. What you printed before is void" in page
        assert page.count("Request submitted") == 1
        assert "Request corrected and sent again, revision 2" in page


def test_a_portal_of_its_own_with_a_form_is_walked_from_end_to_end(provider, monkeypatch):
    """F3: a form and no `part_of`, as portals/spec.py allows."""
    alone = replace(registry.get("claims"), key="alone", part_of="")
    monkeypatch.setitem(registry.portals(), "alone", alone)
    tenancy._key_of.cache_clear()
    try:
        browser, agent = signed_in(provider), make_staff("its.agent", "service desk")
        for path in ("portals/", "register/", "access-form/", "access-form/instructions/"):
            assert browser.get(f"/p/alone/{path}").status_code == 200, path
        post = {**CLAIMS_POST, "user_is_applicant": "on"}
        sent = browser.post(
            browser.post("/p/alone/access-form/", post).url, {"version": Submission.objects.get().version}
        )
        assert reverse("chooser", args=["alone"]) in browser.get(sent.url).content.decode()
        received = decide(Submission.objects.get(), agent, State.FAX_RECEIVED)
        decide(received, agent, State.APPROVED)
        assert AccessGrant.objects.get().portal_key == "alone"
        assert reverse("enter", args=["alone"]) in browser.get(sent.url).content.decode()
        assert browser.get("/p/alone/enter/").url == "/p/alone/home/"
        assert browser.get("/p/alone/home/").status_code == 200
    finally:
        tenancy._key_of.cache_clear()
        tenancy._tenant.cache_clear()
