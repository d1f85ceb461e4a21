"""What people are found by at the desk because of their access: their practices' names and tax IDs."""

from collections.abc import Iterable

from identity.domain import journal, search
from rbac.events import AccessGranted
from rbac.models import Practice


@search.source
def of_practices(account_id: int) -> Iterable[bytes]:
    """Of access that has ended too: a caller names the practice they used to work for."""
    practices = Practice.objects.filter(access_grants__account=account_id).values_list("name", "tins__digits")
    for name, digits in practices.distinct():
        yield from search.of_words(name)
        yield from search.of_number(digits or "")


journal.subscribe(AccessGranted, search.refresh_after)
