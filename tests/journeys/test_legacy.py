"""Old accounts, in a browser: before the day, the last log-in, a second claim, untying by two, the operators' pages,
and the first sign-in of people whose accounts came over."""

import pytest

from identity.models import Account, Ticket
from portals.legacy import links
from portals.models import LegacyAccount
from portals.spec import Phase
from tests.conftest import make_staff
from tests.factories import NOW, OLD_PASSWORD, PASSWORD, AccountFactory, LegacyAccountFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import answer_questions, sign_in, sign_up_form, words
from tests.steps.phases import put


@pytest.fixture
def legacy(transactional_db) -> LegacyAccount:
    return LegacyAccountFactory(login_name="jsmith.old", capabilities=["bill_tracker"])


def old_log_in(visitor, button: str, password: str = OLD_PASSWORD) -> None:
    visitor.fill(login_name="jsmith.old", password=password)
    visitor.press(button)


def test_somebody_pre_registers_before_the_day(visit, inbox, legacy):
    """S0-05, S0-06, S0-07, S0-33, C25: the old log-in, the blue button, a new Optum ID, one press; ten steps (S0-32)."""
    put(Phase.PRE_REGISTRATION)
    say, her = words("en"), visit(views=BOTH)
    her.go("/p/trucase/")
    her.look("TruCase")
    her.told("What changes are coming to Bill Tracker?")
    her.picture("pre-registration")
    old_log_in(her, "Log In", "Wrong-Password-1")
    her.told()
    her.look("TruCase")
    old_log_in(her, "Log In")
    her.look("Your TruCase account")
    her.picture("known")
    her.press("Pre-Register with Optum ID")
    her.look("Sign In With Your Optum ID")
    her.follow("Create an Optum ID")
    her.look("Create an Optum ID")
    sign_up_form(her, "joan.smith")
    her.press_main()
    answer_questions(her, say)
    her.look("Next Step: Verify Your Email Address")
    her.fill(code=inbox.newest("mail", "joan.smith@example.org").code)
    her.press("Verify")
    her.look("Email Address Verified")
    her.press("Continue")
    her.look("Sign In With Your Optum ID")
    sign_in(her, inbox, Account.objects.get(), password="Str0ng-Password-x1")
    her.look("Tie your TruCase account")
    her.picture("link")
    her.press("Tie them")
    her.look("TruCase")
    her.told("Your TruCase username jsmith.old is tied to your Optum ID.")
    legacy.refresh_from_db()
    assert (legacy.account, legacy.linked_by) == (Account.objects.get(), "pre-registration")


def test_the_last_log_in_is_asked_for_once(visit, inbox, legacy):
    """S0-01, S0-03, S0-09, S0-31, S0-32: both ways; the ID first, the last log-in, TruCase's page; the next time straight in."""
    put(Phase.BOTH_WAYS)
    account = AccountFactory(login_name="joan.smith")
    her = visit(views=BOTH)
    her.go("/p/trucase/")
    her.look("TruCase")
    her.picture("both-ways")
    her.page.locator("a.ds-c-button", has_text="Log In").click()
    sign_in(her, inbox, account)
    her.look("Final Log In Screen")
    her.picture("last-log-in")
    her.press("Log In One Last Time")
    her.told()
    her.look("Final Log In Screen")
    old_log_in(her, "Log In One Last Time")
    her.arrive("/p/trucase/home/")
    her.look("Client services portal")
    her.page.locator("summary", has_text="MORE").click()
    her.look("Client services portal")
    her.picture("home")
    her.page.keyboard.press("Escape")
    her.page.locator("details[open]").wait_for(state="detached")
    her.page.locator("summary", has_text="SEARCH").click()
    her.page.locator("details[open]").wait_for()
    her.page.locator("h1").click()
    her.page.locator("details[open]").wait_for(state="detached")
    her.press("Log Out")
    her.look("You have signed out")
    her.go("/p/trucase/enter/")
    sign_in(her, inbox, account)
    her.arrive("/p/trucase/home/")


def test_it_works_without_script(visit, inbox, legacy):
    """interface: every form works without script."""
    put(Phase.BOTH_WAYS)
    account, her = AccountFactory(login_name="joan.smith"), visit(script=False)
    her.go("/p/trucase/enter/")
    her.fill(login=account.login_name)
    her.press("Continue")
    her.fill(password=PASSWORD)
    her.press("Sign In")
    her.page.locator("#id_code").wait_for()
    her.fill(code=inbox.newest("mail", account.email).code)
    her.press("Next")
    her.arrive("/p/trucase/last-log-in/")
    old_log_in(her, "Log In One Last Time")
    her.arrive("/p/trucase/home/")
    legacy.refresh_from_db()
    assert legacy.account == account


