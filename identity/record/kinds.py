"""What events and messages have in common: a class is declared by being written, and rows name it by a text."""

from dataclasses import Field, dataclass
from typing import Any, ClassVar, dataclass_transform

from django.utils.functional import Promise

Text = str | Promise


class NameTaken(Exception):
    """Two classes would be stored under one name."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Kind:
    """A subclass is a frozen dataclass whose fields are given by name.

    Rows hold `stored_as`, `<app>.<name of the class>`, never a Python path: files move, rows stay. A class that is
    renamed keeps its rows by `stored_as="identity.OldName"`. No slots: they would make a second class after the first
    was registered.
    """

    stored_as: ClassVar[str] = ""  # empty: a base of others, never stored itself
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __init_subclass__(cls, *, stored_as: str = "", abstract: bool = False) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)
        cls.stored_as = "" if abstract else stored_as or f"{cls.__module__.split('.')[0]}.{cls.__name__}"


def register[K: type[Kind]](kinds: dict[str, K], kind: K) -> None:
    """Let rows that name this class find it; a base of others is left out. Raises NameTaken."""
    if not kind.stored_as:
        return
    if kind.stored_as in kinds:
        raise NameTaken(kind.stored_as)
    kinds[kind.stored_as] = kind
