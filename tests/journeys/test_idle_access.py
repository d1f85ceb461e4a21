"""Access that rests, in a browser: the way back, and the operators' pages, checked for accessibility at each step."""

from django.utils import timezone

from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import sign_in
from tests.steps.idleness import DAY, sweep
from tests.steps.sweeps import crowd


def test_somebody_comes_back_after_ninety_days(visit, inbox):
    """S3-19, D-09: sign in, see that access rests, press, type the mailed code, be back."""
    account = AccountFactory(login_name="long.away")
    GrantFactory(account=account, since=timezone.now() - 91 * DAY)
    sweep(timezone.now())
    her = visit(views=BOTH)
    her.go(inbox.newest("mail", account.email).link)
    sign_in(her, inbox, account)
    her.arrive("/p/claims/way-back/")
    her.look("Your access to Claims Online Portal rests")
    her.picture("rests")
    her.follow("Back")
    her.look("Your access rests")
    her.picture("chooser")
    her.page.locator("a.tile[href$='way-back/']").click()
    her.look("Your access to Claims Online Portal rests")
    her.press("Get my access back")
    her.look("Confirm with a code")
    her.fill(code="WRNG-CODE")
    her.press("Next")
    her.told()
    her.look("Confirm with a code")
    her.fill(code=inbox.newest("mail", account.email).code)
    her.press("Next")
    her.arrive("/p/claims/home/")
    her.look("Claims Online Portal")


def test_operators_see_what_will_happen_and_release_a_run(visit, inbox):
    """policy, mass acts: the page, its plots, a stopped run, the first of two presses."""
    operator = make_staff("the.operator", "operator")
    crowd(60, days=95), crowd(25, days=72), crowd(12, days=81)
    sweep(timezone.now())
    him = visit(views=BOTH)
    him.go("/admin/")
    sign_in(him, inbox, operator, number="+13105550121")
    him.page.get_by_role("link", name="Idle accounts", exact=True).first.click()
    him.look("Idle accounts")
    him.picture("operators")
    him.page.locator(".errornote a").first.click()
    him.page.wait_for_url("**/change/")
    him.look()
    him.picture("run")
    him.press("Release this run")
    him.told("What this does")
    him.look()
    him.press("Release this run")
    him.told("Released by you.")
    him.look()
