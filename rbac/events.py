"""What can happen to access."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.domain.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessGranted(Event):
    title = _("Access granted")
    portal_key: str
    because_of: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessEnded(Event):
    title = _("Access ended")
    portal_key: str
    because_of: str
