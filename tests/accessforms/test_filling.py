"""Filling an access form: its fields, drafts, check answers, double submits, stale pages, strangers."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accessforms.models import Printout, Submission
from portals import registry
from portals.form_spec import Kind
from tests.factories import SubmissionFactory
from tests.steps.filling import CLAIMS, CLAIMS_POST, PHYSICIAN, PHYSICIAN_POST
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(provider) -> Client:
    return signed_in(provider)


def only() -> Submission:
    return Submission.objects.get()


def test_the_claims_form_asks_every_field_of_the_documents(browser):
    """S1-25, S1-26, S1-27, S1-28, S1-29, S1-30, S1-31, S1-17: labels, choices, texts, header links, the ID pre-filled and not typed."""
    page = browser.get(CLAIMS).content.decode()
    for text in (
        "CLAIMS HOME", "HELP &amp; FAQs", "CONTACT US", "CLAIMS ONLINE PORTAL ACCESS FORM",
        "Please complete the Online Registration form and press Submit.", "HERE</a>", "One Healthcare ID",
        "dr.provider", "Request Type", "New Request", "Update Existing Account", "Add Tax ID", "Deactivate Account",
        "Reactivate Account", "Contact Name", "Contact Phone", "Practice / Group Name", "Billing Provider TINs",
        "Example TIN 12-3456789 or 123-45-6789", "Address", "City", "State", "Suite", "Zip", "Telephone Number",
        "Front Office Email Address", "Fax Number", "Authorizing Officer Name (First and Last Name)",
        "Administrator, Supervisor, Manager, Director or the Doctor", "User Name (First and Last Name)",
        "Allow Submit Claims Online?", "Login User ID", "is the person who needs access to the Claims Portal",
    ):  # fmt: skip
        assert text in page, text
    assert 'name="ohid"' not in page
    assert page.count('type="radio"') == 7, "one choice of five, and yes or no (S1-28, S1-31)"


def test_the_physician_form_asks_every_field_of_the_documents(browser):
    """S1-18, S1-19, S1-20, S1-21, S1-22, S1-23, S1-24, C33: note, fields, ten regions, eleven request boxes, four rows with No as default."""
    page = browser.get(PHYSICIAN).content.decode()
    for text in (
        "NOTE: THIS FORM IS NOT TO BE USED TO GAIN ACCESS TO SUBMITTING ELECTRONIC REFERRALS",
        "PHYSICIAN INFORMATION PORTAL ACCESS FORM", "One HealthCare ID", "Physician Name", "Physician Telephone Number",
        "Practice / Group name", "Indicate Region/Area", "R1: Pasadena SGV/PA", "R2: Los Angeles", "R3: South Bay",
        "R4: Long Beach", "R5: SFV/Santa Clarita", "R6: Talbert ARTA", "R7: Riverside", "San Jose", "Magan",
        "Optum Care Network-AppleCare", "Select Request Type: (select all that apply)", "Report Access",
        "Remove Access", "Please do not print from browser", "Physician / Staff Name",
        "Physician NPI", "Existing Username Optum-Connect", "Cap Report", "Add/Terms (AC only)",
    ):  # fmt: skip
        assert text in page, text
    asked = registry.get("physician").access_form.fields()
    assert len(asked["regions"].choices) == 10
    assert len(asked["request_type"].choices) == 11
    visible = page.split("<template>")[0]
    assert visible.count('name="staff-') == 3 + 4 * 9 + 1
    assert visible.count('value="no"') == 8, "Cap Report and Add/Terms offer No in each row"
    assert visible.count("checked") == 8, "Cap Report and Add/Terms start with No in each row"
    assert "State</label>" not in page, "this form has no State (S1-19)"


def test_from_form_to_reference_number(browser, provider, inbox):
    """S1-26, S1-32: fill, check answers, Submit, then print, sign, fax with the number."""
    answer = browser.post(CLAIMS, CLAIMS_POST)
    submission = only()
    assert answer.url == reverse("check_answers", args=[submission.reference])
    page = browser.get(answer.url).content.decode()
    for text in (
        "Clínica &amp; Sons",
        "12-3456789 (EIN)",
        "123-45-6789 (SSN)",
        "(310) 555-0123",
        "New Request",
        "Change",
        "Not answered",
    ):
        assert text in page, text
    assert ">Submit</button>" in page
    done = browser.post(answer.url, {"version": submission.version})
    assert done.url == reverse("request", args=[submission.reference])
    submission.refresh_from_db()
    assert submission.state == "submitted"
    page = browser.get(done.url).content.decode()
    assert submission.reference in page
    assert "(310) 808-9217" in page
    assert "Your form is being made" in page
    assert Printout.objects.get().submission == submission
    mail = inbox.newest("mail", provider.email)
    assert submission.reference in mail.subject
    assert "(310) 808-9217" in mail.text


def test_the_physician_forms_button_stores_the_record_too(browser):
    """C13, S1-22: "Print Portal Access Form" submits and prints."""
    answer = browser.post(PHYSICIAN, PHYSICIAN_POST)
    submission = only()
    assert submission.answers["staff"] == [
        {"name": "Zoë O'Brien", "email": "z@example.org", "npi": "1234567893", "username": "zob", "cap_report": "no", "add_terms": "no", "is_applicant": False}
    ]  # fmt: skip
    assert "Print Portal Access Form</button>" in browser.get(answer.url).content.decode()
    browser.post(answer.url, {"version": submission.version})
    assert only().state == "submitted"


@pytest.mark.parametrize("field", [name for name in CLAIMS_POST if name not in ("suite", "fax")])
def test_each_required_answer_of_the_claims_form_is_missed_by_name(browser, field):
    """S1-26..31: said at the field and in the summary; everything else is kept."""
    page = browser.post(CLAIMS, {**CLAIMS_POST, field: ""}).content.decode()
    label = registry.get("claims").access_form.fields()[field].label
    sentence = (
        f"Choose an answer to “{label}”."
        if field in ("request_type", "state", "submit_claims")
        else f"Fill in “{label}”."
    )
    assert sentence.replace("&", "&amp;") in page
    assert "There is a problem" in page
    assert field == "practice_name" or "Clínica &amp; Sons" in page
    assert not only().is_complete


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"physician_name": ""}, "Fill in “Physician Name”."),
        ({"regions": []}, "Choose at least one region or area."),
        ({"request_type": []}, "Choose at least one request type."),
        ({"staff-0-npi": "1234567890"}, "Person 1: Physician NPI: This is not an NPI"),
        ({"staff-0-email": ""}, "Person 1: Fill in “Email Address”."),
        ({"staff-0-name": ""}, "Person 1: Fill in “Physician / Staff Name”."),
        (
            {"staff-0-name": "", "staff-0-email": "", "staff-0-npi": "", "staff-0-username": ""},
            "Fill in at least one row.",
        ),
        ({"zip": "1"}, "zip code of 5 or 9 digits"),
        ({"regions": ["mars"]}, "valid choice"),
    ],
)
def test_bad_answers_of_the_physician_form(browser, changes, says):
    """S1-18..23."""
    page = browser.post(PHYSICIAN, {**PHYSICIAN_POST, **changes}).content.decode()
    assert says in page
    assert "There is a problem" in page


def test_rows_can_be_added_up_to_eight_without_script(browser):
    """C33: the same button works by sending the form; nothing typed is lost, nothing is stored half."""
    page = browser.post(PHYSICIAN, {**PHYSICIAN_POST, "add_row": "1"}).content.decode()
    assert 'name="staff-TOTAL_FORMS" value="5"' in page
    assert "There is a problem" not in page, "nothing was asked to be checked yet"
    assert "Zoë O&#x27;Brien" in page
    full = {**PHYSICIAN_POST, "add_row": "1", "staff-TOTAL_FORMS": "8"}
    page = browser.post(PHYSICIAN, full).content.decode()
    assert 'name="staff-TOTAL_FORMS" value="8"' in page
    assert "Add another person" not in page
    assert not Submission.objects.exists()


def test_more_than_eight_rows_are_refused(browser):
    rows = {f"staff-{n}-{name}": value for n in range(9) for name, value in (("name", "A"), ("email", "a@example.org"))}
    page = browser.post(PHYSICIAN, {**PHYSICIAN_POST, **rows, "staff-TOTAL_FORMS": "9"}).content.decode()
    assert "at most 8 forms" in page


def test_a_draft_is_kept_while_typing_and_found_again(browser, provider):
    """interface, autosave: on the server, even half and wrong; only its owner finds it."""
    answer = browser.post(CLAIMS + "draft/", {"contact_name": "Half", "tins": "12-34", "city": "NUL\0"}).json()
    draft = only()
    assert answer == {"saved": True, "draft": draft.reference}
    assert (draft.state, draft.is_complete, draft.account) == ("draft", False, provider)
    page = browser.get(CLAIMS).content.decode()
    assert 'value="Half"' in page
    assert "12-34" in page


def test_an_autosave_of_a_form_that_was_sent_in_meanwhile_begins_no_ghost(browser, submitted):
    """A page left open in another tab keeps quiet."""
    late = browser.post(CLAIMS + "draft/", {"contact_name": "Ghost", "draft": submitted.reference})
    assert late.status_code == 409
    assert only().state == "submitted"


def test_opening_the_form_stores_nothing(browser):
    assert browser.get(CLAIMS).status_code == browser.head(CLAIMS).status_code == 200
    assert not Submission.objects.exists()


def test_submitting_twice_makes_one_request(browser, inbox):
    """Double submits: the second press leads to the same page."""
    url = browser.post(CLAIMS, CLAIMS_POST).url
    version = only().version
    first, second = (browser.post(url, {"version": version}) for _ in range(2))
    assert first.url == second.url == reverse("request", args=[only().reference])
    assert Printout.objects.count() == 1
    assert len([m for m in inbox.all() if "print, sign and fax" in m.subject]) == 1


def test_a_stale_check_page_does_not_send_what_was_not_seen(browser):
    """A check-answers page of before another window's change: told, shown anew, nothing sent."""
    url = browser.post(CLAIMS, CLAIMS_POST).url
    stale = only().version
    browser.post(CLAIMS, {**CLAIMS_POST, "city": "Fresno"})
    answer = browser.post(url, {"version": stale})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Your answers changed in another window" in page
    assert "Fresno" in page
    assert only().state == "draft"
    assert browser.post(url, {"version": only().version}).url == reverse("request", args=[only().reference])


