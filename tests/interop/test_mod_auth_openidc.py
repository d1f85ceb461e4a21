"""Apache with mod_auth_openidc, configured by the snippet of the admin site, signs people on at the running product."""

import time
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from portals.oidc import applications, signing_keys
from rbac.domain import grants
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.interop.servers import apache, snippet
from tests.relying_party import register
from tests.services import free_port


@pytest.fixture
def application(product):
    here = f"http://localhost:{free_port()}"
    return register(
        key="archive", name="Archive", redirect_uris=[f"{here}/signed-on"], after_logout_uris=[f"{here}/bye"],
        logout_address=f"{here}/signed-on?logout=backchannel",
    )  # fmt: skip


@pytest.fixture
def party(application, old_application, tmp_path):
    """The address of Apache; everything below it asks for a sign-on."""
    directives = snippet("mod_auth_openidc", application.application)
    directives = directives.replace("CLIENT_SECRET", application.secret).replace("PASSPHRASE", "only in this test")
    port = urlsplit(application.application.client.get_redirect_uris()[0]).port
    with apache(directives, port=port, behind=old_application.port, folder=tmp_path) as address:
        yield address


@pytest.fixture
def person(browser):
    account = GrantFactory(account=AccountFactory(login_name="zoe.nunez", first_name="Zoë"), role="biller").account
    browser.sign_in(account)
    return account


def test_a_person_agrees_once_and_the_application_reads_the_claims(party, browser, person, old_application):
    """Issue 5: sign-in and claims, by the standard and nothing else."""
    browser.open(f"{party}/reports?year=2026")
    assert {"Continue", "Do not share"} <= set(browser.buttons())
    told = browser.press("Continue").json()
    assert browser.page.url == f"{party}/reports?year=2026"
    assert told["OIDC_CLAIM_SUB"] == str(person.public_id)
    assert told["OIDC_CLAIM_PREFERRED_USERNAME"] == "zoe.nunez"
    assert told["OIDC_CLAIM_PORTAL"] == "claims"
    assert told["OIDC_CLAIM_ROLE"] == "biller"
    assert told["OIDC_CLAIM_EMAIL"] == person.email
    assert told["OIDC_CLAIM_ACR"]


def test_tokens_are_refreshed(party, browser, person):
    browser.open(f"{party}/")
    first = browser.press("Continue").json()["OIDC_ACCESS_TOKEN"]
    browser.open(f"{party}/signed-on?refresh={party}/&access_token={first}")
    second = browser.page.json()["OIDC_ACCESS_TOKEN"]
    assert second
    assert browser.page.url == f"{party}/"


def test_signing_out_here_ends_the_session_there_within_five_seconds(party, product, browser, person):
    """Back-channel logout, through the outbox."""
    browser.open(f"{party}/")
    browser.press("Continue")
    assert browser.ask(f"{party}/").status_code == 200
    browser.open(f"{product}/id/profile/")
    began = time.monotonic()
    browser.press("Sign out")
    while browser.ask(f"{party}/").status_code == 200:
        assert time.monotonic() - began < 5
        time.sleep(0.1)


def test_signing_out_there_ends_the_session_here(party, product, browser, person):
    """RP-initiated logout: and nobody is asked again, for the ID token is of this session."""
    browser.open(f"{party}/")
    browser.press("Continue")
    browser.open(f"{party}/signed-on?logout={party}/bye")
    assert urlsplit(browser.page.url).path == "/id/sign-in/"  # /bye, which asks for a sign-on again
    assert browser.ask(f"{product}/id/profile/").status_code == 302


def test_a_forged_state_is_refused(party, browser, person, old_application):
    """Somebody else's code, or one that nobody asked for, signs nobody on."""
    browser.open(f"{party}/")
    assert browser.ask(f"{party}/signed-on?state=forged&code=forged").status_code >= 400
    assert browser.ask(f"{party}/reports").status_code == 302
    assert old_application.requests == []


def test_without_access_nobody_gets_in_and_the_application_learns_nothing(party, browser, old_application):
    browser.sign_in(AccountFactory())
    browser.open(f"{party}/")
    assert "You have no access to Archive yet" in browser.page.text
    assert old_application.requests == []


def test_a_closed_application_signs_nobody_on(party, application, browser, person, old_application):
    applications.set_open(application.application, False, by=None, now=timezone.now())
    browser.open(f"{party}/")
    assert "is closed for the moment" in browser.page.text
    assert old_application.requests == []


def test_access_that_ends_ends_the_session_there(party, browser, person):
    browser.open(f"{party}/")
    browser.press("Continue")
    grants.end(account=person, portal_key="claims", reason="test", by=None, now=NOW)
    end = time.monotonic() + 5
    while browser.ask(f"{party}/").status_code == 200:
        assert time.monotonic() < end
        time.sleep(0.1)


def test_keys_that_rotate_are_followed(party, browser, person):
    """A new key signs at once: Apache asks for it and goes on."""
    browser.open(f"{party}/")
    browser.press("Continue")
    signing_keys.rotate("RS256", by=None, now=timezone.now(), at_once=True)
    browser.http.cookies.clear(domain="localhost.local", path="/", name="mod_auth_openidc_session")
    assert browser.open(f"{party}/reports").json()["OIDC_CLAIM_SUB"] == str(person.public_id)
