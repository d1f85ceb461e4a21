"""The only module that knows two_factor: its registry of methods, and its rule for the admin site."""

from typing import Any

from django.db.models import Exists, OuterRef, Value
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from two_factor.admin import AdminSiteOTPRequiredMixin
from two_factor.plugins.registry import MethodBase, registry

from identity.factors.forms.second_factor import FORMS
from identity.models import (
    Account,
    AuthenticatorDevice,
    Factor,
    PasskeyDevice,
    PhoneDevice,
    RecoveryCode,
    RecoveryDevice,
)

__all__ = ["METHODS", "AdminSiteOTPRequiredMixin", "devices_of", "method_of", "set_up_by"]


class Method(MethodBase):
    """One kind of second factor, over one table of devices."""

    model: type[Factor]

    def get_devices(self, user: Account) -> Any:
        return self.model._default_manager.filter(user=user, confirmed=True).select_related("user")

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, self.model)

    def get_token_form_class(self) -> Any:
        return FORMS[self.code]


class PasskeyMethod(Method):
    """A passkey of this or another device."""

    code, verbose_name, model = "passkey", _("Passkey"), PasskeyDevice

    def get_action(self, device: Device) -> str:
        return str(_("Use your passkey"))

    def get_verbose_action(self, device: Device) -> str:
        return str(_("Use the fingerprint, face or PIN of your device."))


class AuthenticatorMethod(Method):
    """A code from an authenticator app."""

    code, verbose_name, model = "authenticator", _("Authenticator"), AuthenticatorDevice

    def get_action(self, device: Device) -> str:
        return str(_("Use your authenticator"))

    def get_verbose_action(self, device: Device) -> str:
        return str(_("Open the authenticator app on your phone and enter the code it shows."))


class PhoneMethod(Method):
    """A code by text or call, or a call that asks for the code on the screen."""

    code, verbose_name, model = "phone", _("Phone"), PhoneDevice

    def get_action(self, device: Device) -> str:
        return str(_("Send a code to %(number)s") % {"number": device.masked})

    def get_verbose_action(self, device: Device) -> str:
        return str(_("We sent a text message with a verification code to %(number)s.") % {"number": device.masked})


class RecoveryMethod(Method):
    """One of the printed recovery codes."""

    code, verbose_name, model = "recovery", _("Recovery code"), RecoveryDevice

    def get_devices(self, user: Account) -> Any:
        unused = RecoveryCode.objects.filter(device=OuterRef("pk"), used_at=None)
        return super().get_devices(user).filter(Exists(unused))

    def get_action(self, device: Device) -> str:
        return str(_("Use a recovery code"))

    def get_verbose_action(self, device: Device) -> str:
        return str(_("Enter one of the recovery codes you printed or saved. Each works once."))


# The stock authenticator keeps its secrets in clear; ours does not. In the order in which they are offered.
registry.unregister("generator")
METHODS = (PasskeyMethod(), AuthenticatorMethod(), PhoneMethod(), RecoveryMethod())
for _method in METHODS:
    registry.register(_method)


def devices_of(account: Account) -> dict[str, Factor]:
    """The second factors that an account can show, by kind, the strongest first; one passkey stands for all.

    Recovery codes recover another method; alone they are none, or the tenth would be the last sign-in.
    """
    found = set_up_by(account)
    return found if found.keys() - {"recovery"} else {}


def set_up_by(account: Account) -> dict[str, Factor]:
    """What an account has set up, recovery codes included, by kind."""
    first, *rest = (
        method.get_devices(account)
        .select_related(None)
        .order_by()
        .annotate(kind=Value(method.code))
        .values_list("kind", "pk")
        for method in METHODS
    )
    kept: dict[str, int] = dict(first.union(*rest, all=True))  # one question for all tables; most accounts have one
    return {
        method.code: method.get_devices(account).get(pk=kept[method.code]) for method in METHODS if method.code in kept
    }


def is_of(persistent_id: str, account: Account) -> bool:
    """Whether this device is there, and the account's."""
    device = Device.from_persistent_id(persistent_id)
    return device is not None and device.user_id == account.pk


def method_of(device: Device) -> MethodBase:
    """The registered method that handles a device."""
    return registry.method_from_device(device)
