"""Files of public registers, made up, in the layouts that CMS and the OIG publish."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from stdnum import luhn

_PERSON = ("Last Name", "First Name", "Middle Name", "Name Prefix Text", "Name Suffix Text", "Credential Text")
_STREET = ("First Line Business {} Address", "Second Line Business {} Address")
_PLACE = (
    *_STREET,
    "Business {} Address City Name",
    "Business {} Address State Name",
    "Business {} Address Postal Code",
    "Business {} Address Country Code (If outside U.S.)",
    "Business {} Address Telephone Number",
    "Business {} Address Fax Number",
)
NPPES_COLUMNS = (
    "NPI",
    "Entity Type Code",
    "Replacement NPI",
    "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    *(f"Provider {name}" for name in _PERSON[1:]),
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    *(f"Provider Other {name}" for name in _PERSON),
    "Provider Other Last Name Type Code",
    *(f"Provider {name.format('Mailing')}" for name in _PLACE),
    *(f"Provider {name.format('Practice Location')}" for name in _PLACE),
    "Provider Enumeration Date",
    "Last Update Date",
    "NPI Deactivation Reason Code",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Gender Code",
    "Authorized Official Last Name",
    "Authorized Official First Name",
    "Authorized Official Middle Name",
    "Authorized Official Title or Position",
    "Authorized Official Telephone Number",
    *(
        f"{name}_{number}"
        for number in range(1, 16)
        for name in (
            "Healthcare Provider Taxonomy Code",
            "Provider License Number",
            "Provider License Number State Code",
            "Healthcare Provider Primary Taxonomy Switch",
        )
    ),
    *(
        f"Other Provider Identifier{name}_{number}"
        for number in range(1, 51)
        for name in ("", " Type Code", " State", " Issuer")
    ),
    "Is Sole Proprietor",
    "Is Organization Subpart",
    "Parent Organization LBN",
    "Parent Organization TIN",
    "Authorized Official Name Prefix Text",
    "Authorized Official Name Suffix Text",
    "Authorized Official Credential Text",
    *(f"Healthcare Provider Taxonomy Group_{number}" for number in range(1, 16)),
    "Certification Date",
)
LEIE_COLUMNS = (
    "LASTNAME", "FIRSTNAME", "MIDNAME", "BUSNAME", "GENERAL", "SPECIALTY", "UPIN", "NPI", "DOB", "ADDRESS", "CITY",
    "STATE", "ZIP", "EXCLTYPE", "EXCLDATE", "REINDATE", "WAIVERDATE", "WVRSTATE",
)  # fmt: skip
ORGANIZATION = "Provider Organization Name (Legal Business Name)"
LAST, FIRST = "Provider Last Name (Legal Name)", "Provider First Name"
STATE = "Provider Business Practice Location Address State Name"


def npi_of(number: int) -> str:
    """A number with its check digit."""
    digits = f"1{number:08}"
    return digits + luhn.calc_check_digit("80840" + digits)


def person(npi: str, first: str, last: str, state: str = "CA", **more: str) -> dict[str, str]:
    """A row of NPPES of somebody who works alone."""
    return {
        "NPI": npi,
        "Entity Type Code": "1",
        LAST: last,
        FIRST: first,
        STATE: state,
        "Healthcare Provider Taxonomy Code_1": "207Q00000X",
        "Provider Enumeration Date": "05/23/2006",
        "Last Update Date": "07/08/2020",
        **more,
    }


def organization(npi: str, name: str, state: str = "CA", **more: str) -> dict[str, str]:
    return {
        "NPI": npi,
        "Entity Type Code": "2",
        ORGANIZATION: name,
        STATE: state,
        "Provider Enumeration Date": "01/02/2010",
        **more,
    }


def nppes(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """A file of NPPES, every cell in quotes."""
    return _write(path, NPPES_COLUMNS, rows, quoting=csv.QUOTE_ALL)


def excluded(
    last: str = "", first: str = "", *, npi: str = "", business: str = "", state: str = "CA"
) -> dict[str, str]:
    return {
        "LASTNAME": last,
        "FIRSTNAME": first,
        "BUSNAME": business,
        "NPI": npi or "0000000000",
        "STATE": state,
        "EXCLTYPE": "1128a1",
        "EXCLDATE": "20190320",
        "REINDATE": "00000000",
        "WAIVERDATE": "00000000",
    }


def leie(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """A list of exclusions, cells in quotes where they need them."""
    return _write(path, LEIE_COLUMNS, rows, quoting=csv.QUOTE_MINIMAL)


def people(count: int) -> Iterator[dict[str, str]]:
    """So many rows of NPPES, all different."""
    return (person(npi_of(number), f"First{number % 977}", f"Last{number}", "NV") for number in range(count))


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[dict[str, str]], *, quoting: int) -> Path:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", quoting=quoting)  # type: ignore[arg-type]
        writer.writeheader()
        writer.writerows(rows)
    return path
