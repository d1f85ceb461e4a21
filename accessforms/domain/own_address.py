"""Whether whoever asks reads an address of their own, where the portal wants that (S2-05, S2-26, S3-14)."""

from accessforms.models import Submission
from identity.accounts import addresses
from identity.models import Account
from portals import registry

State = Submission.State
IN_THE_SYSTEM = (State.SUBMITTED, State.RETURNED, State.APPROVED)


class Shared(Exception):
    """Another ID has proved the address too. `is_in_system`: its request for the portal is there already (S2-26). Told
    only to whoever has proved the address."""

    def __init__(self, *, is_in_system: bool) -> None:
        super().__init__()
        self.is_in_system = is_in_system


def check(*, account: Account, portal_key: str) -> None:
    """Raise Shared where the portal needs an address of one's own, and another ID has proved this one's."""
    if not registry.get(portal_key).needs_own_address:
        return
    others = [other.pk for _address, found in addresses.shared_with(account) for other in found]
    if others:
        theirs = Submission.objects.in_portal(portal_key).filter(account__in=others, state__in=IN_THE_SYSTEM)
        raise Shared(is_in_system=theirs.exists())
