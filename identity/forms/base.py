"""What all forms share: the field template, the design system's classes, "(optional)" instead of asterisks."""

from collections.abc import Iterable
from typing import Any, Self

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

_CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.CheckboxInput)


class PageRenderer(TemplatesSetting):
    """One template for a field, wherever it stands."""

    field_template_name = "forms/field.html"


class PageForm(forms.Form):
    """A form of ours: widgets carry the design system's classes, texts are trimmed, a missing answer is named."""

    use_required_attribute = False  # the server says what is missing, in the person's language

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = self._classes(field)
            self._ask_for(field)

    def name_field(self, name: str, label: Any) -> None:
        """Give a field the label that its place uses."""
        self.fields[name].label = label
        self._ask_for(self.fields[name])

    def spell(self, labels: Iterable[tuple[str, Any]]) -> Self:
        """Give the fields the labels that the place's brand spells in another way (C37)."""
        for name, label in labels:
            if name in self.fields:
                self.name_field(name, label)
        return self

    @staticmethod
    def _ask_for(field: forms.Field) -> None:
        if field.required:
            chosen = isinstance(field.widget, (*_CHOICES, forms.Select))
            ask = _("Choose: %(label)s") if chosen else _("Enter: %(label)s")
            field.error_messages["required"] = ask % {"label": field.label}

    @staticmethod
    def _classes(field: forms.Field) -> str:
        if isinstance(field.widget, _CHOICES):
            return "ds-c-choice"
        size = field.widget.attrs.pop("data-size", "")
        return f"ds-c-field ds-c-field--{size}" if size else "ds-c-field"


def text_input(**attrs: Any) -> forms.TextInput:
    """A text box; `autocomplete`, `inputmode` and `data-size` (small, medium) as keywords, dashes as underscores."""
    return forms.TextInput(attrs={name.replace("_", "-"): value for name, value in attrs.items()})
