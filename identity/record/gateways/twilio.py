"""Texts and calls through Twilio, and the check that a callback is Twilio's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from twilio.twiml.voice_response import Gather, VoiceResponse

from identity.record.gateways.wire import Call, Undeliverable

TIMES_OUT = 10.0  # seconds: transport, well within the lease of the outbox
# The number does not exist, cannot be reached, is no mobile, or its owner has told Twilio to stop.
_NEVER = (21211, 21214, 21217, 21610, 21614)


class TwilioGateway:
    """Facts come from settings.TWILIO: account, token, from, and in tests an http_client."""

    def __init__(self) -> None:
        facts = _facts()
        self._from = facts["from"]
        self._client = Client(
            facts["account"],
            facts["token"],
            http_client=facts.get("http_client") or TwilioHttpClient(timeout=TIMES_OUT),
        )

    def send_text(self, *, to: str, body: str) -> None:
        with _for_ever():
            self._client.messages.create(to=to, from_=self._from, body=body)

    def place_call(self, *, to: str, call: Call) -> None:
        with _for_ever():
            self._client.calls.create(to=to, from_=self._from, twiml=twiml_of(call))


@contextmanager
def _for_ever() -> Iterator[None]:
    try:
        yield
    except TwilioRestException as error:
        if error.code in _NEVER:
            raise Undeliverable from error
        raise


def _facts() -> dict[str, Any]:
    facts: dict[str, Any] = getattr(settings, "TWILIO")  # noqa: B009  only production has it
    return facts


def twiml_of(call: Call) -> str:
    """What Twilio is told to say, twice or, where a code is dictated, three times; and to listen for, if anything."""
    response = VoiceResponse()
    language = "es-MX" if call.language == "es" else "en-US"
    if not call.keypad_url:
        response.say(call.says, language=language, loop=3)
        return str(response)
    gather = Gather(num_digits=call.digits, action=call.keypad_url, method="POST", timeout=20)
    gather.say(call.says, language=language, loop=2)
    response.append(gather)
    return str(response)


def is_genuine(request: HttpRequest) -> bool:
    """Whether a callback carries Twilio's signature over its address and fields."""
    validator = RequestValidator(_facts()["token"])
    url = settings.PUBLIC_URL + request.get_full_path()
    return bool(validator.validate(url, request.POST.dict(), request.headers.get("X-Twilio-Signature", "")))