def test_a_second_claim_gets_a_ticket_and_two_members_of_staff_untie(visit, inbox, legacy):
    """issue 5: one old account to one person; the first owner is told; unlink by two staff; then it can be tied."""
    put(Phase.BOTH_WAYS)
    owner, second = AccountFactory(login_name="first.owner"), AccountFactory(login_name="second.one")
    agents = [make_staff(name, "service desk") for name in ("desk.one", "desk.two")]
    links.link(legacy=legacy, account=owner, way="final log-in", now=NOW)
    him = visit(views=BOTH)
    him.go("/p/trucase/enter/")
    sign_in(him, inbox, second)
    old_log_in(him, "Log In One Last Time")
    him.look("We have to look into this")
    him.picture("refused")
    him.told(Ticket.objects.get().number)
    assert inbox.newest("mail", owner.email).subject == "Somebody else used your TruCase username"

    first, other = visit(views=BOTH), visit(views=BOTH)
    first.go("/admin/portals/unlinking/add/")
    sign_in(first, inbox, agents[0], number="+13105550121")
    first.look("Untie an old account")
    first.page.select_option("#id_source", "trucase")
    first.fill(login_name="jsmith.old", reason="Her sister tied it by mistake")
    first.press("Ask for it")
    first.page.wait_for_url("**/change/")
    first.look()
    first.picture("unlinking")
    other.go(first.path())
    sign_in(other, inbox, agents[1], number="+13105550121")
    other.look()
    other.page.check("#sure")
    other.press("Untie")
    other.told("The old account is free. The person is told by mail.")
    other.look()
    him.go("/p/trucase/last-log-in/")
    old_log_in(him, "Log In One Last Time")
    him.arrive("/p/trucase/home/")
    legacy.refresh_from_db()
    assert legacy.account == second


def test_who_forgot_the_old_password_proves_the_address(visit, inbox, legacy):
    """D-20, S0-05."""
    put(Phase.BOTH_WAYS)
    account, her = AccountFactory(login_name="joan.smith"), visit()
    her.go("/p/trucase/")
    her.follow("Forgot Password")
    her.look("Forgot your TruCase password?")
    her.follow("Continue with Optum ID")
    sign_in(her, inbox, account)
    her.look("Forgot your TruCase password?")
    her.fill(login_name="jsmith.old")
    her.press("Send the message")
    her.look("Email sent")
    her.go(inbox.newest("mail", legacy.email).link)
    her.look("Tie your TruCase account")
    her.press("Tie them")
    her.arrive("/p/trucase/home/")
    her.go("/p/trucase/old-account/mail/x-y/")
    her.look("This link has ended")


def test_an_optum_connect_user_name_is_mapped(visit, inbox):
    """S1-06, S1-07, S1-11, D-06."""
    LegacyAccountFactory(source="optum-connect", login_name="aoconnor", capabilities=["claims", "physician"])
    account, her = AccountFactory(login_name="amelie.oconnor"), visit()
    her.go("/p/optum-connect/")
    her.follow("Mapping of Optum Connect Username with OHID and Login to Optum Connect Portal")
    her.look("Existing User - Register to One Healthcare ID")
    her.follow("Continue with One Healthcare ID")
    sign_in(her, inbox, account)
    her.look("Mapping of Optum Connect Username with OHID")
    her.fill(login_name="aoconnor", password=OLD_PASSWORD)
    her.press("Log In One Last Time")
    her.look("Choose a portal")


def test_operators_move_a_phase_and_change_a_text(visit, inbox):
    """S0-08, S0-09, C30."""
    put(Phase.BOTH_WAYS)
    operator, him = make_staff("the.operator", "operator"), visit(views=BOTH)
    him.go("/admin/portals/phasemove/")
    sign_in(him, inbox, operator, number="+13105550121")
    him.look("Phases")
    him.picture("phases")
    him.page.select_option("#id_which", "trucase:pre-registration")
    him.fill(reason="We begin again")
    him.press("Move")
    him.told("It has to begin before “Both ways”")
    him.look("Phases")
    him.picture("phases-refused")
    him.page.select_option("#id_which", "trucase:both ways")
    him.fill(at="2030-04-08T00:00")
    him.press("Move")
    him.told("What this does")
    him.look("Move a phase")
    him.press("Move")
    him.told("The phase is moved. The pages of the portal follow at once.")
    him.look("Phases")
    him.go("/admin/portals/portaltext/")
    him.look("Wording")
    him.follow("TruCase: English")
    him.look("Wording: TruCase, English")
    him.page.fill("#text-pre_register_button", "Get your Optum ID")
    him.press("Preview")
    him.look("Wording: TruCase, English")
    him.picture("wording")
    him.press("Save")
    him.told("Saved. The pages show it at once.")
    him.go("/p/trucase/")
    him.look("TruCase")
    him.page.get_by_role("button", name="Get your Optum ID", exact=True).wait_for()


def test_somebody_who_came_over_signs_in_for_the_first_time(visit, inbox):
    """S4-25, S4-26, S4-27, S4-28: old password, mailbox, new password, terms, phone, in."""
    LegacyAccountFactory(source="provider-online", login_name="pat.moved", first_name="Pat", last_name="Novak",
                         email="pat@example.org")  # fmt: skip
    her = visit(views=BOTH)
    her.go("/p/provider-online/enter/")
    her.look("Log in to your account")
    her.picture("first-sign-in")
    her.fill(login="pat.moved", password=OLD_PASSWORD)
    her.press("Log In")
    her.look("Verify Your Email Address")
    her.fill(code=inbox.newest("mail", "pat@example.org").code)
    her.press("Verify")
    her.look("Email Address Verified")
    her.press("Continue")
    her.look("Create a new password")
    her.picture("first-password")
    her.fill(password=OLD_PASSWORD, password_again=OLD_PASSWORD)
    her.press("Next")
    her.page.locator("#id_typed_name").wait_for()
    her.look()
    her.fill(typed_name="Pat Novak")
    her.press_main()
    her.look("Two-step authentication")
    her.fill(phone="414 555 0123")
    her.press("Send Code")
    her.page.locator("#id_code").wait_for()
    her.look()
    her.fill(code=inbox.newest("text", "+14145550123").code)
    her.press("Verify Code")
    her.look("Phone Number Verified")
    her.press("Continue")
    her.arrive("/p/provider-online/home/")
    her.look("Provider OnLine")
