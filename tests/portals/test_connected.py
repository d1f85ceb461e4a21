"""My Profile, Connected applications: what somebody agreed to, and taking it back (S0-04)."""

import pytest
from django.utils import timezone

from identity.models import JournalEntry, OutboxMessage
from portals.models import Consent, OidcSession
from portals.oidc import consents
from tests.factories import GrantFactory
from tests.relying_party import register, told_to_application
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/sign-on/applications/"


@pytest.fixture
def browser(office_user):
    return signed_in(office_user)


@pytest.fixture
def party(browser):
    party = register(logout_address="https://bills.example.org/logout")
    party.browser = browser
    return party


def test_my_profile_leads_there(browser):
    """S1-54: everything of an account is reached from its profile."""
    assert f'href="{PAGE}"' in browser.get("/id/profile/").content.decode()
    assert "None yet." in browser.get(PAGE).content.decode()


def test_an_application_is_listed_with_what_it_learns(party, browser):
    party.tokens(scope="openid email")
    page = browser.get(PAGE).content.decode()
    assert "<h2>Bill Viewer</h2>" in page
    assert "Claims Online Portal" in page
    assert "Your primary email address" in page
    assert "Your name and your Healthcare ID" not in page
    assert "last signed on" in page
    assert "Disconnect Bill Viewer" in page


def test_what_others_agreed_to_is_not_listed(party, stranger):
    party.tokens()
    assert "Bill Viewer" not in signed_in(stranger).get(PAGE).content.decode()


@pytest.mark.parametrize("number", [1, 20])
def test_the_page_asks_the_same_of_the_database_for_one_and_for_twenty(
    browser, office_user, number, django_assert_num_queries
):
    """speed: no query a row."""
    for one in range(number):
        application = register(key=f"app-{one}", name=f"App {one}").application
        consents.give(account=office_user, application=application, scopes=["openid"], now=timezone.now())
    browser.get(PAGE)
    with django_assert_num_queries(2):  # the account of the session, and the list
        page = browser.get(PAGE).content.decode()
    assert page.count(">Disconnect App ") == number


def test_disconnecting_ends_the_sign_ons_there_and_tells_the_application(party, browser, office_user):
    tokens = party.tokens()
    other = register(key="other", name="Other", asks_consent=False)
    other.browser = browser
    kept = other.tokens()
    consent = Consent.objects.get()
    page = browser.post(f"{PAGE}{consent.pk}/disconnect/", follow=True).content.decode()
    assert "Bill Viewer is disconnected." in page
    assert "None yet." in page
    assert party.userinfo(tokens["access_token"]).status_code == 401
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert other.userinfo(kept["access_token"]).status_code == 200
    message = OutboxMessage.objects.get(kind="portals.BackChannelLogout")
    assert message.ids["oidc_session"] == str(OidcSession.objects.get(application=party.application).pk)
    assert JournalEntry.objects.filter(kind="portals.ConsentRevoked", account=office_user).count() == 1
    assert browser.post(f"{PAGE}{consent.pk}/disconnect/").status_code == 404, "a second press"


def test_afterwards_it_asks_again(party, browser):
    party.tokens()
    assert "code" in told_to_application(party.authorize()), "asked once"
    browser.post(f"{PAGE}{Consent.objects.get().pk}/disconnect/")
    assert "Continue to Bill Viewer?" in party.authorize().content.decode()


def test_wanting_to_know_more_asks_again_and_adds_up(party, browser):
    party.tokens(scope="openid email")
    assert "code" in told_to_application(party.authorize(scope="openid"))
    assert "Continue to Bill Viewer?" in party.authorize(scope="openid profile").content.decode()
    party.tokens(scope="openid profile")
    assert Consent.objects.get().scopes == ["email", "openid", "profile"]
    assert "code" in told_to_application(party.authorize(scope="openid email profile"))


def test_somebody_elses_agreement_is_missing(party, stranger):
    """house: a foreign object is a missing one."""
    party.tokens()
    consent = Consent.objects.get()
    foreign = signed_in(GrantFactory(account=stranger).account)
    assert foreign.post(f"{PAGE}{consent.pk}/disconnect/").status_code == 404
    assert foreign.post(f"{PAGE}99999/disconnect/").status_code == 404
    consent.refresh_from_db()
    assert consent.revoked_at is None
    assert OidcSession.objects.get().ended_at is None


def test_looking_at_the_button_changes_nothing(party, browser):
    party.tokens()
    assert browser.get(f"{PAGE}{Consent.objects.get().pk}/disconnect/").status_code == 405
    assert Consent.objects.get().revoked_at is None
