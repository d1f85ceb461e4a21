"""Getting back in."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class AccountSecured(Event, title=_("Account secured after an alert")):
    """ "This was not me" was pressed."""

    alert: str


class QuestionsChosen(Event, title=_("Security questions chosen")): ...


class QuestionsAnswered(Event, title=_("Security questions answered")):
    """Right or wrong, before a code is sent."""

    right: bool


class FactorsErased(Event, title=_("All sign-in methods removed")):
    """All second factors, after two mailboxes were proved or the help desk's day was over."""


class FactorResetStarted(Event, title=_("Reset of sign-in methods started by the help desk")):
    reason: str


class FactorResetConfirmed(Event, title=_("Reset of sign-in methods confirmed by a second agent")):
    reason: str


class FactorResetStopped(Event, title=_("Reset of sign-in methods stopped by the person")): ...


class FactorResetCancelled(Event, title=_("Reset of sign-in methods cancelled")):
    reason: str


class FactorResetDone(Event, title=_("Reset of sign-in methods done")): ...
