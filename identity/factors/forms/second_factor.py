"""The token forms that two_factor's registry names for our second factors."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.codes import codes
from identity.factors import acceptance, authenticators, factors, recovery_codes
from identity.factors.forms.base import PageForm, text_input
from identity.factors.forms.codes import characters_of, digits_of
from identity.models import Factor

PAUSED = _("Too many wrong codes for this method today. Use another method, or try again tomorrow.")


class TokenForm(PageForm):
    """Verifies what was typed against one device, and uses it up."""

    refusal = _("This is not the code we sent, or it has ended. Check it, or ask for a new one.")
    otp_token = forms.CharField(
        label=_("Verification Code"),
        max_length=40,
        widget=text_input(inputmode="numeric", autocomplete="one-time-code", data_size="medium", spellcheck="false"),
    )

    def __init__(self, device: Factor, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.device = device

    def clean_otp_token(self) -> str:
        return digits_of(self.cleaned_data["otp_token"], codes.KINDS["second_factor"].length)

    def clean(self) -> dict[str, Any]:
        if typed := self.cleaned_data.get("otp_token"):
            try:
                if not acceptance.accept(self.device, typed=typed, now=timezone.now()):
                    self.add_error("otp_token", self.refusal)
            except factors.FactorPaused:
                self.add_error("otp_token", str(PAUSED))
        return self.cleaned_data


class AuthenticatorForm(TokenForm):
    """The six digits of an authenticator app."""

    refusal = _(
        "This code is not right, or it was used already. Wait for the next one; check that the clock of your "
        "phone is set automatically."
    )

    def clean_otp_token(self) -> str:
        return digits_of(self.cleaned_data["otp_token"], authenticators.DIGITS)


class RecoveryForm(TokenForm):
    """One of the printed recovery codes."""

    refusal = _("This is not one of your recovery codes, or it was used already.")
    otp_token = forms.CharField(
        label=_("Recovery code"),
        max_length=60,
        widget=text_input(autocomplete="off", autocapitalize="characters", data_size="medium", spellcheck="false"),
    )

    def clean_otp_token(self) -> str:
        typed = characters_of(self.cleaned_data["otp_token"], recovery_codes.LENGTH)
        return typed.replace("0", "O").replace("1", "I")  # base32 has neither digit


class CredentialField(forms.JSONField):
    """The JSON of a browser's passkey: an object of a few thousand characters, and nothing that a parser chokes on."""

    widget = forms.HiddenInput
    longest = 20_000

    def to_python(self, value: Any) -> Any:
        text = str(value or "")
        if len(text) > self.longest or "\\u0000" in text:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        try:
            parsed = super().to_python(value)
        except (RecursionError, ValueError) as error:  # nested or long numbers without end
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
        if parsed is not None and not isinstance(parsed, dict):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return parsed


class PasskeyForm(PageForm):
    """What the browser answers for a passkey; the script of the page fills it in."""

    credential = CredentialField()


# By the method's code. A passkey has no token to type: its page sends a PasskeyForm.
FORMS: dict[str, type[PageForm]] = {
    "phone": TokenForm,
    "authenticator": AuthenticatorForm,
    "recovery": RecoveryForm,
    "passkey": PasskeyForm,
}
