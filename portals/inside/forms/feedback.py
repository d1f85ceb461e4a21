"""What somebody says about a page (S3-09)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from portals.inside.domain import feedback
from portals.inside.forms.contact import page_of


class FeedbackForm(PageForm):
    """What is said, and whether its writer is named."""

    page = forms.CharField(required=False, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("Your feedback"),
        help_text=_("Write nothing about a patient: no name, no date, no number. Nobody needs it for this."),
        max_length=feedback.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    named = forms.BooleanField(
        label=_("Tell the staff that it is from me"),
        help_text=_("Without it nobody learns who wrote this. Either way feedback gets no answer."),
        required=False,
    )

    def clean_page(self) -> str:
        """Sent by the page itself: what is no path is left out, and hinders nobody."""
        return page_of(self.cleaned_data["page"])
