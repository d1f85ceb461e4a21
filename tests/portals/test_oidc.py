"""Sign-on at outside applications: the code flow, who gets in, what they agree to, what is told of them (S0-04)."""

import base64
import json
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from identity.models import Challenge, JournalEntry, OpenSession, PhoneDevice
from identity.policy import lifecycle
from portals.models import Consent, OidcSession
from portals.oidc import applications, claims
from rbac.models import AccessGrant
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory
from tests.relying_party import CALLBACK, register, told_to_application
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


class TestTheFlow:
    def test_a_person_with_access_is_signed_on(self, party, office_user):
        """S0-04: one ID for every application that supports it, by an open standard."""
        answer = party.tokens()
        told = party.claims(answer["id_token"])
        assert told["sub"] == str(office_user.public_id)
        assert told["nonce"] == "a-nonce"
        assert told["sid"] == str(OpenSession.objects.get(account=office_user).pk)
        assert told["exp"] - told["iat"] == lifecycle.after("sign_on_token").total_seconds()
        assert answer["token_type"] == "Bearer"
        assert JournalEntry.objects.get(kind="portals.SignedOn").account == office_user

    def test_the_answer_names_the_issuer_and_the_state(self, party):
        """RFC 9207: an answer of another provider is not taken for ours."""
        told = told_to_application(party.agree())
        assert told["iss"] == "http://testserver"
        assert told["state"] == "a-state"

    def test_the_application_learns_what_was_agreed_to_and_no_more(self, party, office_user):
        assert set(party.userinfo(party.tokens(scope="openid")["access_token"]).json()) == {"sub"}
        known = party.userinfo(party.tokens(scope="openid profile email")["access_token"]).json()
        assert known["preferred_username"] == office_user.login_name
        assert (known["email"], known["email_verified"]) == (office_user.email, True)
        assert "portal" not in known

    def test_a_scope_that_was_not_given_is_left_out(self, party):
        """OpenID Connect Core, 3.1.2.1: some libraries always add offline_access."""
        assert party.tokens(scope="openid email offline_access email admin")["scope"] == "openid email"

    def test_the_claims_carry_the_grant(self, party, office_user):
        """The issue: portal, role, capabilities, practices, old user name. An SSN is told to no application."""
        grant = AccessGrant.objects.get(account=office_user)
        practice = PracticeFactory(name="Lakeside")
        own = [TinFactory(practice=practice, digits=digits, kind=kind)
               for digits, kind in (("123456789", "EIN"), ("987654321", "SSN"))]  # fmt: skip
        MembershipFactory(grant=grant, practice=practice, tins=own)
        TinFactory(practice=practice, digits="555555556")  # the practice's, and not approved for this person (H2)
        AccessGrant.objects.update(capabilities=["bill_tracker"], attributes={"legacy_user_name": "old.user"})
        GrantFactory(account=office_user, portal_key="physician", role="another")
        known = party.userinfo(party.tokens()["access_token"]).json()
        assert known["portal"] == "claims"
        assert known["role"] == "user"
        assert known["capabilities"] == ["bill_tracker"]
        assert known["practices"] == [{"id": str(practice.pk), "name": "Lakeside", "tax_ids": ["123456789"]}]
        assert known["legacy_user_name"] == "old.user"

    def test_userinfo_takes_two_queries_and_a_refresh_two(self, party, django_assert_num_queries):
        """speed: query budgets."""
        answer = party.tokens()
        with django_assert_num_queries(2):
            assert party.userinfo(answer["access_token"]).status_code == 200
        with django_assert_num_queries(2):  # the row, and the one statement that counts it up
            assert party.refresh(answer["refresh_token"]).status_code == 200

    def test_an_application_without_secret_proves_itself_by_pkce(self, office_user):
        party = register(is_public=True)
        party.browser = signed_in(office_user)
        answer = party.change(party.code(), client_id=party.client_id)
        assert answer.status_code == 200
        assert party.refresh(answer.json()["refresh_token"], client_id=party.client_id).status_code == 200

    def test_a_secret_may_come_in_the_form(self, party):
        answer = party.change(party.code(), client_id=party.client_id, client_secret=party.secret, basic=False)
        assert answer.status_code == 200

    def test_who_may_not_refresh_gets_no_token_for_it(self, office_user):
        party = register(refreshes=False)
        party.browser = signed_in(office_user)
        assert "refresh_token" not in party.tokens()

    def test_es256_beside_rs256(self, office_user):
        party = register(algorithm="ES256")
        party.browser = signed_in(office_user)
        token = party.tokens()["id_token"]
        assert json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["alg"] == "ES256"
        assert party.claims(token)["sub"]

    def test_a_request_may_be_posted(self, party):
        answer = Client(enforce_csrf_checks=True).post("/sign-on/authorize", party.asks())
        assert answer.status_code == 303
        assert answer["Location"].startswith("/sign-on/authorize?")

    def test_the_brand_of_the_portal_asks_for_the_sign_in(self, db):
        """S0-10, S0-11: who comes from TruCase's application sees TruCase's sign-in page, and comes back."""
        party = register(portal_key="trucase")
        browser = Client()
        sent = party.authorize(browser)
        assert sent["Location"].startswith("/id/sign-in/?")
        page = browser.get(sent["Location"])
        assert "Sign In With Your Optum ID" in page.content.decode()
        assert "form-action 'self' https://bills.example.org" in page["Content-Security-Policy"]

    def test_a_page_of_somebody_signed_in_ends_nowhere_else(self, party):
        path = f"/sign-on/authorize?{urlencode(party.asks())}"
        assert "bills" not in party.browser.get("/id/profile/", {"next": path})["Content-Security-Policy"]
        assert "bills" in party.browser.get("/id/confirm/", {"next": path})["Content-Security-Policy"]

    def test_forms_end_elsewhere_only_within_a_request_that_is_in_order(self, party, client):
        """interface: form-action names the origin of a registered address only."""
        asked = party.asks(redirect_uri="https://evil.example.org/callback")
        page = client.get("/id/sign-in/", {"next": f"/sign-on/authorize?{urlencode(asked)}"})
        assert "evil" not in page["Content-Security-Policy"]
        assert page["Content-Security-Policy"].count("form-action 'self';") == 1


