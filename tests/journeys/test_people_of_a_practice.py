"""An administrator runs the users of the practice without calling anyone (S4-16..24, D-11)."""

import pytest
from django.urls import reverse

from rbac.models import Membership, Practice
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken
from tests.steps.invitations import PORTAL, practice_administrator, practice_user, user_invited

ROWS = "First Name\tLast Name\tE-mail\nAda\tBell\tada@example.org\nBo\t\tnope\nOlga\tAdams\tolga.admin@example.org\n"


@pytest.fixture
def practice(db) -> Practice:
    where = {"address_1": "1 Lake St", "city": "Milwaukee", "state": "WI", "zip": "53202", "phone": "4145550100"}
    return Practice.objects.create(name="Lakeside Clinic", **where)


@pytest.mark.parametrize("language", ["en", "es"])
def test_users_are_created_looked_after_and_removed(visit, inbox, practice, language):
    """S4-17..24, D-11: one by one, from a list, pending, modified, deactivated, removed."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    def look(heading: str) -> None:
        her.look(heading)
        her.picture(f"people-{language}-{len(shown):02}")
        shown.append(heading)

    shown: list[str] = []
    oaa = practice_administrator(practice, "olga.admin")
    user = practice_user(practice, "uma.user", first_name="Uma", last_name="Miller")
    waits = user_invited("waits@example.org", practice=practice, by=oaa)
    her = visit(language=language, views=BOTH)
    arrive(her, oaa, verified=True)
    her.go(f"/p/{PORTAL}/home/")
    her.follow(say("Security Management"))
    look(say("Users of your practice"))
    create = say("Create New Account for %(name)s", name="Provider OnLine")
    her.follow(create)
    look(create)
    her.fill(first_name="Nora", last_name="Office", email="nora@example.org", email_again="other@example.org")
    her.press(say("Submit"))
    her.told()
    look(create)
    her.fill(email_again="nora@example.org")
    her.press(say("Submit"))
    look(say("Users of your practice"))
    assert inbox.newest("mail", "nora@example.org").link
    her.follow(say("Invite from a list"))
    look(say("Invite from a list"))
    her.fill(text=ROWS)
    her.press(say("Look at the rows"))
    look(say("What each row becomes"))
    her.press_main()
    look(say("What became of each row"))
    her.follow(say("Manage Pending Users"))
    look(say("Manage Pending Users"))
    wrong = her.page.locator("tr", has_text="nora@example.org")
    wrong.get_by_role("link", name=say("Correct the address")).click()
    look(say("Correct the address"))
    her.fill(email="nora.office@example.org", email_again="nora.office@example.org")
    her.press_main()
    look(say("Manage Pending Users"))
    assert inbox.newest("mail", "nora.office@example.org").link
    row = her.page.locator("tr", has_text=waits.email)
    row.get_by_role("button", name=say("Cancel the invitation")).click()
    her.told(say("The invitation of %(email)s is canceled: its link opens nothing any more.", email=waits.email))
    waits.refresh_from_db()
    assert waits.state == "canceled"
    her.follow(say("Users"))
    her.page.fill("#q", "mill")
    her.press(say("Find"))
    look(say("Users of your practice"))
    her.follow("Uma Miller")
    look(say("Modify Existing User"))
    her.fill(first_name="Ursula", ends_on="2099-12-31")
    her.press(say("Save"))
    her.told("Ursula Miller")
    her.press(say("Deactivate"))
    look(say("Modify Existing User"))
    her.follow(say("Remove"))
    look(say("Remove %(name)s", name="Ursula Miller"))
    her.press_main()
    look(say("Users of your practice"))
    assert not Membership.objects.current().filter(grant__account=user).exists()
    her.follow(say("What Provider Services did"))
    look(say("What Provider Services did"))
    her.go(reverse("who_controls", args=[PORTAL]))
    look(say("Who controls my access?"))
    assert her.problems == []
