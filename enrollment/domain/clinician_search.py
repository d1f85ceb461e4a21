"""The picker of clinicians: by words of a name or by NPI, in pages that begin after a row, never a list of thousands
(S2-22)."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from enrollment.models import Clinician, ClinicianTerm
from identity.policy import text
from identity.record import search

ON_A_PAGE = 20
MAX_LENGTH = 100  # characters of what is typed


@dataclass(frozen=True, slots=True)
class Page:
    """Some clinicians, and after whose key the next ones come; 0 where these are the last."""

    rows: list[Clinician]
    after: int = 0


def read(typed: str) -> str:
    """What was typed, as one line that is not too long."""
    return text.line(typed)[:MAX_LENGTH]


def find(typed: str, *, practices: Collection[int], after: int = 0) -> Page:
    """Clinicians whom all words name, each by the beginning of a word of the name, or whose whole NPI was typed; where
    nothing was typed those of one's own practices. By name; `after` is the key of the last one that was shown."""
    rows = named(typed) if typed else Clinician.objects.filter(practice__in=practices)
    rows = rows.filter(is_active=True).select_related("practice").order_by("name", "pk")
    if after and (last := Clinician.objects.filter(pk=after).first()):
        rows = rows.filter(TupleGreaterThan(Tuple(F("name"), F("pk")), (last.name, last.pk)))
    found = list(rows[: ON_A_PAGE + 1])
    is_more = len(found) > ON_A_PAGE
    shown = found[:ON_A_PAGE]
    return Page(shown, after=shown[-1].pk if is_more else 0)


def named(typed: str) -> QuerySet[Clinician]:
    """All whom the words name, or the one NPI; whoever may be chosen no longer too."""
    if npi := search.number_in(typed):
        return Clinician.objects.filter(npi=npi)
    words = search.beginnings(typed)
    rows = Clinician.objects.filter(Q() if words else Q(pk__in=[]))
    for word in words:
        rows = rows.filter(pk__in=ClinicianTerm.objects.filter(word).values("clinician"))
    return rows
