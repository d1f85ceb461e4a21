"""What a kind of imported password hash can do: be taken apart, be computed anew, and say what that costs."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar


class UnknownHash(ValueError):
    """It is none of the kinds that are known here, or it is damaged."""


class TooCostly(UnknownHash):
    """Computing it would keep a core busy for longer than a sign-in may take, or would take too much memory."""


@dataclass(frozen=True, slots=True)
class Read:
    """A hash, taken apart."""

    scheme: str
    parameters: str
    digest: str


@dataclass(frozen=True, slots=True)
class Work:
    """What computing a hash costs: so much of that kind. Of one kind, amounts add up."""

    kind: str
    amount: int


class Scheme(ABC):
    """One kind of hash. `fresh_salts`: its systems draw a new salt with each new password, so that a hash whose
    parameters did not change is the same hash."""

    key: ClassVar[str]
    nanoseconds: ClassVar[int] = 0  # of an ordinary core, for one unit of its work
    fresh_salts: ClassVar[bool] = True
    pattern: ClassVar[str]  # group 1: the parameters, group 2: the digest, both as they are kept

    def parse(self, text: str) -> tuple[str, str] | None:
        """Parameters and digest of a hash of this kind; None when it is of another one.

        Raises UnknownHash, or TooCostly.
        """
        found = re.fullmatch(self.pattern, text)
        if found is None:
            return None
        self.check(found[1])
        return found[1], found[2]

    def check(self, parameters: str) -> None:  # noqa: B027  most kinds have a fixed cost
        """Raise TooCostly, or UnknownHash for numbers that make no sense."""

    @abstractmethod
    def digest(self, parameters: str, password: str) -> str:
        """The digest of a password."""

    def work(self, parameters: str) -> Work | None:
        """What computing it costs; None when that is next to nothing."""
        return None

    def cost(self, work: Work) -> int:
        """What so much work costs, in nanoseconds of an ordinary core: the one unit that all kinds have in common."""
        return work.amount * self.nanoseconds

    def spend(self, work: Work) -> None:  # noqa: B027
        """Do that much work for nothing."""
