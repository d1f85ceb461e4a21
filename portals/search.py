"""What people are found by at the desk because of their old accounts: the names they had there."""

from collections.abc import Iterable

from identity.record import journal, search
from portals.events import LegacyLinked, LegacyUnlinked
from portals.models import LegacyAccount


@search.source
def of_old_accounts(account_id: int) -> Iterable[bytes]:
    """Of those that are linked to the ID now."""
    for login_name in LegacyAccount.objects.filter(account=account_id).values_list("login_name", flat=True):
        yield from search.of_words(login_name)


journal.subscribe(LegacyLinked, search.refresh_after)
journal.subscribe(LegacyUnlinked, search.refresh_after)
