"""A practice whose users are in every standing that a review tells apart."""

from datetime import datetime, timedelta

from identity.models import Account
from identity.policy import lifecycle
from rbac.domain import review_lines, reviews
from rbac.models import Membership, Origin, Practice, Review, ReviewLine
from tests.factories import NOW
from tests.steps.invitations import PORTAL
from tests.steps.practices import administrator, lakeside, membership, user

DAY = timedelta(days=1)
LONG = lifecycle.after("review_unused")
PEOPLE = ("ann.unused", "ben.never", "cyd.form", "dee.leaves", "eve.daily")


def used(account: Account, moment: datetime | None) -> Account:
    Membership.objects.filter(grant__account=account).update(last_used_at=moment)
    return account


def staffed(now: datetime = NOW) -> Practice:
    """Two administrators who were here yesterday, and one user of each standing."""
    practice, yesterday = lakeside(), now - DAY
    for name in ("olga.admin", "sam.admin"):
        used(administrator(practice, name), yesterday)
    for name in PEOPLE:
        first, last = name.split(".")
        used(user(practice, name, first_name=first.title(), last_name=last.title()), yesterday)
    of = {name: Membership.objects.filter(grant__account__login_name=name) for name in PEOPLE}
    of["ann.unused"].update(last_used_at=now - LONG)
    of["ben.never"].update(last_used_at=None)
    of["cyd.form"].update(origin=Origin.FORM, origin_key="ABCD2345")
    of["dee.leaves"].update(ends_on=(now + 90 * DAY).date())
    return practice


def named(login_name: str) -> Account:
    return Account.objects.get(login_name=login_name)


def held(login_name: str, practice: Practice) -> Membership:
    return membership(named(login_name), practice)


def begun(practice: Practice, now: datetime = NOW) -> Review:
    row = reviews.begin(practice=practice, portal_key=PORTAL, now=now)
    assert row is not None
    return row


def line_of(review: Review, login_name: str) -> ReviewLine:
    return review.lines.get(membership__grant__account__login_name=login_name)


def left(review: Review, now: datetime = NOW) -> list[str]:
    """Who must be answered for."""
    lines = review_lines.asked(review_lines.unanswered(review, now=now))
    return [line.membership.grant.account.login_name for line in lines]
