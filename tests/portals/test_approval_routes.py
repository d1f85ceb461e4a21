"""Approval routes: which way leads into each portal, and what hangs on it (C14, C29)."""

from dataclasses import replace

import pytest
from django.db import transaction
from django.utils import timezone

from portals import checks, registry
from portals.approval_routes import FORM, INVITATION, OLD_ACCOUNT, PAPER_FORM, STAFF
from portals.definitions.optum_connect_claims import PORTAL as CLAIMS
from portals.definitions.optum_connect_referrals import PORTAL as REFERRALS
from rbac.domain import grants
from rbac.models import Origin
from tests.conftest import make_staff
from tests.factories import AccountFactory, GrantFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
GIVEN = "You have access to"


def keys(portals) -> list[str]:
    return [portal.key for portal in portals]


def test_each_portal_names_how_people_get_in():
    """C14: fax and service desk, the administrator of the practice, staff, the old account."""
    assert {key: portal.approval_routes for key, portal in registry.portals().items()} == {
        "optum-connect": (),
        "claims": (PAPER_FORM, OLD_ACCOUNT),
        "physician": (PAPER_FORM, OLD_ACCOUNT),
        "referrals": (STAFF,),
        "optum-pro": (FORM,),
        "provider-online": (INVITATION, STAFF, OLD_ACCOUNT),
        "trucase": (OLD_ACCOUNT, STAFF),
    }


def test_queues_and_pages_follow_from_the_routes():
    """C12, C29: forms have a queue of their own, Referrals shares those of its landing page."""
    assert keys(registry.with_queue()) == ["claims", "physician", "optum-pro", "provider-online", "trucase"]
    assert keys(registry.opened_by_hand()) == ["referrals", "provider-online", "trucase"]
    assert [portal.key for portal in registry.portals().values() if portal.asked_by] == [
        "claims",
        "physician",
        "optum-pro",
    ]


@pytest.mark.parametrize(
    ("decided", "answers_for"),
    [
        (["claims"], {"claims", "referrals"}),
        (["physician", "claims"], {"claims", "physician", "referrals"}),
        (["trucase"], {"trucase"}),
        (["provider-online"], {"provider-online"}),
        (["gone"], {"gone"}),
        ([], set()),
    ],
)
def test_staff_answer_for_what_shares_their_queues_and_nothing_else(decided, answers_for):
    """D-28: portals that stand alone have no landing page in common."""
    assert registry.answered_by(decided) == answers_for


def test_staff_of_one_portal_see_no_access_of_another(db):
    """D-28: whoever decided for TruCase saw the access of Provider OnLine."""
    GrantFactory(account=AccountFactory(login_name="kim", realm="provider-online"), portal_key="provider-online")
    GrantFactory(account=AccountFactory(login_name="tess"), portal_key="trucase")
    desk = signed_in(make_staff("trucase.desk", "service desk", ("trucase",)), verified=True)
    page = desk.get("/admin/rbac/accessgrant/").content.decode()
    assert "tess" in page
    assert "kim" not in page


@pytest.mark.parametrize(
    ("key", "realm", "origin", "told"),
    [
        ("referrals", "ohid", Origin.STAFF, "The service desk opened Optum Referrals Portal to you."),
        ("provider-online", "provider-online", Origin.STAFF, "Provider Services opened Provider OnLine to you."),
        ("trucase", "ohid", Origin.STAFF, "The service desk opened TruCase to you."),
        ("provider-online", "provider-online", Origin.INVITATION, ""),
        ("provider-online", "provider-online", Origin.MIGRATION, ""),
        ("trucase", "ohid", Origin.LEGACY_ACCOUNT, ""),
        ("claims", "ohid", Origin.FORM, ""),
    ],
)
def test_access_is_told_by_mail_where_nothing_else_tells_it(inbox, key, realm, origin, told):
    """C12: what staff give unasked; forms, invitations and old accounts have mails of their own."""
    account = AccountFactory(realm=realm)
    with transaction.atomic():
        grants.give(account=account, portal_key=key, origin=origin, by=None, now=timezone.now())
    mails = [mail for mail in inbox.all() if mail.to == account.email and GIVEN in mail.subject]
    assert len(mails) == bool(told)
    assert all(told in mail.text and ">Log In</a>" in mail.html for mail in mails)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"approval_routes": (OLD_ACCOUNT,)}, "an access form, or names the route of one, and not both"),
        ({"access_form": None}, "an access form, or names the route of one, and not both"),
        ({"approval_routes": (PAPER_FORM,)}, "old accounts open it, or it names the route of one, and not both"),
        ({"approval_routes": (replace(PAPER_FORM, page="nowhere"),)}, "names the page nowhere, which does not exist"),
        ({"approval_routes": (replace(STAFF, mail="portals.Nothing"),)}, "the message portals.Nothing, which does not"),
    ],
)
def test_a_route_with_nothing_behind_it_stops_the_start(change, says):
    assert any(says in problem for problem in checks.problems_of(replace(CLAIMS, **change)))


def test_a_portal_whose_old_accounts_open_nothing_does_not_name_their_route():
    wrong = replace(REFERRALS, approval_routes=(STAFF, OLD_ACCOUNT))
    assert any("old accounts open it" in problem for problem in checks.problems_of(wrong))
