"""What the mail provider reports: anymail's own signed web hook, and what its events mean here."""

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from identity.models import OutboxMessage
from identity.record import delivery

Delivery = OutboxMessage.Delivery

# By anymail's name of an event. What it calls opened or clicked is our own to see: see delivery.opened.
MEANINGS = {
    "queued": Delivery.ACCEPTED,
    "sent": Delivery.ACCEPTED,
    "deferred": Delivery.DEFERRED,
    "delivered": Delivery.DELIVERED,
    "bounced": Delivery.BOUNCED,
    "rejected": Delivery.BOUNCED,
    "failed": Delivery.BOUNCED,
    "complained": Delivery.COMPLAINED,
}
OF_ADDRESS = ("invalid", "bounced")  # reasons that speak of the address, not of this one mail


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """Take the events of the provider that MAIL_EVENTS names: one that is not signed is refused with 400, whatever mail
    it is of; one of no mail of ours is answered like any other."""
    if not settings.MAIL_EVENTS:
        raise Http404
    return _web_hook(settings.MAIL_EVENTS)(request)


@cache
def _web_hook(provider: str) -> Callable[[HttpRequest], HttpResponse]:
    """The provider's view. anymail comes with production, and tells of events by this signal only."""
    from anymail.signals import tracking

    tracking.connect(_tell, dispatch_uid="identity.views.mail_events")
    return cast(Callable[[HttpRequest], HttpResponse], resolve(f"/{provider}/tracking/", "anymail.urls").func)


def _tell(sender: object, event: Any, **_also: object) -> None:
    if (meaning := MEANINGS.get(event.event_type)) is None:
        return
    now = timezone.now()
    told = delivery.Report(
        provider_id=event.message_id or "",
        delivery=meaning,
        at=event.timestamp or now,
        is_address=event.reject_reason in OF_ADDRESS,
        mark=str((event.metadata or {}).get("outbox", "")),
        address=event.recipient or "",
    )
    delivery.report(told, now=now)