@pytest.mark.parametrize("version", ["", "x", "-1", "99"])
def test_a_forged_version_sends_nothing(browser, version):
    url = browser.post(CLAIMS, CLAIMS_POST).url
    assert browser.post(url, {"version": version}).status_code == 409
    assert only().state == "draft"


def test_an_incomplete_draft_cannot_be_sent(browser):
    browser.post(CLAIMS, {**CLAIMS_POST, "city": ""})
    draft = only()
    url = reverse("check_answers", args=[draft.reference])
    assert browser.get(url).url == reverse("edit_request", args=[draft.reference]) + "?errors=1"
    page = browser.post(url, {"version": draft.version}, follow=True).content.decode()
    assert "Nothing was sent: some answers are missing" in page
    assert "Fill in “City”." in page
    assert "Clínica &amp; Sons" in page
    assert "12-3456789, 123-45-6789" in page
    assert only().state == "draft"


def test_an_incomplete_physician_draft_shows_its_errors_row_by_row(browser):
    browser.post(PHYSICIAN, {**PHYSICIAN_POST, "staff-0-npi": "1"})
    page = browser.get(reverse("edit_request", args=[only().reference]) + "?errors=1").content.decode()
    assert "Person 1: Physician NPI: This is not an NPI" in page
    assert page.count("There is a problem") == 1
    assert "Fill in at least one row" not in page


