"""What a version of a course is read and asked by: its lessons, and the questions about them (S3-06)."""

from django.db import models
from django.utils.translation import get_language

from portals.models.courses import SPANISH, VersionRow, in_language


class Part(VersionRow):
    """A lesson or a question."""

    number = models.PositiveSmallIntegerField()  # 1 is the first

    class Meta(VersionRow.Meta):
        abstract = True
        ordering = ["number"]

    @property
    def text(self) -> str:
        return in_language(self, "text")


class Lesson(Part):
    """One lesson, in Markdown."""

    title_en = models.CharField(max_length=120)
    title_es = models.CharField(max_length=120)
    text_en = models.TextField(max_length=10_000)
    text_es = models.TextField(max_length=10_000)

    class Meta(Part.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="unique_lesson_number_per_version")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        return in_language(self, "title")


class Question(Part):
    """One question about a lesson: who answers wrongly is sent there again. `choices` are {"en", "es", "is_right"}."""

    lesson = models.ForeignKey(Lesson, on_delete=models.CASCADE, related_name="questions")
    text_en = models.CharField(max_length=300)
    text_es = models.CharField(max_length=300)
    choices = models.JSONField(default=list)
    has_several = models.BooleanField(default=False)  # all that are right are to be chosen

    class Meta(Part.Meta):
        constraints = [models.UniqueConstraint(fields=["version", "number"], name="unique_question_number_per_version")]

    def __str__(self) -> str:
        return self.text

    @property
    def right(self) -> frozenset[int]:
        """Which choices are right, by their place; 0 is the first."""
        return frozenset(place for place, choice in enumerate(self.choices) if choice["is_right"])

    @property
    def options(self) -> list[tuple[int, str]]:
        """The choices as a form offers them, in the reader's language."""
        language = SPANISH if (get_language() or "").startswith(SPANISH) else "en"
        return [(place, choice[language] or choice["en"]) for place, choice in enumerate(self.choices)]
