"""What can happen to an act of a job that was stopped."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class MassActEvent(Event, abstract=True):
    """A step of such an act; `reason` is the operator's, where one is asked for."""

    kind: str
    reason: str = ""


class MassActFrozen(MassActEvent, title=_("Job stopped before it began")): ...


class MassActHalfReleased(MassActEvent, title=_("Stopped job released by the first of two")): ...


class MassActReleased(MassActEvent, title=_("Stopped job released by two")): ...


class MassActDone(MassActEvent, title=_("Stopped job done after its release")): ...


class MassActDiscarded(MassActEvent, title=_("Stopped job discarded")): ...
