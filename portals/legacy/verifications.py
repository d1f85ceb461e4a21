"""Which old account a browser has proved, and when: in its sealed session, until it is linked or an hour has passed."""

from datetime import UTC, datetime

from django.http import HttpRequest

from identity.policy import lifecycle
from portals.models import LegacyAccount

_KEY = "legacy"


def keep(request: HttpRequest, legacy: LegacyAccount, *, now: datetime) -> None:
    """The old password was right: this session knows more than before, so it gets a new id."""
    if not request.user.is_authenticated:
        request.session.cycle_key()
    request.session[_KEY] = {"legacy": legacy.pk, "at": now.timestamp()}


def forget(request: HttpRequest) -> None:
    """It is linked, or refused."""
    request.session.pop(_KEY, None)


def find(request: HttpRequest, source_key: str, *, now: datetime) -> LegacyAccount | None:
    """The old account of this source that the session has proved, while that counts."""
    kept = request.session.get(_KEY)
    if kept is None or now >= datetime.fromtimestamp(kept["at"], UTC) + lifecycle.after("legacy_proof"):
        return None
    return LegacyAccount.objects.of_source(source_key).filter(pk=kept["legacy"]).first()
