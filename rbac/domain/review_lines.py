"""Whom a review asks about and why, and whose question still waits."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

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
    """A line for each membership of the practice by which somebody works, by name, in the caller's transaction."""
    now, kept = review.opened_at, _kept(review)
    rows = list(_working(_members(review), now=now).select_related("grant__account"))
    rows.sort(key=lambda row: (*(name.casefold() for name in reversed(row.person_names)), row.pk))
    ReviewLine.objects.bulk_create(
        ReviewLine(review=review, membership=row, cause=cause_of(row, was_kept=row.pk in kept, now=now)) for row in rows
    )


def unanswered(review: Review, *, now: datetime) -> list[ReviewLine]:
    """The lines that have no answer and by whose membership somebody still works, in the order in which they were made.
    Whoever was asked about and has come back meanwhile has the cause of this moment: nobody has to answer."""
    working = _working(_members(review), now=now)
    lines = ReviewLine.objects.filter(review=review, answer="", membership__in=working)
    found = list(lines.select_related("membership__grant__account", "membership__practice").order_by("pk"))
    kept = _kept(review)
    for line in found:
        if line.is_asked:
            line.cause = cause_of(line.membership, was_kept=line.membership_id in kept, now=now)
    return found


class Said(NamedTuple):
    """A line for whoever reads it, and who answered, as the practice knows them (D-26)."""

    line: ReviewLine
    by: str


def said(review: Review) -> list[Said]:
    """Every line with who answered; of a review that is open those that were answered already."""
    rows = review.lines.select_related("membership__grant__account").order_by("pk")
    lines = list(rows.exclude(answer="") if review.state == Review.State.OPEN else rows)
    answering = {line.answered_by_id for line in lines if line.answered_by_id}
    known = _members(review).filter(grant__account__in=answering).select_related("grant__account").order_by("since")
    names = {row.grant.account_id: row.person_name for row in known} if answering else {}
    return [Said(line, names.get(line.answered_by_id or 0, "")) for line in lines]


def asked(lines: Iterable[ReviewLine]) -> list[ReviewLine]:
    """Those that somebody has to answer."""
    return [line for line in lines if line.is_asked]


def settle(lines: Iterable[ReviewLine], *, answer: str, by: int | None, now: datetime) -> None:
    """Write one answer to several lines, in the caller's transaction."""
    keys = [line.pk for line in lines]
    ReviewLine.objects.filter(pk__in=keys, answer="").update(answer=answer, answered_by=by, answered_at=now)


def _members(review: Review) -> MembershipQuerySet:
    return Membership.objects.of(review.practice).in_portal(review.portal_key)


def _working(rows: MembershipQuerySet, *, now: datetime) -> MembershipQuerySet:
    """Nobody works by an account that was closed, or was merged into another one and waits for its end."""
    return rows.standing_at(now).filter(grant__account__is_active=True)


def _kept(review: Review) -> set[int]:
    """The memberships that an administrator has confirmed in a review."""
    kept = ReviewLine.objects.filter(answer=ReviewLine.Answer.KEEP, membership__in=_members(review))
    return set(kept.values_list("membership_id", flat=True))
