"""Whom a review asks about and why, and whose question still waits."""

from collections.abc import Iterable
from datetime import datetime

from identity.policy import lifecycle
from rbac.models import Membership, Origin, Review, ReviewLine
from rbac.models.memberships import MembershipQuerySet


def cause_of(membership: Membership, *, was_kept: bool, now: datetime) -> ReviewLine.Cause:
    """Why somebody is asked about. `was_kept`: an administrator said in a review that they are needed."""
    if membership.last_used_at is None:
        return ReviewLine.Cause.NEVER_USED
    if membership.last_used_at <= lifecycle.over_before("review_unused", now=now):
        return ReviewLine.Cause.UNUSED
    if membership.origin == Origin.FORM and not was_kept:
        return ReviewLine.Cause.BY_FORM
    return ReviewLine.Cause.IN_USE if membership.ends_on is None else ReviewLine.Cause.TEMPORARY


def make(review: Review) -> None:
    """A line for each membership of the practice that stands, by name, in the caller's transaction."""
    now, kept = review.opened_at, _kept(review)
    rows = list(_members(review).standing_at(now).select_related("grant__account"))
    rows.sort(key=lambda row: (*(name.casefold() for name in reversed(row.person_names)), row.pk))
    ReviewLine.objects.bulk_create(
        ReviewLine(review=review, membership=row, cause=cause_of(row, was_kept=row.pk in kept, now=now)) for row in rows
    )


def unanswered(review: Review, *, now: datetime) -> list[ReviewLine]:
    """The lines that have no answer and whose membership still stands, in the order in which they were made. Whoever
    was asked about and has come back meanwhile is there with the cause of this moment: nobody has to answer."""
    standing = Membership.objects.standing_at(now)
    lines = ReviewLine.objects.filter(review=review, answer="", membership__in=standing)
    found = list(lines.select_related("membership__grant__account", "membership__practice").order_by("pk"))
    kept = _kept(review)
    for line in found:
        if line.is_asked:
            line.cause = cause_of(line.membership, was_kept=line.membership_id in kept, now=now)
    return found


def all_of(review: Review) -> list[ReviewLine]:
    """Every line with whom it is about and who answered, for those who read what was said."""
    rows = review.lines.select_related("membership__grant__account", "membership__practice", "answered_by")
    return list(rows.order_by("pk"))


def asked(lines: Iterable[ReviewLine]) -> list[ReviewLine]:
    """Those that somebody has to answer."""
    return [line for line in lines if line.is_asked]


def settle(lines: Iterable[ReviewLine], *, answer: str, by: int | None, now: datetime) -> None:
    """Write one answer to several lines, in the caller's transaction."""
    keys = [line.pk for line in lines]
    ReviewLine.objects.filter(pk__in=keys, answer="").update(answer=answer, answered_by=by, answered_at=now)


def _members(review: Review) -> MembershipQuerySet:
    return Membership.objects.of(review.practice).in_portal(review.portal_key)


def _kept(review: Review) -> set[int]:
    """The memberships that an administrator has confirmed in a review."""
    kept = ReviewLine.objects.filter(answer=ReviewLine.Answer.KEEP, membership__in=_members(review))
    return set(kept.values_list("membership_id", flat=True))
