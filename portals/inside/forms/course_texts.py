"""The forms in which a course is written, in both languages: the version itself, a lesson, a question (S3-06)."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import text_input
from portals.inside.domain import course_texts, courses
from portals.inside.forms.written import MARKDOWN, AudienceForm, MarkdownField, WrittenForm
from portals.models import CourseVersion, Lesson, Question

LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_QUESTION, LONGEST_CHOICE = 120, 500, 300, 200
LONGEST_VALID = 3650  # days


class PartForm(WrittenForm):
    """Texts of a version, and which state of it they were written from."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def texts(self) -> dict[str, Any]:
        """What was typed in either language, by column."""
        return {name: typed for name, typed in self.cleaned_data.items() if name.endswith(("_en", "_es"))}


def _short(label: Any, most: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=text_input(autocomplete="off"), **more)


def _summary(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONGEST_SUMMARY, widget=forms.Textarea(attrs={"rows": 3}))


class VersionForm(PartForm, AudienceForm):
    """What a version says of itself, what is needed to pass, and whom it is for."""

    field_order = ("portal", *courses.COPIED)
    title_en = _short(gettext_lazy("Title in English"), LONGEST_TITLE)
    title_es = _short(gettext_lazy("Title in Spanish"), LONGEST_TITLE)
    summary_en = _summary(gettext_lazy("Summary in English"))
    summary_es = _summary(gettext_lazy("Summary in Spanish"))
    pass_mark = forms.IntegerField(
        label=gettext_lazy("Right answers that are needed, in percent"),
        min_value=1,
        max_value=100,
        initial=80,
        widget=forms.NumberInput(attrs={"data-size": "small"}),
    )
    valid_for = forms.IntegerField(
        label=gettext_lazy("Days that a certificate is valid"),
        help_text=gettext_lazy("Empty: it does not end."),
        min_value=1,
        max_value=LONGEST_VALID,
        required=False,
        initial=365,
        widget=forms.NumberInput(attrs={"data-size": "small"}),
    )

    def columns(self) -> dict[str, Any]:
        """The columns of courses.COPIED."""
        return {name: self.cleaned_data[name] for name in courses.COPIED}

    @staticmethod
    def of(version: CourseVersion) -> dict[str, Any]:
        """What stands in a version, for the form to begin with."""
        pairs = [one.pair for one in version.audience.all()]
        return {
            **{name: getattr(version, name) for name in courses.COPIED},
            "roles": sorted({role for role, _market in pairs if role}),
            "markets": sorted({market for _role, market in pairs if market}),
        }


class LessonForm(PartForm):
    """A lesson."""

    title_en = _short(gettext_lazy("Title in English"), LONGEST_TITLE)
    text_en = MarkdownField(
        label=gettext_lazy("Text in English"),
        help_text=MARKDOWN,
    )
    title_es = _short(gettext_lazy("Title in Spanish"), LONGEST_TITLE)
    text_es = MarkdownField(label=gettext_lazy("Text in Spanish"))

    @staticmethod
    def of(lesson: Lesson) -> dict[str, Any]:
        """What stands in a lesson."""
        return {name: getattr(lesson, name) for name in ("title_en", "text_en", "title_es", "text_es")}


class QuestionForm(PartForm):
    """A question, the lesson that it is about, and up to six choices."""

    lesson = forms.ModelChoiceField(
        label=gettext_lazy("About the lesson"), queryset=Lesson.objects.none(), empty_label=None
    )
    text_en = _short(gettext_lazy("Question in English"), LONGEST_QUESTION)
    text_es = _short(gettext_lazy("Question in Spanish"), LONGEST_QUESTION)
    has_several = forms.BooleanField(
        label=gettext_lazy("Several answers are right, and all of them have to be chosen"), required=False
    )

    def __init__(self, *args: Any, version: CourseVersion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lesson"].queryset = version.lessons.all()  # type: ignore[attr-defined]
        for number in self._numbers():
            told = {"number": number}
            self.fields[f"choice_{number}_en"] = _short(
                _("Choice %(number)s in English") % told, LONGEST_CHOICE, required=number <= course_texts.FEWEST_CHOICES
            )
            self.fields[f"choice_{number}_es"] = _short(
                _("Choice %(number)s in Spanish") % told, LONGEST_CHOICE, required=number <= course_texts.FEWEST_CHOICES
            )
            self.fields[f"right_{number}"] = forms.BooleanField(
                label=_("Choice %(number)s is right") % told, required=False
            )
        for name in [name for name in self.fields if name.startswith(("choice_", "right_"))]:
            field = self.fields[name]
            field.widget.attrs |= {"class": self._classes(field)} | ({"lang": name[-2:]} if name[0] == "c" else {})
            self._ask_for(field)

    @staticmethod
    def _numbers() -> range:
        return range(1, course_texts.MOST_CHOICES + 1)

    def texts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("text_en", "text_es")}

    def choices(self) -> list[course_texts.Choice]:
        """The choices that were written, in their order."""
        rows = [
            {
                "en": self.cleaned_data[f"choice_{number}_en"],
                "es": self.cleaned_data[f"choice_{number}_es"],
                "is_right": self.cleaned_data[f"right_{number}"],
            }
            for number in self._numbers()
        ]
        return [row for row in rows if row["en"] or row["es"] or row["is_right"]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            self._check(cleaned)
        return cleaned

    def _check(self, cleaned: dict[str, Any]) -> None:
        for number in self._numbers():
            written = {language: cleaned[f"choice_{number}_{language}"] for language in ("en", "es")}
            if any(written.values()) or cleaned[f"right_{number}"]:
                for language, words in written.items():
                    if not words:
                        self.add_error(f"choice_{number}_{language}", _("Write this choice in both languages."))
        if self.errors:
            return
        try:
            course_texts.check_answerable(self.choices(), has_several=cleaned["has_several"])
        except course_texts.Unanswerable:
            told = _("Tick which choices are right: one, or more where several are to be chosen.")
            self.add_error("right_1", told)

    @staticmethod
    def of(question: Question) -> dict[str, Any]:
        """What stands in a question."""
        begun: dict[str, Any] = {
            name: getattr(question, name) for name in ("text_en", "text_es", "has_several", "lesson")
        }
        for number, choice in enumerate(question.choices, start=1):
            begun |= {
                f"choice_{number}_en": choice["en"],
                f"choice_{number}_es": choice["es"],
                f"right_{number}": choice["is_right"],
            }
        return begun
