"""Proving the phone at sign-up: by text, by a call with the code on screen, another number, later."""

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from identity.accounts import emails
from identity.codes import codes
from identity.factors import phones
from identity.governance import securing
from identity.models import (
    Challenge,
    JournalEntry,
    PhoneDevice,
    SecurityAlert,
)
from identity.notices import alerts
from identity.notices.messages import TextCode
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import signed_in
from tests.steps.verify_phone import CALL, CHOOSE, TEXT, UPDATE

pytestmark = pytest.mark.django_db
PHONE = "/id/verify-phone/"


def confirmed() -> bool:
    return PhoneDevice.objects.get().confirmed


def test_the_text_message_way(client, newcomer, inbox):
    """S1-46, S1-47, S1-50: choose, text, code, success, then the page of faster methods."""
    page = client.get(CHOOSE).content.decode()
    assert "Verify Phone Number" in page
    assert "XXX-XXX-0123" in page
    assert "310" not in page.replace("310) 808", "")
    assert client.post(CHOOSE, {"method": "text"}).url == TEXT
    page = client.get(TEXT).content.decode()
    for text in (
        "We have sent you a text message with verification code on your registered phone number. "
        "Enter code below to complete the verification.",
        "Verification Code", "Waiting for Text Message?", "Resend Code", "Verify", "Call to Verify",
        "Update Phone Number", "Skip",
    ):  # fmt: skip
        assert text in page, text
    text = inbox.newest("text", "+13105550123")
    assert len(text.code) == 6
    assert client.post(TEXT, {"code": f"{text.code[:3]} {text.code[3:]}"}).url == CHOOSE
    assert confirmed()
    assert "Phone Number Verified" in client.get(CHOOSE).content.decode()
    assert client.post(CHOOSE).url == reverse("faster_sign_in")
    assert client.session["otp_device_id"], "the proved phone makes the session a verified one"
    assert JournalEntry.objects.filter(kind="identity.PhoneVerified", account=newcomer).exists()


def test_the_call_shows_the_code_on_the_page_and_takes_it_from_the_phone(client, newcomer, inbox):
    """S1-49, C9, V2: keypad entry; the code is never spoken."""
    assert client.post(CHOOSE, {"method": "call"}).url == CALL
    page = client.get(CALL)
    code = page.context["code"]
    assert f"{code[:3]} {code[3:]}" in page.content.decode()
    call = inbox.newest("voice", "+13105550123").call
    assert code not in call.says
    keypad = call.keypad_url.removeprefix("http://testserver")
    assert "have not received the code" in client.post(CALL, follow=True).content.decode()
    assert client.get(keypad).status_code == 405, "opening the address does nothing"
    assert b"not the code" in client.post(keypad, {"Digits": "000000"}).content
    assert b"The code is right" in client.post(keypad, {"Digits": code}).content
    assert confirmed()
    assert client.post(CALL).url == CHOOSE
    assert PhoneDevice.objects.get().method == "call"


def test_a_keypad_call_takes_its_own_code_only_once(client, newcomer, inbox):
    client.post(CHOOSE, {"method": "call"})
    code = client.get(CALL).context["code"]
    keypad = inbox.newest("voice").call.keypad_url.removeprefix("http://testserver")
    client.post(keypad, {"Digits": code})
    assert b"not the code" in client.post(keypad, {"Digits": code}).content
    assert client.post("/id/voice/nonsense/", {"Digits": code}).status_code == 404


def test_another_number_makes_the_old_code_worthless(client, newcomer, inbox):
    """S1-48: update, then back to "Verify Phone Number"."""
    client.post(CHOOSE, {"method": "text"})
    old = inbox.newest("text").code
    assert "+1" in client.get(UPDATE).content.decode()
    assert client.post(UPDATE, {"country": "PR", "phone": "787-555-0143"}).url == CHOOSE
    assert PhoneDevice.objects.get().number == "+17875550143"
    assert "ended" in client.post(TEXT, {"code": old}).content.decode()
    with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
        client.post(CHOOSE, {"method": "text"})
        assert client.post(TEXT, {"code": inbox.newest("text", "+17875550143").code}).url == CHOOSE
    assert confirmed()


def test_a_bad_number_is_refused_and_kept_in_its_field(client, newcomer):
    """S1-48, S4-10: the sentence of the documents."""
    page = client.post(UPDATE, {"country": "US", "phone": "12"}).content.decode()
    assert "Please enter a valid phone number" in page
    assert 'value="12"' in page


def test_skipping_goes_on_without_a_second_factor(client, newcomer):
    """S1-47, C7: the phone may be skipped until a portal needs it."""
    assert client.post(CHOOSE, {"skip": "1"}).url == reverse("faster_sign_in")
    assert not confirmed()
    assert "_auth_user_id" in client.session
    assert "otp_device_id" not in client.session


def test_five_wrong_tries_end_a_text_code(client, newcomer, inbox):
    """policy, tries."""
    client.post(CHOOSE, {"method": "text"})
    code = inbox.newest("text").code
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        client.post(TEXT, {"code": wrong})
    assert "This code has ended" in client.post(TEXT, {"code": code}).content.decode()
    assert not confirmed()


