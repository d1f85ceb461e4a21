"""Applications that a browser itself talks for: one that lives in it (T05), and one that is answered by a form (T06)."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import pytest

from portals.oidc import applications, signing_keys
from portals.oidc.applications import Registration
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.interop.servers import ROOT
from tests.relying_party import RelyingParty
from tests.steps.browser import sign_in
from tests.steps.sign_in import signed_in

PARTIES = ROOT / "tests" / "interop" / "parties"
RECEIVED = b"<!doctype html><html lang=en><title>Received</title><link rel=icon href='data:,'><h1>Received</h1>"
KINDS = {"html": "text/html", "js": "text/javascript", "json": "application/json"}


class Application(BaseHTTPRequestHandler):
    """Serves the pages of its server, and shows the fields of what is posted to it."""

    def do_GET(self):
        name = self.path.partition("?")[0].strip("/") or "browser.html"
        if name == "settings.json":
            body = json.dumps(self.server.settings).encode()
        elif (PARTIES / name).is_file():
            body = (PARTIES / name).read_bytes()
        else:
            self.send_error(404)
            return
        self._answer(body, KINDS[name.rpartition(".")[2]])

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.posted.append({"path": self.path, "origin": self.headers["Origin"], **form})
        self._answer(RECEIVED, "text/html")

    def _answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def application(live_server, settings):
    """A server on another port; answers it and its address."""
    settings.PUBLIC_URL = live_server.url
    signing_keys.forget()
    server = ThreadingHTTPServer(("localhost", 0), Application)
    server.posted, server.settings = [], {"issuer": live_server.url}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server, f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def register(server, **change):
    said = Registration(**{"key": "browser", "name": "Bill Viewer", "portal_key": "claims", **change})
    found, secret = applications.register(said, by=None, now=NOW)
    server.settings["client_id"] = found.pk
    return RelyingParty(found, secret)


def person():
    account = AccountFactory(login_name="zoe.nunez", first_name="Zoë", phone="+13105550199")
    GrantFactory(account=account, portal_key="claims")
    return account


def come_back(her, account):
    """As if the account had signed in here before."""
    for name, cookie in signed_in(account).cookies.items():
        her.context.add_cookies([{"name": name, "value": cookie.value, "url": her.base}])


def told(her):
    her.page.wait_for_function("document.getElementById('told').textContent")
    return json.loads(her.page.locator("#told").inner_text())


def test_an_application_in_the_browser_signs_somebody_on_by_fetch(visit, inbox, application):
    """T05: discovery, the code with PKCE, userinfo, a refresh and the revocation from another origin; and when the
    tokens are over it can read that."""
    (server, address), her, account = application, visit(), person()
    register(server, redirect_uris=[f"{address}/"], is_public=True)
    her.page.goto(address)
    her.press("Sign in")
    sign_in(her, inbox, account, "+13105550199")
    her.press("Continue")
    her.page.wait_for_url(f"{address}/?code=*")
    found = told(her)
    assert found["who"]["body"]["name"].startswith("Zoë")
    assert [found[name] for name in ("tokens", "refreshed", "revoked", "after")] == [200, 200, 200, 401], found
    assert [text for text in her.problems if "401" not in text] == []


def test_a_browser_shows_no_other_origin_what_was_answered(visit, inbox, application):
    """T05: the same page, registered as an application on a server, gets nothing that it could read."""
    (server, address), her, account = application, visit(), person()
    register(server, redirect_uris=[f"{address}/"])
    her.page.goto(address)
    her.press("Sign in")
    sign_in(her, inbox, account, "+13105550199")
    her.press("Continue")
    her.page.wait_for_url(f"{address}/?code=*")
    her.page.wait_for_function("performance.getEntriesByType('resource').some((r) => r.name.endsWith('/token'))")
    assert any("CORS policy" in text for text in her.problems)


@pytest.mark.parametrize("script", [True, False])
def test_an_answer_by_a_form_reaches_the_application(visit, application, script):
    """T06: what ASP.NET Core sends. The page passes the strict policy and posts by itself; without script a person
    presses its button. The code works, and lies in no address."""
    (server, address), her, account = application, visit(script=script), person()
    back = f"{address}/signin-oidc"
    party = register(server, redirect_uris=[back])
    asked = party.asks(
        redirect_uri=back, response_mode="form_post", scope="openid profile", state="CfDJ8/+=", **{"x-client-SKU": "ID_NET8_0"}
    )  # fmt: skip
    come_back(her, account)
    her.go(f"/sign-on/authorize?{urlencode(asked)}")
    her.press("Continue")
    if not script:
        her.page.get_by_role("heading", name="Back to the application").wait_for()
        her.press("Continue")
    her.page.get_by_role("heading", name="Received").wait_for()
    assert her.page.url == back
    [received] = server.posted
    assert received["path"] == "/signin-oidc"
    assert received["origin"] == her.base
    assert received["state"] == ["CfDJ8/+="]
    assert received["iss"] == [her.base]
    assert party.change(received["code"][0], redirect_uri=back).status_code == 200
    assert her.problems == []


def test_the_page_that_posts_is_as_good_as_any_other(visit, application):
    """Its script left out, so that it stays: axe and 320 px."""
    (server, address), her, account = application, visit(width=320), person()
    her.page.route("**/answer*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    back = f"{address}/signin-oidc"
    party = register(server, redirect_uris=[back], asks_consent=False)
    come_back(her, account)
    her.go(f"/sign-on/authorize?{urlencode(party.asks(redirect_uri=back, response_mode='form_post'))}")
    her.look("Back to the application")
