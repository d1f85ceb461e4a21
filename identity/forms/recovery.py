"""What somebody who cannot sign in types: an address; an ID and an address; answers to questions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from identity.factors.forms.codes import AddressForm
from identity.policy.questions import HOW_MANY, QUESTIONS, SHORTEST, normalised

MAX_LENGTH = 100


class ForgotIdForm(AddressForm):
    """The address that the ID was made with (S4-30)."""


class ForgotPasswordForm(AddressForm):
    """The ID and an address of it (S4-33)."""

    login_name = forms.CharField(
        max_length=254, widget=text_input(autocomplete="username", autocapitalize="none", spellcheck="false")
    )
    field_order = ("login_name", "email")


def _answer_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=MAX_LENGTH, widget=text_input(autocomplete="off", spellcheck="false")
    )


class ChooseQuestionsForm(PageForm):
    """Three different questions, an answer to each (S2-04, D-05)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose a question")), *QUESTIONS.items()]
        for number in range(1, HOW_MANY + 1):
            self.fields[f"question_{number}"] = forms.ChoiceField(
                label=_("Question %(number)s") % {"number": number}, choices=choices
            )
            self.fields[f"answer_{number}"] = _answer_field(_("Answer %(number)s") % {"number": number})
        for field in self.fields.values():
            field.widget.attrs["class"] = self._classes(field)
            self._ask_for(field)

    def clean(self) -> dict[str, Any]:
        seen: set[str] = set()
        answers: set[str] = set()
        for number in range(1, HOW_MANY + 1):
            question = self.cleaned_data.get(f"question_{number}")
            if question in seen:
                self.add_error(f"question_{number}", _("You chose this question already. Choose another one."))
            seen.add(question or "")
            answer = self.cleaned_data.get(f"answer_{number}")
            if answer and len(normalised(answer)) < SHORTEST:
                self.add_error(f"answer_{number}", _("Use at least two letters or digits."))
            elif answer and normalised(answer) in answers:
                self.add_error(f"answer_{number}", _("This is the same answer as another one. Give each its own."))
            answers.add(normalised(answer or ""))
        return self.cleaned_data

    def answers(self) -> dict[str, str]:
        """The answers by their questions' keys."""
        numbers = range(1, HOW_MANY + 1)
        return {self.cleaned_data[f"question_{n}"]: self.cleaned_data[f"answer_{n}"] for n in numbers}


class AnswerQuestionsForm(PageForm):
    """The answers to the questions that an account has chosen."""

    def __init__(self, *args: Any, questions: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in questions:
            self.fields[key] = _answer_field(QUESTIONS[key])
            self.fields[key].widget.attrs["class"] = "ds-c-field"
            self._ask_for(self.fields[key])
