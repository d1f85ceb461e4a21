"""Answers to the questions of a course, and the number of a certificate (S3-06)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm, text_input
from portals.models import Attempt, Question

ONE, SEVERAL, HINT = _("Choose an answer."), _("Choose at least one answer."), _("Choose all answers that are right.")


class AnswersForm(PageForm):
    """Every question of the version that was begun. Whoever keeps the answers for later may leave some out."""

    def __init__(self, *args: Any, attempt: Attempt, questions: Iterable[Question], sends: bool, **kwargs: Any) -> None:
        kept = {_name(int(key)): chosen for key, chosen in attempt.answers.items()}
        super().__init__(*args, **kwargs)
        self.questions = list(questions)
        for question in self.questions:
            name = _name(question.pk)
            self.fields[name] = _field(question, is_required=sends)
            self.initial[name] = kept.get(name, []) if question.has_several else next(iter(kept.get(name, [])), None)

    def chosen(self) -> dict[int, list[int]]:
        """The places that were chosen, by the question's key."""
        found = {}
        for question in self.questions:
            typed = self.cleaned_data[_name(question.pk)]
            found[question.pk] = [int(place) for place in (typed if question.has_several else [typed] if typed else [])]
        return found


def _name(key: int) -> str:
    return f"question-{key}"


def _field(question: Question, *, is_required: bool) -> forms.Field:
    kind, widget = (
        (forms.MultipleChoiceField, forms.CheckboxSelectMultiple)
        if question.has_several
        else (forms.ChoiceField, forms.RadioSelect)
    )
    field: forms.Field = kind(
        label=f"{question.number}. {question.text}",
        choices=[(str(place), text) for place, text in question.options],
        widget=widget(attrs={"class": "ds-c-choice"}),
        required=is_required,
        error_messages={"required": SEVERAL if question.has_several else ONE},
    )
    if question.has_several:
        field.help_text = HINT
    return field


class NumberForm(PageForm):
    """The number that stands on a certificate."""

    number = forms.CharField(
        label=_("Number of the certificate"),
        help_text=_("For example C-7K3M-9QX2."),
        max_length=40,
        widget=text_input(autocomplete="off", spellcheck="false", data_size="medium"),
    )