class TestAccess:
    def test_without_a_grant_there_is_no_code_and_the_person_is_shown_how_to_ask(self, party, stranger):
        """The issue; D-07."""
        page = party.authorize(signed_in(stranger))
        assert page.status_code == 403
        shown = page.content.decode()
        assert "You have no access to Bill Viewer yet" in shown
        assert "/p/optum-connect/portals/" in shown
        assert "error=access_denied" in shown
        assert not OidcSession.objects.exists()

    def test_an_application_may_need_a_capability(self, party, office_user):
        """S0-02: Bill Tracker is a right of its own inside TruCase."""
        party.application.capability = "bill_tracker"
        party.application.save()
        assert party.authorize().status_code == 403
        AccessGrant.objects.update(capabilities=["bill_tracker"])
        tokens_ = party.tokens()
        AccessGrant.objects.update(capabilities=[])
        assert party.userinfo(tokens_["access_token"]).status_code == 401

    def test_who_lacks_a_right_is_told_that_and_no_more(self, db):
        """S0-02: somebody of TruCase without Bill Tracker; and somebody whose old account is not tied yet."""
        party = register(portal_key="trucase", capability="bill_tracker", name="Bill Tracker")
        inside = GrantFactory(account=AccountFactory(), portal_key="trucase").account
        shown = party.authorize(signed_in(inside)).content.decode()
        assert "needs a right of its own" in shown
        assert "/p/trucase/last-log-in/" not in shown
        assert "/p/trucase/last-log-in/" in party.authorize(signed_in(AccountFactory())).content.decode()

    def test_an_application_that_is_closed_says_so(self, party):
        applications.set_open(party.application, False, by=None, now=NOW)
        page = party.authorize()
        assert page.status_code == 400
        assert "Bill Viewer is closed for the moment" in page.content.decode()

    def test_access_that_rests_leads_to_the_way_back(self, party):
        """S3-19."""
        AccessGrant.objects.update(suspended_at=NOW)
        assert party.authorize()["Location"] == "/p/claims/way-back/"

    def test_an_account_of_another_realm_is_told_so(self, party):
        kim = GrantFactory(account=AccountFactory(realm="provider-online"), portal_key="provider-online").account
        assert party.authorize(signed_in(kim))["Location"] == "/p/claims/other-account/"
        assert told_to_application(party.authorize(signed_in(kim), prompt="none"))["error"] == "login_required"

    def test_staff_without_access_get_no_code_either(self, party):
        assert party.authorize(signed_in(make_staff("desk.x", "service desk"), verified=True)).status_code == 403


