"""The acts of a review, with the invitations that pass on locked before the practice, as everywhere: request or
invitation, practice, account, grant (D-11, D-15)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from enrollment.domain import people
from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.models import Account
from portals import registry
from rbac.domain import reviews
from rbac.models import Review
from rbac.roles import ADMINISTRATOR


@transaction.atomic
def answer(*, office: Office, review: Review, answers: Mapping[int, str], by: Account, now: datetime) -> Review:
    """What an administrator says of their people. Raises people.NotAdministrator, or what rbac.domain.reviews.answer
    raises."""
    _lock_pending(review)
    people.check_runs(office, by=by, now=now)
    return reviews.answer(review=review, answers=answers, by=by, now=now)


def go_on(*, now: datetime) -> int:
    """What is due: end the reviews whose days are over, remind of those that end soon, and open new ones in each portal
    that works by practice. Answers how many it touched."""
    ended = sum(_end(review, now=now) for review in reviews.over(now=now))
    keys = [portal.key for portal in registry.portals().values() if portal.has_administrators]
    return ended + reviews.remind_due(now=now) + reviews.open_due(portal_keys=keys, now=now)


@transaction.atomic
def _end(review: Review, *, now: datetime) -> bool:
    _lock_pending(review)
    return reviews.end(review=review, now=now)


def _lock_pending(review: Review) -> None:
    """Of administrators who may cease to run the practice by this."""
    asked = review.lines.filter(membership__role=ADMINISTRATOR).values("membership__grant__account")
    own = Invitation.objects.open().filter(owner__in=asked, practice=review.practice_id)
    list(own.select_for_update().order_by("pk"))
