"""What somebody types about a document: title, labels, how long it is kept, whom it is shared with, why it stays."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from identity.factors.forms.base import PageForm, text_input
from identity.policy import text
from portals.inside.domain.documents import MAX_LABELS
from portals.models.documents import MAX_LABEL, MAX_REASON, MAX_TITLE, Document, DocumentLabel
from rbac.models import Membership, Practice

WHOLE_PRACTICE = "practice"
_OFF = {"autocomplete": "off"}


class DocumentForm(PageForm):
    """Title, labels and the day until which a document is kept; the practice where there is a choice."""

    practice = forms.ChoiceField(label=_("Which practice does it belong to?"))
    title = forms.CharField(label=_("Title"), max_length=MAX_TITLE, widget=text_input(**_OFF))
    labels = forms.MultipleChoiceField(label=_("Labels"), required=False, widget=forms.CheckboxSelectMultiple)
    new_labels = forms.CharField(
        label=_("New labels"),
        max_length=MAX_LABELS * (MAX_LABEL + 2),
        required=False,
        help_text=_("Separated by commas, for example: contracts, 2026"),
        widget=text_input(**_OFF),
    )
    kept_until = forms.DateField(
        label=_("Keep until"),
        required=False,
        help_text=_("Until this day has passed nobody can delete it."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-size": "medium", **_OFF}),
        input_formats=["%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y"],
        error_messages={"invalid": _("Enter a date as month/day/year, for example 12/31/2027.")},
    )

    def __init__(
        self, *args: Any, practices: Sequence[Practice] = (), labels: Iterable[DocumentLabel] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.practices = practices
        names = dict.fromkeys(label.name for label in labels)
        self.fields["labels"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["labels"].error_messages["invalid_choice"] = _("Choose labels of the list, or type new ones below.")
        if not names:
            del self.fields["labels"]
        if len(practices) > 1:
            named = [(str(one.pk), one.name) for one in practices]
            self.fields["practice"].choices = [("", _("Choose a practice")), *named]  # type: ignore[attr-defined]
        else:
            del self.fields["practice"]

    @classmethod
    def of(cls, document: Document, labels: Iterable[DocumentLabel]) -> dict[str, Any]:
        """What is said of a document now, to begin with."""
        said = [label.name for label in labels]
        return {"title": document.title, "labels": said, "kept_until": document.kept_until}

    def clean_new_labels(self) -> list[str]:
        """Words between commas; one that is none is left out."""
        names = [name.strip() for name in self.cleaned_data["new_labels"].split(",")]
        named = [name for name in names if text.words(name)]
        if any(len(name) > MAX_LABEL or len(" ".join(text.words(name))) > MAX_LABEL for name in named):
            raise ValidationError(_("A label has %(most)s characters at most."), params={"most": MAX_LABEL})
        return named

    def too_many_labels(self) -> None:
        """Say that the document does not take as many."""
        said = ngettext("A document has %(most)s label at most.", "A document has %(most)s labels at most.", MAX_LABELS)
        self.add_error("new_labels", said % {"most": MAX_LABELS})

    @property
    def chosen_practice(self) -> Practice:
        """The writer's only practice, or the one that was chosen among theirs (D-29)."""
        if "practice" not in self.fields:
            return self.practices[0]
        return next(one for one in self.practices if str(one.pk) == self.cleaned_data["practice"])

    def details(self) -> dict[str, Any]:
        """What the domain asks for: title, names of labels, the day."""
        typed = self.cleaned_data
        kept_until: date | None = typed["kept_until"]
        labels = [*typed.get("labels", ()), *typed["new_labels"]]
        return {"title": typed["title"], "labels": labels, "kept_until": kept_until}


class ShareForm(PageForm):
    """Whom a document is shared with next."""

    receiver = forms.ChoiceField(label=_("Share it with"))

    def __init__(self, *args: Any, practice: Practice | None, people: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whole = [(WHOLE_PRACTICE, _("Everybody at %(name)s") % {"name": practice.name})] if practice else []
        named = [(str(row.grant.account_id), row.person_name) for row in people]
        self.fields["receiver"].choices = [("", _("Choose a person")), *whole, *named]  # type: ignore[attr-defined]

    @property
    def person(self) -> int | None:
        """The key of the person's account; None for the whole practice."""
        chosen = self.cleaned_data["receiver"]
        return None if chosen == WHOLE_PRACTICE else int(chosen)


class HoldForm(PageForm):
    """Why a document must stay."""

    reason = forms.CharField(
        label=_("Why must it stay?"),
        max_length=MAX_REASON,
        help_text=_("Whoever would delete it reads this, for example: audit of 2026."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
