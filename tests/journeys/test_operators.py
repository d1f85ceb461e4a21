"""What an operator does in the admin site: reads the standards page, closes an account and reopens it."""

import pytest

from identity.models import Account
from tests.conftest import make_staff
from tests.factories import AccountFactory
from tests.journeys.test_main_job import sign_in


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (320, True)])
def test_an_operator_reads_the_deviations_and_closes_an_account(visit, inbox, width, dark):
    """D-19: the page for operators; closing says why, and the owner is told."""
    owner = AccountFactory(login_name="ana.nunez")
    make_staff("the.operator", "operator")
    operator = visit(width=width, dark=dark)
    operator.go("/admin/")
    sign_in(operator, inbox, Account.objects.get(login_name="the.operator"), "+13105550121")
    operator.arrive("/admin/")
    operator.look()
    operator.follow("Standards and deviations")
    operator.look("Standards and deviations")
    operator.go(f"/admin/identity/account/{owner.pk}/change/")
    operator.follow("Close account")
    operator.look("Close account")
    operator.press("Close account")
    operator.told("Enter a reason")
    operator.look("Close account")
    operator.page.fill("#reason", "left the practice")
    operator.press("Close account")
    operator.told("The account is closed.")
    assert inbox.newest("mail", owner.email).subject == "Your One Healthcare ID was closed"
    operator.follow("Reopen account")
    operator.look("Reopen account")
    operator.page.fill("#reason", "is back")
    operator.press("Reopen account")
    operator.told("The account is open again.")
    owner.refresh_from_db()
    assert owner.is_active
