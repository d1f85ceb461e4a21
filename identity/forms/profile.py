"""Account preferences: for now the language of mails and texts."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from identity.forms.base import PageForm


class LanguageForm(PageForm):
    language = forms.ChoiceField(
        label=_("Language of pages, mails and texts"), choices=settings.LANGUAGES, widget=forms.RadioSelect
    )
