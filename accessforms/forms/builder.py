"""Building the Django forms of a declared access form, and turning their answers back into words."""

from functools import cache
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accessforms.forms import fields
from identity.factors.forms.base import PageForm
from identity.models import Account
from portals.form_spec import Field, FormSpec, Kind, Rows, Section, Vendors
from portals.spec import Text


class AnswersForm(PageForm):
    """The single questions of an access form; the One Healthcare ID is shown, never typed (S1-17, S1-27)."""

    groups: dict[str, Text] = {}  # the section of each question whose label stands twice (C37)
    vendors: Vendors | None = None

    def clean(self) -> dict[str, Any]:
        """A vendor is none of its own clients: nobody agrees to a mandate of oneself (S3-10)."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if self.vendors:
            own, clients = (said.get(name) or [] for name in (self.vendors.own_tin, self.vendors.client_tins))
            if both := fields.of_own_company({tin["digits"] for tin in own}, clients):
                self.add_error(self.vendors.client_tins, both)
        return said


class RowForm(PageForm):
    """One row of a table; a row in which nothing was typed is no row, and nothing is missing in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "empty_permitted": True, "use_required_attribute": False})

    def has_changed(self) -> bool:
        """Whether anything was typed: Yes or No alone, which start with a default, do not make a person."""
        return any(self[name].data for name, field in self.fields.items() if field.initial is None)


class BaseRows(forms.BaseFormSet):
    """The rows of a table, with the least number that must be filled."""

    rows: Rows

    def clean(self) -> None:
        for column in self.rows.columns:
            if column.kind == Kind.NPI:
                self._refuse_doubles(column, _("This NPI is entered for somebody else already."))
            elif column.kind == Kind.SELF:
                self._refuse_doubles(column, _("You can be one of these people only."))
        if len(self.filled) < self.rows.least and not any(form.errors for form in self.forms):
            raise forms.ValidationError(_("Fill in at least one row."))

    def _refuse_doubles(self, column: Field, problem: Any) -> None:
        seen = set()
        for form in self.forms:
            answer = form.cleaned_data.get(column.name) if form.is_valid() else None
            if answer and answer in seen:
                form.add_error(column.name, problem)
            seen.add(answer)

    @property
    def filled(self) -> list[dict[str, Any]]:
        """The cleaned rows that hold a person, in order."""
        return [form.cleaned_data for form in self.forms if form.has_changed() and form.is_valid()]


@cache
def form_class(spec: FormSpec) -> type[AnswersForm]:
    """The form class of the single questions."""
    built = {field.name: fields.build(field) for field in spec.fields().values() if field.kind != Kind.OHID}
    labels = [str(field.label) for field in spec.fields().values()]
    groups = {
        field.name: section.title
        for section in spec.sections
        for field in section.fields
        if labels.count(str(field.label)) > 1
    }
    return type("AccessForm", (AnswersForm,), {**built, "groups": groups, "vendors": spec.vendors})


@cache
def rows_class(rows: Rows) -> type[BaseRows]:
    """The formset class of a table."""
    row = type("AccessFormRow", (RowForm,), {field.name: fields.build(field) for field in rows.columns})
    formset = forms.formset_factory(
        row,
        formset=BaseRows,
        extra=0,
        min_num=rows.start,
        max_num=rows.most,
        absolute_max=rows.most,
        validate_max=True,
    )
    formset.rows = rows  # type: ignore[attr-defined]
    return formset  # type: ignore[return-value]


