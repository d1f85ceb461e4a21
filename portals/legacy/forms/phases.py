"""The form that moves a phase of a change-over (S0-09, C30), and what operators call the phases."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from identity.factors.forms.base import PageForm
from portals.spec import Phase, PortalSpec

NAMES = {
    Phase.PRE_REGISTRATION: gettext_lazy("Pre-registration"),
    Phase.BOTH_WAYS: gettext_lazy("Both ways"),
    Phase.ID_ONLY: gettext_lazy("ID only"),
}
MEANINGS = {
    Phase.PRE_REGISTRATION: gettext_lazy("the old log-in, and the button that ties the account to an ID"),
    Phase.BOTH_WAYS: gettext_lazy("the ID opens the portal, the old fields stand beside it"),
    Phase.ID_ONLY: gettext_lazy("the old fields are gone"),
}
# Where old accounts become IDs of a realm of its own (C34).
MEANINGS_IN_A_REALM = {
    Phase.BOTH_WAYS: gettext_lazy("old passwords are taken on the log-in page, and lead into the first log-in"),
    Phase.ID_ONLY: gettext_lazy("old passwords are not taken any more"),
}
FIRST_YEAR, LAST_YEAR = 2000, 2099  # a slip of the finger lies outside


class MoveForm(PageForm):
    """Which phase begins when, and why. An empty moment means now."""

    which = forms.ChoiceField(label=gettext_lazy("Phase"))
    at = forms.DateTimeField(
        label=gettext_lazy("Begins"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        help_text=format_lazy(
            gettext_lazy("Empty: now. Date and time of the time zone {zone}."),
            zone=timezone.get_default_timezone_name(),
        ),
    )
    reason = forms.CharField(
        label=pgettext_lazy("of a change", "Reason (the journal keeps it)"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, portals: list[PortalSpec], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["which"].choices = [  # type: ignore[attr-defined]
            (f"{portal.key}:{phase.value}", f"{portal.name}: {NAMES[phase]}")
            for portal in portals
            for phase, _day in portal.phases
        ]

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise forms.ValidationError(_("Check the year."))
        return at
