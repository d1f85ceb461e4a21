"""Typing a code: one input, spaces and dashes ignored, and the sentence for each way a code can be wrong."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from identity.codes import codes
from identity.factors.forms.base import AddressField, PageForm, text_input

_ATTRS = {
    "inputmode": "numeric",
    "autocomplete": "one-time-code",
    "data_size": "medium",
    "spellcheck": "false",
}


def digits_of(typed: str, count: int) -> str:
    """The digits of a typed code, as `codes.plain` reads it. Raises ValidationError, at no cost of a try (T11)."""
    digits = codes.plain(typed)
    if not (digits.isdecimal() and digits.isascii() and len(digits) == count):
        raise forms.ValidationError(_("Enter all %(count)s digits of the code.") % {"count": count})
    return digits


def characters_of(typed: str, count: int) -> str:
    """The letters and digits of a typed code, as they were made. Raises ValidationError, at no cost of a try."""
    plain = codes.plain(typed)
    if not (plain.isalnum() and plain.isascii() and len(plain) == count):
        raise forms.ValidationError(_("Enter all %(count)s characters of the code.") % {"count": count})
    return plain


class CodeForm(PageForm):
    """A code of digits by text message."""

    code = forms.CharField(label=gettext_lazy("Verification Code"), max_length=40, widget=text_input(**_ATTRS))

    def clean_code(self) -> str:
        return digits_of(self.cleaned_data["code"], codes.KINDS["phone"].length)


class ActivationForm(PageForm):
    """The 10-digit code of the activation mail (S0-21)."""

    code = forms.CharField(label=gettext_lazy("10-digit activation code"), max_length=40, widget=text_input(**_ATTRS))

    def clean_code(self) -> str:
        return digits_of(self.cleaned_data["code"], codes.KINDS["email"].length)


class AccessCodeForm(PageForm):
    """The e-mailed access code (S0-30)."""

    code = forms.CharField(
        label=gettext_lazy("Access code"),
        max_length=40,
        widget=text_input(
            autocomplete="one-time-code", autocapitalize="characters", data_size="medium", spellcheck="false"
        ),
    )

    def clean_code(self) -> str:
        return characters_of(self.cleaned_data["code"], codes.KINDS["access"].length)


class AddressForm(PageForm):
    """Another address for the activation mail (S0-22)."""

    email = AddressField(
        label=gettext_lazy("Email Address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


def refusal(error: codes.CodeRefused) -> str:
    """What a person reads when a code did not count."""
    if isinstance(error, codes.WrongCode) and error.tries_left:
        return ngettext(
            "This is not the code we sent. You have %(count)s more try.",
            "This is not the code we sent. You have %(count)s more tries.",
            error.tries_left,
        ) % {"count": error.tries_left}
    return _("This code has ended: it was used, it is too old, or it was tried too often. Ask for a new one.")


def wait_text(wait: timedelta) -> str:
    """ "You can try again in 25 seconds" (never less than a second, minutes rounded up)."""
    seconds = max(1, int(wait.total_seconds() + 0.999))
    if seconds < 60:
        return ngettext(
            "You can try again in %(count)s second.", "You can try again in %(count)s seconds.", seconds
        ) % {"count": seconds}
    minutes = -(-seconds // 60)
    return ngettext("You can try again in %(count)s minute.", "You can try again in %(count)s minutes.", minutes) % {
        "count": minutes
    }
