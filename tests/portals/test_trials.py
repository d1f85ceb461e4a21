"""The test sign-in of an application: a real run, whose code is worth nothing to anybody else."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from identity.models import JournalEntry, OutboxMessage
from portals.models import OidcSession
from portals.oidc import applications, signing_keys, tokens, trial_client
from portals.oidc.registered_addresses import Problem, problem_of
from rbac.domain import grants
from tests.conftest import make_staff
from tests.factories import GrantFactory
from tests.relying_party import RelyingParty, register, s256
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
BACK = "http://testserver/sign-on/tried/"


@pytest.fixture
def party():
    return register(asks_consent=False, logout_address="https://bills.example.org/logout")


@pytest.fixture
def browser(operator):
    GrantFactory(account=operator)
    return signed_in(operator, verified=True)


def begin(browser, party) -> str:
    """The authorization request that the button leads to."""
    answer = browser.post(f"/admin/portals/application/{party.client_id}/try/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-on/authorize?")
    return answer["Location"]


def asked(path: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}


def come_back(browser, party) -> str:
    """The address that the browser is sent back to, with the code in it."""
    answer = browser.get(begin(browser, party))
    assert answer.status_code == 302, answer.content
    assert answer["Location"].startswith(f"{BACK}?code=")
    return answer["Location"]


def test_a_member_of_staff_sees_what_the_application_would_learn(browser, party, operator):
    """S0-04: every check of a library, the decoded ID token, the claims and the lives."""
    page = browser.get(come_back(browser, party)).content.decode()
    assert "Bill Viewer would be satisfied." in page
    for told in (str(operator.public_id), "preferred_username", "the.operator", "claims", "aal2-restricted", "RS256"):
        assert told in page
    assert signing_keys.signing("RS256", now=timezone.now()).kid in page
    assert "Code that an application changes for tokens" in page
    assert " style=" not in page
    entry = JournalEntry.objects.get(kind="portals.ApplicationTried")
    assert (entry.by, entry.account, entry.facts["outcome"]) == (operator, None, "satisfied")
    history = browser.get(f"/admin/portals/application/{party.client_id}/change/").content.decode()
    assert "Test sign-in at an outside application: satisfied" in history


def test_no_token_stands_on_the_page_and_the_sign_on_ends_at_once(browser, party):
    """Nothing that somebody could copy counts; the application, which heard of nothing, is not told of an end."""
    page = browser.get(come_back(browser, party)).content.decode()
    oidc_session = OidcSession.objects.get()
    assert oidc_session.ended_at is not None
    access = tokens.make(tokens.Kind.ACCESS, oidc_session.pk, int(timezone.now().timestamp()) + 200)
    refresh = tokens.make(tokens.Kind.REFRESH, oidc_session.pk, oidc_session.generation)
    assert "eyJ" not in page
    assert access[:30] not in page
    assert refresh not in page
    assert party.userinfo(access).status_code == 401
    assert party.refresh(refresh).status_code == 400
    assert not OutboxMessage.objects.filter(kind="portals.BackChannelLogout").exists()


def test_it_asks_for_agreement_as_a_real_sign_on_does(operator):
    party = register()
    GrantFactory(account=operator)
    browser = signed_in(operator, verified=True)
    path = begin(browser, party)
    assert "Continue to Bill Viewer?" in browser.get(path).content.decode()
    agree = path.replace("/sign-on/authorize", "/sign-on/agree")
    denied = browser.post(agree, {"answer": "deny"})
    page = browser.get(denied["Location"]).content.decode()
    assert "Bill Viewer could not have signed you in." in page
    assert "You did not agree, or you have no access" in page
    assert JournalEntry.objects.get(kind="portals.ApplicationTried").facts["outcome"] == "access_denied"
    path = begin(browser, party)
    agreed = browser.post(path.replace("/sign-on/authorize", "/sign-on/agree"), {"answer": "allow"})
    assert "would be satisfied" in browser.get(agreed["Location"]).content.decode()


def test_without_access_the_page_says_how_to_ask(operator, party):
    browser = signed_in(operator, verified=True)
    answer = browser.get(begin(browser, party))
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You have no access to Bill Viewer yet" in page
    assert "Back to Bill Viewer" not in page, "the way on leads to the test's result"
    way = re.search(r'<a href="([^"]+)">Go to the result of the test</a>', page).group(1).replace("&amp;", "&")
    tried = browser.get(way).content.decode()
    assert "You did not agree, or you have no access" in tried
    assert "have your own ID given access to that portal first" in tried, "C16: what an operator can do about it"
    before = browser.get(f"/admin/portals/application/{party.client_id}/change/").content.decode()
    assert "You have no access to Claims Online Portal, so it ends at the page that tells you so" in before
    assert not OidcSession.objects.exists()


def test_access_that_ends_meanwhile_is_told(browser, party, operator):
    back = come_back(browser, party)
    grants.end(account=operator, portal_key="claims", reason="test", by=None, now=timezone.now())
    page = browser.get(back).content.decode()
    assert "The code was not taken" in page
    assert "invalid_grant" in page
    assert JournalEntry.objects.get(kind="portals.ApplicationTried").facts["outcome"] == "invalid_grant"


def test_a_closed_application_is_not_tried(browser, party, operator):
    applications.set_open(party.application, False, by=operator, now=timezone.now())
    answer = browser.post(f"/admin/portals/application/{party.client_id}/try/", follow=True)
    assert "open it to try it" in answer.content.decode()


def test_a_public_application_is_tried_too(browser):
    party = register(is_public=True, asks_consent=False, key="phone", algorithm="ES256", refreshes=False)
    assert "would be satisfied" in browser.get(come_back(browser, party)).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("state=", "state=x"), "does not belong to a test sign-in"),
        (("iss=http", "iss=https"), "did not come from this site"),
        (("code=", "code=x"), "The code was not taken"),
        (("code=", "kode="), "brought no code"),
    ],
)
def test_a_forged_answer_is_refused(browser, party, change, words):
    """Bad input: forged state, wrong issuer, forged code."""
    page = browser.get(come_back(browser, party).replace(*change)).content.decode()
    assert words in page
    assert "would be satisfied" not in page
    oidc_session = OidcSession.objects.get()
    assert oidc_session.code_used_at is None


def test_an_answer_is_looked_at_once(browser, party):
    back = come_back(browser, party)
    browser.get(back)
    again = browser.get(back)
    assert again.status_code == 400
    assert "or it was looked at before" in again.content.decode()
    assert JournalEntry.objects.filter(kind="portals.ApplicationTried").count() == 1


def test_only_the_last_test_counts(browser, party):
    first = begin(browser, party)
    begin(browser, party)
    assert browser.get(first).status_code == 400


def test_another_members_session_cannot_bring_it_back(browser, party):
    """An attacker among the staff cannot make a colleague redeem their code, nor look at a colleague's."""
    back = come_back(browser, party)
    colleague = make_staff("other.operator", "operator")
    GrantFactory(account=colleague)
    other = signed_in(colleague, verified=True)
    for _ in range(2):
        assert other.get(back).status_code == 400
        begin(other, party)
    assert OidcSession.objects.get().code_used_at is None
    other.session.flush()


