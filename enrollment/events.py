"""What can happen on the way in."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class StaffInvited(Event, title=_("Member of staff invited")):
    role: str


class StaffEnrolled(Event, title=_("Member of staff enrolled")):
    role: str
