"""What an approved form does to the access grants (the "SSO Database", S1-34) of the people it names (C40)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accessforms import events, messages
from accessforms.domain import form_tins, offered, subjects
from accessforms.domain.form_tins import Tins
from accessforms.domain.outcomes import Outcome, Result
from accessforms.domain.subjects import Found
from accessforms.models import Submission
from identity.models import Account
from identity.record import journal, outbox
from portals import registry
from portals.form_spec import Effect, FormSpec
from rbac.domain import grants, idleness, mandates, memberships, practices
from rbac.models import AccessGrant, Origin

Chosen = Mapping[int, Account | None]  # by the number of the subject; None: nobody's account
OF_ANYBODY = (Effect.END, Effect.REACTIVATE)
EXPECTED = {
    Effect.GIVE: Result.GIVEN,
    Effect.END: Result.ENDED,
    Effect.REACTIVATE: Result.REOPENED,
    Effect.UPDATE: Result.CHANGED,
    Effect.ADD_PRACTICES: Result.ADDED,
}
TELLS_OTHERS = (Result.ENDED, Result.REOPENED)  # access that wakes has a mail of its own


class SubjectUnclear(Exception):
    """It is not certain whose account the form is about: the desk says so, or returns the form (A4)."""


class RoleLeft(Exception):
    """The role that the form names has left the grid since it was sent in: it would open nothing (S2-17)."""


class NothingAsked(Exception):
    """None of the choices says what is to happen to access."""


class AccountClosed(Exception):
    """Nobody can sign in to this account: opened again first, it may get or keep access; until then a form ends what it
    has, and no more."""

    def __init__(self, login_name: str) -> None:
        super().__init__(login_name)
        self.login_name = login_name


class NeedsOpenAccess(Exception):
    """The choice changes access that is there, and the applicant has none (S1-28)."""


def effect_of(form: FormSpec, answers: dict[str, Any]) -> Effect | None:
    """The strongest effect of the choices that were made; "Remove" beside "New Access" ends nothing (S1-21)."""
    chosen = {effect for name, choice, effect in form.effects if _is_chosen(answers.get(name), choice)}
    return next((effect for effect in Effect if effect in chosen), None)


def _is_chosen(answer: Any, choice: str) -> bool:
    return choice in answer if isinstance(answer, list) else answer == choice


def check_can_ask(*, form: FormSpec, portal_key: str, account: Account, answers: dict[str, Any]) -> None:
    """Raise NothingAsked, or NeedsOpenAccess where the applicant is a subject and there is nothing to change."""
    effect = effect_of(form, answers)
    if effect is None:
        raise NothingAsked
    own = any(subject.is_applicant for subject in subjects.named_in(form, answers, applicant=account))
    if not own or effect in (Effect.GIVE, Effect.END):
        return
    last = grants.last(account=account, portal_key=portal_key)
    if last is None or (last.until is not None and effect != Effect.REACTIVATE):
        raise NeedsOpenAccess


def expected(*, submission: Submission, answers: dict[str, Any]) -> list[Outcome]:
    """What the applicant may expect, without a word about who else has an account."""
    _portal, form = _place_of(submission)
    effect, told = effect_of(form, answers), []
    for subject in subjects.named_in(form, answers, applicant=submission.account):
        for_them = effect in OF_ANYBODY or subjects.is_own(subject, submission.account)
        others = Result.INVITED if effect == Effect.GIVE else Result.ASKS
        told.append(Outcome(subject, EXPECTED[effect] if effect and for_them else others))
    return told


def plan(*, submission: Submission, answers: dict[str, Any], chosen: Chosen | None = None) -> list[Outcome]:
    """What approving would do now, for each person of the form: shown to the desk first, then done."""
    portal, form = _place_of(submission)
    effect, applicant = effect_of(form, answers), submission.account
    planned, chosen = [], chosen or {}
    named = subjects.named_in(form, answers, applicant=applicant)
    for one in subjects.find(named, portal=portal, applicant=applicant):
        number = one.subject.number
        account = chosen.get(number, one.account)
        is_open = account is None and number not in chosen
        if is_open and effect and (effect in OF_ANYBODY or applicant in one.candidates):
            possible = _possible(one, form, answers, portal.key) if effect in OF_ANYBODY else one.candidates
            planned.append(Outcome(one.subject, Result.UNCLEAR, None, possible))
        else:
            left_out = account is None and number in chosen
            result = (
                Result.ASKS
                if left_out and effect not in OF_ANYBODY
                else _result(effect, account, applicant=applicant, portal_key=portal.key)
            )
            planned.append(Outcome(one.subject, result, account))
    return planned


def _place_of(submission: Submission) -> tuple[Any, FormSpec]:
    portal = registry.get(submission.portal_key)
    assert portal.access_form is not None
    return portal, portal.access_form


def _possible(one: Found, form: FormSpec, answers: dict[str, Any], portal_key: str) -> tuple[Account, ...]:
    """Those who match, and whoever holds one of the form's tax IDs under that name or old user name."""
    held = practices.holders_of(
        list(practices.known_among(form_tins.tins_of(form, answers)).values()), portal_key=portal_key
    )
    holders = [grant for grants_of_tin in held.values() for grant in grants_of_tin]
    own = [grant.account for grant in holders if one.subject.is_called(grant.account) or _keeps(grant, one)]
    return tuple(dict.fromkeys([*one.candidates, *own]))


