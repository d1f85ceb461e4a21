"""The main job, as six stories in a real browser: a new ID, two forms, the PDF, the service desk, coming back."""

import re

import pytest

from accessforms.models import Submission
from identity.models import Account
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory, GrantFactory, SubmissionFactory
from tests.journeys.conftest import BOTH, EVERY
from tests.steps.browser import answer_questions, sign_in, sign_up_form, spoken, words


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_provider_creates_an_id_and_arrives_at_the_choice_of_portals(visit, inbox, language):
    """Story 1: S1-06, S1-13, S1-16, S1-40, S1-41, S1-46, S1-51, S0-12, S0-21, S0-27. Given nobody; when she signs up; then she chooses a portal."""
    say, her = words(language), visit(views=BOTH, language=language)
    her.go("/p/optum-connect/")
    her.look()
    her.page.locator("a.ds-c-button", has_text=say["sign_me_up"]).click()
    her.look(say["validate"])
    her.page.locator("dialog").get_by_role("link", name="One Healthcare ID").click()
    her.look(say["welcome"])
    her.follow(say["create"])
    her.look(say["create"])
    her.press(say["continue"])  # an empty form: every error, and the summary is focused
    her.told()
    her.look(say["create"])
    assert her.page.evaluate("document.activeElement.hasAttribute('data-error-summary')")
    assert her.page.locator("[data-error-summary] li").count() == 9
    sign_up_form(her, "ana.nunez")
    her.press(say["continue"])
    answer_questions(her, say)
    her.look(say["verify_email"])
    her.fill(code="0000000000")
    her.press(say["verify"])
    her.told()
    her.look(say["verify_email"])
    her.fill(code=inbox.newest("mail", "ana.nunez@example.org").code)
    her.press(say["verify"])
    her.look(say["verified"])
    her.press(say["continue"])
    her.look(say["verify_phone"])
    her.press(say["text"])
    her.look(say["verify_phone"])
    her.fill(code=inbox.newest("text", "+13105550199").code)
    her.press(say["verify"])
    her.look(say["phone_verified"])
    her.press(say["continue"])
    her.look(say["faster"])
    her.press(say["continue"])
    her.look(say["which"])
    assert her.path() == "/p/optum-connect/register/"
    assert Account.objects.get().language == language


def test_the_link_and_the_call_and_another_number(visit, inbox):
    """Story 1's other ways: S0-26, C22, S1-48, S1-49: link in the same browser, update the number, keypad call."""
    say, her = words("en"), visit()
    her.go("/id/create/")
    sign_up_form(her, "ana.nunez")
    her.press(say["continue"])
    answer_questions(her, say)
    her.look(say["verify_email"])
    her.go(inbox.newest("mail").link)
    her.look(say["activate"])
    her.press(say["continue"])
    her.look(say["verified"])
    her.press(say["continue"])
    her.follow(say["update"])
    her.look(say["update"])
    her.fill(phone="213-555-0142")
    her.press("Update")
    her.look(say["verify_phone"])
    her.press(say["call"])
    her.look(say["verify_phone"])
    code = re.sub(r"\D", "", her.page.locator(".code").inner_text())
    call = inbox.newest("voice", "+12135550142").call
    answer = her.context.request.post(call.keypad_url, form={"Digits": code})
    assert "The code is right" in answer.text()
    her.press(say["entered"])
    her.look(say["phone_verified"])
    her.press(say["continue"])
    her.look(say["faster"])
    her.press(say["continue"])
    her.look("My Profile")  # C23: no portal asked


def test_a_scanner_that_runs_scripts_consumes_nothing(visit, inbox):
    """Bad input: a link opened by a script-running browser before the person presses."""
    say, her, scanner = words("en"), visit(), visit()
    her.go("/id/create/")
    sign_up_form(her, "ana.nunez")
    her.press(say["continue"])
    answer_questions(her, say)
    her.look(say["verify_email"])
    link = inbox.newest("mail").link
    for _ in range(2):
        scanner.go(link)
        scanner.page.wait_for_load_state("networkidle")
    her.go(link)
    her.look(say["activate"])
    her.press(say["continue"])
    her.look(say["verified"])


