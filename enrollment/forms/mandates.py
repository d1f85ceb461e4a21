"""What somebody of a vendor says to ask practices for a mandate (S3-10)."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessforms.forms.fields import TinsField
from identity.factors.forms.base import PageForm
from rbac.domain import mandate_inquiries
from rbac.models import Practice
from rbac.roles import GRID


class MandateForm(PageForm):
    """For which of one's companies, of which practices, for which roles, until when."""

    vendor = forms.ChoiceField(label=gettext_lazy("Your company"), widget=forms.Select)
    tins = TinsField(
        label=gettext_lazy("Tax IDs of the practices you work for"),
        most=mandate_inquiries.MAX_A_DAY,
        max_length=2000,
        one_kind=True,
        help_text=gettext_lazy("Separated by commas, spaces or lines, for example 12-3456789 or 123-45-6789."),
    )
    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Roles in which your people work for them"), widget=forms.CheckboxSelectMultiple
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy("Leave it out if it is to hold until the practice or you end it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-size": "medium", "autocomplete": "off"}),
        input_formats=["%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y"],
        error_messages={"invalid": gettext_lazy("Enter a date as month/day/year, for example 12/31/2027.")},
    )

    def __init__(
        self, *args: Any, vendors: Sequence[Practice], known_roles: Iterable[str], today: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vendors, self.today = {str(one.pk): one for one in vendors}, today
        known = set(known_roles)
        offered = [(role, label) for role, label in GRID.items() if role in known]
        self.fields["roles"].choices = offered  # type: ignore[attr-defined]
        if len(vendors) == 1:
            del self.fields["vendor"]
        else:
            choices = [("", ""), *((key, one.name) for key, one in self.vendors.items())]
            self.fields["vendor"].choices = choices  # type: ignore[attr-defined]

    def clean_ends_on(self) -> date | None:
        """A last day that has not passed."""
        last_day: date | None = self.cleaned_data.get("ends_on")
        if last_day is not None and last_day < self.today:
            raise ValidationError(_("This day has passed. Enter today or a later day, or leave it out."))
        return last_day

    def asked(self) -> dict[str, Any]:
        """What was said, as the domain takes it."""
        said = self.cleaned_data
        vendor = self.vendors[said["vendor"]] if "vendor" in said else next(iter(self.vendors.values()))
        tins = [(tin["digits"], tin["kind"]) for tin in said["tins"]]
        return {"vendor": vendor, "tins": tins, "roles": said["roles"], "ends_on": said["ends_on"]}
