"""The provider's reports over real HTTP: signed, forged, doubled, out of order, of unknown mails (ground.md 2)."""

import hashlib
import hmac
import json
from base64 import b64encode
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.utils import timezone

from identity.models import JournalEntry, OutboxMessage, SuppressedAddress
from identity.record import outbox
from identity.record.delivery import Delivery
from tests.factories import SubmissionFactory

SECRET = "postmark:abcdefgh1234567890!?"
KEY = "a-signing-key"


@pytest.fixture
def hook(live_server, settings, transactional_db):
    """A mail that was handed to a provider, and its web hook: anymail's own view, asked through a socket."""
    settings.MAIL_EVENTS = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET, "MAILGUN_WEBHOOK_SIGNING_KEY": KEY}
    SubmissionFactory(submitted=True)
    outbox.drain(now=timezone.now())
    OutboxMessage.objects.update(provider_id="P1")

    def post(body: dict, secret: str | None = SECRET) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"}
        if secret is not None:
            headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
        request = Request(f"{live_server.url}/id/mail-events/", json.dumps(body).encode(), headers)
        try:
            with urlopen(request) as answer:
                return answer.status, answer.read()
        except HTTPError as refused:
            with refused:
                return refused.code, b""

    return post


def postmark(kind, number="P1", **facts) -> dict:
    row = OutboxMessage.objects.get()
    base = {"RecordType": kind, "MessageID": number, "Metadata": {"outbox": f"{row.pk}-{row.attempts}"}}
    moment = "2026-01-01T00:00:00Z"
    return base | {"Email": "a@example.org", "BouncedAt": moment, "DeliveredAt": moment} | facts


def state() -> str:
    return OutboxMessage.objects.get().delivery


def test_signed_events_arrive_doubled_and_out_of_order(hook):
    """ground 2: the hook is anymail's; ranks hold over HTTP as they do in the domain."""
    assert hook(postmark("Delivery"))[0] == 200
    assert state() == Delivery.DELIVERED
    for _ in range(2):
        assert hook(postmark("Bounce", Type="HardBounce"))[0] == 200
    assert hook(postmark("Delivery"))[0] == 200
    assert hook(postmark("Bounce", Type="Transient"))[0] == 200
    assert state() == Delivery.BOUNCED
    assert JournalEntry.objects.filter(kind="identity.MailBounced").count() == 1
    assert SuppressedAddress.objects.get().cause == "bounced"


@pytest.mark.parametrize("secret", [None, "postmark:wrong", ":", "abcdefgh1234567890!?"])
def test_a_forged_event_is_refused(hook, secret):
    assert hook(postmark("Bounce", Type="HardBounce"), secret)[0] == 400
    assert state() == Delivery.ACCEPTED


def test_the_secret_may_change_while_mails_are_under_way(hook, settings):
    """Two secrets count at once, and no third one."""
    settings.ANYMAIL = {"WEBHOOK_SECRET": ["new:abcdefgh1234567890!?", SECRET]}
    for secret, answer in ((SECRET, 200), ("new:abcdefgh1234567890!?", 200), ("new:another", 400)):
        assert hook(postmark("Delivery"), secret)[0] == answer


def test_the_web_hook_shows_nothing(hook, client):
    """It is no page: nothing is read from it, with a session or without."""
    assert client.get("/id/mail-events/").status_code == 405


def test_an_unknown_number_is_answered_like_a_known_one(hook):
    known = hook(postmark("Delivery"))
    assert hook(postmark("Delivery", number="P2", Metadata={"outbox": "99999999999999999999-1"})) == known
    assert hook(postmark("Delivery", number="P2", Metadata={})) == known


def test_events_that_mean_nothing_here_are_taken(hook):
    for body in (postmark("Open"), postmark("Click"), postmark("SubscriptionChange"), {"RecordType": "New"}):
        assert hook(body)[0] == 200
    assert state() == Delivery.ACCEPTED


def test_a_complaint_stops_the_address(hook):
    assert hook(postmark("SpamComplaint", Type="SpamComplaint"))[0] == 200
    assert (state(), SuppressedAddress.objects.get().cause) == (Delivery.COMPLAINED, "complained")


def test_a_signature_over_the_event_is_checked_too(hook, settings):
    """Providers that sign each event (here Mailgun's HMAC), beside the secret of the address."""
    settings.MAIL_EVENTS = "mailgun"

    def signed(key: str) -> dict:
        moment, token = "1780000000", "t" * 50
        seal = hmac.new(key.encode(), f"{moment}{token}".encode(), hashlib.sha256).hexdigest()
        event = {"event": "delivered", "timestamp": 1780000000.0, "id": "e", "recipient": "a@example.org",
                 "message": {"headers": {"message-id": "P1"}}, "user-variables": {}}  # fmt: skip
        return {"signature": {"timestamp": moment, "token": token, "signature": seal}, "event-data": event}

    OutboxMessage.objects.update(provider_id="<P1>")
    assert hook(signed("another key"))[0] == 400
    assert state() == Delivery.ACCEPTED
    assert hook(signed(KEY))[0] == 200
    assert state() == Delivery.DELIVERED


def test_without_a_provider_there_is_no_web_hook(client, settings):
    settings.MAIL_EVENTS = ""
    assert client.post("/id/mail-events/", {}).status_code == 404
