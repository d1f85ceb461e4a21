"""The review of a practice's users: its administrators say who still works there (recertification, D-11)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from enrollment.domain import reviews as acts
from enrollment.forms.reviews import ReviewForm
from enrollment.views.people import office_of, show, to, while_administrator
from identity.record.machine import NotPossible
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.domain import review_lines, reviews
from rbac.models import Review, ReviewLine
from rbac.roles import ADMINISTRATOR

ON_A_PAGE = 100  # people: of more the rest is asked about after the first press


@portal_page(practice=ADMINISTRATOR)
@while_administrator
def review(request: PortalRequest) -> HttpResponse:
    """One page, one form: whoever must be answered for first, then those who are kept without a press."""
    office, now = office_of(request), timezone.now()
    waiting = reviews.waiting(practice=office.practice, portal_key=office.portal_key, now=now)
    if waiting is None:
        return _none(request)
    lines = sorted(review_lines.unanswered(waiting, now=now), key=_urgency)
    others = [line for line in lines if line.membership.grant.account_id != request.user.pk]
    form = ReviewForm(request.POST if request.method == "POST" else None, lines=others[:ON_A_PAGE])
    if request.method == "POST" and form.is_valid():
        return _answer(request, waiting, form, now=now)
    shown = {"more": len(others) - len(form.lines), "own": [line for line in lines if line not in others]}
    said = review_lines.said(waiting)
    return show(request, "review", folder="reviews", waiting_review=waiting, form=form, said=said, **shown)


def _urgency(line: ReviewLine) -> int:
    """Unused and unknown first, then whoever has an end date; otherwise by name, as the lines are made."""
    return ReviewLine.Cause.values.index(line.cause)


def _none(request: PortalRequest) -> HttpResponse:
    """When the next one comes, and what the last one said; of a POST that nothing was changed."""
    office = office_of(request)
    if request.method == "POST":
        messages.warning(request, _("Nothing was changed: this review is over. This is how it stands now."))
        return to(request, "people_review")
    where: dict[str, Any] = {"practice": office.practice, "portal_key": office.portal_key}
    last = reviews.of(**where).exclude(state=Review.State.OPEN).first()
    said = review_lines.said(last) if last else []
    return show(
        request, "over", folder="reviews", waiting_review=None, last=last, said=said, next_at=reviews.next_at(**where)
    )


def _answer(request: PortalRequest, waiting: Review, form: ReviewForm, *, now: datetime) -> HttpResponse:
    """One domain call, and what is said of it."""
    given = form.answers()
    try:
        row = acts.answer(office=office_of(request), review=waiting, answers=given, by=request.user, now=now)
    except NotPossible:
        return _none(request)
    if row.state == Review.State.ANSWERED:
        messages.success(request, _("Thank you: the review is done. This is what was answered."))
    else:
        messages.success(request, _("Your answers were carried out. This is what is left."))
    return to(request, "people_review")
