"""Many idle grants at once."""

from rbac.models import AccessGrant, Origin
from tests.factories import NOW, people
from tests.steps.idleness import DAY


def crowd(count: int, days: float = 90) -> None:
    """So many people with one idle grant each, made in a few statements."""
    AccessGrant.objects.bulk_create(
        AccessGrant(account=account, portal_key="claims", since=NOW - DAY * days, origin=Origin.STAFF, reason="test")
        for account in people(count)
    )


def resting() -> int:
    return AccessGrant.objects.resting().count()
