"""A practice of Provider OnLine with the people who run it and work in it."""

from datetime import timedelta
from typing import Any

from identity.accounts import agreements
from identity.models import Account
from rbac.domain import hand_overs
from rbac.models import HandOver, Membership, Practice
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW
from tests.steps.invitations import PORTAL, practice_user

REASON = "called 414-555-0100, spoke to Dr. Lake"


def lakeside() -> Practice:
    """With a number that is on file for long."""
    known = {"phone": "(414) 555-0100", "phone_on_file_since": NOW - timedelta(days=90)}
    return Practice.objects.create(name="Lakeside Clinic", **known)


def administrator(practice: Practice, login_name: str = "olga.admin", **facts: Any) -> Account:
    return practice_user(practice, login_name, role=ADMINISTRATOR, **facts)


def user(practice: Practice, login_name: str = "nora.user", **facts: Any) -> Account:
    return practice_user(practice, login_name, role=USER, **{"first_name": "Nora", "last_name": "Office", **facts})


def in_duty(account: Account) -> Account:
    """Who has agreed to the duties of an administrator."""
    duty = agreements.for_role(account, ADMINISTRATOR)
    agreements.sign(account=account, language="en", now=NOW, typed_name=account.get_full_name(), agreement=duty)
    return account


def membership(account: Account, practice: Practice) -> Membership:
    return Membership.objects.current().get(grant__account=account, practice=practice)


def asked(practice: Practice, by: Account, to: Account, *, stays: bool = False, now=NOW) -> HandOver:
    """`by` has signed that `to` takes over."""
    return hand_overs.ask(
        practice=practice, portal_key=PORTAL, to=membership(to, practice).pk, stays=stays,
        typed_name=by.get_full_name(), by=by, now=now,
    )  # fmt: skip