class FilledForm:
    """An access form with what somebody typed, or kept earlier: the single answers and the rows of its tables."""

    def __init__(
        self,
        spec: FormSpec,
        *,
        answers: dict[str, Any],
        data: Any = None,
        more_rows: int = 0,
        applicant: Account | None = None,
    ) -> None:
        self.spec = spec
        if data is not None and applicant is not None:
            data = with_applicant(spec, data, applicant)
        self.answers = form_class(spec)(data, initial=answers)
        self.tables: dict[str, BaseRows] = {}
        for section in spec.sections:
            if section.rows:
                kept = answers.get(section.rows.name, [])
                table = rows_class(section.rows)(data, initial=kept, prefix=section.rows.name)
                table.min_num = min(max(section.rows.start, more_rows), section.rows.most)
                self.tables[section.rows.name] = table

    @property
    def parts(self) -> list[Any]:
        """The form and the formsets that make it up."""
        return [self.answers, *self.tables.values()]

    def is_valid(self) -> bool:
        """Whether every answer passed its check; all are looked at, so that all errors show at once."""
        return all([part.is_valid() for part in self.parts])  # noqa: C419  not the first failure only

    @property
    def has_errors(self) -> bool:
        """Whether a page shows errors: its title says so."""
        return any(part.is_bound and not part.is_valid() for part in self.parts)

    def cleaned(self) -> dict[str, Any]:
        """The checked answers, as they are stored."""
        return {**self.answers.cleaned_data, **{name: table.filled for name, table in self.tables.items()}}

    def typed(self) -> dict[str, Any]:
        """What was typed, checked or not, so that nothing is lost (but NUL, which PostgreSQL cannot keep)."""
        kept = {name: _storable(self.answers[name].value()) for name in self.answers.fields}
        for name, table in self.tables.items():
            kept[name] = [
                {column: _storable(form[column].value()) for column in form.fields}
                for form in table.forms
                if form.has_changed()
            ]
        return kept

    def sections(self) -> list[tuple[Section, list[Any], "BaseRows | None"]]:
        """For the page: each section with its bound fields (a plain text for the ID) and its table."""
        return [
            (
                section,
                [field if field.kind == Kind.OHID else self.answers[field.name] for field in section.fields],
                self.tables[section.rows.name] if section.rows else None,
            )
            for section in self.spec.sections
        ]


def with_applicant(spec: FormSpec, data: QueryDict, applicant: Account) -> QueryDict:
    """What was typed, with the applicant's name and address where they said "I am the user" and left them empty."""
    asked, data = spec.subject, data.copy()
    if asked is None:
        return data
    known = {asked.name: applicant.get_full_name(), asked.email: applicant.email}
    prefixes = [f"{asked.rows}-{n}-" for n in range(spec.tables()[asked.rows].most)] if asked.rows else [""]
    for prefix in prefixes:
        if data.get(prefix + asked.is_applicant):
            for name, value in known.items():
                if not data.get(prefix + name, "").strip():
                    data[prefix + name] = value
    return data


def as_posted(spec: FormSpec, answers: dict[str, Any]) -> QueryDict:
    """Kept answers as a browser would send them, so that a page can show what is wrong with them."""
    data = QueryDict(mutable=True)
    _post(data, form_class(spec).base_fields, "", answers)
    for section in spec.sections:
        if section.rows:
            kept = answers.get(section.rows.name, [])
            formset = rows_class(section.rows)
            data[f"{section.rows.name}-TOTAL_FORMS"] = str(max(len(kept), section.rows.start))
            data[f"{section.rows.name}-INITIAL_FORMS"] = "0"
            for number, row in enumerate(kept):
                _post(data, formset.form.base_fields, f"{section.rows.name}-{number}-", row)
    return data


def _post(data: QueryDict, asked: dict[str, forms.Field], prefix: str, answers: dict[str, Any]) -> None:
    for name, field in asked.items():
        value = field.prepare_value(answers.get(name))
        if value is True:
            value = "on"
        data.setlist(prefix + name, value if isinstance(value, list) else [value or ""])


def _storable(value: Any) -> Any:
    if isinstance(value, list):
        return [_storable(one) for one in value]
    return "".join(c for c in value if c != "\0" and not "\ud800" <= c <= "\udfff") if isinstance(value, str) else value


def format_answer(field: Field, answer: Any) -> str:
    """An answer as a page or a printed form shows it, in the reader's language."""
    if answer in (None, "", [], False):
        return ""
    match field.kind:
        case Kind.NPIS:
            return ", ".join(answer)
        case Kind.TINS:
            return ", ".join(fields.written(tin) for tin in answer)
        case Kind.PHONE | Kind.FAX:
            number, _x, extension = str(answer).partition("x")
            return f"({number[:3]}) {number[3:6]}-{number[6:]}" + (f" ext. {extension}" if extension else "")
        case Kind.SELF:
            return str(dict(fields.YES_NO)["yes"])
        case Kind.YES_NO:
            return str(dict(fields.YES_NO).get(answer, answer))
        case Kind.ONE_OF | Kind.CHOICE:
            return str(dict(field.choices).get(answer, answer))
        case Kind.ANY_OF:
            chosen = dict(field.choices)
            return ", ".join(str(chosen.get(key, key)) for key in answer)
        case _:
            return str(answer)
