"""What public registers say of the NPIs of a form: beside a request at the desk, and to the applicant at their step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accessforms.domain.npis import is_npi
from accessforms.models import Exclusion, NpiRecord, RegisterImport
from accessforms.models.registers import name_key
from accessforms.registers import leie, nppes, register_imports
from identity.models import Account
from identity.policy import text
from portals.form_spec import FormSpec, Kind


@dataclass(frozen=True, slots=True)
class Register:
    """Which file of a register the facts come from; `found` is None while it was never imported."""

    found: RegisterImport | None
    is_old: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of the list of exclusions, and whether it names the number itself or only somebody called alike."""

    exclusion: Exclusion
    by_number: bool


@dataclass(frozen=True, slots=True)
class NpiFact:
    """What is known of one NPI; `record` is None where NPPES does not have it."""

    npi: str
    has_check_digit: bool
    record: NpiRecord | None
    is_old: bool
    other_name: bool = False  # of a person, who is not the applicant
    other_state: bool = False  # than the market that the form names
    listed: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What both registers say of a form and its applicant."""

    nppes: Register
    leie: Register
    npis: tuple[NpiFact, ...]
    listed: tuple[Listed, ...]  # exclusions of somebody who is called as the applicant


def facts_of(form: FormSpec, answers: Mapping[str, Any], *, applicant: Account, now: datetime) -> RegisterFacts:
    """What NPPES and LEIE say (S2-15). As many statements however many numbers there are."""
    npis = npis_of(form, answers)
    asked, records = register_of(RegisterImport.Register.NPPES, now=now), nppes.look_up(npis)
    own_name = name_key(applicant.last_name, applicant.first_name)
    hits = leie.hits(npis=npis, names={own_name, *map(_key, records.values())} - {""})
    market = answers.get(form.works_as.market, "") if form.works_as else ""
    return RegisterFacts(
        nppes=asked,
        leie=register_of(RegisterImport.Register.LEIE, now=now),
        npis=tuple(
            replace(
                fact,
                other_name=_is_of_another(fact.record, applicant),
                other_state=_is_in_another(fact.record, market),
                listed=_listed(hits, fact),
            )
            for fact in _npi_facts(npis, records, asked, now=now)
        ),
        listed=tuple(Listed(hit, by_number=False) for hit in hits if hit.name_key == own_name),
    )


def npis_of(form: FormSpec, answers: Mapping[str, Any]) -> list[str]:
    """The NPIs that were typed, where they passed the form's check; a draft may hold anything."""
    asked = [field.name for field in form.fields().values() if field.kind == Kind.NPIS]
    given = [answers.get(name) for name in asked]
    return list(dict.fromkeys(npi for one in given if isinstance(one, list) for npi in one if isinstance(npi, str)))


def register_says(form: FormSpec, answers: Mapping[str, Any], *, now: datetime) -> list[NpiFact]:
    """What NPPES says of the numbers that an applicant typed, for themselves to read (S2-15); nothing while it was
    never imported, and it stops nobody."""
    npis = npis_of(form, answers)
    is_asked = register_of(RegisterImport.Register.NPPES, now=now) if npis else None
    if is_asked is None or is_asked.found is None:
        return []
    return _npi_facts(npis, nppes.look_up(npis), is_asked, now=now)


def register_of(register: str, *, now: datetime) -> Register:
    """The register as it was imported last."""
    found = register_imports.latest(register)
    return Register(found, is_old=found is not None and register_imports.is_old(found, now=now))


def _npi_facts(
    npis: Sequence[str], records: Mapping[str, NpiRecord], asked: Register, *, now: datetime
) -> list[NpiFact]:
    """A number that the register does not have is as old as its last file; a row is as old as its own."""
    found = []
    for npi in npis:
        record = records.get(npi)
        is_old = register_imports.is_old(record.register_import, now=now) if record else asked.is_old
        found.append(NpiFact(npi, is_npi(npi), record, is_old))
    return found


def _is_in_another(record: NpiRecord | None, market: str) -> bool:
    """Whether the number is of another state than the form."""
    return record is not None and bool(record.state and market) and record.state != market


def _is_of_another(record: NpiRecord | None, account: Account) -> bool:
    """Whether the number is a person's, who is called otherwise. First and last name need a word in common each: middle
    names and hyphens come and go."""
    if record is None or record.is_organization or not record.name:
        return False
    pairs = ((record.last_name, account.last_name), (record.first_name, account.first_name))
    return not all(set(text.words(one)) & set(text.words(other)) for one, other in pairs)


def _key(record: NpiRecord) -> str:
    if record.is_organization:
        return name_key(record.organization)
    return name_key(record.last_name, record.first_name)


def _listed(hits: Iterable[Exclusion], fact: NpiFact) -> tuple[Listed, ...]:
    key = _key(fact.record) if fact.record else ""
    found = [(hit, hit.npi == fact.npi) for hit in hits]
    # A row with another number is somebody else, however alike they are called.
    return tuple(
        Listed(hit, by_number) for hit, by_number in found if by_number or (hit.name_key == key and not hit.npi)
    )
