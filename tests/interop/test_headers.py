"""Header sign-on behind a real nginx, with the very lines of docs/sign-on.md."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from rbac.domain import grants
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.interop.servers import ROOT, nginx
from tests.relying_party import register
from tests.services import free_port

IDENTITY = ("REMOTE_USER", "X_HEALTHCARE_ID", "X_HEALTHCARE_ID_NAME", "X_HEALTHCARE_ID_EMAIL", "X_HEALTHCARE_ID_PORTAL",
            "X_HEALTHCARE_ID_ROLE", "X_HEALTHCARE_ID_CAPABILITIES", "X_HEALTHCARE_ID_LEGACY_USER_NAME")  # fmt: skip


@pytest.fixture
def front(product, old_application, tmp_path, settings):
    """The address of nginx: the product, and the old application below /archive/."""
    register(key="archive", name="Archive", asks_consent=False)
    page = (ROOT / "docs" / "sign-on.md").read_text()
    servers = re.search(r"```nginx\n(.*?)```", page, re.DOTALL)[1]
    port = free_port()
    for written, real in (("127.0.0.1:8000", product.removeprefix("http://")),
                          ("127.0.0.1:9000", f"127.0.0.1:{old_application.port}"), ("listen 8080", f"listen 127.0.0.1:{port}")):  # fmt: skip
        assert written in servers
        servers = servers.replace(written, real)
    settings.PUBLIC_URL = f"http://localhost:{port}"
    with nginx(servers, port=port, folder=tmp_path) as address:
        yield address


def test_the_old_application_learns_who_it_is_and_nothing_from_the_browser(front, browser):
    """Issue 5, header sign-on: identity headers; what the browser claims of itself is gone."""
    account = GrantFactory(
        account=AccountFactory(login_name="zoe.nunez", first_name="Zoë", last_name="Núñez 100%")
    ).account
    browser.sign_in(account)
    browser.http.cookies.set("archive_session", "its-own", domain="localhost.local")
    forged = {"Remote-User": "admin", "X-Healthcare-ID-Role": "admin", "X-Healthcare-ID-Legacy-User-Name": "root",
              "Remote_User": "admin", "X-Healthcare-Id": "1", "X_Healthcare_ID": "1"}  # fmt: skip
    told = browser.open(f"{front}/archive/old/page?a=1", **forged).json()
    assert {name: told.get(name) for name in IDENTITY} == {
        "REMOTE_USER": "zoe.nunez",
        "X_HEALTHCARE_ID": str(account.public_id),
        "X_HEALTHCARE_ID_NAME": "Zo%C3%AB N%C3%BA%C3%B1ez 100%25",
        "X_HEALTHCARE_ID_EMAIL": "zoe.nunez@example.org",
        "X_HEALTHCARE_ID_PORTAL": "claims",
        "X_HEALTHCARE_ID_ROLE": "user",
        "X_HEALTHCARE_ID_CAPABILITIES": None,
        "X_HEALTHCARE_ID_LEGACY_USER_NAME": None,
    }
    assert unquote(told["X_HEALTHCARE_ID_NAME"]) == account.get_full_name()
    assert told["COOKIE"] == "archive_session=its-own"


def test_without_a_session_the_sign_in_leads_back_to_the_page_with_its_query(front, browser, old_application):
    """401: the person signs in and arrives where they wanted to."""
    browser.open(f"{front}/archive/page?a=1&b=2&c=%C3%A9")
    address = urlsplit(browser.page.url)
    assert address.path == "/id/sign-in/"
    assert old_application.requests == []
    browser.sign_in(GrantFactory().account)
    browser.open(front + parse_qs(address.query)["next"][0])
    assert browser.page.url == f"{front}/archive/page?a=1&b=2&c=%C3%A9"
    assert old_application.requests[-1]["PATH"] == "/archive/page"


def test_without_access_the_person_is_shown_how_to_ask(front, browser, old_application):
    """403: no grant, no identity; the chooser says how to ask."""
    browser.sign_in(AccountFactory())
    browser.open(f"{front}/archive/")
    assert urlsplit(browser.page.url).path == "/p/optum-connect/portals/"
    assert "You have no access yet" in browser.page.text
    assert old_application.requests == []


def test_what_is_no_page_is_refused_without_leading_anywhere(front, browser, old_application):
    """A picture or a script's question gets the bare status."""
    assert browser.ask(f"{front}/archive/logo.png").status_code == 401
    browser.sign_in(AccountFactory())
    assert browser.ask(f"{front}/archive/logo.png").status_code == 403
    assert old_application.requests == []


def test_access_that_ends_is_refused_at_the_next_request(front, browser):
    account = GrantFactory().account
    browser.sign_in(account)
    assert browser.ask(f"{front}/archive/x").status_code == 200
    grants.end(account=account, portal_key="claims", reason="test", by=None, now=NOW)
    assert browser.ask(f"{front}/archive/x").status_code == 403