def test_one_code_is_sent_however_often_the_button_is_pressed(client, newcomer, inbox):
    """policy, resend: one per 30 seconds over text and call together."""
    for method in ("text", "call", "text"):
        client.post(CHOOSE, {"method": method})
    assert len([m for m in inbox.all() if m.channel != "mail"]) == 1
    assert "No further code was sent yet" in client.post(TEXT, {"resend": "1"}, follow=True).content.decode()


def test_ten_codes_a_day_and_then_none(newcomer):
    """policy, resend: 10 a day per phone and account."""
    device, now = PhoneDevice.objects.select_related("user").get(), timezone.now()
    for number in range(10):
        moment = now + timedelta(minutes=11 * number)
        phones.send_code(device=device, method="text", purpose="phone", now=moment)
    with pytest.raises(codes.TooManySendings) as refused:
        phones.send_code(device=device, method="text", purpose="phone", now=now + timedelta(minutes=200))
    assert refused.value.wait == timedelta(days=1) - timedelta(minutes=200)


def test_numbers_lie_encrypted(newcomer):
    """stack, one door: the number cannot be read from the table."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT number, number_key FROM identity_phonedevice")
        sealed, key = cursor.fetchone()
    assert "5550123" not in sealed
    assert "5550123" not in key


def test_a_code_that_comes_too_soon_says_when_and_keeps_the_one_that_counts(client, newcomer, inbox):
    """S1-47: one sending in 30 seconds; "Call to Verify" changes the way at once, and once (C2)."""
    assert client.post(CHOOSE, {"method": "call"}).url == CALL
    assert client.post(CHOOSE, {"method": "text"}).url == TEXT
    answer = client.post(CHOOSE, {"method": "call"}, follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain[-1][0] == TEXT
    assert "No further code was sent yet. You can try again in" in page
    assert client.post(TEXT, {"code": inbox.newest("text").code}).url == CHOOSE


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


def test_another_number_in_place_of_the_skipped_one_is_told_and_taken_back(provider, inbox):
    """policy, alerts: whatever row held the number before."""
    with_phone(provider, "+13105550100", confirmed=False, created_at=provider.date_joined)
    alert = transaction.atomic(alerts.raise_alert)(account=provider, kind="new device", now=timezone.now())
    browser = signed_in(provider)
    browser.post(f"{PHONE}update/", {"country": "US", "phone": "3105550199"})
    browser.post(PHONE, {"method": "text"})
    browser.post(f"{PHONE}text/", {"code": inbox.newest("text").code})
    assert SecurityAlert.objects.filter(kind="method added", what="phone").exists()
    securing.secure(alert=alert, now=timezone.now())
    assert not PhoneDevice.objects.exists()


def test_the_code_on_the_screen_of_a_call_is_worth_nothing_on_the_page(client, newcomer):
    """S1-49: the call proves the phone, not the reader of the page."""
    client.post(CHOOSE, {"method": "call"})
    code = client.get(CALL).context["code"]
    assert client.post(TEXT, {"code": code}).status_code == 200
    assert not PhoneDevice.objects.get().confirmed


def test_a_texted_code_cannot_be_keyed_into_a_call(client, newcomer, inbox):
    client.post(CHOOSE, {"method": "text"})
    challenge = Challenge.objects.get(purpose="phone")
    answer = client.post(f"/id/voice/{codes.token_of(challenge)}/", {"Digits": inbox.newest("text").code})
    assert answer.status_code == 404
    assert Challenge.objects.get(purpose="phone").tries == 0


def test_the_token_of_a_mail_answers_no_call(client, inbox):
    """Every token of ours is found by its row: only a call's row takes digits, whether or not a phone is known."""
    challenge = emails.send_activation(account=AccountFactory(address=False), tenant="", now=timezone.now())
    assert client.post(f"/id/voice/{codes.token_of(challenge)}/", {"Digits": "123456"}).status_code == 404


def test_a_code_checked_before_the_number_changed_confirms_nothing(db):
    account = AccountFactory()
    device = PhoneDevice.objects.create(user=account, name="phone", number="+13105550123", confirmed=False)
    challenge = phones.send_code(device=device, method="text", purpose="phone", now=NOW)
    checked = phones._check(device, "phone", "text", codes.code_of(challenge), NOW)
    phones.change_unconfirmed(device=device, number="+13105550124", now=NOW)
    with pytest.raises(codes.CodeEnded):
        phones._confirm(checked, now=NOW)
    assert not PhoneDevice.objects.get().confirmed


def test_a_late_text_goes_to_nobody_when_the_number_has_changed(db):
    """The code for number A is never delivered to number B."""
    now = timezone.now()
    account = AccountFactory()
    device = PhoneDevice.objects.create(user=account, name="phone", number="+13105550123", confirmed=False)
    challenge = phones.send_code(device=device, method="text", purpose="phone", now=now)
    phones.change_unconfirmed(device=device, number="+13105550124", now=now)
    message = TextCode(account_id=account.pk, device=device.pk, challenge=str(challenge.pk))
    assert message.render(account=account) is None
    phones.change_unconfirmed(device=PhoneDevice.objects.get(), number="+13105550123", now=now)
    assert message.render(account=account) is None, "changing it back revives nothing"