@pytest.mark.parametrize(
    "name", ["request", "edit_request", "check_answers", "printing_progress", "request_pdf", "withdraw_request"]
)
def test_somebody_elses_request_and_a_missing_one_are_the_same_404(stranger, submitted, name):
    """policy, Always: object checks in the query."""
    browser = signed_in(stranger)
    theirs = browser.get(reverse(name, args=[submitted.reference]))
    missing = browser.get(reverse(name, args=["ABCDEFGH"]))
    assert theirs.status_code == missing.status_code == 404
    masked = theirs.content.decode().replace(submitted.reference, "ABCDEFGH")
    assert masked.split("csrfmiddlewaretoken")[0] == missing.content.decode().split("csrfmiddlewaretoken")[0]


def test_a_stranger_can_neither_submit_nor_withdraw(stranger, submitted):
    browser = signed_in(stranger)
    for name in ("withdraw_request", "check_answers", "edit_request"):
        assert browser.post(reverse(name, args=[submitted.reference]), {"version": "2"}).status_code == 404
    submitted.refresh_from_db()
    assert submitted.state == "submitted"


@pytest.mark.parametrize("path", [CLAIMS, PHYSICIAN, CLAIMS + "draft/", "/requests/ABCDEFGH/"])
def test_without_a_session_one_signs_in_first(client, db, path):
    assert client.get(path).url.startswith("/id/sign-in/?next=/")


