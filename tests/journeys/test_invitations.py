"""From the invitation to the home page of Provider OnLine, in both languages, and joining with an account that one has
(S4-07..16, S4-19, S4-38, D-26)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from enrollment.domain import invitations
from enrollment.models import Invitation
from rbac.models import Practice
from tests.factories import PASSWORD
from tests.steps.browser import arrive, log_in_first, register_by_link, spoken
from tests.steps.invitations import path_of, practice_user, user_invited


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic")


@pytest.fixture
def oaa(practice):
    return practice_user(practice, "olga.admin", role="administrator")


@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_new_registers_and_logs_in(visit, inbox, practice, oaa, language):
    """S4-07..16, S4-38: the mail, name and password, the mailbox, the phone; then the log-in page, and in."""

    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    user_invited(practice=practice, by=oaa)
    her = visit(width=320, language=language)
    her.go(inbox.newest("mail", "nora@example.org").link)
    her.look(say("You are invited to %(name)s", name="Provider OnLine"))
    her.follow(say("I am new here"))
    her.look(say("Create your username and password"))
    her.fill(login_name="nora office", password=PASSWORD, password_again="another")
    her.press(say("Submit"))
    her.told()
    her.look(say("Create your username and password"))
    who = {"login_name": "nora.office", "number": "4145550123"}
    register_by_link(her, say, inbox, "nora@example.org", **who)
    log_in_first(her, say, inbox, name="Nora Office", **who)


def test_a_second_practice_is_joined_with_the_account_that_is_there(visit, inbox, practice, oaa):
    """D-26, D-29: another mailbox is proved on the page of Join."""
    first = Practice.objects.create(name="First practice")
    account = practice_user(first, "nora.first", first_name="Nora", last_name="Office", email="private@example.org")
    user_invited(practice=practice, by=oaa)
    her = visit(width=320)
    arrive(her, account)
    her.go(inbox.newest("mail", "nora@example.org").link)
    her.look("You are invited to Provider OnLine")
    her.follow("I am new here")
    her.look("Sign out first")
    her.follow("Go on as nora.first")
    her.look("Join Provider OnLine")
    her.press("Send the code")
    her.page.locator("#id_code").wait_for()
    her.fill(code="AAAA-AAAA")
    her.press("Join")
    her.told()
    her.look("Join Provider OnLine")
    her.fill(code=inbox.newest("mail", "nora@example.org").code)
    her.press("Join")
    her.look("Provider OnLine")
    her.go("/access/")
    her.look()
    assert "Lakeside Clinic" in her.page.content()


def test_who_comes_too_late_asks_for_another_one(visit, inbox, practice, oaa):
    """C10: each end of a link is a page that says what to do."""
    old = user_invited(practice=practice, by=oaa, now=timezone.now() - timedelta(hours=80))
    her = visit(width=320)
    her.go(path_of(old))
    her.look("This invitation link has ended")
    her.press("Ask them to send it again")
    her.look("They know")
    assert "asks you to send the invitation again" in inbox.newest("mail", oaa.email).subject
    ended = path_of(old)
    invitations.resend(invitation=Invitation.objects.get(), by=oaa, now=timezone.now())
    her.go(ended)
    her.look("This invitation link has ended")
    invitations.cancel(invitation=Invitation.objects.get(), by=oaa, now=timezone.now())
    her.go(inbox.newest("mail", "nora@example.org").link)
    her.look("This invitation link has ended")


def test_duties_are_signed_before_the_first_act(visit, oaa):
    """C18: an administrator reads and signs them."""
    his = visit(width=320)
    arrive(his, oaa)
    his.go("/p/provider-online/duties/")
    his.look("Duties of an Online Account Administrator")
    his.fill(typed_name="Olga Adams")
    his.press("Sign and continue")
    his.look("Provider OnLine")
