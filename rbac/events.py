"""What can happen to access."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessGranted(Event):
    """`reason` is the grant's cause in words, for histories; handlers ask the origin."""

    title = _("Access granted")
    portal_key: str
    origin: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class GrantChanged(Event):
    title = _("Access changed")
    portal_key: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessEnded(Event):
    title = _("Access ended")
    portal_key: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class CapabilityGiven(Event):
    title = _("A right in a portal given")
    portal_key: str
    capability: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class CapabilityWithdrawn(Event):
    title = _("A right in a portal withdrawn")
    portal_key: str
    capability: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class IdlenessWarned(Event):
    title = _("Warned that access rests soon")
    portal_key: str
    days: int


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessSuspended(Event):
    title = _("Access rests: it was not used")
    portal_key: str
    run: int


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessBackAsked(Event):
    title = _("Access asked for again after its rest")
    portal_key: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessRestored(Event):
    title = _("Access given back after its rest")
    portal_key: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepEvent(Event):
    """A step of a run; `reason` is the operator's, where one is asked for."""

    reason: str = ""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepFrozen(SweepEvent):
    title = _("Run stopped before it began: it would touch too many")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepHalfReleased(SweepEvent):
    title = _("Run released by the first of two")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepBegun(SweepEvent):
    title = _("Run begun")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepDone(SweepEvent):
    title = _("Run done")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepDiscarded(SweepEvent):
    title = _("Run discarded")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepUndoBegun(SweepEvent):
    title = _("Undoing of the run begun")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SweepUndone(SweepEvent):
    title = _("Run undone")


@dataclass(frozen=True, kw_only=True, slots=True)
class DecidersEvent(Event):
    portal_key: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DecidersChangeAsked(DecidersEvent):
    title = _("Change of who decides a portal asked for")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DecidersChanged(DecidersEvent):
    title = _("Who decides a portal was changed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DecidersChangeCancelled(DecidersEvent):
    title = _("Change of who decides a portal cancelled")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DeciderAdded(Event):
    title = _("Decides the requests of a portal")
    portal_key: str
    because_of: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DeciderRemoved(Event):
    title = _("No longer decides the requests of a portal")
    portal_key: str
    because_of: str
