"""What all forms share: the field template, the design system's classes, "(optional)" instead of asterisks."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

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


def text_input(**attrs: Any) -> forms.TextInput:
    """A text box; `autocomplete`, `inputmode` and `data-size` (small, medium) as keywords, dashes as underscores."""
    return forms.TextInput(attrs={name.replace("_", "-"): value for name, value in attrs.items()})
