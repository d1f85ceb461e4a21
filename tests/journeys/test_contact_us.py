"""Contact Us at the bottom of a page: a dialog by script, a page without; stories in a real browser (S3-16)."""

import pytest

from identity.models import Ticket
from rbac.domain import memberships
from rbac.models import Origin, Practice
from rbac.roles import USER
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken

HOME = "/p/provider-online/home/"


@pytest.fixture
def kim():
    account = AccountFactory(realm="provider-online", login_name="kim.office", first_name="Kim", phone="+13105550123")
    grant = GrantFactory(account=account, portal_key="provider-online")
    practice = Practice.objects.create(name="North Family Practice")
    memberships.open(grant=grant, practice=practice, role=USER, origin=Origin.STAFF, reason="call", by=None, now=NOW)
    return account


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_question_in_the_dialog_by_keyboard(visit, kim, language):
    """S3-16, WAI-ARIA dialog: opened by Enter, Escape gives the focus back, what was typed stays, mistakes are named in
    it, the number is said in it; at 320 px, in the dark, too."""
    person = visit(views=BOTH, language=language)
    kim.language = language
    kim.save()

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    arrive(person, kim)
    person.go(HOME)
    link = person.page.locator("footer a[data-contact-us]")
    assert link.inner_text() == say("Contact Us")
    link.focus()
    person.page.keyboard.press("Enter")
    dialog = person.page.locator("dialog#contact[open]")
    dialog.locator("form[method=post]").wait_for()
    assert person.page.evaluate("document.activeElement.id") == "contact-title"
    person.look()
    person.picture(f"dialog-{language}")
    person.page.fill("#contact_subject", "An empty list")
    person.page.keyboard.press("Escape")
    assert link.evaluate("one => one === document.activeElement"), "the focus is where it was"
    person.page.keyboard.press("Enter")
    assert person.page.input_value("#contact_subject") == "An empty list"
    person.page.locator("#contact_subject").press("Enter")  # sends, with two mistakes
    dialog.locator("[data-error-summary]").wait_for()
    assert dialog.locator("[data-error-summary]").evaluate("one => one === document.activeElement")
    assert person.page.input_value("#contact_subject") == "An empty list"
    assert dialog.locator("#contact_text_error").count() == 1
    person.look()
    person.picture(f"dialog-mistakes-{language}")
    person.page.select_option("#contact_topic", "trouble")
    person.page.select_option("#contact_practice", label="North Family Practice")
    person.page.fill("#contact_text", "The list is empty.")
    dialog.get_by_role("button", name=say("Submit"), exact=True).press("Enter")
    ask = dialog.get_by_role("link", name=say("See the conversation"))
    ask.wait_for()
    ticket = Ticket.objects.get()
    assert ticket.number in dialog.inner_text()
    assert (ticket.page, ticket.portal_key, ticket.account, ticket.for_practice) == (HOME, "provider-online", kim, True)
    assert person.path() == HOME, "they are where they were"
    person.look()
    person.picture(f"dialog-sent-{language}")
    ask.press("Enter")
    person.look("An empty list")


def test_adding_a_file_leaves_the_dialog_for_its_page_and_comes_back(visit, kim):
    person = visit()
    arrive(person, kim)
    person.go(HOME)
    person.page.locator("footer a[data-contact-us]").click()
    person.page.fill("#contact_subject", "With a picture")
    person.press("Add files")
    person.look("Files for a message")
    person.follow("Back")
    person.look("Contact Us")
    assert person.page.input_value("#contact_subject") == "With a picture"


def test_what_cannot_be_sent_stays_in_the_dialog(visit, kim):
    """A dead connection says so, and a second press sends once."""
    person = visit()
    arrive(person, kim)
    person.go(HOME)
    person.page.locator("footer a[data-contact-us]").click()
    person.page.select_option("#contact_topic", "trouble")
    person.page.select_option("#contact_practice", "none")
    person.page.fill("#contact_subject", "Nothing goes out")
    person.page.fill("#contact_text", "Is anybody there?")
    person.page.route("**/contact/", lambda route: route.abort())
    person.press("Submit")
    person.told("It was not sent.")
    person.problems.clear()  # the browser's own word on the connection
    person.page.unroute("**/contact/")
    assert person.page.input_value("#contact_text") == "Is anybody there?"
    person.page.locator("dialog#contact button.ds-c-button--solid").dblclick()
    person.told("Your ticket number is")
    person.look()
    assert Ticket.objects.get().for_practice is False


@pytest.mark.parametrize("language", ["en", "es"])
def test_without_script_it_is_a_page(visit, kim, language):
    """S3-16: the same form behind the same link; it knows where one came from."""
    person = visit(width=320, script=False, language=language)

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    kim.language = language
    kim.save()
    arrive(person, kim)
    person.go(HOME)
    person.page.locator("footer").get_by_role("link", name=say("Contact Us"), exact=True).click()
    person.page.locator("h1").get_by_text(say("Contact Us")).wait_for()
    person.page.select_option("#contact_topic", "trouble")
    person.press(say("Submit"))
    person.page.locator("[data-error-summary]").wait_for()
    person.picture(f"page-mistakes-{language}")
    person.page.select_option("#contact_practice", "none")
    person.fill(subject="An empty list", text="The list is empty.")
    person.press(say("Submit"))
    person.page.locator(".alert--good").wait_for()
    ticket = Ticket.objects.get()
    assert ticket.number in person.page.locator(".alert--good").inner_text()
    assert ticket.page == HOME
