"""Many idle grants at once."""

from rbac.models import AccessGrant
from tests.factories import NOW, people
from tests.steps.idleness import DAY


def crowd(count: int, days: float = 90) -> None:
    """So many people with one idle grant each, made in a few statements."""
    AccessGrant.objects.bulk_create(
        AccessGrant(account=account, portal_key="claims", since=NOW - DAY * days, because_of="test")
        for account in people(count)
    )


def resting() -> int:
    return AccessGrant.objects.resting().count()