CLAIMS = {
    "contact_phone": "310-555-0123", "practice_name": "Clínica Núñez & Sons", "tins": "12-3456789, 123-45-6789",
    "address": "1 Main St", "city": "Los Ángeles", "zip": "90210", "telephone": "3105550100",
    "front_office_email": "f@example.org", "officer_name": "Olga Officer", "officer_email": "o@example.org",
    "officer_title": "Director", "user_name": "Ana Núñez", "user_email": "a@example.org", "user_title": "Biller",
    "login_user_id": "anan",
}  # fmt: skip


@pytest.mark.parametrize(("language", "width", "script"), [("en", 1200, True), ("es", 320, True), ("en", 1200, False)])
def test_the_claims_form_from_questions_to_pdf(visit, inbox, language, width, script):
    """Stories 2 and 4: S1-25..32; with and without script; the page offers the PDF when it is made."""
    her = visit(width=width, script=script, language=language)
    her.go("/p/claims/access-form/")
    if script:
        sign_in(her, inbox, AccountFactory(login_name="ana.nunez", language=language), language=language)
    else:
        _sign_in_plain(her, inbox, "ana.nunez")
    look = her.look if script else (lambda heading=None: None)
    look("CLAIMS ONLINE PORTAL ACCESS FORM")
    her.press(spoken(language, "Continue to check answers"))
    her.told()
    look("CLAIMS ONLINE PORTAL ACCESS FORM")
    her.page.check("#id_user_is_applicant")
    if script:
        assert her.page.input_value("#id_user_email") == "ana.nunez@example.org", "I am the user fills what is empty"
    her.fill(**CLAIMS)
    her.page.select_option("#id_state", "CA")
    her.page.check("#id_request_type_0")
    her.page.check("#id_submit_claims_0")
    her.press(spoken(language, "Continue to check answers"))
    look(spoken(language, "Check your answers"))
    her.press(spoken(language, "Submit"))
    her.arrive("/requests/*/")
    her.page.wait_for_selector("a[href$='form.pdf']")
    look(spoken(language, "Your request for %(name)s", name="Claims Online Portal"))
    pdf = her.context.request.get(her.page.url + "form.pdf")
    assert pdf.body().startswith(b"%PDF")
    assert Submission.objects.get().state == "submitted"


