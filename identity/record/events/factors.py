"""What happens to sign-in methods and remembered devices."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


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
class FactorAdded(Event):
    title = _("Sign-in method added")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorRemoved(Event):
    title = _("Sign-in method removed")
    method: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FactorDisabled(Event):
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
