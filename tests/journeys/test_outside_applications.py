"""An operator registers an outside application, tries it, and replaces its secret and a signing key (S0-04)."""

from identity.models import Account
from portals.models import Application
from portals.oidc import signing_keys
from tests.conftest import make_staff
from tests.factories import GrantFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import sign_in


def test_an_operator_registers_and_tries_an_application(visit, inbox):
    signing_keys.forget()
    make_staff("the.operator", "operator")
    account = Account.objects.get(login_name="the.operator")
    GrantFactory(account=account)
    operator = visit(views=BOTH)
    operator.go("/admin/portals/application/add/")
    sign_in(operator, inbox, account, "+13105550121")
    operator.arrive("/admin/portals/application/add/")
    operator.look("Register an outside application")

    operator.fill(name="Bill Viewer", key="bills", redirect_uris="http://bills.example.org/callback")
    operator.page.select_option("#id_portal_key", "claims")
    operator.press("Register")
    operator.told()
    operator.look("Register an outside application")
    operator.fill(redirect_uris="https://bills.example.org/callback")
    operator.press("Register")
    operator.look("Registered")
    secret = operator.page.locator("#secret").inner_text()
    operator.page.get_by_role("button", name="Copy the secret").wait_for()
    operator.follow("Go on to the application")
    operator.look("Bill Viewer")
    assert secret not in operator.page.content()

    operator.press("Test sign-in")
    operator.look("Continue to Bill Viewer?")
    operator.press("Continue")
    operator.look("Test sign-in")
    operator.told("Bill Viewer would be satisfied.")
    operator.follow("What you agreed to: Connected applications")
    operator.look("Connected applications")
    operator.press("Disconnect Bill Viewer")
    operator.told("Bill Viewer is disconnected.")
    operator.look("Connected applications")

    operator.go("/admin/portals/application/")
    operator.follow("Bill Viewer")
    operator.follow("New secret")
    operator.look("New secret")
    operator.press("Make a new secret")
    operator.look("The new secret")
    assert operator.page.locator("#secret").inner_text() != secret
    operator.follow("Go on to the application")
    operator.follow("Close")
    operator.look("Close the application")
    operator.press("Close the application")
    operator.told("The application is closed.")
    operator.look("Bill Viewer")
    assert not Application.objects.get().is_open

    operator.go("/admin/portals/signingkey/")
    operator.look("Signing keys")
    operator.follow("Replace the RS256 key")
    operator.look("Replace the RS256 key")
    operator.press("Replace the key at once")
    operator.told("Enter a reason: the journal keeps it.")
    operator.look("Replace the RS256 key")
    operator.press("Publish the next key")
    operator.told("The next key is published.")
    operator.look("Signing keys")
