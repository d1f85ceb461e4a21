"""What people are found by at the desk because of their access: practices' names, and tax IDs approved for them."""

from collections.abc import Iterable

from identity.record import journal, search
from rbac.events import AccessGranted, GrantChanged
from rbac.models import Practice, PracticeTin


@search.source
def of_practices(account_id: int) -> Iterable[bytes]:
    """Of access that has ended too: a caller names the practice they used to work for."""
    for name in Practice.objects.filter(access_grants__account=account_id).values_list("name", flat=True).distinct():
        yield from search.of_words(name)
    approved = PracticeTin.objects.filter(access_grants__account=account_id)
    for digits in approved.values_list("digits", flat=True).distinct():
        yield from search.of_number(digits)


journal.subscribe(AccessGranted, search.refresh_after)
journal.subscribe(GrantChanged, search.refresh_after)
