"""What the demo's person in California finds at the first log-in to Optum Pro: a role, a practice, clinicians to choose
from. All of them are made up."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

JOINED = 1  # days ago
PORTAL, PERSON = "optum-pro", "cal.vega"
PRACTICE, TIN = "Harborside Medical Group", "954440001"
# NPI and name; the first ones work for the practice.
OF_PRACTICE = (
    ("1900000013", "Amélie Okafor, MD"),
    ("1900000021", "Ben Castillo, NP"),
    ("1900000039", "Chloe Tran, MD"),
)
ELSEWHERE = (
    ("1900000047", "Diego Okafor, DO"),
    ("1900000054", "Elena Marsh, MD"),
    ("1900000062", "Farid Nasser, PA"),
)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the desk does."""
    from config.demo.work import DESK
    from enrollment.domain import clinicians
    from rbac.domain import grants, memberships, practices
    from rbac.models import Origin

    desk, since = accounts[DESK], now - timedelta(days=JOINED)
    tins = practices.of_tins(name=PRACTICE, tins=[(TIN, "EIN")], origin=Origin.STAFF, origin_key="demo", now=since)
    practices.attest(tins=tins, reason="demo", by=desk, now=since)
    practice = tins[0].practice
    grant = grants.current(account=accounts[PERSON], portal_key=PORTAL)
    assert grant is not None
    memberships.open(
        grant=grant, practice=practice, role="front_office", market="CA", origin=Origin.STAFF, reason="demo", by=None,
        now=since,
    )  # fmt: skip
    for npi, name in (*OF_PRACTICE, *ELSEWHERE):
        works_here = (npi, name) in OF_PRACTICE
        clinicians.add(npi=npi, name=name, practice=practice if works_here else None, by=desk, now=since)
