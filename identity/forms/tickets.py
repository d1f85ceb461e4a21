"""What the two sides of a ticket write."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import PageForm
from identity.files import doors
from identity.models import Account, StoredFile
from identity.notices import tickets


class WithFiles(PageForm):
    """A message that the writer's files go with: those that they handed in and that stand nowhere yet."""

    own_files = forms.MultipleChoiceField(
        label=gettext_lazy("Files"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, account: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = StoredFile.objects.of(account).attachable().filter(door=doors.MESSAGE.key) if account else ()
        choices = [(str(file.pk), file.shown_name) for file in own]
        self.offered = [key for key, _name in choices]
        if choices:
            field = cast(forms.MultipleChoiceField, self.fields["own_files"])
            field.choices = choices
            field.initial = [key for key in self.offered if key not in self.initial.get("left_out", ())]
        else:
            del self.fields["own_files"]

    def keys(self) -> Sequence[UUID]:
        """The files that were chosen."""
        return [UUID(key) for key in self.cleaned_data.get("own_files", ())]

    def left_out(self) -> list[str]:
        """The files that were offered and not chosen, of a form that was sent: they are not ticked again."""
        chosen = self["own_files"].value() or () if self.offered else ()
        return [key for key in self.offered if key not in chosen]

    def refuse_files(self) -> None:
        """One of them was deleted, refused or sent meanwhile, or they are too many."""
        self.add_error("own_files" if "own_files" in self.fields else None, files_refused())


def files_refused() -> str:
    """Why a message was not sent with its files."""
    return _("Choose among the files that are here now, at most %(most)s.") % {"most": doors.MESSAGE.max_files}


class ReplyForm(WithFiles):
    """What the person says (S3-16, S4-16)."""

    text = forms.CharField(
        label=gettext_lazy("Your message"), max_length=tickets.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )
    field_order = ("text", "own_files")


class AnswerForm(WithFiles):
    """What staff say; a step that says nothing needs no words. Files go to whoever has an account to open them with."""

    answer = forms.CharField(
        label=gettext_lazy("Answer (the person reads it)"),
        max_length=tickets.MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)

    @property
    def typed(self) -> str:
        """The words as they were read, also where they cannot be taken."""
        return str(self["answer"].value() or "")
