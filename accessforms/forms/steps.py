"""A form that is shown in steps: which step is finished, which comes next, and the checked answers of all of them."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from accessforms.forms.builder import FilledForm, as_posted, form_class
from portals.form_spec import FormSpec, Section


class Standing(StrEnum):
    """Where a step is."""

    FINISHED = "finished"
    NEXT = "next"
    LATER = "later"  # it waits for the one before


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a form with what was answered so far."""

    number: int
    section: Section
    standing: Standing
    needs_correction: bool = False  # something stands in it that does not pass: a role that left the list


def part_of(spec: FormSpec, section: Section) -> FormSpec:
    """The form of one section alone."""
    return replace(spec, sections=(section,))


def first_of(spec: FormSpec) -> Section:
    """The section that a page of its own asks before the steps (S2-11)."""
    return next(one for one in spec.sections if spec.asked_first in {field.name for field in one.fields})


def filled_from(spec: FormSpec, section: Section, answers: dict[str, Any]) -> FilledForm:
    """A section with kept answers, as if they were sent now: whether they pass, and what is wrong with them."""
    part = part_of(spec, section)
    return FilledForm(part, answers={}, data=as_posted(part, answers))


def is_begun(spec: FormSpec, section: Section, answers: dict[str, Any]) -> bool:
    """Whether anything stands in a section."""
    return any(answers.get(name) for name in form_class(part_of(spec, section)).base_fields)


def overview(spec: FormSpec, answers: dict[str, Any]) -> list[Step]:
    """The steps that these answers lead to: an unfinished one blocks those after it (S2-13)."""
    steps, is_blocked = [], False
    for number, section in enumerate(spec.steps_for(answers), start=1):
        passes = filled_from(spec, section, answers).is_valid()
        standing = Standing.LATER if is_blocked else Standing.FINISHED if passes else Standing.NEXT
        begun = not passes and is_begun(spec, section, answers)
        steps.append(Step(number, section, standing, needs_correction=begun))
        is_blocked = is_blocked or not passes
    return steps


def whole(spec: FormSpec, answers: dict[str, Any]) -> dict[str, Any] | None:
    """The checked answers of all sections that are asked, and of no other; None while one is missing or wrong."""
    checked: dict[str, Any] = {}
    for section in spec.sections_for(answers):
        filled = filled_from(spec, section, answers)
        if not filled.is_valid():
            return None
        checked |= filled.cleaned()
    return checked
