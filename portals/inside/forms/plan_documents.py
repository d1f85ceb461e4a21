"""What staff type about a document of the plan: its file, portal and title, and the practice that is to read it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm, text_input
from identity.forms.files import UploadForm
from identity.tenancy import Scope
from portals.inside.domain import handling, plan_documents
from portals.inside.forms.tins import TinField
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

    tin = TinField()
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of the tax ID"), choices=PracticeTin.Kind.choices, widget=forms.RadioSelect
    )
