"""What somebody may enter, and for whom they work there: roles, since when, because of what, last use (D-29)."""

from datetime import date

import pytest

from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/access/"


def test_each_portal_with_its_practices(provider, stranger):
    grant = GrantFactory(account=provider, last_used_at=NOW, reason="angry caller")
    MembershipFactory(
        grant=grant, practice__name="Harbor & Sons", role=ADMINISTRATOR, origin_key="8J3LSWSU", last_used_at=NOW,
        ends_on=date(2026, 12, 24),
    )  # fmt: skip
    MembershipFactory(grant=grant, practice__name="Bay", suspended_at=NOW, origin_key="9K4MTXTV")
    MembershipFactory(grant=grant, practice__name="Long Gone", until=NOW)
    MembershipFactory(grant=GrantFactory(account=stranger), practice__name="Of Somebody Else")
    page = signed_in(provider).get(PAGE).content.decode()
    harbor = page[page.index("Harbor &amp; Sons") :]
    for words in ("administrator", "November 20, 2026", "8J3LSWSU", "December 24, 2026"):
        assert words in harbor
    assert "service desk" in page
    assert "angry caller" not in page, "what staff wrote is staff's"
    assert "suspended" in page[page.index("<h3>Bay") : page.index("Harbor")]
    assert "Go to Claims Online Portal" in page
    assert "Long Gone" not in page
    assert "Of Somebody Else" not in page


def test_staff_are_called_as_the_portal_calls_them():
    """S4-06: Provider Services give access to Provider OnLine, no service desk."""
    account = AccountFactory(realm="provider-online", login_name="kim.office", phone="+13105550123")
    grant = GrantFactory(account=account, portal_key="provider-online")
    MembershipFactory(grant=grant, practice__name="Bay", origin="staff")
    page = signed_in(account, verified=True).get(PAGE).content.decode()
    assert page.count("<dd>Provider Services</dd>") == 2
    assert "service desk" not in page


def test_access_that_rests_leads_to_the_way_back(provider):
    GrantFactory(account=provider, portal_key="physician", suspended_at=NOW)
    page = signed_in(provider).get(PAGE).content.decode()
    assert 'href="/p/physician/way-back/"' in page
    assert "Get your access to Physician Information Portal back" in page


def test_who_has_none_reads_what_to_do_next(provider):
    page = signed_in(provider).get(PAGE).content.decode()
    assert "No portal is open to you yet." in page
    assert 'href="/access/"' in signed_in(provider).get("/id/profile/").content.decode()


def test_what_has_ended_is_said_with_its_day(provider):
    GrantFactory(account=provider, portal_key="physician", until=NOW)
    page = signed_in(provider).get(PAGE).content.decode()
    assert "Physician Information Portal, until November 20, 2026" in page
    assert "No portal is open to you any more." in page
    GrantFactory(account=provider, portal_key="physician")
    assert "until November 20" not in signed_in(provider).get(PAGE).content.decode()


def test_a_portal_that_is_gone_from_the_definitions_is_still_named(provider):
    GrantFactory(account=provider, portal_key="long-gone")
    page = signed_in(provider).get(PAGE)
    assert page.status_code == 200
    assert "long-gone" in page.content.decode()


def test_the_page_asks_as_often_whatever_is_listed(provider, django_assert_max_num_queries):
    """speed: none grows with what is listed."""
    for key in ("claims", "physician"):
        grant = GrantFactory(account=provider, portal_key=key)
        for _ in range(5):
            MembershipFactory(grant=grant, practice=PracticeFactory())
    browser = signed_in(provider)
    with django_assert_max_num_queries(4):  # the tax IDs of all memberships are one
        assert browser.get(PAGE).status_code == 200


def test_the_desks_page_of_a_grant_asks_as_often_whatever_is_listed(agent, django_assert_max_num_queries):
    few, many = GrantFactory(), GrantFactory()
    MembershipFactory(grant=few)
    for _ in range(8):
        MembershipFactory(grant=many)
    desk = signed_in(agent, verified=True)
    page = "/admin/rbac/accessgrant/{}/change/"
    desk.get(page.format(few.pk))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        desk.get(page.format(few.pk))
    with django_assert_max_num_queries(len(asked)):
        assert desk.get(page.format(many.pk)).status_code == 200
