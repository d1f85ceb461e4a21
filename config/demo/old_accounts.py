"""The demo's old accounts: small lists that are imported as operators do, and a change-over that began last week."""

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

PASSWORD = "Old-Password-1"
HEADER = "login_name,hash,email,first_name,last_name,entitlements"
# By source: user name, first and last name, what the old account was let into.
OLD = {
    "trucase": (
        ("jsmith.old", "Joan", "Smith", "bill_tracker"),
        ("tbaker.old", "Tess", "Baker", "bill_tracker"),
        ("rlopez.old", "Raúl", "López", ""),
    ),
    "optum-connect": (("aoconnor", "Amélie", "O'Connor", "claims physician"),),
    "provider-online": (("pat.moved", "Pat", "Novak", ""),),
}
# Not imported yet, for whoever tries an import of TruCase's old accounts.
TO_IMPORT = (
    ("mgreen.old", "Mae", "Green", "bill_tracker"),
    ("dortiz.old", "Dolores", "Ortiz", ""),
    ("hkim.old", "Ha-eun", "Kim", "bill_tracker"),
)
SAMPLE_LIST = "old-accounts-trucase.csv"  # in the folder of all data
LINKED = ("tbaker.old", "tess.baker")
PHASES = (("pre-registration", -37), ("both ways", -7), ("ID only", 23))  # days from now (C30)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Import the lists, link the one that is linked already, and let both ways stand open (C30)."""
    from portals import registry
    from portals.legacy import legacy_imports, links, phases
    from portals.models import LegacyAccount
    from portals.spec import Phase

    for source, people in OLD.items():
        content = _list(people)
        found = legacy_imports.begin(
            source_key=source,
            file_name=f"{source}.csv",
            digest=hashlib.sha256(content).hexdigest(),
            size=len(content),
            now=now,
        )
        for _rows in legacy_imports.go_on(found=found, blocks=[content], clock=lambda: now):
            pass
    for phase, days in reversed(PHASES):  # the last one first: they keep their order
        at = now + timedelta(days=days)
        phases.move(
            portal=registry.get("trucase"), phase=Phase(phase), at=at, reason="set up with the demo", by=None, now=now
        )
    old_name, login_name = LINKED
    legacy = LegacyAccount.objects.get(source="trucase", login_name=old_name)
    links.link(legacy=legacy, account=accounts[login_name], way=links.Way.FINAL_LOG_IN, now=now)


def sample_list() -> bytes:
    """The file that an operator may upload."""
    return _list(TO_IMPORT)


def _list(people: tuple[tuple[str, str, str, str], ...]) -> bytes:
    rows = [
        f"{name},{_hash(name)},{name}@example.org,{first},{last},{entitlements}"
        for name, first, last, entitlements in people
    ]
    return "\n".join([HEADER, *rows, ""]).encode()


def _hash(salt: str) -> str:
    """As many old systems kept them: see docs/operations.md."""
    return f"sha256${salt}${hashlib.sha256((salt + PASSWORD).encode()).hexdigest()}"
