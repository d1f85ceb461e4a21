"""What an access form is made of: plain data that a portal's file declares and accessforms asks, prints and decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

Text = str | Promise


class Kind(StrEnum):
    """What a field of an access form holds, and so how it is asked, checked and printed."""

    OHID = "ohid"
    TEXT = "text"
    FULL_NAME = "full name"
    EMAIL = "email"
    PHONE = "phone"  # with its extension, if it has one
    FAX = "fax"
    ZIP = "zip"
    STATE = "state"
    NPI = "npi"
    NPIS = "npis"
    TINS = "tins"
    CHOICE = "choice"  # one of a list that is too long for radio buttons: the market, the role
    ONE_OF = "one of"
    ANY_OF = "any of"
    YES_NO = "yes or no"
    SELF = "self"  # the box by which the applicant says that this person is them


class Effect(StrEnum):
    """What an approval does to access, the strongest first: of several choices the strongest counts (C40)."""

    GIVE = "give"  # access to the portal; where there is some, as UPDATE
    END = "end"
    REACTIVATE = "reactivate"  # access that rests wakes, access that ended begins anew with what it carried
    UPDATE = "update"  # kept answers are replaced, practices are added, none ends
    ADD_PRACTICES = "add practices"  # and nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of an access form. `choices` are (key, label); `default` is what it starts with."""

    name: str
    label: Text
    kind: Kind = Kind.TEXT
    required: bool = True
    hint: Text = ""
    ask: Text = ""  # what somebody reads who left it out, where the label alone makes no good sentence
    choices: tuple[tuple[str, Text], ...] = ()
    lines: tuple[int, ...] = ()  # after how many choices a new line begins, as the document prints them (S1-21)
    lead_in: Text = ""  # the words before choices that begin with them: "Update:" before Phone, Address, Email
    is_list: bool = False  # its choices are a list that operators change without a release (D-10)
    default: str = ""
    most: int = 50  # of a list of numbers (S2-15)
    one_kind: bool = False  # of tax IDs: the same digits in both dash styles are one (C11)
    max_length: int = 128
    autocomplete: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table that is filled in row by row: starts with `start` rows, may grow to `most` (C33)."""

    name: str
    title: Text
    row_title: Text
    columns: tuple[Field, ...]
    start: int
    most: int
    least: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of an access form with a reason of its own."""

    key: str
    title: Text
    intro: Text = ""
    fields: tuple[Field, ...] = ()
    rows: Rows | None = None
    only_if: tuple[str, str] | None = None  # asked only where this field has this answer (S2-11)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFields:
    """Which fields name a person whom a form is about; with `rows`, columns of that table, and each row names one."""

    name: str
    email: str
    is_applicant: str
    ids: tuple[str, ...] = ()  # an ID or an old user name
    rows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperSpec:
    """What makes a form one that is printed, signed and faxed."""

    revision: int  # of the printed form; part of the bar code
    print_template: str
    fax_number: str
    legal: Text = ""
    opens_print: bool = False  # its button says "print": the PDF opens by itself once it is made (S1-22)


class ShownAs(StrEnum):
    """How a form is filled: all of it on one page, or a step at a time (S2-13)."""

    ONE_PAGE = "one page"
    STEPS = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksAs:
    """Which fields say in what role, and in which market, the applicant works for each practice (S2-14, S2-17)."""

    role: str
    market: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendors:
    """Which answer makes the applicant's company a vendor, and which fields ask its tax ID and those of the practices
    that it works for (S2-11, S3-10)."""

    category: tuple[str, str]  # (field, choice)
    own_tin: str
    client_tins: str

    def are_asked(self, answers: Mapping[str, object]) -> bool:
        """Whether these answers, or what a grant keeps of them, are of a vendor's person."""
        name, choice = self.category
        return answers.get(name) == choice


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSpec:
    """A form that asks for access to its portal: what it asks, whom it names, and what its approval does."""

    key: str
    title: Text
    note: Text = ""
    intro: Text = ""
    sections: tuple[Section, ...]
    submit_label: Text
    paper: PaperSpec | None = None  # without, nobody prints it: what is sent in waits for a decision at once
    shown_as: ShownAs = ShownAs.ONE_PAGE
    asked_first: str = ""  # of steps: the field that a page of its own asks before them (S2-11)
    due: str = ""  # the period of business days within which it is decided (S2-20)
    subject: SubjectFields | None = None  # None: it is about its applicant, as their ID says (S2-01)
    effects: tuple[tuple[str, str, Effect], ...]  # (field, choice, what its approval does)
    most_open: int = 10  # requests of one person that wait for a decision
    most_a_day: int = 10  # requests that one person sends in
    attributes: tuple[str, ...] = ()  # fields whose answers the grant keeps
    practice_name: str = ""
    practice_tins: tuple[str, ...] = ()  # fields of tax IDs that the applicant works with
    works_as: WorksAs | None = None
    vendors: Vendors | None = None

    def fields(self) -> dict[str, Field]:
        """All single fields by name."""
        return {field.name: field for section in self.sections for field in section.fields}

    def tables(self) -> dict[str, Rows]:
        """All tables by name."""
        return {section.rows.name: section.rows for section in self.sections if section.rows}

    def sections_for(self, answers: Mapping[str, object]) -> tuple[Section, ...]:
        """The sections that these answers lead to (S2-11)."""
        return tuple(
            section
            for section in self.sections
            if section.only_if is None or answers.get(section.only_if[0]) == section.only_if[1]
        )

    def steps_for(self, answers: Mapping[str, object]) -> tuple[Section, ...]:
        """Those of them that are steps: all but the one that is asked before."""
        asked = self.asked_first
        return tuple(one for one in self.sections_for(answers) if asked not in {field.name for field in one.fields})
