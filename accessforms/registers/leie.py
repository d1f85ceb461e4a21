"""LEIE: the list that the OIG publishes whole each month (UPDATED.csv), of whom federal health programs exclude."""

from collections.abc import Collection, Iterable
from typing import Any

from accessforms.models import Exclusion, RegisterImport
from accessforms.models.registers import name_key
from accessforms.registers import cells
from accessforms.registers.cells import Cells, Unreadable
from portals.legacy.lines import Columns

COLUMNS = Columns(
    required=("lastname", "firstname", "busname", "npi", "state", "excldate", "reindate"),
    has_others=True,
)
LEAST_OF_FORMER = 0.9  # of the rows of the list before: people leave it one by one


class Shrunk(Exception):
    """The list has far fewer rows than the one before: it was cut off on its way, or is another file."""


def parse(row: Cells, line: int) -> Exclusion:
    """A row as it is kept. Raises Unreadable."""
    last, first, business, npi, state, excluded, reinstated = row
    key = name_key(business) or name_key(last, first)
    if not key:
        raise Unreadable
    return Exclusion(
        line=line,
        npi=npi[:10] if npi.strip("0") else "",
        last_name=last[:150],
        first_name=first[:150],
        business_name=business[:200],
        name_key=key,
        state=state[:40],
        excluded_on=cells.day(excluded),
        reinstated_on=cells.day(reinstated),
    )


def store(rows: Iterable[Any], *, of: RegisterImport) -> None:
    """Write rows of a list that nobody reads until it is whole, within the caller's transaction."""
    for row in rows:
        row.register_import = of
    Exclusion.objects.bulk_create(rows, batch_size=1_000)


def finish(found: RegisterImport) -> None:
    """The list replaces the one before, within the caller's transaction: who left it is excluded no more."""
    Exclusion.objects.exclude(register_import=found).delete()


def check_size(found: RegisterImport) -> None:
    """Raise Shrunk where the list is much shorter than the one that it replaces, or empty."""
    former = Exclusion.objects.in_force().count()
    if found.stored < max(1, LEAST_OF_FORMER * former):
        raise Shrunk


def hits(*, npis: Collection[str], names: Collection[str]) -> list[Exclusion]:
    """Rows of the list that name one of these NPIs, or one of these names (as `name_key` makes them)."""
    listed = Exclusion.objects.in_force().select_related("register_import").order_by("pk")
    by_npi = listed.filter(npi__in=npis).exclude(npi="")
    by_name = listed.filter(name_key__in=names)
    return list({row.pk: row for row in (*by_npi, *by_name)}.values())
