"""Forms of merging two IDs: which other one, which stays, and which of two things is kept."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from identity.merging.merging import Clash
from identity.models import Account


class OtherIdForm(PageForm):
    """The other ID, by its name or its address."""

    login = forms.CharField(
        label=_("Your other ID, or its email address"),
        max_length=254,
        widget=text_input(autocomplete="off", autocapitalize="none", spellcheck="false"),
    )


class ChoicesForm(PageForm):
    """Which ID stays, and for each clash which account's one is kept. Nothing is chosen beforehand."""

    survivor = forms.TypedChoiceField(label=_("Which ID do you keep?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, accounts: tuple[Account, Account], clashes: list[Clash], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = {f"clash{number}": clash.key for number, clash in enumerate(clashes)}
        names = {account.pk: account.login_name for account in accounts}
        self.fields["survivor"].choices = list(names.items())  # type: ignore[attr-defined]
        for name, clash in zip(self.keys, clashes, strict=True):
            options = [(pk, f"{described} ({names[pk]})") for pk, described in clash.options]
            self.fields[name] = forms.TypedChoiceField(
                label=_("%(what)s: which one?") % {"what": clash.what},
                coerce=int,
                choices=options,
                widget=forms.RadioSelect(attrs={"class": "ds-c-choice"}),
            )
            self._ask_for(self.fields[name])

    def chosen(self) -> dict[str, int]:
        """Each clash with the account whose one is kept."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items()}
