"""What can happen to an account."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.domain.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountCreated(Event):
    title = _("One Healthcare ID created")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class EmailVerified(Event):
    title = _("Email address verified")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class EmailChanged(Event):
    """The address was changed before it was verified."""

    title = _("Email address changed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneVerified(Event):
    title = _("Phone number verified")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneChanged(Event):
    """The number was changed before it was verified."""

    title = _("Phone number changed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn(Event):
    title = _("Signed in")
    methods: list[str]


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOut(Event):
    title = _("Signed out")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageChanged(Event):
    title = _("Language changed")
    language: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodAdded(Event):
    title = _("Sign-in method added")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodRemoved(Event):
    title = _("Sign-in method removed")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodDisabled(Event):
    """A hundred wrong codes in a row."""

    title = _("Sign-in method switched off after too many wrong codes")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyRenamed(Event):
    title = _("Passkey renamed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceRemembered(Event):
    title = _("Device remembered for the second step")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DevicesForgotten(Event):
    title = _("Devices forgotten")
    count: int


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceCopied(Event):
    """A remembered device's old value came back: somebody holds a copy."""

    title = _("A remembered device was copied, and was forgotten")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SessionsEnded(Event):
    title = _("Sessions ended")
    count: int


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed(Event):
    """A fresh or stronger proof within a session (step-up)."""

    title = _("Confirmed who is at the keyboard")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountSecured(Event):
    """ "This was not me" was pressed."""

    title = _("Account secured after an alert")
    alert: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordChanged(Event):
    title = _("Password changed")


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketEvent(Event):
    number: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketOpened(TicketEvent):
    title = _("Ticket opened")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketTaken(TicketEvent):
    title = _("Work on the ticket began")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketClosed(TicketEvent):
    title = _("Ticket answered")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketExtended(TicketEvent):
    title = _("Something was added to the ticket")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountsMerged(Event):
    title = _("Two IDs merged into one")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MergeUndone(Event):
    title = _("Merge of two IDs undone")
