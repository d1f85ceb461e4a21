"""How messages leave: mail through Django's mailers, texts and calls through one gateway that settings name."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from identity.domain.outbox import Rendered


@dataclass(frozen=True, slots=True)
class Call:
    """What an automated call says, and where the digits that the callee keys are sent, if it asks for any (S1-49)."""

    says: str
    language: str
    keypad_url: str = ""
    digits: int = 0


class Gateway(Protocol):
    """A provider of texts and calls. Numbers are E.164. Each raises on failure; the outbox tries again."""

    def send_text(self, *, to: str, body: str) -> None: ...

    def place_call(self, *, to: str, call: Call) -> None: ...


def gateway() -> Gateway:
    """The gateway of TEXT_AND_VOICE_GATEWAY."""
    return cast(Gateway, import_string(settings.TEXT_AND_VOICE_GATEWAY)())


def deliver(channel: str, message: "Rendered") -> None:
    """Hand a rendered message to its channel. Raises whatever the provider raises."""
    if channel == "text":
        gateway().send_text(to=message.to, body=message.text)
    elif channel == "voice":
        assert message.call is not None
        gateway().place_call(to=message.to, call=message.call)
    else:
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            from_email=message.sender or None,
            to=[message.to],
            headers={"Auto-Submitted": "auto-generated"},
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        mail.send()
