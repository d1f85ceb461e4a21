"""Complete answers as words: for check answers and the service desk."""

from collections.abc import Sequence
from typing import Any

from accessforms.forms.builder import format_answer
from accessforms.forms.fields import read_as
from accessforms.models import Submission
from portals.form_spec import Field, FormSpec, Kind

GROUPS = (Kind.ONE_OF, Kind.ANY_OF, Kind.YES_NO)
NUMBERS = (Kind.TINS, Kind.NPIS)


def sections_in_words(form: FormSpec, submission: Submission, *, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Complete answers section by section, as words: for check answers and the service desk."""
    answers = {**answers, "ohid": submission.account.login_name}
    shown = []
    for section in form.sections_for(answers):
        rows = answers.get(section.rows.name, []) if section.rows else []
        columns = section.rows.columns if section.rows else ()
        name = section.rows.name if section.rows else ""
        shown.append(
            {
                "section": section,
                "lines": _lines(section.fields, answers, "id_"),
                "table": [_lines(columns, row, f"id_{name}-{n}-") for n, row in enumerate(rows)],
            }
        )
    return shown


def _lines(asked: Sequence[Field], answers: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Question, answer in words, and the id of the control where it is changed. A box that was not ticked is none. Of
    several numbers each is one to be checked by itself."""
    return [
        {
            "label": field.label,
            "words": ", ".join(_words(field, answers.get(field.name))),
            "numbers": _words(field, answers.get(field.name)) if field.kind in NUMBERS else [],
            "control": "" if field.kind == Kind.OHID else f"{prefix}{field.name}{'_0' if field.kind in GROUPS else ''}",
        }
        for field in asked
        if field.kind != Kind.SELF or answers.get(field.name)
    ]


def _words(field: Field, answer: Any) -> list[str]:
    """As on paper, number by number; a tax ID says whether it was read as an EIN or an SSN."""
    if not answer:
        return []
    match field.kind:
        case Kind.TINS:
            return [read_as(tin) for tin in answer]
        case Kind.NPIS:
            return list(answer)
    return [format_answer(field, answer)]
