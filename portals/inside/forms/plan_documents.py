"""What staff type about a document of the plan: its file, portal and title, and the practice that is to read it."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm, text_input
from identity.forms.files import UploadForm
from identity.policy import text
from identity.tenancy import Scope
from portals.inside.domain import handling, plan_documents
from portals.models.documents import MAX_TITLE
from rbac.models import PracticeTin


class PlanDocumentForm(UploadForm):
    """A file, what it is called, and in which portal practices read it."""

    portal = forms.ChoiceField(label=gettext_lazy("Portal"))
    title = forms.CharField(label=gettext_lazy("Title"), max_length=MAX_TITLE, widget=text_input(autocomplete="off"))
    field_order = ("portal", "title", "file")

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = handling.within(scope, page=plan_documents.PAGE)
        self.fields["portal"].choices = [(portal.key, portal.name) for portal in seen]  # type: ignore[attr-defined]


class PracticeForm(PageForm):
    """The practice that is to read it, by a tax ID that staff have attested."""

    tin = forms.CharField(
        label=gettext_lazy("Tax ID"),
        max_length=20,
        help_text=gettext_lazy("Nine digits, with dashes or without."),
        widget=text_input(autocomplete="off", inputmode="numeric", data_size="medium"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of the tax ID"), choices=PracticeTin.Kind.choices, widget=forms.RadioSelect
    )

    def clean_tin(self) -> str:
        """Its nine digits."""
        digits = re.sub(r"[\s-]", "", text.digits(self.cleaned_data["tin"]))
        if not re.fullmatch(r"[0-9]{9}", digits):
            raise forms.ValidationError(_("This is not a tax ID. Write nine digits, for example 12-3456789."))
        return digits