def _keeps(grant: AccessGrant, one: Found) -> bool:
    return any(value in one.subject.ids for value in grant.attributes.values() if isinstance(value, str))


def _result(effect: Effect | None, account: Account | None, *, applicant: Account, portal_key: str) -> Result:
    if effect not in OF_ANYBODY and account != applicant:
        return Result.INVITED if effect == Effect.GIVE else Result.ASKS
    if account is None:
        return Result.UNCHANGED
    last = grants.last(account=account, portal_key=portal_key)
    held = last if last is not None and last.until is None else None
    match effect:
        case Effect.GIVE:
            return Result.CHANGED if held else Result.GIVEN
        case Effect.REACTIVATE if last is not None and held is None:
            return Result.REOPENED
        case Effect.REACTIVATE if held is not None and held.suspended_at is not None:
            return Result.WOKEN
        case Effect.END | Effect.UPDATE | Effect.ADD_PRACTICES if held is not None:
            return EXPECTED[effect]
    return Result.UNCHANGED


def apply(
    *,
    submission: Submission,
    by: Account,
    now: datetime,
    chosen: Chosen | None = None,
    attested: Tins | None = None,
) -> list[Outcome]:
    """Do what `plan` says, in the caller's transaction, and tell the others whom it concerns (S1-34). Of the form's tax
    IDs these are attested, None for all (D-25).

    Raises SubjectUnclear; RoleLeft; AccountClosed; form_tins.NothingOpens; grants.OwnGrant, where it would touch the
    own access of whoever decides; and grants.GrantEnded or idleness.NotSuspended, when the access was changed in the
    same moment.
    """
    portal, form = _place_of(submission)
    if form.works_as and not offered.knows_role(portal, submission.answers[form.works_as.role], now=now):
        raise RoleLeft
    outcomes = plan(submission=submission, answers=submission.answers, chosen=chosen)
    if any(outcome.result == Result.UNCLEAR for outcome in outcomes):
        raise SubjectUnclear
    if any(outcome.result != Result.ENDED for outcome in outcomes):
        _check_open(submission.account)
    done: set[int] = set()  # a person who is named twice
    for outcome in outcomes:
        account = outcome.account
        if outcome.result == Result.INVITED:
            _invite(outcome, submission, by=by, now=now, attested=attested)
            continue
        if account is None or account.pk in done or outcome.result in (Result.ASKS, Result.UNCHANGED):
            continue
        if account.pk == by.pk:
            raise grants.OwnGrant(submission.portal_key)
        if outcome.result != Result.ENDED:
            _check_open(account)
        done.add(account.pk)
        _do(outcome.result, account, submission, by=by, now=now, attested=attested)
        if account.pk != submission.account_id and outcome.result in TELLS_OTHERS:
            mail = messages.SubjectMail(
                account_id=account.pk, reference=submission.reference, result=outcome.result.value
            )
            outbox.enqueue(mail, now=now)
    return outcomes