def test_portals_without_a_form_have_none(browser):
    """C12: Referrals has no access form."""
    assert browser.get("/p/referrals/access-form/").status_code == 404
    assert browser.get("/p/nowhere/access-form/").status_code == 404
    assert registry.get("referrals").how_to_ask


def test_the_page_behind_here_explains_the_form(client, db):
    """S1-26: reachable without a session."""
    page = client.get("/p/claims/access-form/instructions/").content.decode()
    assert "How to complete your Access Form" in page
    assert "(310) 808-9217" in page


def test_a_sent_request_is_no_longer_edited(browser, submitted):
    for name in ("edit_request", "check_answers"):
        assert browser.get(reverse(name, args=[submitted.reference])).url == reverse(
            "request", args=[submitted.reference]
        )


def test_withdrawing_asks_first(browser, submitted):
    """D-08: withdrawn by the applicant."""
    url = reverse("withdraw_request", args=[submitted.reference])
    assert "Withdraw this request?" in browser.get(url).content.decode()
    browser.post(url)
    submitted.refresh_from_db()
    assert submitted.state == "withdrawn"
    assert "Withdrawn" in browser.get(reverse("request", args=[submitted.reference])).content.decode()
    assert browser.get(url).status_code == 302


def test_a_returned_request_is_corrected_and_sent_again_as_a_new_revision(browser, submitted, agent):
    """D-08: returned with a reason, corrected, resubmitted; the printed form counts its revision."""
    from accessforms.domain import submissions
    from tests.factories import NOW

    submissions.decide(
        submission=submitted, to="returned", by=agent, now=NOW, seen_version=submitted.version, reason="Sign in ink"
    )
    url = reverse("edit_request", args=[submitted.reference])
    assert "Sign in ink" in browser.get(url).content.decode()
    check = browser.post(url, CLAIMS_POST).url
    submitted.refresh_from_db()
    browser.post(check, {"version": submitted.version})
    submitted.refresh_from_db()
    assert (submitted.state, submitted.revision, submitted.reason) == ("submitted", 2, "")
    assert list(submitted.printouts.order_by("revision").values_list("revision", flat=True)) == [1, 2]


def test_hostile_answers_stay_text_everywhere(browser, agent, inbox):
    """Hostile text in page, admin and mail."""
    hostile = "<script>alert(1)</script>{{ 7|add:7 }}"
    text_fields = [f.name for f in registry.get("claims").access_form.fields().values() if f.kind == Kind.TEXT]
    url = browser.post(CLAIMS, {**CLAIMS_POST, **dict.fromkeys(text_fields, hostile[:30])}).url
    submission = only()
    browser.post(url, {"version": submission.version})
    desk = signed_in(agent, verified=True)
    for page in (
        browser.get(url), browser.get(reverse("request", args=[submission.reference])),
        desk.get(reverse("admin:accessforms_submission_change", args=[submission.pk])),
    ):  # fmt: skip
        assert "<script>alert" not in page.content.decode()
    assert "<script>" not in inbox.newest("mail").html


def test_two_drafts_of_one_portal_cannot_exist(provider):
    """The database keeps the promise."""
    from django.db import IntegrityError, transaction

    SubmissionFactory(account=provider)
    with pytest.raises(IntegrityError), transaction.atomic():
        SubmissionFactory(account=provider)


def test_without_script_a_draft_is_saved_by_a_button(browser):
    """Walk without script: autosave is a script's; the button keeps what was typed, checked or not."""
    page = browser.get(CLAIMS).content.decode()
    assert re.search(r'<noscript><button [^>]*name="later" value="1">Save and go on later</button></noscript>', page)
    answer = browser.post(CLAIMS, {"contact_name": "Half way", "later": "1"}, follow=True)
    assert answer.redirect_chain == [(CLAIMS, 302)]
    page = answer.content.decode()
    assert "Your draft is saved." in page
    assert "Half way" in page
    assert "There is a problem" not in page
    assert only().state == Submission.State.DRAFT
    assert not only().is_complete


@pytest.mark.parametrize("path", [CLAIMS, PHYSICIAN])
def test_the_enter_key_goes_on_and_adds_no_row(browser, path):
    """A browser presses the first button of a form; that was "Add another person"."""
    form = browser.get(path).content.decode().partition('<form method="post" novalidate class="form"')[2]
    first = re.search(r"<button([^>]*)>", form.partition("</form>")[0])
    assert "name=" not in first[1]
