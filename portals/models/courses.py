"""Courses: versions in both languages, whom they are for, and that nothing in them changes once published (S3-06)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from portals.models.audiences import AudienceRow

SPANISH = "es"


class Published(Exception):
    """The version is published, or was: nothing in it changes any more. A new version is a copy that can be edited."""


def in_language(row: Any, name: str) -> str:
    """A text of a row in the reader's language; English where it is in neither."""
    language = (get_language() or "").split("-", maxsplit=1)[0]
    return str((getattr(row, f"{name}_es") if language == SPANISH else "") or getattr(row, f"{name}_en"))


class Course(models.Model):
    """One course of a portal. What it says stands in its versions."""

    portal_key = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.portal_key} {self.pk}"


class CourseVersionQuerySet(models.QuerySet["CourseVersion"]):
    def in_portal(self, portal_key: str) -> "CourseVersionQuerySet":
        """Versions of one portal's courses."""
        return self.filter(course__portal_key=portal_key)

    def published(self) -> "CourseVersionQuerySet":
        """Those that readers get."""
        return self.filter(state=CourseVersion.State.PUBLISHED)


class CourseVersion(models.Model):
    """One version: written and proposed by somebody, published by another person, retired by the next one or by hand.

    portals.inside.domain.courses moves its state, course_texts writes what it says.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("course", "proposed: a second person has to publish it")
        PUBLISHED = "published", pgettext_lazy("course", "published")
        RETIRED = "retired", pgettext_lazy("course", "retired: whoever began it may finish it")
        DISCARDED = "discarded", pgettext_lazy("course", "discarded")

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("number"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PROPOSED)
    version = models.PositiveIntegerField(default=0)  # counts changes: whoever publishes has seen the last one
    title_en = models.CharField(_("title in English"), max_length=120)
    title_es = models.CharField(_("title in Spanish"), max_length=120)
    summary_en = models.TextField(max_length=500)
    summary_es = models.TextField(max_length=500)
    pass_mark = models.PositiveSmallIntegerField(_("pass mark"), default=80)  # percent of the questions
    valid_for = models.PositiveSmallIntegerField(null=True)  # days that a certificate lasts; none: it does not end
    created_at = models.DateTimeField()
    # Whoever wrote last: another person publishes.
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    proposed_at = models.DateTimeField(_("proposed at"))
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published at"), null=True)
    ended_at = models.DateTimeField(null=True)  # retired, or discarded

    objects = CourseVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        default_permissions = ()
        permissions = [("change_courses", "Can write, publish and retire courses")]
        constraints = [
            models.UniqueConstraint(fields=["course", "number"], name="unique_version_per_course"),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="proposed"), name="unique_proposed_version_per_course"
            ),
            models.UniqueConstraint(
                fields=["course"], condition=Q(state="published"), name="unique_published_version_per_course"
            ),
            models.CheckConstraint(
                name="course_pass_mark_is_percent", condition=Q(pass_mark__gte=1, pass_mark__lte=100)
            ),
            models.CheckConstraint(name="course_valid_for_days", condition=Q(valid_for=None) | Q(valid_for__gte=1)),
            models.CheckConstraint(
                name="course_published_by_another",
                condition=Q(published_by=None, published_at=None, state__in=["proposed", "discarded"])
                | (Q(published_by__isnull=False, published_at__isnull=False) & ~Q(published_by=F("proposed_by"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Published: what is published never changes, whatever was meant to be saved. Its state moves by
        compare-and-set (identity.record.machine), past this."""
        check_unpublished(self.pk)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises Published."""
        check_unpublished(self.pk)
        return super().delete(*args, **kwargs)

    @property
    def title(self) -> str:
        return in_language(self, "title")

    @property
    def summary(self) -> str:
        return in_language(self, "summary")


def check_unpublished(version: int | None) -> None:
    """Raise Published for a version whose rows may not change, as the table says now."""
    if version is not None and CourseVersion.objects.filter(pk=version).exclude(state="proposed").exists():
        raise Published


class VersionRowQuerySet[M: "VersionRow"](models.QuerySet[M]):
    """Rows of versions. Those of a published one are changed by no statement over several rows either."""

    def update(self, **changes: Any) -> int:
        """Raises Published."""
        self._check()
        return super().update(**changes)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Raises Published."""
        self._check()
        return super().delete()

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[M]:
        """Raises Published."""
        rows = list(objs)
        for pk in {one.version_id for one in rows}:
            check_unpublished(pk)
        return super().bulk_create(rows, *args, **kwargs)

    def _check(self) -> None:
        if self.exclude(version__state=CourseVersion.State.PROPOSED).exists():
            raise Published


class VersionRow(models.Model):
    """What a version is made of: it changes as long as the version is proposed, never after."""

    version = models.ForeignKey(CourseVersion, on_delete=models.CASCADE, related_name="%(class)ss")

    objects = VersionRowQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Published, for the version that it is stored in and for the one it would go to."""
        stored = type(self)._base_manager.filter(pk=self.pk).values_list("version", flat=True).first()
        for pk in {stored, self.version_id}:
            check_unpublished(pk)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Raises Published."""
        check_unpublished(self.version_id)
        return super().delete(*args, **kwargs)


class CourseAudience(VersionRow, AudienceRow):
    """Whom a version is for."""

    of = "version"

    version = models.ForeignKey(CourseVersion, on_delete=models.CASCADE, related_name="audience")

    class Meta(AudienceRow.Meta):
        constraints = AudienceRow.constraints(of="version", name="course")
