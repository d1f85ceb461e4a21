"""The tax IDs that an access form names: which of them its approval attests, and whose rows they are (D-25)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from accessforms.models import Submission
from identity.models import Account
from portals import registry
from portals.form_spec import FormSpec
from rbac.domain import practices
from rbac.models import PracticeTin

Tins = Collection[tuple[str, str]]  # tax IDs as (nine digits, kind)


class NothingOpens(Exception):
    """Every tax ID of the form was attested before, for others, and the desk has ticked none of them (D-25)."""


def written_by(
    submission: Submission, form: FormSpec, *, by: Account, now: datetime, attested: Tins | None
) -> list[PracticeTin]:
    """The rows of the form's tax IDs. The desk has checked those that it attests by its approval: all of them, or those
    that it ticked. What it did not tick becomes a practice of its own, which opens nothing to anybody; where it was
    attested before, for others, it is left out (D-25). Raises NothingOpens where nothing else is there."""
    answers, reference = submission.answers, submission.reference
    written = tins_of(form, answers)
    checked = [tin for tin in written if attested is None or tin in attested]
    tins = _rows_of(submission, form, checked, now=now)
    practices.attest(tins=tins, reason=reference, by=by, now=now)
    of_others = practices.attested_among([tin for tin in written if tin not in checked])
    left = [tin for tin in written if tin not in checked and tin not in of_others]
    if of_others and not checked and not left:
        raise NothingOpens
    return tins + _rows_of(submission, form, left, now=now)


def _rows_of(
    submission: Submission, form: FormSpec, tins: list[tuple[str, str]], *, now: datetime
) -> list[PracticeTin]:
    """Where the form asks for no name of a practice, each tax ID is an organization of its own (S2-16), which staff
    name: until then it has that of the request."""
    reference = submission.reference
    if form.practice_name:
        name = submission.answers.get(form.practice_name, "")
        return practices.of_tins(name=name, tins=tins, origin_key=reference, now=now)
    rows = [practices.of_tins(name=reference, tins=[tin], origin_key=reference, now=now) for tin in tins]
    return [row for found in rows for row in found]


def attested_tins(*, reference: str) -> list[PracticeTin]:
    """The tax IDs of an approved form that staff attested: what somebody whom it named works with (D-25)."""
    submission = Submission.objects.filter(reference=reference).first()
    if submission is None:
        return []
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    known = practices.known_among(tins_of(form, submission.answers))
    return [tin for tin in known.values() if tin.attested_at is not None]


def tins_of(form: FormSpec, answers: dict[str, Any]) -> list[tuple[str, str]]:
    """The tax IDs that the answers name."""
    return [tin for name in form.practice_tins for tin in numbers(answers, name)]


def numbers(answers: Mapping[str, Any], name: str) -> list[tuple[str, str]]:
    return [(tin["digits"], tin["kind"]) for tin in answers.get(name) or []]
