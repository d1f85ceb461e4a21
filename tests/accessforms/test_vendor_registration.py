"""Approval of a vendor's registration asks the practices that it named, and tells nobody which they are (S2-11, S3-10)."""

import pytest
from django.utils import timezone

from accessforms.domain import submissions
from accessforms.models import Submission
from identity.models import Account
from rbac.models import Mandate, Membership, PracticeTin
from tests.factories import NOW, AccountFactory, TinFactory
from tests.steps.mandates import signer
from tests.steps.registration import registered
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
OWN = {"digits": "111111112", "kind": "EIN"}


def of_vendor(account: Account, *clients: PracticeTin | str, role: str = "billing_specialist") -> Submission:
    digits = [one if isinstance(one, str) else one.digits for one in clients]
    return registered(
        account, now=NOW, category="vendor", role=role, tins=[], vendor_tin=[OWN],
        client_tins=[{"digits": one, "kind": "EIN"} for one in digits],
    )  # fmt: skip


def approve(sent: Submission, by: Account, **more) -> None:
    submissions.decide(
        submission=sent, to=Submission.State.APPROVED, by=by, now=timezone.now(), seen_version=sent.version, **more
    )


def test_known_and_attested_clients_are_asked_and_no_others(agent):
    maria = signer()
    unproved = TinFactory(attested_at=None, attested_by=None)
    vera = AccountFactory()
    approve(of_vendor(vera, maria.practice.tins.get(), unproved, "222222221"), agent)
    row = Mandate.objects.get()
    assert (row.practice, row.state, row.roles, row.asked_by) == (maria.practice, "asked", ["billing_specialist"], vera)
    assert row.vendor == Membership.objects.get(grant__account=vera).practice
    page = signed_in(vera).get("/p/optum-pro/account-overview/").content.decode()
    assert maria.practice.name not in page


def test_a_vendor_whose_own_tax_id_was_not_attested_asks_nobody(agent):
    maria = signer()
    approve(of_vendor(AccountFactory(), maria.practice.tins.get()), agent, attested=[])
    assert not Mandate.objects.exists()


def test_a_second_person_of_the_vendor_is_asked_for_nothing_anew(agent):
    maria = signer()
    for _ in range(2):
        approve(of_vendor(AccountFactory(), maria.practice.tins.get()), agent)
    assert Mandate.objects.count() == 1


def test_who_is_no_vendor_asks_nobody(agent):
    signer()
    approve(registered(AccountFactory(), now=NOW), agent)
    assert not Mandate.objects.exists()
