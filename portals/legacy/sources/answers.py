"""What an old system that checks passwords itself is asked and answers."""

from dataclasses import dataclass
from typing import Protocol

CONNECT, READ, WHOLE = 3.0, 5.0, 10.0  # seconds: transport, not policy


class SourceDown(Exception):
    """The old system did not answer, or not as agreed: nothing is known, and the attempt does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the old system says of somebody whose password was right; None or empty: it does not say.

    `login_name` is how the old system itself writes the name: however it was typed, it is one old account.
    """

    login_name: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    capabilities: list[str] | None = None


class Adapter(Protocol):
    """One way to ask."""

    def ask(self, *, source_key: str, login_name: str, password: str) -> Known | None:
        """What is known of the account; None when name or password is wrong. Raises SourceDown."""
        ...
