"""How messages leave: mail through Django's mailers, texts and calls through one gateway that settings name."""

import contextlib
import smtplib
from typing import Protocol, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from identity.record.gateways.wire import Call, Rendered, Undeliverable


class Gateway(Protocol):
    """A provider of texts and calls. Numbers are E.164. Each raises on failure, and the outbox tries again; or
    Undeliverable."""

    def send_text(self, *, to: str, body: str) -> None: ...

    def place_call(self, *, to: str, call: Call) -> None: ...


def gateway() -> Gateway:
    """The gateway of TEXT_AND_VOICE_GATEWAY."""
    return cast(Gateway, import_string(settings.TEXT_AND_VOICE_GATEWAY)())


def deliver(channel: str, message: Rendered, name: str) -> None:
    """Hand a rendered message to its channel. Raises Undeliverable, or whatever the provider raises.

    `name` stays the same however often the message is handed over: mailboxes show what bears one Message-ID once.
    """
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
            headers={
                "Auto-Submitted": "auto-generated",
                "Message-ID": f"<{name}@{urlsplit(settings.PUBLIC_URL).hostname}>",
            },
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        _send(mail)


def _send(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        if all(code >= 500 for code in _codes(error)):
            raise Undeliverable from error
        raise
    except Exception as error:
        with contextlib.suppress(ImportError):  # anymail comes with production
            from anymail.exceptions import AnymailRecipientsRefused

            if isinstance(error, AnymailRecipientsRefused):
                raise Undeliverable from error
        raise


def _codes(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> list[int]:
    """What the mail server answered: 4xx for now, 5xx for ever."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code]