class TestAgreement:
    def test_a_person_is_asked_once(self, party, office_user):
        assert "Continue to Bill Viewer?" in party.authorize().content.decode()
        told_to_application(party.agree())
        assert "code" in told_to_application(party.authorize())
        assert Consent.objects.get().scopes == ["email", "openid", "portal_access", "profile"]

    def test_nothing_is_agreed_to_without_access(self, party, stranger):
        """Whoever may not enter, or has to prove more first, has agreed to nothing yet."""
        assert party.agree(signed_in(stranger)).status_code == 403
        assert party.agree(prompt="login")["Location"].startswith("/id/confirm/")
        assert not Consent.objects.exists()

    def test_asking_for_more_asks_again(self, party):
        party.agree(scope="openid")
        assert "code" in told_to_application(party.authorize(scope="openid"))
        assert party.authorize(scope="openid email").status_code == 200

    def test_who_does_not_agree_is_not_signed_on(self, party):
        told = told_to_application(party.agree(answer="deny"))
        assert told["error"] == "access_denied"
        assert not Consent.objects.exists()

    def test_nobody_agrees_by_a_link(self, party):
        """policy, Always: a GET changes nothing."""
        answer = party.browser.get(f"/sign-on/agree?{urlencode(party.asks())}")
        assert answer["Location"].startswith("/sign-on/authorize?")
        assert not Consent.objects.exists()

    def test_what_is_agreed_to_stands_in_the_address(self, party):
        asked = party.asks()
        del asked["redirect_uri"]
        path = f"/sign-on/agree?{urlencode(asked)}"
        assert party.browser.post(path, {"answer": "allow", "redirect_uri": CALLBACK}).status_code == 400

    def test_another_site_cannot_agree_for_somebody(self, party, office_user):
        browser = Client(enforce_csrf_checks=True)
        browser.cookies = party.browser.cookies
        answer = browser.post(f"/sign-on/agree?{urlencode(party.asks())}", {"answer": "allow"})
        assert answer.status_code == 403

    def test_an_application_of_the_house_need_not_ask(self, office_user):
        party = register(asks_consent=False)
        assert "code" in told_to_application(party.authorize(signed_in(office_user)))

    def test_prompt_consent_asks_anew(self, party):
        party.agree()
        assert party.authorize(prompt="consent").status_code == 200
        assert "code" in told_to_application(party.agree(prompt="consent"))


class TestHonesty:
    """stack: auth_time, amr, acr; text, call and e-mail are told honestly."""

    def told(self, party, **change):
        token = party.tokens(**change)["id_token"]
        told = party.claims(token)
        return told["amr"], told["acr"]

    def test_a_password_and_a_mailed_code(self, party):
        assert self.told(party) == (["email", "pwd"], "aal1")

    @pytest.mark.parametrize(("channel", "word"), [("text", "sms"), ("call", "tel"), ("spoken", "tel")])
    def test_a_phone(self, party, office_user, channel, word):
        device = PhoneDevice.objects.create(
            user=office_user, number="+13105550199", confirmed=True, confirmed_at=NOW, method="text"
        )
        Challenge.objects.create(
            account=office_user, purpose="second_factor", target_key="x", channel=channel,
            sent_at=NOW, expires_at=NOW, used_at=NOW,
        )  # fmt: skip
        from identity.factors import phones

        party.browser = signed_in(office_user, device=device)
        session = party.browser.session
        for record in session["account_authentication_methods"]:
            if record["method"] == "mfa":
                record["channel"] = phones.answered_by(device)
        session.save()
        amr, acr = self.told(party)
        assert word in amr
        assert "mfa" in amr
        assert acr == "aal2-restricted"

    def test_a_remembered_device_is_no_second_factor(self, party, office_user):
        session = party.browser.session
        session["account_authentication_methods"] = [
            {"method": "password", "at": timezone.now().timestamp()},
            {"method": "remembered", "type": "phone", "at": timezone.now().timestamp()},
        ]
        session.save()
        assert self.told(party) == (["pwd"], "aal1")


class TestDocuments:
    def test_the_issuer_is_fixed_whatever_the_host_says(self, party, settings):
        """stack: issuer taken from the Host header."""
        settings.ALLOWED_HOSTS = ["*"]
        told = Client().get("/.well-known/openid-configuration", headers={"Host": "evil.example.org"}).json()
        assert told["issuer"] == "http://testserver"
        assert "evil" not in json.dumps(told)

    def test_discovery_promises_what_is_kept(self, party):
        told = Client().get("/.well-known/openid-configuration").json()
        assert told["code_challenge_methods_supported"] == ["S256"]
        assert told["response_types_supported"] == ["code"]
        assert told["backchannel_logout_supported"] is True
        for name, address in told.items():
            if name.endswith(("_endpoint", "_uri")):
                assert Client().get(address.removeprefix("http://testserver")).status_code < 500
        known = party.userinfo(party.tokens()["access_token"]).json()
        assert set(known) <= set(told["claims_supported"])
        assert list(claims.SCOPES) == told["scopes_supported"]
