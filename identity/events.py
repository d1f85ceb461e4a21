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
    """The primary address, before it was verified or afterwards."""

    title = _("Email address changed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneVerified(Event):
    title = _("Phone number verified")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneChanged(Event):
    """Before it was verified, or with a proof by the old one (S4-36)."""

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
    reason: str = ""


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


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosed(Event):
    title = _("Account closed")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountReopened(Event):
    title = _("Account reopened")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AddressAdded(Event):
    title = _("Email address added")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AddressRemoved(Event):
    title = _("Email address removed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class NameChanged(Event):
    title = _("Name changed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LoginNameChanged(Event):
    title = _("One Healthcare ID changed")
    before: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ThemeChanged(Event):
    title = _("Light or dark chosen")
    theme: str


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
class AgreementSigned(Event):
    title = _("Agreement signed")
    agreement: str
    version: int


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsErased(Event):
    """All second factors, after two mailboxes were proved or the help desk's day was over."""

    title = _("All sign-in methods removed")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetStarted(Event):
    title = _("Reset of sign-in methods started by the help desk")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetConfirmed(Event):
    title = _("Reset of sign-in methods confirmed by a second agent")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetStopped(Event):
    title = _("Reset of sign-in methods stopped by the person")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetCancelled(Event):
    title = _("Reset of sign-in methods cancelled")
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetDone(Event):
    title = _("Reset of sign-in methods done")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SharedAddressKept(Event):
    """At sign-up, after the mailbox was proved (S2-24)."""

    title = _("A shared email address was kept")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignUpGivenUp(Event):
    """The person had an ID already (S2-24)."""

    title = _("Sign-up given up for the ID that was there already")
