"""The form of a review: one question a person."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.factors.forms.base import PageForm
from rbac.models import Membership, ReviewLine

Cause = ReviewLine.Cause


class ReviewForm(PageForm):
    """Whether each of these people still works for the practice; nothing is chosen for whoever is asked about."""

    def __init__(self, *args: Any, lines: Sequence[ReviewLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        for line in lines:
            field = self.fields[_name(line)] = _question(line)
            field.widget.attrs["class"] = self._classes(field)
            self._ask_for(field)

    def answers(self) -> dict[int, str]:
        """What was chosen, by the key of the line."""
        return {line.pk: self.cleaned_data[_name(line)] for line in self.lines}

    def asked(self) -> list[BoundField]:
        """The questions that need an answer."""
        return self._of(line for line in self.lines if line.is_asked)

    def confirmed(self) -> list[BoundField]:
        """Those of people who are kept without a press."""
        return self._of(line for line in self.lines if not line.is_asked)

    def _of(self, lines: Iterable[ReviewLine]) -> list[BoundField]:
        return [self[_name(line)] for line in lines]


def _name(line: ReviewLine) -> str:
    return f"line-{line.pk}"


def _question(line: ReviewLine) -> forms.ChoiceField:
    member = line.membership
    field = forms.ChoiceField(
        label=member.person_name,
        choices=ReviewLine.Answer.choices,
        initial=None if line.is_asked else ReviewLine.Answer.KEEP,
        widget=forms.RadioSelect,
        help_text=" · ".join((why(line), str(member.role_label), member.person_email)),
    )
    field.ask = _("Say whether %(label)s stays.")  # type: ignore[attr-defined]
    return field


def why(line: ReviewLine) -> str:
    """Why somebody is asked about, or is not, in the reader's language."""
    member = line.membership
    if line.cause == Cause.NEVER_USED:
        return _("Never used; may work here since %(day)s") % {"day": _day(member.since)}
    if line.cause == Cause.BY_FORM:
        return _("Let in by a form, not by your practice; last used %(day)s") % {"day": _used(member)}
    if line.cause == Cause.TEMPORARY and member.ends_on:
        return _("In use until %(day)s") % {"day": date_format(member.ends_on)}
    if line.cause == Cause.UNUSED:
        return _("Not used since %(day)s") % {"day": _used(member)}
    return _("Last used %(day)s") % {"day": _used(member)}


def _used(member: Membership) -> str:
    return _day(member.last_used_at) if member.last_used_at else "–"


def _day(moment: datetime) -> str:
    return date_format(timezone.localdate(moment))
