"""Bill Tracker, the sample of an outside application, in a real browser: from its own page through the ID and back."""

import sys
import time

import pytest

from portals.models import Application, Consent
from portals.oidc import applications, signing_keys
from portals.oidc.applications import Registration
from rbac.domain import grants
from rbac.models import AccessGrant
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory
from tests.interop.servers import ROOT, running
from tests.journeys.conftest import BOTH
from tests.services import free_port
from tests.steps.browser import sign_in


@pytest.fixture
def bill_tracker(live_server, settings, tmp_path):
    """The sample as its own process; answers its address."""
    settings.PUBLIC_URL, settings.CALLS_LOOPBACK = live_server.url, True
    signing_keys.forget()
    port = free_port()
    address = f"http://localhost:{port}"
    said = Registration(
        key="bill-tracker", name="Bill Tracker", portal_key="trucase", capability="bill_tracker",
        redirect_uris=[f"{address}/callback"], after_logout_uris=[f"{address}/signed-out"],
        logout_address=f"{address}/back-channel-logout",
    )  # fmt: skip
    _, secret = applications.register(said, by=None, now=NOW, client_id="bill-tracker")
    kept = tmp_path / "secret"
    kept.touch(mode=0o600)
    kept.write_text(secret)
    facts = {
        "PYTHONPATH": str(ROOT / "config" / "demo"), "SAMPLE_PORT": str(port), "ISSUER": live_server.url,
        "CLIENT_ID": "bill-tracker", "CLIENT_SECRET_FILE": str(kept),
    }  # fmt: skip
    with running([sys.executable, "-m", "bill_tracker"], address=f"{address}/", folder=tmp_path, **facts):
        yield address


def person_of_trucase(**more):
    account = AccountFactory(login_name="tina.ward", first_name="Tína", last_name="Ward", phone="+13105550199", **more)
    GrantFactory(account=account, portal_key="trucase", capabilities=["bill_tracker"])
    return account


def sign_in_without_script(her, inbox, account):
    her.fill(login=account.login_name)
    her.press("Continue")
    her.fill(password=PASSWORD)
    her.press("Sign In")
    her.page.wait_for_url("**/second-factor/**")
    her.fill(otp_token=inbox.newest("text").code)
    her.press("Verify")


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_way_there_and_back(visit, inbox, bill_tracker, script):
    """S0-01, S0-02, S0-04: Bill Tracker's page, the ID's sign-in, the agreement, every claim; refreshed; signed out of
    both. The strict policy of our pages lets their forms end at the application, with and without script."""
    her, account = visit(views=BOTH, script=script), person_of_trucase()
    her.page.goto(bill_tracker)
    if script:
        her.look("Bill Tracker")
    her.follow("Sign in with your Optum ID")
    if script:
        sign_in(her, inbox, account, "+13105550199")
        her.look("Continue to Bill Tracker?")
    else:
        sign_in_without_script(her, inbox, account)
    her.press("Continue")
    her.page.wait_for_url(f"{bill_tracker}/bills")
    if script:
        her.look("You are signed on")
    told = her.page.locator("main").inner_text()
    for text in (
        "Tína Ward",
        str(account.public_id),
        "trucase",
        "bill_tracker",
        "tina.ward",
        "auth_time",
        "acr",
        "sid",
    ):
        assert text in told, text
    her.press("Refresh tokens")
    her.page.get_by_text("1 time").wait_for()
    her.press("Sign out")
    her.page.wait_for_url(f"{bill_tracker}/signed-out?state=*")
    if script:
        her.look("You have signed out")
    her.go("/id/profile/")
    her.page.wait_for_url("**/id/sign-in/**")


def test_signing_out_of_the_id_signs_out_there_within_five_seconds(visit, inbox, bill_tracker):
    """Back-channel logout: seen by the person in the other tab."""
    her, account = visit(), person_of_trucase()
    her.page.goto(f"{bill_tracker}/login")
    sign_in(her, inbox, account, "+13105550199")
    her.press("Continue")
    her.page.wait_for_url(f"{bill_tracker}/bills")
    her.go("/id/profile/")
    began = time.monotonic()
    her.press("Sign out")
    her.look("You have signed out")
    while her.page.goto(f"{bill_tracker}/bills") and her.page.url.endswith("/bills"):
        assert time.monotonic() - began < 5
    her.look("Bill Tracker")


def test_somebody_without_the_right_is_told_by_us_and_bill_tracker_learns_nothing(visit, inbox, bill_tracker):
    """S0-02: TruCase without the Bill Tracker link; the person is shown how to ask, and may go back."""
    her, account = visit(), person_of_trucase()
    AccessGrant.objects.update(capabilities=[])
    her.page.goto(f"{bill_tracker}/login")
    sign_in(her, inbox, account, "+13105550199")
    her.look("You have no access to Bill Tracker yet")
    her.follow("Back to Bill Tracker")
    her.look("You are not signed on")
    assert "access_denied" in her.page.locator("main").inner_text()


def test_whoever_does_not_agree_is_not_signed_on(visit, inbox, bill_tracker):
    her, account = visit(), person_of_trucase()
    her.page.goto(f"{bill_tracker}/login")
    sign_in(her, inbox, account, "+13105550199")
    her.press("Do not share")
    her.page.wait_for_url(f"{bill_tracker}/callback**")
    her.look("You are not signed on")
    assert not Consent.objects.exists()


def test_tokens_end_with_the_access(visit, inbox, bill_tracker):
    """A grant that ends: the refresh is refused, and the sample's session is over."""
    her, account = visit(), person_of_trucase()
    her.page.goto(f"{bill_tracker}/login")
    sign_in(her, inbox, account, "+13105550199")
    her.press("Continue")
    her.page.wait_for_url(f"{bill_tracker}/bills")
    Application.objects.update(logout_address="")  # it is not told: the tokens alone decide
    grants.end(account=account, portal_key="trucase", reason="test", by=None, now=NOW)
    her.press("Refresh tokens")
    her.look("You are not signed on")
    assert "invalid_grant" in her.page.locator("main").inner_text()