def _check_open(account: Account) -> None:
    """Held until the end of the transaction: nobody closes it meanwhile."""
    if not Account.objects.select_for_update().get(pk=account.pk).is_active:
        raise AccountClosed(account.login_name)


def _invite(outcome: Outcome, submission: Submission, *, by: Account, now: datetime, attested: Tins | None) -> None:
    """Who is invited is enrollment's business; for which tax IDs is what the desk has checked with this form (D-25)."""
    _portal, form = _place_of(submission)
    form_tins.written_by(submission, form, by=by, now=now, attested=attested)
    where = {"reference": submission.reference, "portal_key": submission.portal_key}
    told = events.PersonInvited(account=None, by=by, about=submission, person=outcome.subject.number, **where)
    journal.record(told, now=now)


def _do(
    result: Result, account: Account, submission: Submission, *, by: Account, now: datetime, attested: Tins | None
) -> None:
    key, reference = submission.portal_key, submission.reference
    if result == Result.ENDED:
        grants.end(account=account, portal_key=key, reason=reference, by=by, now=now)
        return
    last = grants.last(account=account, portal_key=key)
    if result == Result.WOKEN:
        assert last is not None
        idleness.give_back(grant=last, by=by, now=now)
        return
    _portal, form = _place_of(submission)
    answers = submission.answers
    kept = {} if result in (Result.ADDED, Result.REOPENED) else {name: answers.get(name) for name in form.attributes}
    tins = form_tins.written_by(submission, form, by=by, now=now, attested=attested)
    works_as = _works_as(form, answers)
    if result in (Result.CHANGED, Result.ADDED):
        assert last is not None
        grant = grants.change(
            grant=last, attributes=kept, tins=tins, works_as=works_as, reason=reference, by=by, now=now
        )
        if effect_of(form, answers) == Effect.GIVE and grant.suspended_at is not None:
            idleness.give_back(grant=grant, by=by, now=now)
        _ask_clients(submission, form, now=now)
        return
    if result == Result.REOPENED:
        assert last is not None
        memberships.reopen(ended=last, attributes=kept, tins=tins, origin_key=reference, by=by, now=now)
        return
    grants.give(
        account=account,
        portal_key=key,
        attributes=kept,
        tins=tins,
        works_as=works_as,
        origin=Origin.FORM,
        origin_key=reference,
        by=by,
        now=now,
    )
    _ask_clients(submission, form, now=now)


def _ask_clients(submission: Submission, form: FormSpec, *, now: datetime) -> None:
    """A vendor's person was let in: the practices that they named are asked for a mandate, those whose tax ID is known
    and attested (S3-10). Whichever these are, the applicant reads the same."""
    asked, answers = form.vendors, submission.answers
    if asked is None or form.works_as is None or not asked.are_asked(answers):
        return
    own = practices.known_among(form_tins.numbers(answers, asked.own_tin))
    for tin in own.values():
        mandates.ask_by_tins(
            vendor=tin.practice, portal_key=submission.portal_key, tins=form_tins.numbers(answers, asked.client_tins),
            roles=[answers[form.works_as.role]], by=submission.account, now=now,
        )  # fmt: skip


def _works_as(form: FormSpec, answers: dict[str, Any]) -> dict[str, str]:
    """Role and market of the memberships, where the form asks them (S2-14, S2-17)."""
    asked = form.works_as
    return {"role": answers[asked.role], "market": answers[asked.market]} if asked else {}
