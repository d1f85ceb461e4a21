"""TruCase's brand over the same ID: its own sign-in page, labels and order of steps (S0-10..32, C21, C22)."""

import pytest
from django.utils import timezone

from portals.spec import Phase
from tests.factories import GrantFactory
from tests.steps.phases import put
from tests.steps.sign_in import (
    ACCESS,
    FACTOR,
    PASSWORD_PAGE,
    SIGN_IN,
    sign_in,
)
from tests.steps.sign_up import GOOD, sign_up

pytestmark = pytest.mark.django_db
ENTER = "/p/trucase/enter/"


def test_the_sign_in_page_keeps_the_words_of_the_document(client):
    """S0-10, S0-11, C21: identifier first, the heading, the label and the box stay."""
    page = client.get(f"{SIGN_IN}?next={ENTER}").content.decode()
    for text in (
        "Sign In With Your Optum ID", "Optum ID or email address", "Additional options:",
        "Create an Optum ID", "Manage your Optum ID", "What is an Optum ID?",
    ):  # fmt: skip
        assert text in page, text
    assert "Welcome to One Healthcare ID" not in page
    assert "Fill in “Optum ID or email address”." in client.post(SIGN_IN, {"login": ""}).content.decode()
    client.post(SIGN_IN, {"login": "x"})
    page = client.get(PASSWORD_PAGE).content.decode()
    assert ">Password<" in page
    assert ">Sign In<" in page


def test_the_create_page_says_optum_id(client):
    """S0-12, S0-20."""
    page = client.get(f"/id/create/?next={ENTER}").content.decode()
    assert page.count("Create an Optum ID") >= 2
    assert "An Optum ID securely manages your account so that you can use one Optum ID and password" in page
    assert "Already have an Optum ID? <a" in page
    assert "Sign in now" in page


@pytest.mark.source_profile
def test_the_ten_steps(client, inbox):
    """S0-19..32, C22: verifying does not sign in; the first sign-in asks for the access code."""
    client.get(f"/id/create/?next={ENTER}")
    sign_up(client)
    page = client.get("/id/verify-email/").content.decode()
    assert "If you do not receive a verification email after five minutes" in page
    mail = inbox.newest("mail")
    assert "Activate my Optum ID" in mail.html
    client.post("/id/verify-email/", {"code": mail.code})
    page = client.get("/id/verify-email/").content.decode()
    for text in (
        "Email Address Verified",
        "Your Optum ID is ready to use.",
        "Click on the Continue button below to finish.",
    ):
        assert text in page
    assert client.post("/id/verify-email/").url == SIGN_IN
    assert "_auth_user_id" not in client.session
    assert "Sign In With Your Optum ID" in client.get(SIGN_IN).content.decode()
    client.post(SIGN_IN, {"login": GOOD["login_name"]})
    assert client.post(PASSWORD_PAGE, {"password": GOOD["password"]}).url == ACCESS
    assert inbox.newest("mail").subject == "Access Code Notification"
    assert client.post(ACCESS, {"code": inbox.newest("mail").code, "skip_next": "1"}).url == ENTER
    put(Phase.BOTH_WAYS)
    assert client.get(ENTER).url == "/p/trucase/last-log-in/"
    assert "Final Log In Screen" in client.get("/p/trucase/last-log-in/").content.decode()


def test_a_grant_leads_straight_in(client, provider, inbox):
    GrantFactory(account=provider, portal_key="trucase", since=timezone.now())
    provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
    sign_in(client, "dr.provider", nxt=ENTER)
    client.post(FACTOR, {"otp_token": inbox.newest("text").code})
    assert client.get(ENTER).url == "/p/trucase/home/"
    assert "Bill Tracker" in client.get("/p/trucase/home/").content.decode()


def test_other_portals_keep_one_healthcare_id(client):
    page = client.get(f"{SIGN_IN}?next=/p/optum-connect/enter/").content.decode()
    assert "Welcome to One Healthcare ID" in page
    assert "Additional options:" not in page


def test_optum_id_is_called_so_in_every_sentence(client):
    """S0-14, C21."""
    client.get("/id/sign-in/?next=/p/trucase/enter/")
    assert "Create Optum ID" in client.get("/id/create/").content.decode()
    client.post("/id/sign-in/", {"login": "nobody.here"})
    page = client.post("/id/sign-in/password/", {"password": "x"}).content.decode()
    assert "The Optum ID or the password is not correct" in page
