"""What can happen on the way in."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class StaffInvited(Event):
    title = _("Member of staff invited")
    role: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class StaffEnrolled(Event):
    title = _("Member of staff enrolled")
    role: str
