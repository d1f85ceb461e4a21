"""What can happen to an act of a job that was stopped."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@dataclass(frozen=True, kw_only=True, slots=True)
class MassActEvent(Event):
    """A step of such an act; `reason` is the operator's, where one is asked for."""

    kind: str
    reason: str = ""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MassActFrozen(MassActEvent):
    title = _("Job stopped before it began")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MassActHalfReleased(MassActEvent):
    title = _("Stopped job released by the first of two")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MassActReleased(MassActEvent):
    title = _("Stopped job released by two")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MassActDone(MassActEvent):
    title = _("Stopped job done after its release")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MassActDiscarded(MassActEvent):
    title = _("Stopped job discarded")
