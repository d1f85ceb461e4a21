"""Getting back in."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSecured(Event):
    """ "This was not me" was pressed."""

    title = _("Account secured after an alert")
    alert: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionsChosen(Event):
    title = _("Security questions chosen")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionsAnswered(Event):
    """Right or wrong, before a code is sent."""

    title = _("Security questions answered")
    right: bool


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorsErased(Event):
    """All second factors, after two mailboxes were proved or the help desk's day was over."""

    title = _("All sign-in methods removed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorResetStarted(Event):
    title = _("Reset of sign-in methods started by the help desk")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorResetConfirmed(Event):
    title = _("Reset of sign-in methods confirmed by a second agent")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorResetStopped(Event):
    title = _("Reset of sign-in methods stopped by the person")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorResetCancelled(Event):
    title = _("Reset of sign-in methods cancelled")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorResetDone(Event):
    title = _("Reset of sign-in methods done")
