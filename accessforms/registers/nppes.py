"""NPPES: the file that CMS publishes each month or week, with 330 columns, of which ten are kept."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from accessforms.models import NpiRecord, RegisterImport
from accessforms.registers import cells
from accessforms.registers.cells import Cells, Unreadable
from portals.legacy.lines import Columns

# As the file names them, without case; in the order of KEPT.
COLUMNS = Columns(
    required=(
        "npi",
        "entity type code",
        "provider last name (legal name)",
        "provider first name",
        "provider organization name (legal business name)",
        "provider business practice location address state name",
        "healthcare provider taxonomy code_1",
        "provider enumeration date",
        "npi deactivation date",
        "npi reactivation date",
    ),
    has_others=True,
)
KEPT = (
    "npi",
    "is_organization",
    "last_name",
    "first_name",
    "organization",
    "state",
    "taxonomy",
    "enumerated_on",
    "deactivated_on",
    "reactivated_on",
)
ORGANIZATION = "2"  # its entity type code


def parse(row: Cells, line: int) -> tuple[Any, ...]:
    """A row as it is kept, in the order of KEPT. Raises Unreadable."""
    npi, entity, last, first, organization, state, taxonomy, enumerated, deactivated, reactivated = row
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()):
        raise Unreadable
    return (
        npi,
        entity == ORGANIZATION,
        last[:150],
        first[:150],
        organization[:200],
        state[:40],
        taxonomy[:10],
        cells.day(enumerated),
        cells.day(deactivated),
        cells.day(reactivated),
    )


def store(rows: Iterable[tuple[Any, ...]], *, of: RegisterImport) -> None:
    """Write rows by their NPI, within the caller's transaction: a later file replaces what an earlier one said.

    PostgreSQL takes them by COPY: Django's bulk insert makes an object of each row, and takes several times as long.
    """
    by_npi = {row[0]: (*row, of.pk) for row in rows}
    if not by_npi:
        return
    table, columns = NpiRecord._meta.db_table, ", ".join((*KEPT, "register_import_id"))
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*KEPT[1:], "register_import_id"))
    insert, on_conflict = f"INSERT INTO {table} ({columns})", f"ON CONFLICT (npi) DO UPDATE SET {changes}"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            read = f"SELECT {columns} FROM"
            cursor.execute(f"CREATE TEMPORARY TABLE npi_rows ON COMMIT DROP AS {read} {table} LIMIT 0")
            with cursor.copy(f"COPY npi_rows ({columns}) FROM STDIN") as copy:
                for row in by_npi.values():
                    copy.write_row(row)
            cursor.execute(f"{insert} {read} npi_rows {on_conflict}")
            cursor.execute("DROP TABLE npi_rows")  # of two chunks in one transaction too
        else:
            values = f"VALUES ({', '.join(['%s'] * (len(KEPT) + 1))})"
            cursor.executemany(f"{insert} {values} {on_conflict}", list(by_npi.values()))


def finish(found: RegisterImport) -> None:
    """Nothing: a file of a week holds what changed in it, so what it does not name stays, with its own age."""


def look_up(npis: Sequence[str]) -> dict[str, NpiRecord]:
    """What the register says of these numbers."""
    known = NpiRecord.objects.filter(npi__in=npis).select_related("register_import")
    return {record.npi: record for record in known}
