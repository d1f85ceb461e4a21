"""One story: a practice that nobody knows asks for an account, and ends with its first office user signed in (S4-01..24,
C10, C14, D-12)."""

import pytest

from enrollment.models import AdministratorRequest, Invitation
from rbac.models import Membership
from tests.conftest import make_staff
from tests.journeys.conftest import BOTH
from tests.steps.administrator_requests import PORTAL, PRIMARY, SECONDARY, TYPED, type_in
from tests.steps.browser import arrive, log_in_first, register_by_link, spoken


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_the_request_to_the_first_user(visit, inbox, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    # Given: nobody of the practice has an account; Paula asks, and proves her mailbox.
    agent = make_staff("pat.services", "service desk", (PORTAL,))
    paula = visit(width=320, language=language)
    paula.go(f"/p/{PORTAL}/")
    paula.follow(say("%(name)s Security Officer Application", name="Provider OnLine"))
    paula.look(say("%(name)s Account Request", name="Provider OnLine"))
    type_in(paula, TYPED)
    paula.press(say("Submit"))
    paula.look(say("Confirm your email address"))
    paula.fill(code=inbox.newest("mail", PRIMARY["email"]).code)
    paula.press(say("Confirm"))
    row = AdministratorRequest.objects.get()
    paula.look(say("Request %(number)s", number=row.number))

    # When: Provider Services approve, both are invited, each by a link of their own.
    desk = visit(views=BOTH, language=language)
    arrive(desk, agent)
    desk.go("/admin/")
    desk.page.get_by_text(say("Administrator requests to decide")).click()
    desk.follow(row.number)
    desk.press(say("Take"))
    desk.page.get_by_role("button", name=say("Free it for colleagues")).wait_for()
    desk.press(say("Approve"))
    desk.page.get_by_text(say("Invitations"), exact=True).first.wait_for()
    desk.look(say("Administrator request %(number)s", number=row.number))
    links = {inbox.newest("mail", who["email"]).link for who in (PRIMARY, SECONDARY)}
    assert len(links) == 2

    # Then: Paula registers, logs in, agrees to her duties and creates the first user.
    her = {"login_name": "paula.prime", "number": "4145550101"}
    register_by_link(paula, say, inbox, PRIMARY["email"], **her)
    log_in_first(paula, say, inbox, name="Paula Prime", **her)
    paula.follow(say("Security Management"))
    paula.look(say("Duties of an Online Account Administrator"))
    paula.fill(typed_name="Paula Prime")
    paula.press(say("Sign and continue"))
    paula.look(say("Users of your practice"))
    create = say("Create New Account for %(name)s", name="Provider OnLine")
    paula.follow(create)
    paula.look(create)
    paula.fill(first_name="Nora", last_name="Office", email="nora@example.org", email_again="nora@example.org")
    paula.press(say("Submit"))
    paula.look(say("Users of your practice"))
    paula.follow(say("Manage Pending Users"))
    paula.look(say("Manage Pending Users"))
    paula.told("nora@example.org")
    assert SECONDARY["email"] not in paula.page.content(), "S4-22: Provider Services invited Sam, and only they resend"

    # And: Nora registers and signs in; Paula sees her among the users, and nobody pending.
    nora, hers = visit(width=320, language=language), {"login_name": "nora.office", "number": "4145550123"}
    register_by_link(nora, say, inbox, "nora@example.org", **hers)
    log_in_first(nora, say, inbox, name="Nora Office", **hers)
    assert nora.page.get_by_role("link", name=say("Security Management"), exact=True).count() == 0
    paula.go("/p/provider-online/security/")
    paula.look(say("Users of your practice"))
    assert paula.page.get_by_role("link", name="Nora Office", exact=True).count() == 1
    assert "nora@example.org" not in {one.email for one in Invitation.objects.open()}
    found = Membership.objects.current().order_by("role").values_list("role", "grant__account__login_name")
    assert list(found) == [("administrator", "paula.prime"), ("user", "nora.office")]
