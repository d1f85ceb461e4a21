"""What stands beside a request without paper: facts from registers, practices and other requests, and no decision."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from accessforms.domain import register_facts
from accessforms.domain.register_facts import NpiFact, RegisterFacts
from accessforms.models import Submission, SubmissionTerm
from identity.accounts import addresses
from identity.models import Account
from identity.record import search
from portals import registry
from portals.form_spec import FormSpec, Kind
from rbac.domain import practices
from rbac.models import Membership, PracticeTin
from rbac.roles import ADMINISTRATOR

MOST_TOLD = 200  # requests that are told as having something in common with this one


@dataclass(frozen=True, slots=True)
class TinFact:
    """What is known of one tax ID; `row` is None where no practice has it."""

    digits: str
    kind: str
    row: PracticeTin | None
    administrators: tuple[Account, ...] = ()
    requests: tuple[Submission, ...] = ()  # of others, with the same number


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, for one request."""

    registers: RegisterFacts
    npis: tuple[tuple[NpiFact, tuple[Submission, ...]], ...]  # each with requests of others that name it
    tins: tuple[TinFact, ...]
    same_address: tuple[Account, ...]  # others who have proved the applicant's address
    address_requests: tuple[Submission, ...]  # theirs, and those that name the address


def facts_of(submission: Submission, answers: Mapping[str, Any], *, portals: Collection[str], now: datetime) -> Facts:
    """What is known beside a request (S2-15), from requests of these `portals` only: whoever decides for one portal
    learns nothing of another (C29). As many statements however many numbers it names."""
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    said = register_facts.facts_of(form, answers, applicant=submission.account, now=now)
    tins = _tins_of(form, answers)
    sharing = [account for _address, others in addresses.shared_with(submission.account) for account in others]
    numbers = [*(fact.npi for fact in said.npis), *(digits for digits, _kind in tins)]
    requests = _Requests(submission, numbers, sharing=sharing, portals=portals)
    return Facts(
        registers=said,
        npis=tuple((fact, requests.with_number(fact.npi)) for fact in said.npis),
        tins=_tin_facts(tins, requests, now=now),
        same_address=tuple(sharing),
        address_requests=requests.with_address(),
    )


def _tins_of(form: FormSpec, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every tax ID that was typed, those of a vendor's clients too."""
    asked = [field.name for field in form.fields().values() if field.kind == Kind.TINS]
    return list(dict.fromkeys((tin["digits"], tin["kind"]) for name in asked for tin in answers.get(name) or []))


def _tin_facts(tins: Sequence[tuple[str, str]], requests: "_Requests", *, now: datetime) -> tuple[TinFact, ...]:
    known = practices.known_among(tins)
    running = (
        Membership.objects.open_at(now)
        .filter(practice__in=[row.practice_id for row in known.values()], role=ADMINISTRATOR)
        .filter(grant__account__is_active=True)
        .select_related("grant__account")
        .order_by("since", "pk")
    )
    by_practice: dict[int, dict[int, Account]] = {}
    for membership in running:
        own = by_practice.setdefault(membership.practice_id, {})
        own[membership.grant.account_id] = membership.grant.account
    return tuple(
        TinFact(
            digits,
            kind,
            row := known.get((digits, kind)),
            tuple(by_practice.get(row.practice_id, {}).values()) if row else (),
            requests.with_number(digits),
        )
        for digits, kind in tins
    )


class _Requests:
    """Requests of others that were sent in and share a number or the address, found by two statements."""

    def __init__(
        self,
        submission: Submission,
        numbers: Iterable[str],
        *,
        sharing: Iterable[Account],
        portals: Collection[str],
    ) -> None:
        address = submission.account.email
        self.address = {term for term in search.of_email(address) if term.startswith(b"@")}
        of_numbers = {term for digits in numbers for term in search.of_number(digits)}
        self.sharing = {account.pk for account in sharing}
        wanted = Q(pk__in=self._naming(of_numbers | self.address)) | Q(account__in=self.sharing)
        others = Submission.objects.sent().filter(wanted, portal_key__in=sorted(portals))
        found = list(others.exclude(account=submission.account_id).order_by("-pk")[:MOST_TOLD])
        self.found = {one.pk: one for one in found}
        terms = SubmissionTerm.objects.filter(submission__in=self.found, term__in=of_numbers | self.address)
        self.terms: dict[bytes, list[int]] = {}
        for term, pk in terms.order_by("-submission").values_list("term", "submission") if found else ():
            self.terms.setdefault(bytes(term), []).append(pk)

    @staticmethod
    def _naming(terms: Collection[bytes]) -> Any:
        return SubmissionTerm.objects.filter(term__in=terms).values("submission")

    def with_number(self, digits: str) -> tuple[Submission, ...]:
        return self._with(search.of_number(digits))

    def with_address(self) -> tuple[Submission, ...]:
        theirs = {pk: one for pk, one in self.found.items() if one.account_id in self.sharing}
        return tuple((theirs | {one.pk: one for one in self._with(self.address)}).values())

    def _with(self, terms: Iterable[bytes]) -> tuple[Submission, ...]:
        pks = dict.fromkeys(pk for term in terms for pk in self.terms.get(term, ()))
        return tuple(self.found[pk] for pk in pks)
