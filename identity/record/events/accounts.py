"""What happens to an account itself: made, closed, its names, addresses, password, agreements."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountCreated(Event):
    title = _("Account created")


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
class LanguageChanged(Event):
    title = _("Language changed")
    language: str


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
    title = _("ID changed")
    before: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ThemeChanged(Event):
    title = _("Light or dark chosen")
    theme: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AgreementSigned(Event):
    title = _("Agreement signed")
    agreement: str
    version: int


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


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignUpLapsed(Event):
    """Nobody proved its address in time (L10)."""

    title = _("Sign-up that was never finished given up")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class EmailReplaced(Event):
    """By an operator: the mailbox was gone."""

    title = _("Primary email address replaced by an operator")
    reason: str
