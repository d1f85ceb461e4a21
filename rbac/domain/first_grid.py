"""The grid as the documents print it: the first version, in force from the beginning (S2-27..29, S2-33)."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "data" / "grid.csv"
FROM_THE_BEGINNING = datetime(2000, 1, 1, 12, tzinfo=UTC)  # noon: the same day in every zone of ours
REASON = "Market capabilities and User role grid, as the documents print it"


def load(version: Any, cell: Any) -> None:
    """Write the first version where there is none. The models are handed in, as a migration knows them."""
    if version.objects.exists():
        return
    day = FROM_THE_BEGINNING
    first = version.objects.create(
        state="proposed", effective_from=day, reason=REASON, proposed_at=day, losers_told_at=day, sign_ons_ended_at=day
    )
    cell.objects.bulk_create(cell(version=first, **box) for box in boxes())
    version.objects.filter(pk=first.pk).update(state="published", published_at=day)  # from now on nothing changes


def boxes() -> list[dict[str, str]]:
    """The ticked boxes of the table, as columns of a cell."""
    with TABLE.open(newline="") as table:
        return [
            {"role": row["role"], "market": row["market"], "capability": name}
            for row in csv.DictReader(table)
            for name, ticked in row.items()
            if ticked == "x"
        ]
