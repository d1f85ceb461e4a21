"""What happens to sign-in methods and remembered devices."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class PhoneVerified(Event, title=_("Phone number verified")):
    method: str


class PhoneChanged(Event, title=_("Phone number changed")):
    """Before it was verified, or with a proof by the old one (S4-36)."""


class FactorAdded(Event, title=_("Sign-in method added")):
    method: str


class FactorRemoved(Event, title=_("Sign-in method removed")):
    method: str


class FactorDisabled(Event, title=_("Sign-in method switched off after too many wrong codes")):
    """A hundred wrong codes in a row."""

    method: str


class PasskeyRenamed(Event, title=_("Passkey renamed")): ...


class DeviceRemembered(Event, title=_("Device remembered for the second step")): ...


class DevicesForgotten(Event, title=_("Devices forgotten")):
    count: int


class DeviceCopied(Event, title=_("A remembered device was copied, and was forgotten")):
    """A remembered device's old value came back: somebody holds a copy."""
