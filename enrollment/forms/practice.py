"""The forms of a hand-over: who takes over, and the typed name of each of the two."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from rbac.models.memberships import MembershipQuerySet


class SignForm(PageForm):
    """One signature: the typed name (C18)."""

    typed_name = forms.CharField(
        label=_("Type your first and last name to sign"),
        max_length=260,
        widget=text_input(autocomplete="name", spellcheck="false"),
    )


class HandOverForm(SignForm):
    """Who takes over, and what becomes of whoever hands over."""

    to = forms.ChoiceField(label=_("Who takes over"), widget=forms.Select)
    stays = forms.ChoiceField(
        label=_("And you"),
        choices=[
            ("leave", _("I leave the practice: my access to it ends")),
            ("stay", _("I go on as a user of the practice")),
        ],
        initial="leave",
        widget=forms.RadioSelect,
    )
    field_order = ("to", "stays", "typed_name")

    def __init__(self, *args: Any, candidates: MembershipQuerySet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(row.pk), row.grant.account.get_full_name()) for row in candidates]
        self.fields["to"].choices = [("", ""), *people]  # type: ignore[attr-defined]
