"""What is handed to a gateway: a message as it leaves, a call, and the answer that it will never be taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """What an automated call says, and where the digits that the callee keys are sent, if it asks for any (S1-49)."""

    says: str
    language: str
    keypad_url: str = ""
    digits: int = 0


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it leaves: `to` is an address or a number, `html` only for mails."""

    to: str
    subject: str
    text: str
    html: str = ""
    sender: str = ""
    link: str = ""  # the page that a mail leads to
    call: Call | None = None


class Undeliverable(Exception):
    """The provider will never take this message to this address or number: it is not tried again (attack M10)."""


class AddressRefused(Undeliverable):
    """Not this message but the address: there is no such mailbox."""
