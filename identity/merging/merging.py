"""How each kind of row behaves when two accounts become one: the rules, and the registry that every app fills.

A rule stands for one foreign key to an account or a person. It says what both accounts hold, where the two exclude each
other, and which values change. Each change is a row, a field, its old and its new value, so that it can be taken back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from identity.models import Account
from identity.tenancy import Text

# Where one of two rows waits while they change places: one an account may have. Foreign keys are checked at the commit.
NOBODY = -1

type Choices = Mapping[str, int]  # a clash's key -> the account whose row is kept


class Unchosen(Exception):
    """Both accounts have something of which only one can be kept, and nobody said which."""


class Moved(Exception):
    """A row was changed by somebody else after it was read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value of one row, as JSON can hold it; `rule` is the path of the rule that asked for it."""

    rule: str
    model: str
    pk: str
    field: str
    old: Any
    new: Any

    def apply(self) -> None:
        """Set the new value. Raises Moved when the old one is no longer there."""
        if not self._set(self.old, self.new):
            raise Moved(self.model)

    def take_back(self) -> None:
        """Set the old value, where the value is still the new one."""
        self._set(self.new, self.old)

    def row(self) -> Any:
        """The row as it is now; None when it is gone."""
        return apps.get_model(self.model)._base_manager.filter(pk=self.pk).first()

    def _set(self, current: Any, to: Any) -> int:
        rows = apps.get_model(self.model)._base_manager.filter(pk=self.pk, **{self.field: current})
        return rows.update(**{self.field: to})


@dataclass(frozen=True, slots=True)
class Clash:
    """Something that both accounts have and one account can have once; an option is an account and what it holds."""

    key: str
    what: Text
    options: tuple[tuple[int, Text], ...]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One foreign key, `app.model.field`. A rule that only says this moves nothing."""

    path: str

    def refuses(self, account: Account) -> bool:
        """Whether what this account holds forbids a merge."""
        return False

    def clashes(self, own: Account, other: Account) -> list[Clash]:
        """What the person has to choose."""
        return []

    def shown(self, account: Account, other: Account) -> list[Text]:
        """What this account brings along, in words; nothing of what clashes with the other one."""
        return []

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        """What changes, in an order that can be walked back. Raises Unchosen."""
        return []

    def may_return(self, change: Change, *, now: datetime) -> bool:
        """Whether an undo may set the old value, after clearing its way."""
        return True

    def of(self, account: Account) -> list[Any]:
        """The rows of an account."""
        model, _dot, name = self.path.rpartition(".")
        return list(apps.get_model(model)._base_manager.filter(**{name: account}).order_by("pk"))

    def change(self, row: Any, name: str, old: Any, new: Any) -> Change:
        """A change that this rule asks for."""
        return Change(self.path, row._meta.label_lower, str(row.pk), name, old, new)


@dataclass(frozen=True, kw_only=True)
class Stays(Rule):
    """The rows stay with their account: `why`."""

    why: str


@dataclass(frozen=True, kw_only=True)
class Refuses(Stays):
    """Whoever has such a row is not merged."""

    def refuses(self, account: Account) -> bool:
        return bool(self.of(account))


@dataclass(frozen=True, kw_only=True)
class Moves(Rule):
    """The rows go to the account that is kept. `what` is their name on the page; without one they are not shown."""

    what: Text = ""
    describe: Callable[[Any], Text] = str
    rows: Callable[[QuerySet[Any]], QuerySet[Any]] = field(default=lambda rows: rows)

    def of(self, account: Account) -> list[Any]:
        model, _dot, name = self.path.rpartition(".")
        return list(self.rows(apps.get_model(model)._base_manager.filter(**{name: account})).order_by("pk"))

    def shown(self, account: Account, other: Account) -> list[Text]:
        return [self.describe(row) for row in self.of(account)] if self.what else []

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        return [self._to(row, absorbed.pk, survivor.pk) for row in self.of(absorbed)]

    def _to(self, row: Any, old: int, new: int) -> Change:
        return self.change(row, self.path.rpartition(".")[2], old, new)


def _erase(row: Any, _now: datetime) -> None:
    row.delete()


@dataclass(frozen=True, kw_only=True)
class One(Moves):
    """Of rows with the same `key` an account can have one: the person chooses, and the two change places.

    A row that does not `count` (a phone that nobody proved) gives way without a question. `supersede` is done at an
    undo to a row whose owner has got another one since: it must not be left with the other account.
    """

    key: Callable[[Any], str]
    counts: Callable[[Any], bool] = field(default=lambda row: True)
    supersede: Callable[[Any, datetime], None] = _erase

    def clashes(self, own: Account, other: Account) -> list[Clash]:
        ours, theirs = self._keyed(own), self._keyed(other)
        return [
            Clash(
                self._name(key),
                self.what,
                ((own.pk, self.describe(ours[key])), (other.pk, self.describe(theirs[key]))),
            )
            for key in ours
            if key in theirs and self.counts(ours[key]) and self.counts(theirs[key])
        ]

    def shown(self, account: Account, other: Account) -> list[Text]:
        taken = {key for key, row in self._keyed(other).items() if self.counts(row)}
        return [self.describe(row) for row in self.of(account) if self.counts(row) and self.key(row) not in taken]

    def changes(self, survivor: Account, absorbed: Account, choices: Choices) -> list[Change]:
        kept, result = self._keyed(survivor), []
        for row in self.of(absorbed):
            rival = kept.get(self.key(row)) if self.key(row) else None
            if rival is None:
                result.append(self._to(row, absorbed.pk, survivor.pk))
            elif self._chosen(rival, row, survivor, absorbed, choices) == absorbed.pk:
                result += [
                    self._to(rival, survivor.pk, NOBODY),
                    self._to(row, absorbed.pk, survivor.pk),
                    self._to(rival, NOBODY, absorbed.pk),
                ]
        return result

    def may_return(self, change: Change, *, now: datetime) -> bool:
        row, (model, _dot, name) = change.row(), self.path.rpartition(".")
        if row is None or row.serializable_value(name) != change.new:
            return False
        others = apps.get_model(model)._base_manager.filter(**{name: change.old}).exclude(pk=row.pk)
        if self.key(row) and any(self.key(one) == self.key(row) for one in others):
            self.supersede(row, now)
        return True

    def _keyed(self, account: Account) -> dict[str, Any]:
        rows = sorted((row for row in self.of(account) if self.key(row)), key=self.counts)  # those that count win
        return {self.key(row): row for row in rows}

    def _name(self, key: str) -> str:
        return f"{self.path}:{key}"

    def _chosen(self, kept: Any, row: Any, survivor: Account, absorbed: Account, choices: Choices) -> int:
        if not self.counts(row):
            return survivor.pk
        if not self.counts(kept):
            return absorbed.pk
        chosen = choices.get(self._name(self.key(row)))
        if chosen not in (survivor.pk, absorbed.pk):
            raise Unchosen(self._name(self.key(row)))
        return chosen


RULES: dict[str, Rule] = {}


def declare(*rules: Rule) -> None:
    """Make rules known; each app does so when it is ready."""
    RULES.update({rule.path: rule for rule in rules})
