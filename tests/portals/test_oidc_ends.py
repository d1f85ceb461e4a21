"""The end of sign-ons: logout at the application, here, or by whatever ends access; and every application told (S0-04)."""

import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

import jwt
import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from identity.accounts import passwords
from identity.governance import closing
from identity.models import Account, OpenSession, OutboxMessage
from identity.policy import lifecycle
from identity.record import outbox
from identity.sessions import sessions
from portals.models import Application, OidcSession
from portals.oidc import applications, consents, oidc_sessions
from portals.oidc.messages import LOGOUT_EVENT, BackChannelLogout
from rbac.domain import grants
from rbac.models import AccessGrant
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.relying_party import AFTERWARDS, register, told_to_application
from tests.steps.sign_in import signed_in
from tests.together import together

pytestmark = pytest.mark.django_db

TOLD = "https://bills.example.org/back-channel-logout"
SECOND = timedelta(seconds=1)


@pytest.fixture
def party(office_user):
    party = register(logout_address=TOLD)
    party.browser = signed_in(office_user)
    return party


def waiting():
    """The applications' logout messages that stand in the outbox."""
    return OutboxMessage.objects.filter(kind="portals.BackChannelLogout").count()


ENDS = {
    "signing out": lambda party, account: party.browser.post("/id/sign-out/"),
    "ending the session from the list": lambda party, account: sessions.end(
        account=account, session=OpenSession.objects.get(account=account).pk, now=timezone.now()
    ),
    "ending all sessions": lambda party, account: sessions.end_all(account=account, by=None, now=timezone.now()),
    "another password": lambda party, account: transaction.atomic(passwords.store)(
        account=account, encoded=account.password, now=timezone.now()
    ),
    "closing the account": lambda party, account: closing.close(
        account=account, by=None, reason="left", now=timezone.now()
    ),
    "access that ends": lambda party, account: grants.end(
        account=account, portal_key="claims", reason="left", by=None, now=timezone.now()
    ),
    "disconnecting the application": lambda party, account: consents.revoke(
        account=account, application=party.application, now=timezone.now()
    ),
    "closing the application": lambda party, account: applications.set_open(
        party.application, False, by=None, now=timezone.now()
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_what_ends_a_sign_on(party, office_user, how):
    """stack: tokens survived a password change; here every token falls at once, and the application is told."""
    answer = party.tokens()
    office_user.refresh_from_db()
    ENDS[how](party, office_user)
    assert party.userinfo(answer["access_token"]).status_code == 401
    assert party.refresh(answer["refresh_token"]).status_code in (400, 401)
    assert waiting() == 1


@pytest.mark.parametrize(
    "how", ["ending the session from the list", "ending all sessions", "disconnecting the application"]
)
def test_what_ends_while_the_code_is_made_ends_it_too(party, office_user, monkeypatch, how):
    """A stolen session that asks for a code at the very moment in which its owner ends it."""
    party.agree()
    real = grants.note_use

    def and_meanwhile(**asked):
        ENDS[how](party, Account.objects.get(pk=office_user.pk))
        real(**asked)

    monkeypatch.setattr(grants, "note_use", and_meanwhile)
    assert told_to_application(party.authorize())["error"] == "login_required"
    assert not OidcSession.objects.filter(ended_at=None).exists()


def test_an_application_that_may_know_less_begins_anew(party):
    """A scope that is taken from an application is not read by the tokens it has."""
    answer = party.tokens()
    asked = applications.said_of(party.application)
    applications.change(party.application, replace(asked, name="Bills"), by=None, now=timezone.now())
    assert party.userinfo(answer["access_token"]).status_code == 200
    renamed = Application.objects.select_related("client").get()
    applications.change(renamed, replace(asked, name="Bills", scopes=["openid"]), by=None, now=timezone.now())
    assert party.userinfo(answer["access_token"]).status_code == 401


def test_a_right_that_is_withdrawn_ends_what_needs_it(office_user):
    """S0-02: Bill Tracker is told at once, TruCase's other applications are not."""
    grant = AccessGrant.objects.get(account=office_user)
    grants.give_capabilities(grant=grant, capabilities=["bill_tracker"], reason="x", by=None, now=NOW)
    needs_it = register(logout_address=TOLD, capability="bill_tracker")
    other = register(key="other", name="Other", logout_address=TOLD)
    needs_it.browser = other.browser = signed_in(office_user)
    lost, kept = needs_it.tokens(), other.tokens()
    grant.refresh_from_db()
    grants.withdraw_capabilities(grant=grant, capabilities=["bill_tracker"], reason="x", by=None, now=NOW)
    assert needs_it.userinfo(lost["access_token"]).status_code == 401
    assert other.userinfo(kept["access_token"]).status_code == 200
    assert waiting() == 1


def test_another_session_of_the_same_person_stays(party, office_user):
    other = signed_in(office_user)
    party.tokens()
    kept = party.change(party.authorize(other)["Location"].split("code=")[1].split("&")[0]).json()
    party.browser.post("/id/sign-out/")
    assert party.userinfo(kept["access_token"]).status_code == 200
    assert waiting() == 1


def test_an_application_that_never_changed_its_code_is_told_nothing(party):
    party.code()
    party.browser.post("/id/sign-out/")
    assert waiting() == 0


class TestBackChannel:
    """OpenID Connect Back-Channel Logout 1.0, against a real server."""

    @pytest.fixture
    def heard(self, office_user, settings):
        settings.CALLS_LOOPBACK = True

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.server.bodies.append(parse_qs(body))
                self.send_response(self.server.status)
                if self.server.status == 302:
                    self.send_header("Location", self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.bodies, server.status = [], 200
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
        server.server_close()

    def end_one(self, server, office_user):
        party = register(logout_address=f"http://127.0.0.1:{server.server_port}/logout")
        party.browser = signed_in(office_user)
        sid = party.claims(party.tokens()["id_token"])["sid"]
        party.browser.post("/id/sign-out/")
        return party, sid

    def test_the_token_says_who_left_which_session(self, heard, office_user):
        party, sid = self.end_one(heard, office_user)
        assert outbox.drain(now=timezone.now()) == outbox.Outcome.SENT
        [body] = heard.bodies
        token = body["logout_token"][0]
        assert jwt.get_unverified_header(token)["typ"] == "logout+jwt"
        told = party.claims(token)
        assert told["sub"] == str(office_user.public_id)
        assert told["sid"] == sid
        assert told["events"] == {LOGOUT_EVENT: {}}
        assert told["exp"] - told["iat"] == lifecycle.after("logout_token").total_seconds()
        assert told["jti"]
        assert "nonce" not in told

    def test_the_token_ends_after_two_minutes(self, heard, office_user):
        with time_machine.travel(timezone.now().replace(microsecond=0), tick=False) as clock:
            party, _sid = self.end_one(heard, office_user)
            outbox.drain(now=timezone.now())
            token = heard.bodies[0]["logout_token"][0]
            clock.shift(lifecycle.after("logout_token") - SECOND)
            assert party.claims(token)
            clock.shift(SECOND)
            with pytest.raises(jwt.ExpiredSignatureError):
                party.claims(token)

    @pytest.mark.parametrize("status", [400, 500, 302])
    def test_an_application_that_does_not_take_it_is_told_again(self, heard, office_user, status):
        """Delivered at least once, retried with pauses, and never redirected."""
        self.end_one(heard, office_user)
        heard.status = status
        assert outbox.drain(now=timezone.now()) == outbox.Outcome.FAILED
        heard.status = 204
        assert outbox.drain(now=timezone.now() + timedelta(seconds=31)) == outbox.Outcome.SENT
        first, second = (body["logout_token"][0] for body in heard.bodies)
        assert first != second

    def test_an_address_inside_is_not_called(self, heard, office_user, settings):
        """M12: whatever was registered once."""
        self.end_one(heard, office_user)
        settings.CALLS_LOOPBACK = False
        assert outbox.drain(now=timezone.now()) == outbox.Outcome.FAILED
        assert heard.bodies == []
        assert OutboxMessage.objects.get(kind="portals.BackChannelLogout").problem == "NotPublic"

    def test_the_row_holds_no_token(self, heard, office_user):
        self.end_one(heard, office_user)
        row = OutboxMessage.objects.get(kind="portals.BackChannelLogout")
        assert set(row.ids) == {"account_id", "oidc_session"}

    def test_an_application_that_listens_no_more_is_told_nothing(self, heard, office_user):
        party, _sid = self.end_one(heard, office_user)
        party.application.refresh_from_db()
        party.application.logout_address = ""
        party.application.save()
        assert outbox.drain(now=timezone.now()) == outbox.Outcome.SENT
        assert heard.bodies == []


class TestLogoutAtTheApplication:
    """OpenID Connect RP-Initiated Logout 1.0."""

    def ask(self, browser, **asked):
        return browser.get("/sign-on/logout", asked)

    def test_with_an_id_token_of_this_session_it_ends_at_once(self, party, office_user):
        token = party.tokens()["id_token"]
        answer = self.ask(party.browser, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS, state="x y")
        assert answer["Location"] == f"{AFTERWARDS}?state=x+y"
        assert not OpenSession.objects.filter(account=office_user).exists()
        assert party.browser.get("/id/profile/").status_code == 302
        assert waiting() == 1

    def test_also_when_the_token_has_ended(self, party):
        token = party.tokens()["id_token"]
        with time_machine.travel(timezone.now() + timedelta(minutes=20)):
            answer = self.ask(party.browser, id_token_hint=token, post_logout_redirect_uri=AFTERWARDS)
            assert answer["Location"] == AFTERWARDS

    @pytest.mark.parametrize("hint", ["", "nonsense", "e.y.j"])
    def test_without_one_a_person_presses_a_button(self, party, office_user, hint):
        party.tokens()
        asked = {"client_id": party.client_id, "post_logout_redirect_uri": AFTERWARDS, "id_token_hint": hint}
        page = self.ask(party.browser, **asked)
        assert page.status_code == 200
        assert "Bill Viewer has signed you out" in page.content.decode()
        assert "form-action 'self' https://bills.example.org" in page["Content-Security-Policy"]
        assert OpenSession.objects.filter(account=office_user).exists()
        answer = party.browser.post(f"/sign-on/leave?{urlencode(asked)}")
        assert answer["Location"] == AFTERWARDS
        assert not OpenSession.objects.filter(account=office_user).exists()

    def test_another_site_cannot_press_it(self, party):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = party.browser.cookies
        assert browser.post("/sign-on/leave").status_code == 403

    def test_the_token_of_another_session_or_person_asks_too(self, party, office_user):
        token = party.tokens()["id_token"]
        assert self.ask(signed_in(office_user), id_token_hint=token).status_code == 200
        other = GrantFactory(account=AccountFactory(), portal_key="claims").account
        assert self.ask(signed_in(other), id_token_hint=token).status_code == 200

    @pytest.mark.parametrize(
        "uri",
        ["https://evil.example.org/", f"{AFTERWARDS}/x", f"{AFTERWARDS}#x", "javascript:alert(1)", "/id/profile/"],
    )
    def test_nobody_is_sent_to_an_address_that_is_not_registered(self, party, uri):
        """T07: the question is asked all the same, only the way back is left out."""
        token = party.tokens()["id_token"]
        asked = {"id_token_hint": token, "post_logout_redirect_uri": uri, "state": "x"}
        page = self.ask(party.browser, **asked)
        assert page.status_code == 200
        assert "form-action 'self';" in page["Content-Security-Policy"]
        assert party.browser.post(f"/sign-on/leave?{urlencode(asked)}")["Location"] == "/id/signed-out/"
        for stranger in ({"client_id": party.client_id, "post_logout_redirect_uri": uri}, asked):
            assert self.ask(Client(), **stranger)["Location"] == "/id/signed-out/"
        assert self.ask(Client(), post_logout_redirect_uri=AFTERWARDS)["Location"] == "/id/signed-out/"

    def test_a_token_of_another_application_is_no_hint(self, party):
        other = register(key="other", name="Other")
        token = party.tokens()["id_token"]
        asked = {"id_token_hint": token, "client_id": other.client_id, "post_logout_redirect_uri": AFTERWARDS}
        assert "Sign out?" in self.ask(party.browser, **asked).content.decode()
        assert party.browser.post(f"/sign-on/leave?{urlencode(asked)}")["Location"] == "/id/signed-out/"

    def test_who_has_left_already_goes_on(self, party):
        answer = self.ask(Client(), client_id=party.client_id, post_logout_redirect_uri=AFTERWARDS)
        assert answer["Location"] == AFTERWARDS
        assert self.ask(Client())["Location"] == "/id/signed-out/"

    def test_it_may_be_posted(self, party):
        answer = Client(enforce_csrf_checks=True).post("/sign-on/logout", {"client_id": party.client_id})
        assert answer.status_code == 303


def test_records_of_what_is_over_are_deleted(party):
    """The period sign_on_kept: a second before its end, and at the moment."""
    begun = timezone.now()
    with time_machine.travel(begun, tick=False):
        party.tokens()
    end = begun + lifecycle.after("sign_on") + lifecycle.after("sign_on_kept")
    oidc_sessions.prune(now=end - SECOND)
    assert OidcSession.objects.exists()
    oidc_sessions.prune(now=end)
    assert not OidcSession.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two requests with the same code or token at the same moment: one is answered, then nothing holds."""

    def test_a_code(self, party):
        code = party.code()
        answers = together(lambda: party.change(code).status_code, threads=4)
        assert sorted(answers)[:1] == [200]
        assert answers.count(200) == 1
        assert OidcSession.objects.get().ended_at is not None

    def test_a_refresh_token(self, party):
        token = party.tokens()["refresh_token"]
        answers = together(lambda: party.refresh(token).status_code, threads=4)
        assert answers.count(200) == 1
        assert OidcSession.objects.get().ended_at is not None

    def test_an_end_tells_the_application_once(self, party, office_user, monkeypatch):
        monkeypatch.setattr(outbox.QUEUE, "nudge", lambda: None)
        party.tokens()
        account = Account.objects.get(pk=office_user.pk)
        together(lambda: oidc_sessions.end(oidc_sessions.live(account), now=NOW), threads=4)
        assert waiting() == 1


def test_a_message_is_of_one_sign_on():
    assert (
        BackChannelLogout(account_id=1, oidc_session="a").dedupe_key
        != BackChannelLogout(account_id=1, oidc_session="b").dedupe_key
    )
