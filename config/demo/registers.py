"""The demo's public registers: a few made-up rows in the layouts that are published, and a registration beside them."""

from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from config.demo.answers import REGISTRATION_ANSWERS

if TYPE_CHECKING:
    from identity.models import Account

GRACE, AMELIE, GONE, UNKNOWN = "1100000011", "1234567893", "1200000028", "1300000035"
NPPES_COLUMNS = (
    "NPI",
    "Entity Type Code",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Business Practice Location Address State Name",
    "Provider Enumeration Date",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Healthcare Provider Taxonomy Code_1",
)
NPPES = (
    (GRACE, "1", "", "LIN", "GRACE", "CA", "06/02/2009", "", "", "207Q00000X"),
    (AMELIE, "1", "", "O'CONNOR", "AMÉLIE", "NV", "05/23/2006", "", "", "207R00000X"),
    (GONE, "", "", "", "", "", "", "03/11/2024", "", ""),
)
LEIE_COLUMNS = ("LASTNAME", "FIRSTNAME", "BUSNAME", "NPI", "STATE", "EXCLDATE", "REINDATE")
LEIE = (
    ("O'CONNOR", "AMÉLIE", "", "0000000000", "NV", "20190320", "00000000"),
    ("", "", "SUNDOWN MEDICAL SUPPLY", "0000000000", "FL", "20150720", "00000000"),
)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Import both, then send in a registration whose NPIs have something to tell."""
    from accessforms.domain import submissions

    _imported("nppes", NPPES_COLUMNS, NPPES, now=now)
    _imported("leie", LEIE_COLUMNS, LEIE, now=now)
    grace = accounts["grace.lin"]
    answers = REGISTRATION_ANSWERS | {"npis": [GRACE, AMELIE, GONE, UNKNOWN]}
    draft = submissions.draft_of(account=grace, portal_key="optum-pro", now=now)
    saved = submissions.save_answers(submission=draft, answers=answers, is_complete=True, now=now)
    submissions.submit(submission=saved, seen_version=saved.version, by=grace, now=now)


def _imported(register: str, columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], *, now: datetime) -> None:
    from accessforms.registers import register_imports
    from portals.legacy import reports

    stream = BytesIO("".join(reports.table(columns, rows)).encode())
    digest = register_imports.digest_of(stream, size=len(stream.getvalue()))
    found = register_imports.begin(register=register, file_name=f"made-up-{register}.csv", digest=digest, now=now)
    for _stored in register_imports.go_on(found=found, stream=stream, clock=lambda: now):
        pass
