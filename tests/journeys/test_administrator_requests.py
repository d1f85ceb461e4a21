"""From the account request to the registered administrator, in a browser (S4-01..07, S4-39, C10, D-12)."""

import pytest

from enrollment.models import AdministratorRequest
from rbac.models import Membership
from tests.conftest import make_staff
from tests.journeys.conftest import BOTH
from tests.steps.administrator_requests import PORTAL, TYPED, decided, sole, submitted, type_in
from tests.steps.browser import arrive, register_by_link, spoken


@pytest.fixture
def agent(db):
    return make_staff("pat.services", "service desk", (PORTAL,))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_practice_asks_and_its_administrator_registers(visit, inbox, agent, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    her = visit(views=BOTH, language=language)
    her.go("/p/provider-online/")
    her.look("Provider OnLine")
    her.picture(f"request-landing-{language}")
    her.follow(say("%(name)s Security Officer Application", name="Provider OnLine"))
    her.look(say("%(name)s Account Request", name="Provider OnLine"))
    her.picture(f"request-ask-{language}")
    type_in(her, TYPED | {"tin_again": "39-1234568", "primary_email_again": "other@example.org"})
    her.press(say("Submit"))
    her.told()
    her.look(say("%(name)s Account Request", name="Provider OnLine"))
    her.picture(f"request-wrong-{language}")
    type_in(her, {"tin_again": "39 1234567", "primary_email_again": TYPED["primary_email"]})
    her.press(say("Submit"))
    her.look(say("Confirm your email address"))
    her.picture(f"request-code-{language}")
    her.fill(code=inbox.newest("mail", "paula@example.org").code)
    her.press(say("Confirm"))
    row = AdministratorRequest.objects.get()
    her.look(say("Request %(number)s", number=row.number))
    her.picture(f"request-submitted-{language}")

    desk = visit(views=BOTH, language=language)
    arrive(desk, agent)
    desk.go("/admin/")
    desk.page.get_by_text(say("Administrator requests to decide")).click()
    desk.look()
    desk.picture(f"request-queue-{language}")
    desk.follow(row.number)
    desk.look(say("Administrator request %(number)s", number=row.number))
    desk.picture(f"request-desk-{language}")
    desk.page.fill("#reason", "The suite is missing.")
    desk.press(say("Return"))
    desk.page.get_by_text("The suite is missing.").first.wait_for()

    her.go(inbox.newest("mail", "paula@example.org").link)
    her.look(say("Request %(number)s", number=row.number))
    her.picture(f"request-returned-{language}")
    her.follow(say("Correct the request"))
    her.look(say("Correct request %(number)s", number=row.number))
    her.picture(f"request-correct-{language}")
    type_in(her, {"address_2": "Suite 4", "tin": "391234567", "tin_again": "391234567"})
    her.press(say("Submit"))
    her.look(say("Request %(number)s", number=row.number))

    desk.go(f"/admin/enrollment/administratorrequest/{row.pk}/change/")
    desk.press(say("Take"))
    desk.page.get_by_role("button", name=say("Free it for colleagues")).wait_for()
    desk.press(say("Approve"))
    desk.page.get_by_text(say("Invitations"), exact=True).first.wait_for()
    desk.look(say("Administrator request %(number)s", number=row.number))
    desk.picture(f"request-approved-{language}")

    his = visit(width=320, language=language)
    register_by_link(his, say, inbox, "sam@example.org", login_name="sam.second", number="4145550102")
    membership = Membership.objects.get()
    assert (membership.role, membership.practice.name) == ("administrator", "Lakeside Clinic")
    desk.go(f"/admin/enrollment/administratorrequest/{row.pk}/change/")
    desk.look()


def test_a_sole_practitioner_confirms_by_the_link_without_script(visit, inbox):
    """S4-02; every page works without script. Then taken back."""
    her = visit(width=320, script=False)
    her.go("/p/provider-online/administrators/")
    type_in(her, sole())
    her.press("Submit")
    other = visit(width=320)
    other.go(inbox.newest("mail", "paula@example.org").link)
    other.look("Confirm your email address")
    other.picture("request-confirm")
    other.press("Confirm and send the request")
    row = AdministratorRequest.objects.get()
    other.look(f"Request {row.number}")
    other.follow("Withdraw this request")
    other.look("Withdraw this request?")
    other.press("Withdraw")
    other.look(f"Request {row.number}")
    other.page.get_by_text("You have withdrawn this request.").wait_for()


def test_the_desk_of_a_practice_that_somebody_runs(visit, agent, inbox):
    """D-25: what is known beside the request, and the call to the number on file."""
    first = decided(submitted(), "approved", by=agent)
    second = submitted(secondary=None)
    desk = visit(views=BOTH)
    arrive(desk, agent)
    desk.go(f"/admin/enrollment/administratorrequest/{second.pk}/change/")
    desk.look(f"Administrator request {second.number}")
    desk.picture("request-known")
    desk.press("Approve")
    desk.page.get_by_text("no number on file").wait_for()
    desk.look(f"Administrator request {second.number}")
    desk.go(f"/admin/enrollment/administratorrequest/{first.pk}/change/")
    desk.look()
