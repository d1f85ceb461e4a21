"""Requests for access (D-08): kept, sent in, decided, withdrawn, and the machine that moves them."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_noop

from accessforms.domain import effects, form_tins, limits, machines, own_address, printouts
from accessforms.domain.machines import DECISIONS
from accessforms.models import Submission
from identity.jobs import mass_acts
from identity.models import Account
from identity.policy import lifecycle, zones
from identity.record.machine import NotPossible
from portals import registry
from portals.form_spec import FormSpec
from rbac.domain import approvals, practice_names

State = Submission.State
# Read over the telephone and off a fax: no 0, O, 1 or I.
REFERENCE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Incomplete(Exception):
    """The answers have not passed the form's checks."""


class OwnRequest(Exception):
    """Nobody decides a request of their own."""


def draft_of(*, account: Account, portal_key: str, now: datetime) -> Submission:
    """The account's draft for a portal, begun now if there is none."""
    draft, _created = Submission.objects.get_or_create(
        account=account,
        portal_key=portal_key,
        state=State.DRAFT,
        defaults={
            "reference": new_reference(),
            "created_at": now,
            "saved_at": now,
            "state_since": now,
        },
    )
    return draft


def new_reference() -> str:
    """Eight characters that survive a fax and a telephone: 40 bits."""
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))


@transaction.atomic
def save_answers(*, submission: Submission, answers: dict[str, Any], is_complete: bool, now: datetime) -> Submission:
    """Keep what was typed into a draft or a returned request. Raises NotPossible once it was sent."""
    saved = Submission.objects.filter(pk=submission.pk, state__in=[State.DRAFT, State.RETURNED]).update(
        answers=answers, is_complete=is_complete, version=F("version") + 1, saved_at=now
    )
    submission.refresh_from_db()
    if not saved:
        raise NotPossible(submission)
    return submission


@transaction.atomic
def save_step(
    *, submission: Submission, answers: dict[str, Any], whole: Callable[[dict[str, Any]], dict[str, Any] | None],
    now: datetime,
) -> Submission:  # fmt: skip
    """Keep the answers of one step beside those of the others, of two tabs one after the other. `whole` answers the
    checked answers once none is missing. Raises NotPossible once it was sent."""
    current = Submission.objects.select_for_update().get(pk=submission.pk)
    together = {**current.answers, **answers}
    checked = whole(together)
    kept = together if checked is None else checked
    return save_answers(submission=current, answers=kept, is_complete=checked is not None, now=now)


@transaction.atomic
def submit(*, submission: Submission, seen_version: int, by: Account, now: datetime) -> Submission:
    """Send the checked answers in, ask for the PDF where the form is on paper, and tell the applicant (S1-26, S1-32,
    C13, S2-19).

    Raises Stale when the answers are not those of the page, Incomplete, limits.TooMany, own_address.Shared, or
    NotPossible after a double submit.
    """
    current = Submission.objects.select_for_update().get(pk=submission.pk)
    machine, form = machines.of(current), form_of(current)
    machine.check_can_move(current, to=State.SUBMITTED, seen=seen_version)
    if not current.is_complete:
        raise Incomplete
    limits.check_can_send(current, now=now)
    own_address.check(account=by, portal_key=current.portal_key)
    revision = current.revision + (1 if current.state == State.RETURNED else 0)
    zone = zones.of_realm(registry.get(current.portal_key).realm)
    due_at = lifecycle.due_at(form.due, now=now, zone=zone) if form.due else None
    sent = machine.move(
        current, to=State.SUBMITTED, by=by, now=now, revision=revision, due_at=due_at, late_told_at=None
    )
    if form.paper:
        printouts.ask_for(submission=sent, now=now)
    return sent


def form_of(submission: Submission) -> FormSpec:
    """The form of a request whose portal is declared."""
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    return form


@transaction.atomic
def decide(
    *,
    submission: Submission,
    to: str,
    by: Account,
    now: datetime,
    seen_version: int,
    reason: str = "",
    chosen: effects.Chosen | None = None,
    attested: form_tins.Tins | None = None,
    names: Mapping[tuple[str, str], str] | None = None,
) -> Submission:
    """A step of the service desk: fax received, approved, returned or denied (S1-32..34, D-08).

    `chosen` says whose account a person of the form is, where the form alone does not; `attested` which tax IDs were
    checked, None for all of them (D-25); `names` what the practices of new ones are called (S2-16). Raises
    approvals.MayNotDecide, OwnRequest, ReasonMissing, NotPossible when somebody was quicker, and what effects.apply
    raises.
    """
    check_can_decide(submission=submission, by=by)
    if to not in DECISIONS:
        raise NotPossible(submission)
    decided = machines.of(submission).move(submission, to=to, by=by, now=now, seen=seen_version, reason=reason)
    if to == State.APPROVED:
        done = effects.apply(submission=decided, by=by, now=now, chosen=chosen, attested=attested)
        practice_names.name_new(names=names or {}, reference=decided.reference, by=by, now=now)
        decided.outcomes = [outcome.kept(applicant=decided.account) for outcome in done]
        decided.save(update_fields=["outcomes"])
    return decided


def check_can_decide(*, submission: Submission, by: Account) -> None:
    """Raise MayNotDecide without an approver right for the portal, OwnRequest for an own request."""
    approvals.check_can_decide(account=by, portal_key=submission.portal_key)
    if submission.account_id == by.pk:
        raise OwnRequest


@transaction.atomic
def withdraw(*, submission: Submission, by: Account, now: datetime) -> Submission:
    """The applicant takes an undecided request back. Raises NotPossible."""
    return machines.of(submission).move(submission, to=State.WITHDRAWN, by=by, now=now)


def expire_unfaxed(*, now: datetime) -> int:
    """Expire requests of which no fax came within the period of the table, and those without paper that nobody
    corrected; returns how many (D-08). Too many at once wait for two people (policy: mass acts)."""
    online = registry.without_paper()
    on_paper = Submission.objects.exclude(portal_key__in=online).filter(state__in=[State.SUBMITTED, State.RETURNED])
    waiting = on_paper | Submission.objects.filter(portal_key__in=online, state=State.RETURNED)
    over = mass_acts.admitted(
        kind=gettext_noop("expire unfaxed requests"),
        rows=lambda moment: waiting.filter(
            Q(state_since__lte=moment - lifecycle.after("unfaxed_request")) & ~Q(portal_key__in=online)
            | Q(state_since__lte=moment - lifecycle.after("uncorrected_request"), portal_key__in=online)
        ),
        active=waiting,
        limit=mass_acts.ENDING,
        now=now,
    )
    return sum(machines.of(one).try_move(one, to=State.EXPIRED, by=None, now=now) for one in over.iterator())


def can_be_sent(submission: Submission) -> bool:
    """Whether the applicant may still change it and send it in."""
    return machines.of(submission).can_move(submission, to=State.SUBMITTED)


def can_be_withdrawn(submission: Submission) -> bool:
    """Whether the applicant may take it back."""
    return machines.of(submission).can_move(submission, to=State.WITHDRAWN)


def is_under_way(submission: Submission) -> bool:
    """Whether something may still become of it."""
    return bool(machines.of(submission).transitions[submission.state])


def steps_from(submission: Submission) -> list[str]:
    """The decisions that the service desk can take on a request, in the order of their buttons."""
    return [to for to in DECISIONS if to in machines.of(submission).transitions[submission.state]]
