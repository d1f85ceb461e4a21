"""openid-client in Node.js, by the snippet of the admin site, signs people on at the running product."""

import shutil
import time

import pytest
from django.utils import timezone

from portals.oidc import applications, signing_keys
from tests.factories import AccountFactory, GrantFactory
from tests.interop import node
from tests.interop.servers import ROOT, running, snippet
from tests.relying_party import register
from tests.services import free_port


@pytest.fixture
def application(product):
    here = f"http://localhost:{free_port()}"
    return register(
        key="viewer", name="Claims Viewer", redirect_uris=[f"{here}/callback"], after_logout_uris=[f"{here}/"],
        logout_address=f"{here}/back-channel-logout",
    )  # fmt: skip


@pytest.fixture
def party(application, tmp_path):
    address = application.application.client.get_redirect_uris()[0].removesuffix("/callback")
    (tmp_path / "node_modules").symlink_to(node.modules())
    (tmp_path / "sign_on.mjs").write_text(snippet("openid_client", application.application))
    shutil.copy(ROOT / "tests" / "interop" / "parties" / "node.mjs", tmp_path / "server.mjs")
    environment = {"PORT": address.rpartition(":")[2], "CLIENT_SECRET": application.secret}
    with running([*node.command(), "server.mjs"], address=address, folder=tmp_path, **environment):
        yield address


@pytest.fixture
def person(browser):
    account = GrantFactory(account=AccountFactory(login_name="zoe.nunez", first_name="Zoë")).account
    browser.sign_in(account)
    return account


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_sign_in_claims_and_refresh(party, application, browser, person, algorithm):
    """Issue 5: the library checks signature, issuer, audience, nonce, state and iss by itself."""
    type(application.application).objects.update(algorithm=algorithm)
    browser.open(f"{party}/login")
    told = browser.press("Continue").json()
    assert told["who"]["preferred_username"] == "zoe.nunez"
    assert told["who"]["portal"] == "claims"
    assert told["claims"]["sub"] == told["who"]["sub"] == str(person.public_id)
    assert {"auth_time", "amr", "acr", "sid", "nonce"} <= set(told["claims"])
    assert browser.open(f"{party}/refresh").json()["refreshed"] == 1
    assert browser.open(f"{party}/refresh").json()["refreshed"] == 2


def test_signing_out_here_ends_the_session_there_within_five_seconds(party, product, browser, person):
    """Back-channel logout: the logout token is verified with jose."""
    browser.open(f"{party}/login")
    browser.press("Continue")
    browser.open(f"{product}/id/profile/")
    began = time.monotonic()
    browser.press("Sign out")
    while browser.open(f"{party}/").json()["who"]:
        assert time.monotonic() - began < 5
        time.sleep(0.1)


def test_signing_out_there_ends_the_session_here(party, product, browser, person):
    browser.open(f"{party}/login")
    browser.press("Continue")
    assert browser.open(f"{party}/logout").json()["who"] is None
    assert browser.page.url.startswith(f"{party}/")
    assert browser.ask(f"{product}/id/profile/").status_code == 302


def test_what_is_refused_is_the_standards_error(party, application, browser, person):
    """No agreement, a forged state, a closed application: nobody is signed on."""
    browser.open(f"{party}/login")
    assert browser.press("Do not share").json()["error"] == "access_denied"
    browser.open(f"{party}/login")
    forged = browser.open(f"{party}/callback?code=forged&state=forged")
    assert forged.status_code == 403
    applications.set_open(application.application, False, by=None, now=timezone.now())
    assert "is closed for the moment" in browser.open(f"{party}/login").text


def test_keys_that_rotate_are_followed(party, browser, person):
    browser.open(f"{party}/login")
    browser.press("Continue")
    signing_keys.rotate("RS256", by=None, now=timezone.now(), at_once=True)
    assert browser.open(f"{party}/login").json()["who"]["sub"] == str(person.public_id)