def _sign_in_plain(visitor, inbox, name: str) -> None:
    account = AccountFactory(login_name=name)
    visitor.fill(login=name)
    visitor.press("Continue")
    visitor.fill(password=PASSWORD)
    visitor.press("Sign In")
    visitor.page.wait_for_url("**/access-code/")
    visitor.fill(code=inbox.newest("mail", account.email).code)
    visitor.press("Next")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_physician_form_with_a_fifth_person_and_a_kept_draft(visit, inbox, language):
    """Stories 3 and 4: S1-18..24, C33; rows are added in place, the draft survives a closed window."""
    her = visit(language=language)
    her.go("/p/physician/access-form/")
    account = AccountFactory(login_name="dr.lee", language=language)
    sign_in(her, inbox, account, language=language)
    her.look("PHYSICIAN INFORMATION PORTAL ACCESS FORM")
    her.fill(physician_name="Dr. Lee")
    her.page.wait_for_selector("[data-saved]:not(:empty)")
    her.page.reload()
    assert her.page.input_value("#id_physician_name") == "Dr. Lee"
    her.fill(practice_name="Lee & Lee", address="1 Main St", city="LA", zip="90210", telephone="3105550100")
    her.page.check("#id_regions_0")
    her.page.check("#id_request_type_3")
    her.press(spoken(language, "Add another person"))
    assert her.page.evaluate("document.activeElement.id") == "id_staff-4-is_applicant"
    her.look()
    for row, name in ((0, "Dr. Lee"), (4, "Ming Lee")):
        her.page.fill(f"#id_staff-{row}-name", name)
        her.page.fill(f"#id_staff-{row}-email", "a@example.org")
    her.press(spoken(language, "Continue to check answers"))
    her.look(spoken(language, "Check your answers"))
    her.press(spoken(language, "Print Portal Access Form"))
    her.page.wait_for_selector("a[href$='form.pdf']")
    her.look(spoken(language, "Your request for %(name)s", name="Physician Information Portal"))
    assert [row["name"] for row in Submission.objects.get().answers["staff"]] == ["Dr. Lee", "Ming Lee"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_service_desk_approves_and_the_provider_lands_in_the_portal(visit, inbox, language):
    """Stories 5 and 6: S1-34..36; text code, queue, fax received, approve, then straight into Claims."""
    provider = AccountFactory(login_name="ana.nunez", first_name="Ana", last_name="Núñez", language=language)
    submission = SubmissionFactory(account=provider, submitted=True)
    make_staff("desk.agent", "service desk")
    agent = visit()
    agent.go("/admin/")
    sign_in(agent, inbox, Account.objects.get(login_name="desk.agent"), "+13105550121")
    agent.arrive("/admin/")
    agent.go("/admin/accessforms/submission/")
    agent.follow(submission.reference)
    agent.page.wait_for_selector(".desk__pages img")
    agent.look()
    agent.press("Deny")
    assert "Enter a reason" in agent.page.locator(".errornote").inner_text()
    agent.press("Fax received")
    agent.press("Approve")
    agent.told("Request approved. The applicant is told by mail.")
    approved = spoken(language, "Your request %(reference)s is approved", reference=submission.reference)
    assert inbox.newest("mail", provider.email).subject == approved
    her = visit(language=language)
    her.go("/p/optum-connect/")
    her.follow(spoken(language, "Log In (With OHID)"))
    her.fill(login=provider.email)
    her.press(spoken(language, "Continue"))
    her.fill(password=PASSWORD)
    her.press(spoken(language, "Sign In"))
    her.look(spoken(language, "Access Code Sign In"))
    her.fill(code=inbox.newest("mail", provider.email).code)
    her.press(spoken(language, "Next"))
    her.look("Claims Online Portal")
    assert her.path() == "/p/claims/home/"


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_in_both_languages_widths_and_colours(visit, inbox, language):
    """interface, checks: light, dark, 320 px, each portal's colours, Spanish; violations 0, console errors 0."""
    provider = AccountFactory(login_name="ana.nunez")
    for key in ("claims", "physician", "referrals"):
        GrantFactory(account=provider, portal_key=key)
    submission = SubmissionFactory(account=provider, submitted=True)
    draft = SubmissionFactory(account=provider, portal_key="physician")
    someone = visit(views=EVERY, language=language)
    public = [
        "/", "/p/optum-connect/", "/p/optum-connect/sign-me-up/", "/p/optum-connect/existing-user/", "/p/claims/help/",
        "/p/claims/contact/", "/p/physician/contact/", "/p/referrals/help/", "/p/claims/access-form/instructions/",
        "/id/terms-of-use/", "/id/privacy-policy/", "/id/help/", "/id/help/what-is-an-optum-id/", "/id/forgot-id/",
        "/id/forgot-password/", "/id/forgot-id/sent/", "/id/forgot-password/sent/", "/p/provider-online/",
        "/id/sign-in/?portal=provider-online", "/id/forgot-id/?portal=provider-online",
        "/id/forgot-password/?portal=provider-online",
        "/id/help/passkey/", "/id/help/authenticator/", "/id/create/", "/id/sign-in/", "/p/trucase/",
        "/p/trucase/old-account/forgot/",
        "/id/sign-in/?next=/p/trucase/enter/", "/id/create/?next=/p/trucase/enter/",
    ]  # fmt: skip
    for path in public:
        someone.go(path)
        someone.look()
    someone.go("/id/sign-in/?portal=&next=/id/profile/")
    someone.fill(login="ana.nunez")
    someone.page.locator("main form button").first.click()
    someone.look()
    someone.fill(password=PASSWORD)
    someone.page.locator("main form button:not([data-shows])").first.click()
    someone.page.wait_for_url("**/access-code/")
    someone.look()
    someone.fill(code=inbox.newest("mail", provider.email).code)
    someone.page.locator("main form button").first.click()
    someone.page.wait_for_url("**/profile/")
    phone = provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
    for path in (
        "/id/profile/", "/id/faster-sign-in/", "/id/devices/", "/id/methods/passkey/", "/id/methods/authenticator/",
        "/id/methods/recovery-codes/", f"/id/methods/phone/{phone.pk}/remove/", "/id/confirm/?next=/id/profile/",
        "/p/trucase/portals/", "/p/trucase/last-log-in/", "/p/optum-connect/portals/", "/p/optum-connect/register/",
        "/p/claims/home/", "/p/physician/home/", "/p/referrals/home/", f"/requests/{submission.reference}/",
        f"/requests/{submission.reference}/withdraw/", f"/requests/{draft.reference}/edit/", f"/requests/{draft.reference}/check/",
    ):  # fmt: skip
        someone.go(path)
        someone.look()
        assert someone.page.get_attribute("html", "lang") == language
