"""What people tick to say with which clinicians they work (S2-21, S2-22), and what staff type of a clinician."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessforms.forms.fields import NpiField, ReadField
from enrollment.models import Clinician
from identity.factors.forms.base import PageForm, text_input
from rbac.domain import practices
from rbac.models import Practice


class ClinicianForm(PageForm):
    """Those of one page of the list."""

    clinicians = forms.MultipleChoiceField(
        label=gettext_lazy("Clinicians"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("The list has changed meanwhile. Choose again.")},
    )

    def __init__(self, *args: Any, offered: Sequence[Clinician], own: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        field = self.fields["clinicians"]
        field.error_messages["required"] = _("Choose at least one clinician.")
        field.choices = [(str(one.pk), _named(one, own)) for one in offered]  # type: ignore[attr-defined]

    def chosen(self) -> list[Clinician]:
        """Whom somebody ticked."""
        ticked = set(self.cleaned_data["clinicians"])
        return [one for one in self.offered if str(one.pk) in ticked]


def _named(clinician: Clinician, own: Sequence[int]) -> str:
    """By name and NPI; where a clinician works is told only to whoever works there too."""
    told = {"name": clinician.name, "npi": clinician.npi}
    if clinician.practice is not None and clinician.practice_id in own:
        return _("%(name)s, NPI %(npi)s, %(practice)s") % {**told, "practice": clinician.practice.name}
    return _("%(name)s, NPI %(npi)s") % told


class DetailsForm(PageForm):
    """What staff say of a clinician."""

    name = ReadField(label=gettext_lazy("Name"), max_length=200, widget=text_input(autocomplete="off"))
    practice = ReadField(
        label=gettext_lazy("Tax ID of the practice, or its number from a ticket"),
        max_length=20,
        required=False,
        widget=text_input(autocomplete="off", data_size="medium"),
    )

    def clean_practice(self) -> Practice | None:
        """The practice that was named; none where nothing was typed."""
        typed = self.cleaned_data["practice"]
        found = practices.having(typed) if typed else None
        if typed and found is None:
            raise forms.ValidationError(_("No practice has this number."))
        return found


class NewClinicianForm(DetailsForm):
    """Of one who is added."""

    npi = NpiField(
        label=gettext_lazy("NPI"),
        max_length=20,
        widget=text_input(inputmode="numeric", autocomplete="off", data_size="medium"),
    )
    field_order = ("npi", "name", "practice")


class ChangedClinicianForm(DetailsForm):
    """Of one who is there."""

    is_active = forms.BooleanField(
        label=gettext_lazy("People may choose this clinician"),
        required=False,
        help_text=gettext_lazy("Whoever has chosen them already keeps them."),
    )


def listed_clinician(cells: Mapping[str, str]) -> tuple[dict[str, Any] | None, list[tuple[Any, str]]]:
    """Whom a row of a list names, or what is wrong with it, by the label of the field."""
    form = NewClinicianForm(cells)
    if form.is_valid():
        return form.cleaned_data, []
    return None, [(form.fields[name].label, " ".join(map(str, texts))) for name, texts in form.errors.items()]
