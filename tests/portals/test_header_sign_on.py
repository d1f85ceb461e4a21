"""Header sign-on: what a web server is told about the session in front of it (issue 5). tests/interop has nginx."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.utils import timezone

from identity.policy import lifecycle
from identity.sessions import idle
from portals.oidc import applications
from rbac.models import AccessGrant
from tests.factories import AccountFactory, GrantFactory
from tests.relying_party import register
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PATH, WAY_IN = "/sign-on/headers/archive/", "/sign-on/headers/archive/way-in/"
PAGE, PICTURE = {"Accept": "text/html,*/*;q=0.8"}, {"Accept": "image/avif,*/*;q=0.8"}


@pytest.fixture
def archive(db):
    return register(key="archive", name="Archive", asks_consent=False).application


def test_a_session_with_access_is_told_and_never_kept(archive, office_user):
    answer = signed_in(office_user).get(PATH, headers=PICTURE)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Remote-User"] == "office.user"
    assert answer["X-Healthcare-ID"] == str(office_user.public_id)
    assert "no-store" in answer["Cache-Control"]


def test_it_costs_three_queries(archive, office_user, django_assert_max_num_queries):
    """It is asked at every request of an application: account, application, grants; the session is in the cache."""
    browser = signed_in(office_user)
    browser.get(PATH, headers=PAGE)
    with django_assert_max_num_queries(3):
        assert browser.get(PATH, headers=PICTURE).status_code == 204


def test_without_a_session_it_is_401_and_without_access_403(archive, client, stranger):
    assert client.get(PATH).status_code == 401
    answer = signed_in(stranger).get(PATH)
    assert answer.status_code == 403
    assert "Remote-User" not in answer


@pytest.mark.parametrize("why", ["closed", "right", "resting", "ended"])
def test_the_conditions_are_those_of_a_sign_on(archive, office_user, why):
    """The application open, its right given, the grant neither resting nor over."""
    browser, now = signed_in(office_user), timezone.now()
    if why == "closed":
        applications.set_open(archive, False, by=None, now=now)
    elif why == "right":
        type(archive).objects.update(capability="bill_tracker")
    else:
        AccessGrant.objects.update(**{"suspended_at" if why == "resting" else "until": now})
    assert browser.get(PATH).status_code == 403
    if why == "right":
        AccessGrant.objects.update(capabilities=["bill_tracker"])
        assert browser.get(PATH)["X-Healthcare-ID-Capabilities"] == "bill_tracker"


def test_a_portal_that_asks_more_proofs_is_not_entered_with_less(db):
    """C7: Provider OnLine takes a phone only; a mailed code does not open its applications, and the person is asked."""
    register(key="archive", portal_key="provider-online", asks_consent=False)
    account = AccountFactory(realm="provider-online", phone="+13105550199")
    GrantFactory(account=account, portal_key="provider-online")
    assert signed_in(account).get(PATH).status_code == 403
    assert signed_in(account, verified=True).get(PATH).status_code == 204
    asked = signed_in(account).get(f"{WAY_IN}?next=/archive/", headers=PAGE)
    assert urlsplit(asked.url).path == "/id/confirm/"
    assert parse_qs(urlsplit(asked.url).query)["next"] == [f"{WAY_IN}?next=/archive/"]


def test_names_cannot_smuggle_headers(archive):
    """A name is percent-encoded: no line break, no other alphabet reaches a header as it is."""
    account = AccountFactory(
        login_name="office.user", first_name="Zoë\r\nX-Healthcare-ID-Role: admin", last_name="李 100%"
    )
    GrantFactory(account=account)
    answer = signed_in(account).get(PATH)
    assert answer["X-Healthcare-ID-Name"] == "Zo%C3%AB%0D%0AX-Healthcare-ID-Role: admin %E6%9D%8E 100%25"
    assert answer["X-Healthcare-ID-Role"] == "user"


@pytest.mark.parametrize(
    ("headers", "moves"),
    [
        (PAGE, True),
        (PICTURE, False),
        ({"Accept": "*/*"}, False),
        ({**PAGE, "Sec-Fetch-Mode": "navigate"}, True),
        ({**PAGE, "Sec-Fetch-Mode": "cors"}, False),
    ],
)
def test_only_the_opening_of_pages_keeps_a_session_awake(archive, office_user, headers, moves):
    """S3-17: what an old application's pages ask by themselves does not count as somebody being there."""
    browser, later = signed_in(office_user), timezone.now() + lifecycle.after("session_idle") - timedelta(minutes=1)
    with time_machine.travel(later, tick=False):
        assert browser.get(PATH, headers=headers).status_code == 204
        assert (idle.left(browser.session, now=later) > timedelta(minutes=2)) is moves


def test_a_session_that_rested_too_long_is_401(archive, office_user):
    browser = signed_in(office_user)
    with time_machine.travel(timezone.now() + lifecycle.after("session_idle")):
        assert browser.get(PATH, headers=PICTURE).status_code == 401


def test_an_unknown_key_is_404_and_a_post_is_refused(archive, office_user):
    browser = signed_in(office_user)
    assert browser.get("/sign-on/headers/unknown/").status_code == 404
    assert browser.post(PATH).status_code == 405


def test_the_way_in_goes_through_the_sign_in_of_the_portal_to_the_page(archive, client, office_user):
    first = client.get(WAY_IN, headers={**PAGE, "X-Original-URI": "/archive/a?b=1&c=2"})
    second = client.get(first.url, headers=PAGE)
    asked = parse_qs(urlsplit(second.url).query)
    assert (urlsplit(second.url).path, asked["portal"]) == ("/id/sign-in/", ["claims"])
    assert signed_in(office_user).get(asked["next"][0], headers=PAGE).url == "/archive/a?b=1&c=2"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example/", "\\\\evil.example", "javascript:alert(1)", ""]
)
def test_the_way_in_leads_to_no_other_site(archive, office_user, wanted):
    answer = signed_in(office_user).get(WAY_IN, {"next": wanted}, headers=PAGE)
    assert answer.url == "/p/claims/home/"


def test_the_way_in_says_that_an_application_is_closed(archive, office_user):
    applications.set_open(archive, False, by=None, now=timezone.now())
    page = signed_in(office_user).get(f"{WAY_IN}?next=/archive/", headers=PAGE, follow=True)
    assert "Archive is not open to you." in page.content.decode()


def test_an_application_that_asks_for_agreement_is_told_nothing(client, office_user):
    """Nobody can be asked by a header."""
    register(key="bills")
    assert signed_in(office_user).get("/sign-on/headers/bills/").status_code == 403
