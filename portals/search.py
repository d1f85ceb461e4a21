"""What people are found by at the desk because of their old accounts: the names they had there."""

from collections.abc import Iterable

from identity.domain import journal, search
from portals.events import LegacyTied, LegacyUntied
from portals.models import LegacyAccount


@search.source
def of_old_accounts(account_id: int) -> Iterable[bytes]:
    """Of those that are tied to the ID now."""
    for login_name in LegacyAccount.objects.filter(account=account_id).values_list("login_name", flat=True):
        yield from search.of_words(login_name)


journal.subscribe(LegacyTied, search.refresh_after)
journal.subscribe(LegacyUntied, search.refresh_after)
