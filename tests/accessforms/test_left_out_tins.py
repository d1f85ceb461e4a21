"""What the desk leaves out of a request opens nothing through a tax ID that was attested before, for somebody else (D-25)."""

import pytest
from django.utils import timezone

from portals.oidc import claims, token_context
from rbac.domain import mandate_people, memberships
from rbac.models import AccessGrant, Membership, PracticeTin
from tests.factories import AccountFactory, TinFactory
from tests.steps.mandates import PORTAL, sign_on, signer
from tests.steps.registration import registered
from tests.steps.sign_in import signed_in
from tests.steps.submission_desk import desk_of

pytestmark = pytest.mark.django_db


def test_through_a_tax_id_that_was_left_out_nobody_sees_this_person_and_no_application_is_told(agent):
    """D-25, H2: the sentence of the desk's page, of a tax ID that another request had attested."""
    maria, stranger = signer(), AccountFactory()
    known = maria.practice.tins.get()
    own = TinFactory(attested_at=None, attested_by=None)
    now = timezone.now()
    sent = registered(
        stranger, now=now, role="practice_manager",
        tins=[{"digits": known.digits, "kind": "EIN"}, {"digits": own.digits, "kind": "EIN"}],
    )  # fmt: skip
    desk = signed_in(agent, verified=True)
    desk.post(desk_of(sent), {"step": "approved", "version": sent.version, "attest": [f"EIN {own.digits}"]})
    grant = AccessGrant.objects.get(account=stranger)
    assert [tin.digits for tin in memberships.attested_tins(grant.pk, now=now)] == [own.digits]
    there = mandate_people.all_signers(portal_key=PORTAL, now=timezone.now()).of(maria.practice)
    assert there.get() == maria
    told = claims.for_context(token_context.find(sign_on(grant).pk), now=timezone.now())
    assert maria.practice.name not in str(told["practices"])
    assert not Membership.objects.current().filter(grant=grant, practice=maria.practice).exists()
    page = signed_in(stranger).get(f"/p/{PORTAL}/account-overview/").content.decode()
    assert maria.practice.name not in page


def test_who_wrote_a_tax_id_down_before_it_was_attested_for_somebody_else_gets_nothing_by_it(agent):
    """D-25: neither at that moment nor later."""
    first, owner = AccountFactory(), AccountFactory()
    tin, desk = {"digits": "911111111", "kind": "EIN"}, signed_in(agent, verified=True)
    for account, ticked in ((first, []), (owner, ["EIN 911111111"])):
        sent = registered(account, now=timezone.now(), role="practice_manager", tins=[tin])
        desk.post(desk_of(sent), {"step": "approved", "version": sent.version, "attest": ticked})
    row = PracticeTin.objects.get()
    assert row.attested_by == agent
    grants = {account: AccessGrant.objects.get(account=account) for account in (first, owner)}
    now = timezone.now()
    assert memberships.attested_tins(grants[owner].pk, now=now) == [row]
    assert memberships.attested_tins(grants[first].pk, now=now) == []
    theirs = Membership.objects.open_at(now).filter(grant=grants[first])
    assert theirs.count() == 1
    assert not theirs.with_attested_tin().exists()
    assert claims.for_context(token_context.find(sign_on(grants[first]).pk), now=now)["practices"] == []


def test_a_request_of_which_nothing_would_open_is_not_approved(agent):
    """The desk ticks one, or returns it."""
    maria, stranger = signer(), AccountFactory()
    tin = {"digits": maria.practice.tins.get().digits, "kind": "EIN"}
    sent = registered(stranger, now=timezone.now(), tins=[tin])
    answer = signed_in(agent, verified=True).post(desk_of(sent), {"step": "approved", "version": sent.version})
    assert answer.status_code == 422
    assert "Tick one that you have checked, or return the request." in answer.content.decode()
    assert not AccessGrant.objects.filter(account=stranger).exists()
