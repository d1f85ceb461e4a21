"""What practices ask of the people who run or work in them: invitations, reviews, hand-overs, mandates, and that
somebody runs their users tomorrow too (S4-21, D-11, D-15, S3-10)."""

from collections.abc import Iterable

from django.db.models import Count, Min, TextField, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from enrollment.domain import invitation_limits
from enrollment.models import Kind
from identity.policy import lifecycle
from identity.policy.realms import realm_profile
from portals.inside.domain import due
from portals.inside.domain.due import Due, Row, Rows, Visit
from rbac.domain import mandate_people, mandates
from rbac.domain.practice_health import TOLD
from rbac.models import HandOver, Mandate, PracticeState, PracticeWarning, Review
from rbac.roles import ADMINISTRATOR, AGREES_TO_MANDATES


def _run_by(visit: Visit) -> list[int]:
    """The practices whose users the person runs here."""
    if not visit.portal.has_administrators:
        return []
    return [row.practice_id for row in visit.memberships if row.role == ADMINISTRATOR]


def ended_links(visit: Visit) -> Rows | None:
    """The person's own invitations whose link has ended and that have not lapsed, by practice (S4-21..23)."""
    if not (practices := _run_by(visit)):
        return None
    ended = visit.now - lifecycle.after("invitation_link", realm_profile(visit.portal.realm))
    own = invitation_limits.pending(now=visit.now).owned_by(visit.account)
    here = own.filter(portal_key=visit.portal.key, kind=Kind.OFFICE_USER, practice__in=practices)
    rows = here.filter(last_sent_at__lte=ended).values("practice", "practice__name")
    counted = rows.annotate(first=Min("last_sent_at"), count=Count("pk"))
    return Rows(found=counted, key="practice", name="practice__name", at="first", number="count")


def send_them_again(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a practice, by the day on which the first of them lapses."""
    for row in rows:
        text = ngettext(
            "An invitation to %(practice)s was not accepted while its link worked.",
            "%(count)s invitations to %(practice)s were not accepted while their links worked.",
            row.number,
        )
        yield Due(
            text=text % {"practice": row.name, "count": row.number},
            day=visit.day_of(row.at + lifecycle.after("invitation_pending")),
            address=reverse("people_pending", args=[visit.portal.key, row.key]),
            button=_("Send again or cancel"),
        )


def open_reviews(visit: Visit) -> Rows | None:
    """Reviews of the practices that wait for an answer (D-11)."""
    if not (practices := _run_by(visit)):
        return None
    here = Review.objects.filter(practice__in=practices, portal_key=visit.portal.key)
    found = here.filter(state=Review.State.OPEN, due_at__gt=visit.now)
    return Rows(found=found, key="practice", name="practice__name", at="due_at")


def answer_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a practice."""
    for row in rows:
        yield Due(
            text=_("Say who still works for %(practice)s.") % {"practice": row.name},
            day=visit.day_of(row.at),
            address=reverse("people_review", args=[visit.portal.key, row.key]),
            button=_("Answer the review"),
        )


def practices_near_nobody(visit: Visit) -> Rows | None:
    """Practices that soon nobody runs, as they were warned (D-15)."""
    if not (practices := _run_by(visit)):
        return None
    here = PracticeWarning.objects.filter(practice__in=practices, portal_key=visit.portal.key)
    found = here.filter(over_at=None, state__in=TOLD)
    key = Concat("practice", Value(" "), "state", output_field=TextField())
    return Rows(found=found, key=key, name="practice__name", at="created_at")


def find_another(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item a practice, with how it stands."""
    for row in rows:
        practice, state = row.key.split(" ", 1)
        yield Due(
            text=_("%(practice)s: %(state)s.") % {"practice": row.name, "state": PracticeState(state).label},
            day=visit.day_of(row.at),
            waits=True,
            address=reverse("practice_health", args=[visit.portal.key, practice]),
            button=_("See what to do about it"),
        )


def hand_overs_to_sign(visit: Visit) -> Rows | None:
    """Practices that somebody hands over to the person (D-15)."""
    if not visit.portal.has_administrators:
        return None
    asked = HandOver.objects.filter(to_account=visit.account, portal_key=visit.portal.key, state__in=HandOver.OPEN)
    found = asked.filter(to_signed_at=None, asked_at__gt=lifecycle.over_before("hand_over_open", now=visit.now))
    return Rows(found=found, key="pk", name="practice__name", at="asked_at")


def sign_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item each: every one is signed on a page of its own."""
    for row in rows:
        yield Due(
            text=_("You are asked to look after the users of %(practice)s.") % {"practice": row.name},
            day=visit.day_of(row.at + lifecycle.after("hand_over_open")),
            address=reverse("hand_over", args=[visit.portal.key, row.key]),
            button=_("Sign or decline"),
        )


def mandates_to_answer(visit: Visit) -> Rows | None:
    """Mandates that vendors ask of the practices that the person answers for (S3-10)."""
    answers = any(row.role in AGREES_TO_MANDATES and row.mandate_id is None for row in visit.memberships)
    if not (mandate_people.are_possible(visit.portal.key) and answers):
        return None
    open_to_me = mandates.to_answer_by(visit.account, portal_key=visit.portal.key, now=visit.now)
    asked = open_to_me.filter(state=Mandate.State.ASKED).exclude(ends_on__lt=visit.today)
    found = asked.filter(asked_at__gt=lifecycle.over_before("mandate_open", now=visit.now))
    return Rows(found=found, key="practice__name", name="vendor__name", at="asked_at")


def agree_to_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item for all: they stand on one page."""
    if not rows:
        return
    first = min(rows, key=lambda row: row.at)
    text = ngettext(
        "%(vendor)s asks to work on behalf of %(practice)s.",
        "%(count)s vendors ask to work on behalf of your practices.",
        len(rows),
    )
    yield Due(
        text=text % {"vendor": first.name, "practice": first.key, "count": len(rows)},
        day=visit.day_of(first.at + lifecycle.after("mandate_open")),
        address=reverse("mandates_given", args=[visit.portal.key]),
        button=_("Agree or decline"),
    )


due.register(send_them_again, asks=ended_links)
due.register(answer_them, asks=open_reviews)
due.register(find_another, asks=practices_near_nobody)
due.register(sign_them, asks=hand_overs_to_sign)
due.register(agree_to_them, asks=mandates_to_answer)
