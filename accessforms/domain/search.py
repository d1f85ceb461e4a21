"""Finding requests by what a caller says: the words and numbers of the form, the applicant, or the reference."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accessforms.domain.submissions import REFERENCE_ALPHABET
from accessforms.models import Submission, SubmissionTerm
from identity.models import SearchTerm
from identity.record import search
from portals import registry
from portals.form_spec import Field, FormSpec, Kind

LENGTH = 8  # of a reference
WORDS = (Kind.TEXT, Kind.FULL_NAME, Kind.OHID)
NUMBERS = (Kind.PHONE, Kind.NPI)


def matching(typed: str, *, people: Collection[int], portals: Collection[str]) -> list[QuerySet[Any]]:
    """Querysets of requests that together are everything a query names: each is read by an index of its own. `people`
    are those whom it names; of one word at most MOST_FOUND forms of these portals, whole words first."""
    rows = Submission.objects.order_by()
    found: list[QuerySet[Any]] = [rows.filter(reference__in=references(typed)), rows.filter(account__in=people)]
    match search.beginnings(typed):
        case [word]:
            terms = SubmissionTerm.objects.filter(word, submission__portal_key__in=sorted(portals))
            cut = terms.order_by("term", "submission").values("submission")[: search.MOST_FOUND]
            found.append(rows.filter(pk__in=cut))
        case [*words]:
            by_words = rows if words else rows.none()
            for word in words:
                by_words = by_words.filter(pk__in=_by_word(word))
            found.append(by_words)
    if digits := search.number_in(typed):
        (term,) = search.of_number(digits)
        found.append(rows.filter(pk__in=SubmissionTerm.objects.filter(term=term).values("submission")))
    return found


def references(typed: str) -> list[str]:
    """The references that what was read out may stand for (T13: in groups, with dashes, S for 5)."""
    return search.spellings(typed, alphabet=REFERENCE_ALPHABET, length=LENGTH)


def _by_word(word: Q) -> QuerySet[Any]:
    """In the form, or of the applicant: one word of a query may be the practice, the next one the person."""
    people = SearchTerm.objects.filter(word).values("account")
    in_forms = SubmissionTerm.objects.filter(word).values("submission")
    return in_forms.union(Submission.objects.order_by().filter(account__in=people).values("pk"))


def refresh(submission: Submission) -> None:
    """Make the rows of a request anew from its answers, in the caller's transaction."""
    search.keep(SubmissionTerm, terms=set(terms_of(submission)), owner={"submission_id": submission.pk})


def refresh_all() -> Iterator[int]:
    """Make all rows anew, a chunk at a time; yields how many requests were done."""
    last = 0
    while chunk := list(Submission.objects.sent().filter(pk__gt=last).order_by("pk")[: search.A_CHUNK]):
        with transaction.atomic():
            for submission in chunk:
                refresh(submission)
        last = chunk[-1].pk
        yield len(chunk)


def terms_of(submission: Submission) -> Iterable[bytes]:
    """Names, practice, addresses and numbers that stand on the form."""
    portal = registry.portals().get(submission.portal_key)
    if portal is None or portal.access_form is None:
        return
    for field, answer in _answers(portal.access_form, submission.answers):
        if field.kind == Kind.TINS:
            for tin in answer:
                yield from search.of_number(tin["digits"])
        elif field.kind == Kind.EMAIL:
            yield from search.of_email(answer)
        elif field.kind == Kind.NPIS:
            for npi in answer:
                yield from search.of_number(npi)
        elif field.kind in NUMBERS:
            yield from search.of_number(answer)
        elif field.kind in WORDS:
            yield from search.of_words(answer)


def _answers(form: FormSpec, answers: dict[str, Any]) -> Iterator[tuple[Field, Any]]:
    """Every question with its answer, those of tables row by row; what was not answered is left out."""
    for section in form.sections:
        asked = [(field, answers) for field in section.fields]
        if section.rows:
            asked += [(field, row) for row in answers.get(section.rows.name, []) for field in section.rows.columns]
        yield from ((field, given[field.name]) for field, given in asked if given.get(field.name))
