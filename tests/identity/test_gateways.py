"""Texts and calls through Twilio, against a local stand-in of its HTTP interface; and its signed callbacks."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator

from identity.factors import phones
from identity.models import OutboxMessage, PhoneDevice
from identity.record import outbox
from identity.record.gateways.console import ConsoleGateway
from identity.record.gateways.twilio import TwilioGateway, twiml_of
from identity.record.gateways.wire import Call
from tests.factories import AccountFactory


class StandIn(ThreadingHTTPServer):
    """Answers as Twilio's REST interface does, and remembers what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.status, self.code = 201, 20429


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append((self.path, body))
        answer = (
            {"sid": "SM1", "code": self.server.code, "message": "bad"} if self.server.status != 201 else {"sid": "SM1"}
        )
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_):
        pass


class LocalClient(TwilioHttpClient):
    """The library's own client, sent to the stand-in."""

    def __init__(self, port: int):
        super().__init__()
        self.port = port

    def request(self, method, url, *args, **kwargs):
        return super().request(method, f"http://127.0.0.1:{self.port}{urlsplit(url).path}", *args, **kwargs)


@pytest.fixture
def twilio(settings):
    server = StandIn()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.TWILIO = {
        "account": "AC1",
        "token": "secret",
        "from": "+13105550100",
        "http_client": LocalClient(server.server_port),
    }
    settings.TEXT_AND_VOICE_GATEWAY = "identity.record.gateways.twilio.TwilioGateway"
    yield server
    server.shutdown()
    server.server_close()
    settings.TWILIO["http_client"].session.close()


def test_a_text_is_sent_as_twilio_wants_it(twilio):
    """S1-47: the real adapter."""
    TwilioGateway().send_text(to="+13105550123", body="Code 123456")
    path, body = twilio.asked[0]
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert body == {"To": ["+13105550123"], "From": ["+13105550100"], "Body": ["Code 123456"]}


def test_a_call_can_say_the_code_and_listen_for_nothing(twilio):
    """S4-10, C9: the spoken code, three times, in the callee's language."""
    call = Call("Your code is 1. 2. 3.", "es")
    TwilioGateway().place_call(to="+13105550123", call=call)
    twiml = twilio.asked[0][1]["Twiml"][0]
    assert '<Say language="es-MX" loop="3">Your code is 1. 2. 3.</Say>' in twiml
    assert "Gather" not in twiml


def test_a_call_asks_for_the_digits_and_posts_them_to_us(twilio):
    """S1-49: the text twice, then the keypad."""
    call = Call("Key in the code.", "es", "https://id.example.org/id/voice/t/", 6)
    TwilioGateway().place_call(to="+13105550123", call=call)
    path, body = twilio.asked[0]
    assert path == "/2010-04-01/Accounts/AC1/Calls.json"
    assert body["Twiml"] == [twiml_of(call)]
    for part in (
        'numDigits="6"',
        'action="https://id.example.org/id/voice/t/"',
        'language="es-MX"',
        'loop="2"',
        "Key in the code.",
    ):
        assert part in body["Twiml"][0], part


@pytest.mark.django_db
def test_a_refusal_of_the_provider_is_tried_again(twilio):
    """house, outbox: delivery through the whole path; the reason's text is not kept."""
    device = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
    now = timezone.now()
    phones.send_code(device=device, method="text", purpose="phone", now=now)
    twilio.status = 400
    assert outbox.drain(now=now) == outbox.Outcome.FAILED
    assert OutboxMessage.objects.get().problem == TwilioRestException.__name__
    twilio.status = 201
    assert outbox.drain(now=now + outbox.PAUSES[0]) == outbox.Outcome.SENT


@pytest.mark.django_db
def test_a_number_that_does_not_exist_is_not_tried_again(twilio):
    """attack M10: what is refused for ever is given up."""
    device = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
    now = timezone.now()
    phones.send_code(device=device, method="text", purpose="phone", now=now)
    twilio.status, twilio.code = 400, 21211
    assert outbox.drain(now=now) == outbox.Outcome.FAILED
    assert OutboxMessage.objects.get().state == OutboxMessage.State.GIVEN_UP


@pytest.mark.django_db
@pytest.mark.parametrize("genuine", [True, False])
def test_only_a_signed_callback_is_heard_in_production(twilio, settings, client, genuine):
    """policy, Always: a stranger cannot key digits for somebody."""
    settings.DEMO = False
    address = "/id/voice/some-token/"
    signature = RequestValidator("secret").compute_signature(settings.PUBLIC_URL + address, {"Digits": "123456"})
    headers = {"x-twilio-signature": signature if genuine else "forged"}
    assert client.post(address, {"Digits": "123456"}, headers=headers).status_code == (404 if genuine else 403)
    assert client.post(address, {"Digits": "123456"}).status_code == 403


def test_the_console_says_that_something_left_and_never_what(caplog):
    with caplog.at_level("INFO"):
        ConsoleGateway().send_text(to="+13105550123", body="Code 123456")
        ConsoleGateway().place_call(to="+13105550123", call=Call("x", "y", 6, "en"))
    assert "123456" not in caplog.text
    assert "555" not in caplog.text
    assert caplog.text.count("ending in 23") == 2
