"""The token form that two_factor's registry names for our phones."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django_otp.forms import OTPAuthenticationFormMixin

from identity.domain import codes
from identity.forms.base import PageForm, text_input
from identity.forms.codes import digits_of
from identity.models import Account, PhoneDevice


class SecondFactorForm(OTPAuthenticationFormMixin, PageForm):
    """Verifies a code against one phone; on success `user.otp_device` is set."""

    otp_error_messages = {
        **OTPAuthenticationFormMixin.otp_error_messages,
        "invalid_token": _("This is not the code we sent, or it has ended. Check it, or ask for a new one."),
    }
    otp_token = forms.CharField(
        label=_("Verification Code"),
        max_length=40,
        widget=text_input(inputmode="numeric", autocomplete="one-time-code", data_size="medium"),
    )

    def __init__(self, user: Account, initial_device: PhoneDevice, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user
        self.device = initial_device

    def _chosen_device(self, user: Account) -> PhoneDevice:
        return self.device

    def clean_otp_token(self) -> str:
        return digits_of(self.cleaned_data["otp_token"], codes.KINDS["second_factor"].digits)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("otp_token"):
            try:
                self.clean_otp(self.user)
            except forms.ValidationError as error:
                self.add_error("otp_token", error)
        return self.cleaned_data
