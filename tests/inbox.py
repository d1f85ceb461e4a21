"""What people received in a test: mails, texts and calls, in memory, with their links and codes."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from identity.record import outbox
from identity.record.gateways.wire import Call
from identity.recovery import recovery


@dataclass
class Received:
    """One message as its reader sees it."""

    channel: str
    to: str
    text: str
    subject: str = ""
    html: str = ""
    call: Call | None = None

    @property
    def code(self) -> str:
        """The first 10- or 6-digit code in it, or an access code of letters and digits (ABCD-EFGH)."""
        without_links = re.sub(r"https?://\S+", "", self.text)
        return re.search(r"(?<![\w/-])(\d{10}|\d{6}|[A-Z2-9]{4}-[A-Z2-9]{4})(?![\w/-])", without_links)[1]

    @property
    def link(self) -> str:
        """The path of its first link."""
        return re.search(r"https?://[^/\s]+(/\S+)", self.text)[1]


@dataclass
class MemoryGateway:
    """Keeps texts and calls."""

    kept: list[Received] = field(default_factory=list)

    def send_text(self, *, to: str, body: str) -> None:
        _GATEWAY.kept.append(Received("text", to, body))

    def place_call(self, *, to: str, call: Call) -> None:
        _GATEWAY.kept.append(Received("voice", to, call.says, call=call))


_GATEWAY = MemoryGateway()


class Inbox:
    """All channels, newest last. Reading looks up who has forgotten what, and delivers what waits in the outbox."""

    def clear(self) -> None:
        _GATEWAY.kept.clear()
        mail.outbox.clear()

    def all(self) -> list[Received]:
        while recovery.answer_next(now=timezone.now()):
            pass
        while (
            outbox.drain(now=timezone.now() + timedelta(days=366)) != outbox.Outcome.NONE
        ):  # whatever moment a test has passed
            pass
        mails = [
            Received("mail", m.to[0], str(m.body), str(m.subject), m.alternatives[0].content if m.alternatives else "")
            for m in mail.outbox
        ]
        return [*mails, *_GATEWAY.kept]

    def newest(self, channel: str, to: str = "") -> Received:
        """The newest message of a channel, to an address or number if one is given."""
        found = [one for one in self.all() if one.channel == channel and to in ("", one.to)]
        assert found, f"no {channel} to {to or 'anybody'} among {[(m.channel, m.to) for m in self.all()]}"
        return found[-1]
