"""What the two sides of a ticket write."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from identity.models import StoredFile
from identity.notices import tickets

FILES_CHANGED = _("One of the files was sent or deleted meanwhile. Choose anew.")


class ReplyForm(PageForm):
    """What the person says (S3-16, S4-16)."""

    text = forms.CharField(
        label=_("Your message"), max_length=tickets.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )
    attachments = forms.TypedMultipleChoiceField(
        label=_("Files to send along"),
        required=False,
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": FILES_CHANGED},
    )

    def __init__(self, *args: Any, files: Iterable[StoredFile] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(file.pk), file.shown_name) for file in files]
        if choices:
            self.fields["attachments"].choices = choices  # type: ignore[attr-defined]
            self.initial["attachments"] = [key for key, _name in choices]  # they were handed in for this
        else:
            del self.fields["attachments"]


class AnswerForm(PageForm):
    """What staff say; a step that says nothing needs no words."""

    answer = forms.CharField(
        label=_("Answer (the person reads it)"),
        max_length=tickets.MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    @property
    def typed(self) -> str:
        """The words as they were read, also where they cannot be taken."""
        return str(self["answer"].value() or "")
