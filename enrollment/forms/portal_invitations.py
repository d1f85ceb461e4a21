"""The form by which staff invite somebody to register for a portal (S2-08)."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accessforms.domain import offered
from identity.factors.forms.base import AddressField, PageForm, text_input
from portals import registry
from portals.spec import PortalSpec


class PortalInvitationForm(PageForm):
    """Whom to invite, and what is known of them: they confirm it, or correct it."""

    portal = forms.ChoiceField(label=_("Portal"))
    email = AddressField(label=_("Email Address"), max_length=254)
    first_name = forms.CharField(label=_("First name"), max_length=128, widget=text_input(autocomplete="off"))
    last_name = forms.CharField(label=_("Last name"), max_length=128, widget=text_input(autocomplete="off"))
    role = forms.ChoiceField(label=_("Role"), required=False)
    market = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, portals: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = registry.known(portals)
        self._offer("portal", [(one.key, str(one.name)) for one in found])
        for name in ("role", "market"):
            self._offer(
                name, [("", _("Not known")), *dict.fromkeys(pair for one in found for pair in _asked(one, name))]
            )

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _asked(portal: PortalSpec, what: str) -> list[tuple[str, Any]]:
    """The answers that the portal's form offers to this question."""
    form = offered.form_of(portal, now=timezone.now())
    if form is None or form.works_as is None:
        return []
    return list(form.fields()[getattr(form.works_as, what)].choices)