def test_an_address_that_somebody_sent_gives_no_code(browser, party, office_user):
    """The attack: a member of staff, or anybody, is led to an authorization request that comes back to our address.
    Without the state and challenge of a test that this very session began, no code is made."""
    attacker = {"redirect_uri": BACK, "code_challenge": s256(party.verifier)}
    for victim in (browser, signed_in(office_user)):
        assert party.authorize(victim, **attacker).status_code == 400
        assert party.agree(victim, **attacker).status_code == 400
    path = begin(browser, party)  # also while a test is under way
    own = asked(path)
    other = register(key="other", name="Other", asks_consent=False)
    for change in (
        attacker,
        {**attacker, "state": own["state"]},
        {"redirect_uri": BACK, "code_challenge": own["code_challenge"]},
        {**own, "code_challenge": None},
        {**own, "code_challenge": own["code_challenge"][:-1] + "x"},
        {**own, "redirect_uri": BACK + "?x=1"},
        {**own, "redirect_uri": "http://testserver/sign-on/tried"},
        {**own, "client_id": other.client_id},
    ):
        answer = party.authorize(browser, **change)
        assert answer.status_code == 400, change
        assert "This request cannot be answered" in answer.content.decode()
    assert not OidcSession.objects.exists()
    assert party.authorize(signed_in(office_user), **own).status_code == 400, "in another session the same is nothing"
    assert browser.get(path).status_code == 302


def test_the_code_of_a_test_is_worth_nothing_at_the_token_endpoint(browser, party):
    """Whoever reads the address, even the application with its secret and the verifier, gets no token for it."""
    path = begin(browser, party)
    verifier = browser.session["sign_on_trial"]["verifier"]
    back = browser.get(path)["Location"]
    code = asked(back)["code"]
    for change in ({"redirect_uri": BACK}, {}, {"redirect_uri": None}):
        answer = party.change(code, code_verifier=verifier, **change)
        assert answer.status_code in (400, 401)
        assert "access_token" not in answer.json()
    assert "The code was not taken" in browser.get(back).content.decode(), "it burnt"


def test_a_test_takes_no_code_of_the_application(browser, party, operator):
    """The other way round: a code that was made for the application does nothing on our page."""
    foreign = RelyingParty(party.application, party.secret, browser).code()
    state = asked(begin(browser, party))["state"]
    page = browser.get("/sign-on/tried/", {"code": foreign, "state": state, "iss": "http://testserver"})
    assert "The code was not taken" in page.content.decode()


def test_whoever_lost_the_right_meanwhile_sees_nothing(browser, party, operator):
    back = come_back(browser, party)
    operator.is_superuser = False
    operator.save()
    operator.groups.clear()
    assert browser.get(back).status_code == 404


def test_the_address_asks_for_staff_with_a_second_factor(client, office_user, operator):
    assert client.get("/sign-on/tried/").status_code == 302
    assert signed_in(office_user).get("/sign-on/tried/").status_code in (302, 403)
    assert signed_in(operator).get("/sign-on/tried/").status_code in (302, 403)


def test_nobody_can_register_our_address(settings):
    """Else a link would be enough."""
    settings.PUBLIC_URL = "https://id.example.org"
    assert problem_of(trial_client.address()) is Problem.OURS
