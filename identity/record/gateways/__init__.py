"""How messages leave: mail through Django's mailers, texts and calls through one gateway that settings name."""

import contextlib
import smtplib
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from identity.record.gateways.wire import AddressRefused, Call, Rendered, Undeliverable


class Mail(EmailMultiAlternatives):
    """A mail, with what a provider of anymail's gives back with each report of it, and says once it has taken it."""

    metadata: dict[str, str]
    anymail_status: Any = None


class Gateway(Protocol):
    """A provider of texts and calls. Numbers are E.164. Each raises on failure, and the outbox tries again; or
    Undeliverable."""

    def send_text(self, *, to: str, body: str) -> None: ...

    def place_call(self, *, to: str, call: Call) -> None: ...


def gateway() -> Gateway:
    """The gateway of TEXT_AND_VOICE_GATEWAY."""
    return cast(Gateway, import_string(settings.TEXT_AND_VOICE_GATEWAY)())


def deliver(channel: str, message: Rendered, name: str, mark: str = "") -> str:
    """Hand a rendered message to its channel; returns the number under which the provider will report of it, if any.

    `name` stays the same however often the message is handed over: mailboxes show what bears one Message-ID once.
    `mark` comes back with each report. Raises Undeliverable, or whatever the provider raises.
    """
    if channel == "text":
        gateway().send_text(to=message.to, body=message.text)
    elif channel == "voice":
        assert message.call is not None
        gateway().place_call(to=message.to, call=message.call)
    else:
        message_id = f"<{name}@{urlsplit(settings.PUBLIC_URL).hostname}>"
        mail = Mail(
            subject=message.subject,
            body=message.text,
            from_email=message.sender or None,
            to=[message.to],
            headers={
                "Auto-Submitted": "auto-generated",
                "Message-ID": message_id,
            },
        )
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        mail.metadata = {"outbox": mark}
        _send(mail)
        return getattr(mail.anymail_status, "message_id", None) or message_id
    return ""


def _send(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
        if all(code >= 500 for code in _codes(error)):
            raise (Undeliverable if isinstance(error, smtplib.SMTPDataError) else AddressRefused) from error
        raise
    except Exception as error:
        with contextlib.suppress(ImportError):  # anymail comes with production
            from anymail.exceptions import AnymailRecipientsRefused

            if isinstance(error, AnymailRecipientsRefused):
                raise AddressRefused from error
        raise


def _codes(error: smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError) -> list[int]:
    """What the mail server answered: 4xx for now, 5xx for ever."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _text in error.recipients.values()]
    return [error.smtp_code]
