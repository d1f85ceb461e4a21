"""What people are found by at the desk because of their access: practices' names, and tax IDs approved for them."""

from collections.abc import Iterable

from identity.record import journal, search
from rbac.events import AccessGranted, GrantChanged, MembershipOpened
from rbac.models import Membership, Practice, PracticeTin


@search.source
def of_practices(account_id: int) -> Iterable[bytes]:
    """Of access that has ended too: a caller names the practice they used to work for."""
    behind = Membership.objects.filter(grant__account=account_id)
    for name in Practice.objects.filter(memberships__in=behind).values_list("name", flat=True).distinct():
        yield from search.of_words(name)
    for digits in PracticeTin.objects.filter(memberships__in=behind).values_list("digits", flat=True):
        yield from search.of_number(digits)


journal.subscribe(MembershipOpened, search.refresh_after)
journal.subscribe(AccessGranted, search.refresh_after)
journal.subscribe(GrantChanged, search.refresh_after)
