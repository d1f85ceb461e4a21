"""As what somebody works, as staff choose it: a role of the grid in force, a market, and why."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm, text_input
from rbac import markets, roles
from rbac.domain import grid

MAX_LENGTH = 200  # characters of a reason


class GridRoleForm(PageForm):
    """Role, market and reason."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    market = forms.ChoiceField(label=gettext_lazy("Market"))
    reason = forms.CharField(
        label=gettext_lazy("Reason (the journal keeps it)"),
        max_length=MAX_LENGTH,
        widget=text_input(autocomplete="off"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = grid.current(now=timezone.now()).roles
        offered = [(key, label) for key, label in roles.GRID.items() if key in known]
        self.fields["role"].choices = [("", ""), *offered]  # type: ignore[attr-defined]
        self.fields["market"].choices = [("", ""), *markets.LABELS.items()]  # type: ignore[attr-defined]
