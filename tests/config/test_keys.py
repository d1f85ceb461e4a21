"""A new SECRET_KEY ends what is under way, and only that; former keys count as long as they are named (attack H8, F2)."""

from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from enrollment.domain import invitation_links
from identity.codes import codes
from identity.factors import passkeys, phones, recovery_codes
from identity.keys import links
from identity.keys.fields import keyed_hash
from identity.models import Challenge, PhoneDevice, RecoveryDevice, RememberedDevice
from identity.notices import alerts
from identity.sessions import devices
from portals.oidc import tokens
from tests.factories import AccountFactory
from tests.steps.invitations import staff_invited
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
NEW = "a new key, for tests only " * 4


@pytest.fixture
def rotate(settings):
    """Put a new secret key in the place of the old one, which may stay as a fallback."""

    def turn(*, keep: bool) -> None:
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if keep else []
        settings.SECRET_KEY = NEW

    return turn


def issue(account):
    return codes.issue(account=account, purpose="email", target=account.email, channel="mail", now=timezone.now())


def under_way(account):
    """What was sent out before: a function each that says whether it still works."""
    now = timezone.now()
    challenge, alert = (
        issue(account),
        transaction.atomic(alerts.raise_alert)(account=account, kind="new device", now=now),
    )
    device = RememberedDevice.objects.create(
        account=account, browser="", place="", first_seen_at=now, last_seen_at=now, skips_until=now
    )
    invitation = staff_invited("new@example.org", role="service desk", now=now)
    code, link, told = codes.code_of(challenge), codes.token_of(challenge), alert.token
    cookie, token = devices.value_of(device), tokens.make(tokens.Kind.REFRESH, device.pk, 3)
    enrol, browser = invitation_links.token_of(invitation), signed_in(account)

    def works(call, *refusals) -> bool:
        try:
            return call() is not None
        except refusals:
            return False

    def typed():
        return codes.check_this(challenge, typed=code, now=now) or True

    return {
        "code": lambda: works(typed, codes.CodeRefused),
        "link": lambda: codes.find(link, "email") is not None,
        "alert": lambda: works(lambda: alerts.find(told, now=now), alerts.AlertEnded),
        "session": lambda: browser.get("/id/profile/").status_code == 200,
        "device": lambda: devices.parse(cookie) is not None,
        "token": lambda: tokens.parse(tokens.Kind.REFRESH, token) is not None,
        "invitation": lambda: works(lambda: invitation_links.find(enrol, now=now), invitation_links.LinkUnknown),
    }


def test_what_was_sent_before_works_while_the_old_key_is_a_fallback(provider, rotate):
    sent = under_way(provider)
    rotate(keep=True)
    assert {name: still() for name, still in sent.items()} == dict.fromkeys(sent, True)


def test_what_was_sent_before_ends_without_the_old_key(provider, rotate):
    sent = under_way(provider)
    rotate(keep=False)
    assert {name: still() for name, still in sent.items()} == dict.fromkeys(sent, False)


def test_what_0_2_0_sent_out_and_stored_is_made_the_same_way():
    """rooms, section 2: a link that lies in a mailbox, a cookie, an application's token and what rows are found by outlive
    an update. The values are 0.2.0's, made with the tests' keys."""
    pk = UUID(int=7)
    device = RememberedDevice(pk=pk, generation=1)
    made = {
        "link": links.seal(pk, "a text"),
        "code": codes.code_of(Challenge(pk=pk, account_id=1, purpose="access", target_key="a target")),
        "device": devices.value_of(device),
        "token": tokens.make(tokens.Kind.REFRESH, pk, 3),
        "stored": keyed_hash("phone", "+13105550177"),
    }
    assert made == {
        "link": "00000000000000000000000000000007-VYtCMFS-SjE65npiM-_iVraYcH99XZ-PF6gWBkyr7C0",
        "code": "9KGNYFZ8",
        "device": "00000000000000000000000000000007.1.80361aca411f0749da42566501a905e0498c6b80",
        "token": "rAAAAAAAAAAAAAAAAAAAABwAAAAADRMzbFTUrDjhAtqWFFr94F3w9n1nBN_k5deLVQyAvxDA",
        "stored": "e99d676252d8d17bd44d0c88bdac042b49d946515bbe155ea910f93ebf3b2c88",
    }


def test_new_ones_are_made_with_the_new_key(provider, rotate, settings):
    rotate(keep=True)
    sent = under_way(provider)
    settings.SECRET_KEY_FALLBACKS = []
    assert all(still() for still in sent.values())


def test_what_is_stored_outlives_the_secret_key(provider, rotate):
    """attack H8: passkeys, recovery codes."""
    now = timezone.now()
    code, *_others = recovery_codes.make(account=provider, now=now)
    credential = {"id": "shown-by-a-browser", "rawId": "x", "response": {}}
    passkey = passkeys.add(account=provider, name="mine", credential=credential, now=now)
    rotate(keep=False)
    assert recovery_codes.accept(device=RecoveryDevice.objects.get(user=provider), typed=code, now=now)
    assert passkeys.holder_of("shown-by-a-browser") == passkey


def test_limits_of_a_number_outlive_the_secret_key(db, rotate):
    """attack H8, policy, phones: three accounts a number."""
    now = timezone.now()
    for _ in range(phones.ACCOUNTS_PER_NUMBER):
        PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550177", confirmed=True)
    rotate(keep=False)
    fourth = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550177", confirmed=False)
    challenge = phones.send_code(device=fourth, method="text", purpose="phone", now=now)
    with pytest.raises(phones.NumberInUse):
        phones.confirm_by_code(device=fourth, typed=codes.code_of(challenge), now=now)
