"""The first log-in to Optum Pro in California, in a real browser: clinicians, and changing them later."""

import pytest

from tests.conftest import make_staff
from tests.factories import AccountFactory, ClinicianFactory, GrantFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken
from tests.steps.grid import works_as

PICKER, OVERVIEW = "/p/optum-pro/clinicians/", "/p/optum-pro/account-overview/"


@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_says_with_which_clinicians_they_work(visit, language):
    """S2-21..23: asked at the first log-in, found by name and by NPI, added by the desk, taken back later."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    account = AccountFactory(login_name="cal.vega", first_name="Cal", last_name="Vega", language=language)
    row = works_as("front_office", market="CA", grant=GrantFactory(account=account, portal_key="optum-pro"))
    for number in range(23):
        ClinicianFactory(name=f"Amélie Okafor {number:02d}", practice=row.practice)
    agent = visit(views=BOTH)
    agent.go("/admin/")
    arrive(agent, make_staff("desk.pro", "service desk", ("optum-pro",)))
    agent.go("/admin/enrollment/clinician/add/")
    agent.look("Add a clinician")
    agent.fill(npi="1234567894", name="Zoë Stone, MD")
    agent.press("Add")
    agent.told()
    agent.look("Add a clinician")
    agent.fill(npi="1234567893")
    agent.press("Add")
    agent.told("Zoë Stone, MD was added: people may choose this clinician.")
    agent.look()
    agent.picture(f"desk-{language}")

    agent.go("/admin/enrollment/clinician/list/")
    agent.look("Add clinicians from a list")
    agent.fill(text="npi,name,practice\n1234567893,Zoë Stone,\n1234567894,Ben Wrong,\n1900000062,Farid Nasser,\n")
    agent.press("Add the rows that are right")
    agent.told("A clinician with this NPI is there already.")
    agent.look("Add clinicians from a list")
    agent.picture(f"desk-list-{language}")

    his = visit(views=BOTH, language=language)
    his.go("/p/optum-pro/")
    arrive(his, account, verified=False)
    his.go("/p/optum-pro/home/")
    his.arrive(PICKER)
    his.look(say("Select the clinician(s) you are aligned with"))
    his.picture(f"first-{language}")
    his.follow(say("More clinicians"))
    his.look(say("Select the clinician(s) you are aligned with"))
    his.press(say("Add clinician association"))  # nothing chosen
    his.told()
    his.look(say("Select the clinician(s) you are aligned with"))
    his.picture(f"problem-{language}")
    his.page.fill("#q", "stone")
    his.press(say("Find"))
    his.page.check("input[name=clinicians]")
    his.press(say("Add clinician association"))
    his.look(say("Select the clinician(s) you are aligned with"))
    his.picture(f"added-{language}")
    his.press(say("Continue to %(name)s", name="Optum Pro"))
    his.arrive("/p/optum-pro/home/")
    his.look("Optum Pro")
    his.picture(f"home-{language}")
    his.page.locator(".top__who").get_by_role("link", name=say("Account Overview")).click()
    his.arrive(OVERVIEW)
    his.look(say("Account Overview"))
    his.picture(f"overview-{language}")
    his.press(say("Remove %(name)s", name="Zoë Stone, MD"))
    his.look(say("Account Overview"))
    assert his.page.get_by_text(say("You have named no clinician yet.")).count() == 1
    his.picture(f"empty-{language}")
