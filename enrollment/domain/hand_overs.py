"""The act that completes a hand-over, with the invitations that pass on locked before the practice, as everywhere:
request or invitation, practice, account, grant (D-15)."""

from datetime import datetime

from django.db import transaction

from enrollment.models import Invitation
from identity.models import Account
from rbac.domain import hand_overs
from rbac.models import HandOver


@transaction.atomic
def sign(*, hand_over: HandOver, typed_name: str, by: Account, now: datetime) -> HandOver:
    """The second signature. Raises what rbac.domain.hand_overs.sign raises."""
    _lock_pending(hand_over)
    return hand_overs.sign(hand_over=hand_over, typed_name=typed_name, by=by, now=now)


@transaction.atomic
def confirm(*, hand_over: HandOver, reason: str, by: Account, now: datetime) -> HandOver:
    """Provider Services in the place of the second signature. Raises what rbac.domain.hand_overs.confirm raises."""
    _lock_pending(hand_over)
    return hand_overs.confirm(hand_over=hand_over, reason=reason, by=by, now=now)


def _lock_pending(hand_over: HandOver) -> None:
    own = Invitation.objects.open().filter(owner=hand_over.from_account_id, practice=hand_over.practice_id)
    list(own.select_for_update().order_by("pk"))
