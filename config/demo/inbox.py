"""The demo's inbox: mails, texts and calls in one place, for people at /inbox/ and for scripts at /inbox.json."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_mail_preview.message import parse
from django_mail_preview.storage import MessageMeta, StoredMessage, get_storage, new_id

from identity.record.gateways.wire import Call
from identity.views import voice

_LINK = re.compile(r"https?://[^\s<>\"]+")
_CODE = re.compile(r"(?<![\w/-])(\d{10}|\d{6}|[A-Z2-9]{4}-[A-Z2-9]{4})(?![\w/-])")
_KEYPAD_HEADER = "X-Keypad-Url"


def is_open(request: HttpRequest) -> bool:
    """Only the demo has an inbox."""
    return bool(settings.DEMO)


class InboxGateway:
    """Texts and calls land beside the mails, tagged with their channel."""

    def send_text(self, *, to: str, body: str) -> None:
        _keep("text", to=to, body=body)

    def place_call(self, *, to: str, call: Call) -> None:
        _keep("voice", to=to, body=call.says, keypad=call.keypad_url)


def _keep(channel: str, *, to: str, body: str, keypad: str = "") -> None:
    at = datetime.now(UTC)
    message_id = new_id(at)
    subject = "Text message" if channel == "text" else "Phone call"
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "phone@localhost", f"{to}@phone.localhost"
    if keypad:
        mail[_KEYPAD_HEADER] = keypad
        body += f"\n\nKey the digits here: {settings.PUBLIC_URL}{reverse('inbox_keypad', args=[message_id])}"
    mail.set_content(body)
    raw = mail.as_bytes()
    meta = MessageMeta(
        id=message_id, subject=subject, from_email="phone@localhost", to=(to,), cc=(), bcc=(), reply_to=(),
        date=at, alias=None, size=len(raw), attachments=0, tags=(channel,),
    )  # fmt: skip
    get_storage().add(raw, meta)


@never_cache
@require_safe
def as_json(request: HttpRequest) -> HttpResponse:
    """Newest first: channel, to, subject, body, links, codes, at."""
    return JsonResponse([_described(message) for message in get_storage().list()], safe=False)


def _described(message: StoredMessage) -> dict[str, object]:
    body = (parse(message.raw).text or "").replace("\r\n", "\n") if message.raw else ""
    channel = next((tag for tag in message.meta.tags if tag in ("text", "voice")), "mail")
    return {
        "channel": channel,
        "to": ", ".join(message.meta.to),
        "subject": message.meta.subject,
        "body": body,
        "links": [link.rstrip(".,)") for link in _LINK.findall(body)],
        "codes": _CODE.findall(_LINK.sub("", body)),
        "at": message.meta.date.isoformat(),
    }


@never_cache
@require_http_methods(["GET", "POST"])
def keypad(request: HttpRequest, message_id: str) -> HttpResponse:
    """A telephone to play with: what is keyed here goes where the telephone company would send it."""
    message = get_storage().get(message_id)
    if message is None or message.raw is None:
        raise Http404
    parsed = parse(message.raw)
    token = dict(parsed.headers).get(_KEYPAD_HEADER, "").rstrip("/").rpartition("/")[2]
    answer = ""
    if request.method == "POST" and token:
        heard = voice.keypad(request, token)
        answer = re.sub(r"<[^>]+>", "", heard.content.decode()).strip() or "The call has ended."
    says = (parsed.text or "").partition("\n\n")[0]
    return render(request, "demo/keypad.html", {"says": says, "answer": answer, "to": message.meta.to[0]})
