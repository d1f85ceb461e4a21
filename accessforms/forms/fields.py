"""One form field for each kind of question, with its check and its error."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import USPS_CHOICES
from stdnum.us import ein

from accessforms.domain.npis import is_npi
from identity.factors.forms.base import text_input
from identity.policy import text
from portals.form_spec import Field, Kind
from rbac.models import practices

YES_NO = (("yes", _("Yes")), ("no", _("No")))


class ReadField(forms.CharField):
    """Text that is read as `identity.policy.text` says before it is checked: what nobody sees is never stored."""

    read: Callable[[str], str] = staticmethod(text.line)

    def to_python(self, value: Any) -> str:
        return self.read(super().to_python(value) or "")


class EmailField(forms.EmailField):
    """An address as it is stored and looked up."""

    def to_python(self, value: Any) -> str:
        return text.email(super().to_python(value) or "")


class FaxField(ReadField):
    """An office's fax: any +1 number, toll-free too; cleaned to ten digits."""

    read = staticmethod(text.digits)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        if not typed:
            return ""
        try:
            number = phonenumbers.parse(typed, "US")
        except phonenumbers.NumberParseException:
            number = None
        if number is None or number.country_code != 1 or not phonenumbers.is_valid_number(number):
            raise ValidationError(_("Enter a telephone number with its area code, for example 310-555-0123."))
        return self._kept(str(number.national_number), number.extension or "")

    def _kept(self, number: str, extension: str) -> str:
        if extension:
            raise ValidationError(_("Enter the number without its extension."))
        return number


class PhoneField(FaxField):
    """An office's telephone, which may have an extension: 3105550123x45."""

    def _kept(self, number: str, extension: str) -> str:
        return f"{number}x{extension}" if extension else number


class FullNameField(ReadField):
    """First and last name (S1-30, S1-31): at least two words."""

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        if name and len(name.split()) < 2:
            raise ValidationError(_("Enter first and last name."))
        return name


class ZipField(ReadField):
    """Five or nine digits; cleaned to 12345 or 12345-6789."""

    read = staticmethod(text.digits)

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        match = re.fullmatch(r"(\d{5})[\s-]*(\d{4})?", typed)
        if typed and not match:
            raise ValidationError(_("Enter a zip code of 5 or 9 digits, for example 90210 or 90210-1234."))
        return "-".join(part for part in match.groups() if part) if match else ""


class ChoicesField(forms.MultipleChoiceField):
    """Several of the declared answers, each once, however often it was sent."""

    def to_python(self, value: Any) -> list[str]:
        return list(dict.fromkeys(super().to_python(value)))


class NpiField(ReadField):
    """Ten digits with the check digit of a National Provider Identifier."""

    read = staticmethod(text.digits)

    def clean(self, value: Any) -> str:
        typed = re.sub(r"[\s-]", "", super().clean(value))
        if typed and not is_npi(typed):
            raise ValidationError(_("This is not an NPI. Check the 10 digits: one of them is wrong or missing."))
        return typed


class NpisField(forms.CharField):
    """NPIs, separated by commas, spaces or lines; cleaned to a list of ten digits each. The wrong ones are named."""

    widget = forms.Textarea(attrs={"rows": 3, "inputmode": "text"})

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        typed: str = super().clean(value)
        parts = re.split(r"[,;\s]+", text.digits(text.paragraph(typed)))
        npis = [part.replace("-", "") for part in parts if part]
        if wrong := [npi for npi in npis if not is_npi(npi)]:
            raise ValidationError(
                _("This is not an NPI: %(pieces)s. Check the 10 digits: one of them is wrong or missing.")
                % {"pieces": ", ".join(npi[:20] for npi in wrong)}
            )
        if doubled := _twice(npis, npis):
            raise ValidationError(_("This NPI is entered twice: %(npi)s.") % {"npi": ", ".join(doubled)})
        if len(npis) > self.most:
            raise ValidationError(_("Enter at most %(most)s NPIs on one form.") % {"most": self.most})
        return npis


