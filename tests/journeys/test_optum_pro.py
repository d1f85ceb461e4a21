"""Registration for Optum Pro in a real browser: from the public page over four steps to the first sign-in."""

import pytest
from django.utils import timezone

from accessforms.models import Submission
from identity.models import Contact
from identity.notices import tickets
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.journeys.conftest import BOTH, EVERY
from tests.steps import registers
from tests.steps.browser import arrive, sign_in, spoken
from tests.steps.grid import works_as
from tests.steps.register_imports import imported
from tests.steps.submission_desk import desk_of


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_the_public_page_to_the_first_sign_in(visit, inbox, language, tmp_path):
    """S2-10..20, S2-31, C14, C29: category, sign-in, four steps, "Submit to administrator", the desk, the home page."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    account = AccountFactory(login_name="nina.nurse", first_name="Nina", last_name="Núñez", language=language)
    doctor = registers.person("1234567893", "AMÉLIE", "O'CONNOR", "NV")
    imported("nppes", registers.nppes(tmp_path / "npidata.csv", [doctor]), now=timezone.now())
    imported(
        "leie", registers.leie(tmp_path / "UPDATED.csv", [registers.excluded("NUNEZ", "NINA")]), now=timezone.now()
    )
    her = visit(views=BOTH, language=language)
    her.go("/p/optum-pro/")
    her.look("Optum Pro")
    her.picture(f"landing-{language}")
    her.follow(say("Register for Optum Pro"))
    her.look(say("Register for Optum Pro"))
    her.press_main()  # nothing chosen
    her.told()
    her.look(say("Register for Optum Pro"))
    her.picture(f"begin-{language}")
    her.page.check("#id_category_0")
    her.press_main()
    sign_in(her, inbox, account, language=language)
    her.look(say("Register for Optum Pro"))
    assert her.page.get_by_text(say("Contracted Professional"), exact=True).count() == 1
    her.press(say("Complete the next step"))
    her.look(say("Select your state"))
    her.page.select_option("#id_market", "CA")
    her.press_main()
    her.look(say("Register for Optum Pro"))
    her.picture(f"steps-{language}")
    her.follow(say("Complete the next step"))
    her.fill(tins="12-3456789, 123-45-6789", npis="1234567894")
    her.press_main()
    her.told()
    her.look(say("Enter your identifier"))
    her.picture(f"identifier-{language}")
    her.fill(tins="12-3456789, 98-7654321", npis="1234567893")
    her.press_main()
    her.look(say("Register for Optum Pro"))
    her.told("1234567893: AMÉLIE O'CONNOR, NV")  # S2-15: what NPPES says, right after the step
    her.picture(f"nppes-{language}")
    her.follow(say("Complete the next step"))
    her.look(say("Select your role"))
    her.page.select_option("#id_role", "medical_assistant")
    her.press_main()
    her.follow(say("Complete the next step"))
    her.look(say("Select the appropriate job function(s) aligned to your daily duties"))
    her.picture(f"functions-{language}")
    her.page.check("#id_job_functions_1")
    her.press_main()
    her.look(say("Check your answers"))
    her.picture(f"check-{language}")
    her.press(say("Submit to administrator"))
    her.look(say("Your request for %(name)s", name="Optum Pro"))
    her.picture(f"waiting-{language}")
    submission = Submission.objects.get(account=account)
    agent = visit(views=BOTH)
    agent.go("/admin/")
    arrive(agent, make_staff("desk.agent", "service desk"))
    agent.go(desk_of(submission))
    agent.look()
    agent.picture(f"desk-{language}")
    agent.page.check("#attest-1")
    agent.press("Approve")
    agent.told("Request approved. The applicant is told by mail.")
    her.go("/p/optum-pro/")
    her.follow(say("Sign in"))
    her.arrive("/p/optum-pro/clinicians/")  # S2-21: California
    her.press(say("Continue without a clinician"))
    her.arrive("/p/optum-pro/home/")
    her.look("Optum Pro")
    her.picture(f"home-{language}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_public_pages_in_every_width_and_colour(visit, language):
    """S2-03, S2-24..26, S3-20, S3-21."""
    someone = visit(views=EVERY, language=language)
    for page in ("", "about/start/", "about/troubleshooting/", "help/", "access-form/begin/", "contact/"):
        someone.go(f"/p/optum-pro/{page}")
        someone.look()
        assert someone.page.get_by_text("Optum is an equal opportunity employer.").count() or page in (
            "access-form/begin/", "contact/",
        )  # fmt: skip
        someone.picture(f"public-{page.replace('/', '-')}{language}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_ticket_about_more_tax_ids_leads_the_desk_to_add_them(visit, inbox, language):
    """S2-16: after the first sign-in, by Contact Us; one press a tax ID, and the person reads of it."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    row = works_as("practice_manager", market="TX", portal_key="optum-pro")
    ticket = tickets.ask(
        account=row.grant.account, portal_key="optum-pro", queue="optum-pro", topic="practice", subject="31 TINs",
        text="74-2000077, Alamo Clinic", contact=Contact(language="en"), now=timezone.now(),
    )  # fmt: skip
    agent = visit(views=EVERY, language=language)
    arrive(agent, make_staff("desk.agent", "service desk"))
    agent.go(f"/admin/identity/ticket/{ticket.pk}/change/")
    agent.follow(say("Add a practice by tax ID"))
    agent.look(say("Add a practice by tax ID"))
    agent.page.get_by_role("button", name=say("Add"), exact=True).click()  # no tax ID
    agent.told()
    agent.look()
    agent.picture(f"more-practices-wrong-{language}")
    agent.fill(tin="74-2000077", name="Alamo Clinic")
    agent.page.get_by_role("button", name=say("Add"), exact=True).click()
    agent.told(say("%(practice)s was added. You can add the next one.", practice="Alamo Clinic"))
    agent.look()
    agent.picture(f"more-practices-{language}")
    assert "Alamo Clinic" in inbox.newest("mail", row.grant.account.email).subject
