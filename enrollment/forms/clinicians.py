"""What people type and tick to say with which clinicians they work (S2-21, S2-22)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.models import Clinician
from identity.factors.forms.base import PageForm


class ClinicianForm(PageForm):
    """Those of one page of the list."""

    clinicians = forms.MultipleChoiceField(
        label=gettext_lazy("Clinicians"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": gettext_lazy("The list has changed meanwhile. Choose again.")},
    )

    def __init__(self, *args: Any, offered: Sequence[Clinician], practices: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = offered
        field = self.fields["clinicians"]
        field.error_messages["required"] = _("Choose at least one clinician.")
        field.choices = [(str(one.pk), _named(one, practices)) for one in offered]  # type: ignore[attr-defined]

    def chosen(self) -> list[Clinician]:
        """Whom somebody ticked."""
        ticked = set(self.cleaned_data["clinicians"])
        return [one for one in self.offered if str(one.pk) in ticked]


def _named(clinician: Clinician, practices: Sequence[int]) -> str:
    """By name and NPI; where a clinician works is told only to whoever works there too."""
    told = {"name": clinician.name, "npi": clinician.npi}
    if clinician.practice is not None and clinician.practice_id in practices:
        return _("%(name)s, NPI %(npi)s, %(practice)s") % {**told, "practice": clinician.practice.name}
    return _("%(name)s, NPI %(npi)s") % told
