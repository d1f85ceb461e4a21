"""mozilla-django-oidc and Authlib in a Django project of their own, by the snippets of the admin site."""

import re
import shutil
import sys
import time

import pytest
from django.utils import timezone

from portals.oidc import applications
from rbac.domain import grants
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.interop.servers import ROOT, running, snippet
from tests.relying_party import register
from tests.services import free_port

LIBRARIES = {
    "mozilla": ("/oidc/authenticate/", "/oidc/callback/"),
    "authlib": ("/authlib/login/", "/authlib/callback/"),
}


@pytest.fixture(params=LIBRARIES)
def library(request):
    return request.param


@pytest.fixture
def application(product, library):
    here = f"http://localhost:{free_port()}"
    return register(
        key="project",
        name="Django Project",
        redirect_uris=[here + LIBRARIES[library][1]],
        after_logout_uris=[f"{here}/"],
    )


@pytest.fixture
def party(application, library, tmp_path):
    """The address of the project. It asks after two seconds whether the sign-on still holds."""
    address = re.match(r"http://[^/]+", application.application.client.get_redirect_uris()[0])[0]
    files = re.split(r"# --- (\w+)\.py\n", snippet("mozilla_django_oidc", application.application))
    (tmp_path / "settings_snippet.py").write_text(files[2])
    (tmp_path / "sign_on.py").write_text(files[4])
    (tmp_path / "sign_on_authlib.py").write_text(snippet("authlib", application.application))
    shutil.copy(ROOT / "tests" / "interop" / "parties" / "django_project.py", tmp_path)
    environment = {
        "PORT": address.rpartition(":")[2], "CLIENT_SECRET": application.secret, "RENEW_AFTER": "2",
        "DJANGO_SETTINGS_MODULE": "", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    with running([sys.executable, "django_project.py"], address=f"{address}/", folder=tmp_path, **environment):
        yield address


@pytest.fixture
def person(browser):
    account = GrantFactory(account=AccountFactory(login_name="zoe.nunez", first_name="Zoë")).account
    browser.sign_in(account)
    return account


def test_a_person_is_signed_on_and_known_by_sub(party, library, browser, person):
    """Issue 5: sign-in and claims with both libraries."""
    browser.open(party + LIBRARIES[library][0])
    told = browser.press("Continue").json()[library]
    assert told["sub"] == str(person.public_id)
    assert told["name"] == person.get_full_name()


@pytest.mark.parametrize("library", ["authlib"], indirect=True)
def test_authlib_refreshes(party, library, browser, person):
    browser.open(party + LIBRARIES[library][0])
    browser.press("Continue")
    for _ in range(2):
        assert browser.open(f"{party}/authlib/refresh/").json() == {"expires_in": 300}


@pytest.mark.parametrize("library", ["mozilla"], indirect=True)
def test_mozilla_asks_silently_and_notices_that_access_ended(party, library, browser, person):
    """prompt=none: it goes on by itself while the sign-on holds, and signs out when it does not."""
    browser.open(party + LIBRARIES[library][0])
    browser.press("Continue")
    time.sleep(2.1)
    assert browser.open(f"{party}/").json()["mozilla"]["sub"] == str(person.public_id)
    grants.end(account=person, portal_key="claims", reason="test", by=None, now=NOW)
    time.sleep(2.1)
    assert browser.open(f"{party}/").json() == {"refused": True}


@pytest.mark.parametrize("library", ["mozilla"], indirect=True)
def test_signing_out_of_mozilla_signs_out_here(party, product, library, browser, person):
    """RP-initiated logout."""
    browser.open(party + LIBRARIES[library][0])
    browser.press("Continue")
    assert browser.open(f"{party}/oidc/logout/").json()["mozilla"] is None
    assert browser.ask(f"{product}/id/profile/").status_code == 302


def test_refusals_sign_nobody_on(party, application, library, browser, person):
    """No agreement; a forged state; no access; a closed application."""
    begin, callback = LIBRARIES[library]
    browser.open(party + begin)
    assert browser.press("Do not share").status_code == 403
    browser.open(party + begin)
    assert browser.open(f"{party}{callback}?code=forged&state=forged").status_code >= 400
    applications.set_open(application.application, False, by=None, now=timezone.now())
    assert "is closed for the moment" in browser.open(party + begin).text
    assert browser.open(f"{party}/").json() == {"mozilla": None, "authlib": None}
