"""Two IDs become one, and two again; and where it goes wrong, a ticket and its answer: stories in a real browser."""

from identity.models import Account, Merge, Ticket
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory, GrantFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import sign_in


def prove(her, inbox, name: str) -> None:
    """Name the other ID, and sign in to it inside this session."""
    her.follow("Do you have two IDs?")
    her.look("Do you have two IDs?")
    her.fill(login=name)
    her.press("Continue")
    her.look("Sign in to your other ID")
    her.fill(password=PASSWORD)
    her.press("Continue")
    her.look("Second step of your other ID")
    her.press("Send the code")
    her.page.locator("#id_code").wait_for()
    her.look("Second step of your other ID")
    her.fill(code=inbox.newest("mail", Account.objects.get(login_name=name).email).code)
    her.press("Next")
    her.look("What comes together")


def test_two_ids_become_one_and_two_again(visit, inbox):
    """D-17, S2-25: prove both, see what moves, choose, confirm, undo; at 320 px and in the dark too."""
    her = visit(views=BOTH)
    first, second = AccountFactory(login_name="first.id"), AccountFactory(login_name="second.id")
    for account, key in ((first, "claims"), (second, "claims"), (second, "physician")):
        GrantFactory(account=account, portal_key=key)
    her.go("/id/sign-in/")
    sign_in(her, inbox, first)
    her.look("My Profile")
    prove(her, inbox, "second.id")
    her.press("Continue")
    her.told()
    her.look("What comes together")
    for group in her.page.locator("main fieldset").all():
        group.locator("input").first.check()
    her.press("Continue")
    her.look("Merge the two IDs?")
    her.press("Merge")
    her.look("Merged IDs")
    assert first.access_grants.count() == 2
    her.press("Separate the two IDs again")
    her.told("It was undone")
    her.look("Merged IDs")
    assert Merge.objects.get().undone_at is not None


def test_where_it_goes_wrong_a_person_helps(visit, inbox):
    """S2-25: "Someone will make sure the correct address and IDs are attached.": number, answer, and the page of both."""
    her, desk = visit(width=320), visit()
    account = AccountFactory(login_name="first.id")
    AccountFactory(login_name="forgotten.id", email=account.email)
    her.go("/id/sign-in/?next=/id/tickets/")
    sign_in(her, inbox, account)
    her.look("My tickets")
    her.go("/id/merge/")
    her.look("Do you have two IDs?")
    her.press("forgotten.id")
    her.look("Sign in to your other ID")
    her.page.locator("summary").click()
    her.press("Ask for help")
    her.told("We look at it. This is your ticket")
    her.look("Two IDs")
    number = Ticket.objects.get().number
    agent = make_staff("desk.agent", "service desk")
    desk.go("/id/sign-in/?next=/admin/identity/ticket/")
    sign_in(desk, inbox, agent, "+13105550121")
    desk.follow(number)
    desk.look(f"Ticket {number}")
    assert "forgotten.id" in desk.page.locator("#content").inner_text()
    desk.press("Take")
    desk.told("works on it")
    desk.page.fill("#id_answer", "We called you. Both IDs are one now.")
    desk.press("Answer and close")
    desk.told("Answered. The person is told by mail.")
    desk.look(f"Ticket {number}")
    her.go(inbox.newest("mail", account.email).link)
    her.look("Two IDs")
    assert "Both IDs are one now." in her.page.locator("main").inner_text()
    her.go("/id/tickets/")
    her.look("My tickets")
