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