class TinsField(forms.CharField):
    """Tax IDs in both dash styles, separated by commas, spaces or lines; cleaned to digits and kind (C11)."""

    widget = forms.Textarea(attrs={"rows": 3, "inputmode": "text"})

    def __init__(self, *, most: int = 50, one_kind: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most, self.one_kind = most, one_kind

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(written(tin) for tin in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[dict[str, str]]:
        typed: str = super().clean(value)
        tins = [(piece, _tin(piece)) for piece in _pieces(typed)]
        wrong = [piece for piece, tin in tins if tin is None]
        if wrong:
            raise ValidationError(
                _("This is not a tax ID: %(pieces)s. Write nine digits, for example 12-3456789 or 123-45-6789.")
                % {"pieces": ", ".join(piece[:20] for piece in wrong)}
            )
        result = [tin for _piece, tin in tins if tin is not None]
        same = [tin["digits"] if self.one_kind else written(tin) for tin in result]
        if doubled := _twice([written(tin) for tin in result], same):
            raise ValidationError(_("This tax ID is entered twice: %(tin)s.") % {"tin": ", ".join(doubled)})
        if len(result) > self.most:
            raise ValidationError(_("Enter at most %(most)s tax IDs on one form.") % {"most": self.most})
        return result


def _twice(told: list[str], same: list[str]) -> list[str]:
    """What is told of those that stand more than once, each once, however many there are."""
    counted = Counter(same)
    return list(dict.fromkeys(word for word, one in zip(told, same, strict=True) if counted[one] > 1))


def _pieces(typed: str) -> list[str]:
    """Split a list of tax IDs; a space inside one number ("12 3456789") does not split it."""
    pieces: list[str] = []
    for part in map(text.digits, re.split(r"[,;\n]+", text.paragraph(typed))):
        words = part.split()
        one_number = len(re.sub(r"\D", "", part)) == 9 and re.fullmatch(r"[\d\s-]+", part)
        pieces += ["-".join(words)] if one_number else words
    return [piece for piece in pieces if piece]


def _tin(piece: str) -> dict[str, str] | None:
    """Digits and kind, or None for what is no tax ID. The same digits may be an EIN and an SSN: two different IDs."""
    digits = re.sub(r"[\s-]", "", piece)
    if not re.fullmatch(r"\d{9}", digits) or digits == digits[0] * 9:
        return None
    as_ssn = re.fullmatch(r"\d{3}-\d{2}-\d{4}", piece) or ("-" not in piece and not ein.is_valid(digits))
    return {"digits": digits, "kind": "SSN" if as_ssn else "EIN"}


def read_as(tin: dict[str, str]) -> str:
    """A tax ID with its kind, so that somebody who typed no dashes sees how it was read (C9)."""
    return f"{written(tin)} ({tin['kind']})"


def of_own_company(own: Collection[str], clients: Iterable[dict[str, str]]) -> str:
    """What a vendor reads that names itself, by its nine digits, among those it works for; empty where it does not."""
    named = ", ".join(written(tin) for tin in clients if tin["digits"] in own)
    return str(_("This is the tax ID of your own company: %(tin)s.")) % {"tin": named} if named else ""


def written(tin: dict[str, str]) -> str:
    """A tax ID with the dashes of its kind."""
    return practices.written(tin["digits"], tin["kind"])


def build(field: Field) -> forms.Field:
    """The form field of a declared question, with the sentence that asks for it."""
    built = _build(field)
    # Read by PageForm, and by the template of the options.
    labels = [str(label) for _key, label in field.choices]
    starts = [n for n, label in enumerate(labels) if field.lead_in and label.startswith(str(field.lead_in))]
    lead_at = starts[0] if starts else len(labels)
    for name, value in {"ask": field.ask, "lines": field.lines, "lead_in": field.lead_in, "lead_at": lead_at}.items():
        setattr(built, name, value)
    return built


def _build(field: Field) -> forms.Field:
    shared: dict[str, Any] = {
        "label": field.label,
        "help_text": field.hint,
        "required": field.required,
        "initial": field.default or None,
    }
    attrs = {"autocomplete": field.autocomplete} if field.autocomplete else {}
    match field.kind:
        case Kind.ONE_OF:
            return forms.ChoiceField(**shared, choices=field.choices, widget=forms.RadioSelect)
        case Kind.YES_NO:
            return forms.ChoiceField(**shared, choices=YES_NO, widget=forms.RadioSelect)
        case Kind.ANY_OF:
            return ChoicesField(**shared, choices=field.choices, widget=forms.CheckboxSelectMultiple)
        case Kind.CHOICE:
            offered = [("", _("Choose an answer")), *field.choices]
            return forms.ChoiceField(**shared, choices=offered, widget=forms.Select(attrs=attrs))
        case Kind.STATE:
            states = [("", _("Choose a state")), *USPS_CHOICES]
            return forms.ChoiceField(**shared, choices=states, widget=forms.Select(attrs=attrs))
        case Kind.EMAIL:
            return EmailField(
                **shared,
                max_length=254,
                widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false", **attrs}),
            )
        case Kind.PHONE:
            return PhoneField(**shared, max_length=30, widget=text_input(type="tel", data_size="medium", **attrs))
        case Kind.FAX:
            return FaxField(**shared, max_length=30, widget=text_input(type="tel", data_size="medium", **attrs))
        case Kind.ZIP:
            return ZipField(**shared, max_length=12, widget=text_input(data_size="medium", **attrs))
        case Kind.NPI:
            return NpiField(**shared, max_length=20, widget=text_input(inputmode="numeric", data_size="medium"))
        case Kind.FULL_NAME:
            return FullNameField(**shared, max_length=field.max_length, widget=text_input(**attrs))
        case Kind.SELF:
            return forms.BooleanField(**{**shared, "initial": None})
        case Kind.TINS:
            return TinsField(**shared, max_length=2000, most=field.most, one_kind=field.one_kind)
        case Kind.NPIS:
            return NpisField(**shared, max_length=2000, most=field.most)
        case _:
            return ReadField(**shared, max_length=field.max_length, widget=text_input(**attrs))
