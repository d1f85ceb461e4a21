"""What the two sides of a ticket write."""

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from identity.notices import tickets


class ReplyForm(PageForm):
    """What the person says (S3-16, S4-16)."""

    text = forms.CharField(
        label=_("Your message"), max_length=tickets.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6})
    )


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
