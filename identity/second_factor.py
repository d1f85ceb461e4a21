"""The only module that knows two_factor: its registry of methods, and its rule for the admin site."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_otp import devices_for_user
from django_otp.models import Device
from two_factor.admin import AdminSiteOTPRequiredMixin
from two_factor.plugins.registry import MethodBase, registry

from identity.models import Account, PhoneDevice

__all__ = ["AdminSiteOTPRequiredMixin", "devices_of", "method_of"]


class PhoneMethod(MethodBase):
    """A code by text, or a call that asks for the code on the screen."""

    code = "phone"
    verbose_name = _("Phone")

    def get_devices(self, user: Account) -> Any:
        return PhoneDevice.objects.filter(user=user, confirmed=True)

    def recognize_device(self, device: Device) -> bool:
        return isinstance(device, PhoneDevice)

    def get_token_form_class(self) -> Any:
        from identity.forms.second_factor import SecondFactorForm

        return SecondFactorForm

    def get_action(self, device: PhoneDevice) -> str:
        return str(_("Send a code to %(number)s") % {"number": device.masked})

    def get_verbose_action(self, device: PhoneDevice) -> str:
        return str(_("We sent a text message with a verification code to %(number)s.") % {"number": device.masked})


# The stock authenticator keeps its secrets in clear; it is not offered.
registry.unregister("generator")
registry.register(PhoneMethod())


def devices_of(account: Account) -> Iterator[Device]:
    """The confirmed second factors of an account."""
    yield from devices_for_user(account)


def method_of(device: Device) -> MethodBase:
    """The registered method that handles a device."""
    return registry.method_from_device(device)
