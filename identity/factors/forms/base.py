"""What all forms share: how typed text is read, the field template, the design system's classes, "(optional)" instead
of asterisks."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from django import forms
from django.core.validators import EmailValidator
from django.forms.renderers import TemplatesSetting
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from identity.policy import text

_CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)
_FILL_IN = _("Fill in “%(label)s”.")
_SENTENCES: dict[type, Any] = {
    forms.RadioSelect: _("Choose an answer to “%(label)s”."),
    forms.Select: _("Choose an answer to “%(label)s”."),
    forms.CheckboxSelectMultiple: _("Choose at least one answer to “%(label)s”."),
    forms.CheckboxInput: _("Tick the box “%(label)s” to go on."),
}


class PageRenderer(TemplatesSetting):
    """One template for a field, wherever it stands."""

    field_template_name = "forms/field.html"


class _Deliverable(EmailValidator):
    """An address that mail over the Internet reaches: no bare host, no number in brackets, nothing beyond ASCII (its
    domain comes in IDNA)."""

    literal_regex = re.compile(r"(?!)")

    def __init__(self) -> None:
        super().__init__(allowlist=[])

    def __call__(self, value: Any) -> None:
        super().__call__(value if str(value).isascii() else "")


class AddressField(forms.EmailField):
    """An e-mail address, as it is stored and looked up (T03, T15, L7)."""

    default_validators = [_Deliverable()]
    read = staticmethod(text.email)


class PageForm(forms.Form):
    """A form of ours: what is typed is read before it is checked, widgets carry the design system's classes, a missing
    answer is named."""

    use_required_attribute = False  # the server says what is missing, in the person's language

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = self._classes(field)
            self._ask_for(field)

    def full_clean(self) -> None:
        """Read what was typed first, so that what is checked, shown again and stored is what people see."""
        if self.is_bound:
            self.data = self._read(self.data)
        super().full_clean()

    def _read(self, data: Mapping[str, Any]) -> QueryDict | dict[str, Any]:
        read = data.copy() if isinstance(data, QueryDict) else dict(data)
        for name, field in self.fields.items():
            key, reader = self.add_prefix(name), _reader(field)
            if reader is None or key not in read:
                continue
            if isinstance(read, QueryDict):
                read.setlist(key, [reader(str(typed)) for typed in read.getlist(key)])
            elif isinstance(typed := read[key], str):
                read[key] = reader(typed)
        return read

    def name_field(self, name: str, label: Any) -> None:
        """Give a field the label that its tenant uses."""
        self.fields[name].label = label
        self._ask_for(self.fields[name])

    def spell(self, labels: Iterable[tuple[str, Any]]) -> Self:
        """Give the fields the labels that the tenant's brand spells in another way (C37)."""
        for name, label in labels:
            if name in self.fields:
                self.name_field(name, label)
        return self

    @staticmethod
    def _ask_for(field: forms.Field) -> None:
        """Say in a sentence what is missing; a form may have set a sentence of its own (`ask` of the field)."""
        if field.required:
            sentence = getattr(field, "ask", "") or _SENTENCES.get(type(field.widget), _FILL_IN)
            field.error_messages["required"] = sentence % {"label": field.label}

    @staticmethod
    def _classes(field: forms.Field) -> str:
        if isinstance(field.widget, _CHOICES):
            return "ds-c-choice"
        size = field.widget.attrs.pop("data-size", "")
        return f"ds-c-field ds-c-field--{size}" if size else "ds-c-field"


def _reader(field: forms.Field) -> Callable[[str], str] | None:
    """How what is typed into a field is read; None where every character counts (passwords)."""
    widget = field.widget
    if isinstance(widget, forms.PasswordInput):
        return None
    if isinstance(widget, forms.HiddenInput):
        return _storable
    if own := getattr(field, "read", None):  # the field says so
        return own
    if isinstance(field, forms.EmailField):
        return text.email
    if isinstance(widget, forms.Textarea):
        return text.paragraph
    if widget.attrs.get("inputmode") == "numeric" or getattr(widget, "input_type", "") in ("number", "tel"):
        return text.digits
    return text.line if isinstance(field, forms.CharField) else _storable


def _storable(sent: str) -> str:
    """What a page of ours sends by itself, without what PostgreSQL does not take (M8)."""
    return sent.replace("\0", "")


def text_input(**attrs: Any) -> forms.TextInput:
    """A text box; `autocomplete`, `inputmode` and `data-size` (small, medium) as keywords, dashes as underscores."""
    return forms.TextInput(attrs={name.replace("_", "-"): value for name, value in attrs.items()})
