"""Limits that hold across accounts hold when everybody comes at the same moment too (M3), and nobody waits for each
other in a circle (L2). On PostgreSQL: SQLite has one writer at a time."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from identity.accounts import emails
from identity.codes import codes
from identity.factors import phones
from identity.merging import merges
from identity.models import Account, Challenge, Merge, OutboxMessage, PhoneDevice
from tests.factories import NOW, AccountFactory
from tests.steps.merges import all_for, proof_of
from tests.together import together

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks"),
    pytest.mark.django_db(transaction=True),
]
NUMBER = "+13105550123"


@pytest.fixture(autouse=True)
def _no_relay(monkeypatch):
    monkeypatch.setattr("identity.record.outbox.QUEUE.nudge", lambda: None)


def each(things, act):
    """Do it to each thing at once; what each answered."""
    turns, lock = iter(things), threading.Lock()

    def run():
        with lock:
            mine = next(turns)
        return act(mine)

    return together(run, threads=len(things))


def with_number(count) -> list[PhoneDevice]:
    accounts = [AccountFactory() for _ in range(count)]
    return [PhoneDevice.objects.create(user=one, name="phone", number=NUMBER, confirmed=False) for one in accounts]


def texted(device) -> bool:
    try:
        phones.send_code(device=device, method="text", purpose="phone", now=NOW)
    except codes.TooManySendings:
        return False
    return True


@pytest.mark.parametrize("_round", range(3))
def test_a_number_gets_five_texts_in_ten_minutes(_round):
    """policy, resend: attack M3 saw nine of nine accounts at once."""
    assert sorted(each(with_number(9), texted)) == [False] * 4 + [True] * 5
    assert OutboxMessage.objects.filter(kind="identity.TextCode").count() == 5


@pytest.mark.parametrize("_round", range(3))
def test_three_accounts_prove_a_number(_round):
    """policy, phones: attack M3 saw eight of eight at once."""
    devices = with_number(8)
    for device in devices:
        moment = timezone.now()
        Challenge.objects.create(
            account=device.user, purpose="phone", target_key=codes.target_key("phone", NUMBER), channel="text",
            sent_at=moment, expires_at=moment + timedelta(minutes=10),
        )  # fmt: skip

    def confirm(device):
        typed = codes.code_of(device.user.challenges.get())
        try:
            phones.confirm_by_code(device=device, typed=typed, now=timezone.now())
        except phones.NumberInUse:
            return False
        return True

    assert sorted(each(devices, confirm)) == [False] * 5 + [True] * 3
    assert PhoneDevice.objects.filter(number_key=devices[0].number_key, confirmed=True).count() == 3


def test_an_address_gets_five_activation_mails_an_hour():
    """policy, activation mail: attack M3 saw six of thirty sign-ups with one address."""
    accounts = [AccountFactory(email="one@example.org", address=False) for _ in range(30)]

    def send(account):
        try:
            emails.send_activation(account=account, tenant="", now=NOW)
        except codes.TooManySendings:
            return False
        return True

    assert sum(each(accounts, send)) == 5
    assert OutboxMessage.objects.filter(kind="identity.ActivationMail").count() == 5


def test_one_account_is_not_caught_between_sending_and_proving():
    """Both lock the account first, then the number."""
    [device] = with_number(1)
    texted(device)
    typed = codes.code_of(device.user.challenges.get())

    def act(what):
        try:
            if what == "prove":
                phones.confirm_by_code(device=device, typed=typed, now=NOW)
            else:
                texted(device)
        except codes.CodeEnded:
            pass

    each(["prove", "send"] * 4, act)  # a deadlock would raise in a thread and be one answer less
    assert PhoneDevice.objects.get().confirmed


@pytest.mark.parametrize("_round", range(4))
def test_three_merges_in_a_circle_end(_round):
    """L2: PostgreSQL gave one of them up, with a 500, in three of four runs."""
    people = [AccountFactory() for _ in range(3)]
    ring = [(people[0], people[1]), (people[1], people[2]), (people[2], people[0])]
    proofs = {pair: proof_of(*pair) for pair in ring}

    def merge(pair):
        own, other = pair
        try:
            merges.merge(survivor=own, absorbed=other, choices=all_for(own, *pair), proof=proofs[pair], by=own, now=NOW)
        except merges.MergeRefused:
            return "refused"
        return "merged"

    answers = each(ring, merge)
    assert len(answers) == 3
    assert Merge.objects.count() == answers.count("merged") >= 1
    assert Account.objects.filter(pk__in=[one.pk for one in people], is_active=True).exists()
