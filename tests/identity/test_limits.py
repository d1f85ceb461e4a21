"""Limits that no restart, flush or further process gives away: known devices, phones, spending (policy; D-04)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.accounts import passwords
from identity.codes import attempts, codes, spending
from identity.factors import phones, recovery_codes
from identity.models import (
    Challenge,
    DailySpend,
    PhoneDevice,
)
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.sign_in import ACCESS, FACTOR, sign_in, sign_in_by_mail, signed_in
from tests.steps.verify_phone import CHOOSE, TEXT, UPDATE
from tests.together import together

pytestmark = pytest.mark.django_db


class TestKnownDevice:
    """D-04: a stranger cannot lock anyone out."""

    def test_wrong_passwords_of_strangers_do_not_slow_the_owner_down(self, client, provider, inbox):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            sign_in_by_mail(client, "dr.provider")
            client.post("/id/sign-out/")
            for _ in range(7):
                sign_in(Client(), "dr.provider", "Wrong-1")
            assert "Too many attempts" in sign_in(Client(), "dr.provider").content.decode()
            assert sign_in(client, "dr.provider").status_code == 302, "the right password lets the owner on"
            clock.shift(timedelta(seconds=1))

    def test_a_known_device_has_five_free_tries_of_its_own_and_no_more(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider")
        client.post("/id/sign-out/")
        for _ in range(5):
            assert "not correct" in sign_in(client, "dr.provider", "Wrong-1").content.decode()
        assert "Too many attempts" in sign_in(client, "dr.provider").content.decode()

    def test_it_helps_with_its_own_account_only(self, client, provider, stranger, inbox):
        sign_in_by_mail(client, "dr.provider")
        client.post("/id/sign-out/")
        for _ in range(5):
            sign_in(Client(), "a.stranger", "Wrong-1")
        assert "Too many attempts" in sign_in(client, "a.stranger").content.decode()


class TestWhatWasTypedIsCounted:
    """M2: a count that a name and an address shared told strangers that they belong together."""

    @pytest.mark.parametrize(
        ("first", "then"),
        [
            ("dr.provider", "dr.provider@example.org"),
            ("dr.provider@example.org", "dr.provider"),
            ("dr.provider@example.org", "second@example.org"),
            ("nobody.here", "nobody.here@example.org"),
        ],
    )
    def test_five_wrong_for_one_leave_the_other_its_free_tries(self, provider, first, then):
        provider.emailaddress_set.create(email="second@example.org", verified=True)
        for _ in range(5):
            sign_in(Client(), first, "Wrong-1")
        assert "Too many attempts" in sign_in(Client(), first).content.decode()
        assert "not correct" in sign_in(Client(), then, "Wrong-1").content.decode()

    @pytest.mark.parametrize(
        "spellings",
        [
            ["dr.provider", "DR.Provider", " dr.provider ", "dr\u200b.provider", "ｄｒ.provider"],
            [
                "who@exämple.org",
                "WHO@exämple.org",
                "who@xn--exmple-cua.org",
                "who\u200e@exämple.org",
                "who＠exämple.org",
            ],
        ],
    )
    def test_other_spellings_of_the_same_are_the_same(self, provider, spellings):
        for spelling in spellings:
            assert "Too many" not in sign_in(Client(), spelling, "Wrong-1").content.decode()
        for spelling in spellings:
            assert "Too many attempts" in sign_in(Client(), spelling).content.decode(), spelling

    def test_a_new_password_forgets_the_wrong_ones_of_every_name(
        self, provider, django_capture_on_commit_callbacks, inbox
    ):
        for typed in ("dr.provider", "dr.provider@example.org"):
            for _ in range(5):
                sign_in(Client(), typed, "Wrong-1")
        with django_capture_on_commit_callbacks(execute=True):
            passwords.change(account=provider, password=PASSWORD + "x", now=timezone.now())
        for typed in ("dr.provider", "dr.provider@example.org"):
            assert sign_in(Client(), typed, PASSWORD + "x").status_code == 302


def test_a_hundred_wrong_passwords_in_a_row_ask_for_a_new_one(client, provider):
    """policy, wrong passwords: 100 in a row ask for a reset, also for a name that nobody has."""
    for typed in ("dr.provider", "nobody.here"):
        series, now = attempts.series_of(realm="ohid", typed=typed), timezone.now() - timedelta(days=2)
        for number in range(100):
            now += timedelta(minutes=16)
            attempts.begin(series=series, address=str(number), now=now)
        with time_machine.travel(now + timedelta(minutes=16), tick=False):
            assert "Too many wrong passwords in a row" in sign_in(client, typed).content.decode()


def test_forty_parallel_attempts_share_the_five_free_ones(transactional_db):
    """D-04: one script counts and asks in one step, whatever process it comes from."""

    def attempt() -> bool:
        try:
            attempts.begin(series="parallel", address=str(timezone.now().timestamp()), now=NOW)
        except attempts.TooManyAttempts:
            return False
        return True

    assert together(attempt, threads=40).count(True) == 5


class TestPhones:
    def test_sixty_codes_an_hour_from_one_address(self, client, newcomer):
        """policy, resend: 60 an hour per IP."""
        for _ in range(60):
            attempts.check_can_send(address="127.0.0.1", now=timezone.now())
        page = client.post(CHOOSE, {"method": "text"}, follow=True).content.decode()
        assert "No further code was sent yet" in page
        assert not Challenge.objects.filter(purpose="phone").exists()

    def test_five_numbers_a_day(self, client, newcomer):
        """policy, phones: 5 added a day."""
        now = timezone.now()
        for number in range(6):
            with time_machine.travel(now + timedelta(minutes=11 * number), tick=False):
                client.post(UPDATE, {"country": "US", "phone": f"310555012{number}"})
                page = client.post(CHOOSE, {"method": "text"}, follow=True).content.decode()
        assert "Codes were sent to five numbers today" in page
        assert Challenge.objects.filter(purpose="phone").count() == 5

    def test_three_accounts_a_number_and_only_its_holder_is_told(self, client, newcomer, inbox):
        """policy, phones: 3 accounts a number; the same page until the code was typed."""
        number = PhoneDevice.objects.get(confirmed=False).number
        for _ in range(3):
            AccountFactory(phone=number)
        client.post(CHOOSE, {"method": "text"})
        answer = client.post(TEXT, {"code": inbox.newest("text").code})
        assert "Three IDs use this number already" in answer.content.decode()

    def test_a_call_says_the_code(self, client, newcomer, inbox):
        """C9, S4-10: spoken code, typed on the page."""
        assert client.post(CHOOSE, {"method": "spoken"}).url == TEXT
        call = inbox.newest("voice")
        digits = "".join(call.text.split("Again:")[0].split("is:")[1].replace(".", "").split())
        assert len(digits) == 6
        assert call.call.keypad_url == ""
        client.post(TEXT, {"code": digits})
        assert PhoneDevice.objects.get().confirmed

    def test_whoever_proved_by_spoken_code_is_called_again_at_sign_in(self, client, inbox):
        AccountFactory(login_name="land.line", phone="+12135550142")
        PhoneDevice.objects.update(method="spoken")
        sign_in(client, "land.line")
        assert "to say the code" in client.get(FACTOR).content.decode()
        digits = "".join(inbox.newest("voice").text.split("Again:")[0].split("is:")[1].replace(".", "").split())
        assert client.post(FACTOR, {"otp_token": digits}).url == reverse("profile")

    def test_a_phone_can_be_added_from_the_profile(self, provider, inbox):
        """S1-47, S1-48: skipped at sign-up, added when a portal needs it; it then counts in this session."""
        browser = signed_in(provider)
        assert browser.get(CHOOSE).url == UPDATE
        assert browser.post(UPDATE, {"country": "US", "phone": "310 555 0166"}).url == CHOOSE
        browser.post(CHOOSE, {"method": "text"})
        browser.post(TEXT, {"code": inbox.newest("text", "+13105550166").code})
        assert browser.post(CHOOSE).url == "/id/faster-sign-in/"
        assert "XXX-XXX-0166" in browser.get("/id/faster-sign-in/").content.decode()
        assert browser.session["otp_device_id"].startswith("identity.phonedevice/")
        assert "added to your ID: phone" in inbox.newest("mail", provider.email).text


class TestSpending:
    """policy, text and call codes: a daily spend limit that trips to other channels."""

    @pytest.fixture(autouse=True)
    def _poor(self, settings):
        settings.PHONE_CENTS_PER_DAY = 3

    def test_texts_and_calls_cost_and_the_limit_is_the_days(self, db):
        for number, channel in enumerate(("text", "call")):
            account = AccountFactory(phone=f"+1310555017{number}")
            phones.send_code(device=account.phonedevice_set.get(), method=channel, purpose="second_factor", now=NOW)
        third = AccountFactory(phone="+13105550179").phonedevice_set.get()
        with pytest.raises(spending.SpendLimitReached):
            phones.send_code(device=third, method="text", purpose="second_factor", now=NOW)
        assert DailySpend.objects.get().cents == 3
        assert Challenge.objects.filter(account=third.user).count() == 0, "nothing was counted against the person"
        phones.send_code(device=third, method="text", purpose="second_factor", now=NOW + timedelta(days=1))

    def test_parallel_texts_do_not_outspend_it(self, transactional_db, settings):
        settings.PHONE_CENTS_PER_DAY = 5
        DailySpend.objects.create(day=NOW.date())

        def pay() -> bool:
            try:
                spending.spend(channel="text", now=NOW)
            except spending.SpendLimitReached:
                return False
            return True

        assert together(pay, threads=12).count(True) == 5

    @pytest.mark.source_profile
    def test_sign_in_says_so_and_offers_the_mail(self, client, inbox):
        """Says it honestly; who has only a phone may have the code by mail."""
        DailySpend.objects.create(day=timezone.now().date(), cents=3)
        AccountFactory(login_name="phone.only", phone="+13105550177")
        assert sign_in(client, "phone.only").url == FACTOR
        page = client.get(FACTOR).content.decode()
        assert "We cannot send texts or place calls right now" in page
        assert client.post(FACTOR, {"by_mail": "1"}).url == ACCESS
        assert client.post(ACCESS, {"code": inbox.newest("mail").code}).url == reverse("profile")

    def test_the_mail_is_no_way_round_while_texts_can_be_sent(self, client, inbox, settings):
        settings.PHONE_CENTS_PER_DAY = 100
        AccountFactory(login_name="phone.only", phone="+13105550177")
        sign_in(client, "phone.only")
        client.post(FACTOR, {"by_mail": "1"})
        assert not [m for m in inbox.all() if m.subject == "Access Code Notification"]

    def test_nor_where_something_else_is_set_up(self, client, inbox):
        from identity.factors import recovery_codes

        DailySpend.objects.create(day=timezone.now().date(), cents=3)
        account = AccountFactory(login_name="phone.only", phone="+13105550177")
        recovery_codes.make(account=account, now=timezone.now())
        sign_in(client, "phone.only")
        page = client.get(f"{FACTOR}?use=phone").content.decode()
        assert "Send the code by email instead" not in page
        client.post(f"{FACTOR}?use=phone", {"by_mail": "1"})
        assert client.get(ACCESS).url == FACTOR

    def test_sign_up_goes_on_without_a_text(self, client, newcomer):
        DailySpend.objects.create(day=timezone.now().date(), cents=3)
        page = client.post(CHOOSE, {"method": "text"}, follow=True).content.decode()
        assert "Skip this step, and verify your phone later" in page
        assert client.post(CHOOSE, {"skip": "1"}).url == "/id/faster-sign-in/"


def test_a_flushed_cache_gives_nobody_new_tries_of_a_code(inbox):
    """policy: tries of codes and factors stand in rows."""
    AccountFactory(login_name="careful.doc", phone="+13105550177")
    browser = Client()
    sign_in(browser, "careful.doc")
    right = inbox.newest("text").code
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(codes.TRIES):
        browser.post(FACTOR, {"otp_token": wrong})
        cache.clear()
        sign_in(browser, "careful.doc")
    assert browser.post(FACTOR, {"otp_token": right}).url == f"{FACTOR}?use=phone", "ended: a new one is needed"
    assert "Ask for a new one" in browser.get(FACTOR).content.decode()
    assert PhoneDevice.objects.get().wrong_in_row == 5


def test_too_many_sign_ins_at_once_are_told_to_wait(client, provider):
    """policy, password hash: a pool of cores, a short queue, then 503; nothing was looked at or counted."""
    from contextlib import ExitStack

    from identity.keys import hash_pool

    client.post("/id/sign-in/", {"login": "dr.provider"})
    with ExitStack() as places, pytest.raises(hash_pool.Busy):
        while True:
            places.enter_context(hash_pool.pool.admit())
    with ExitStack() as places:
        for _ in range(hash_pool.pool.places):
            places.enter_context(hash_pool.pool.admit())
        answer = client.post("/id/sign-in/password/", {"password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Your password was not looked at" in answer.content.decode()
    assert sign_in(client, "dr.provider").status_code == 302, "now it is"


class TestChangingTheWay:
    """C2: who is called at a desk without that phone, or cannot take a text, changes the way at once; once."""

    @pytest.mark.parametrize(("first", "then"), [("spoken", "text"), ("text", "call"), ("call", "spoken")])
    def test_from_a_call_to_a_text_is_free_once(self, db, first, then):
        account = AccountFactory(phone="+13105550166")
        device = account.phonedevice_set.get()

        def send(method, seconds):
            moment = NOW + timedelta(seconds=seconds)
            return phones.send_code(device=device, method=method, purpose="second_factor", now=moment)

        send(first, 0)
        with pytest.raises(codes.TooManySendings):
            send(first, 5)
        send(then, 5)
        for method in (first, then):
            with pytest.raises(codes.TooManySendings) as refused:
                send(method, 10)
            assert refused.value.wait == timedelta(seconds=25)
        send(first, 35)

    def test_the_other_limits_hold(self, db):
        """policy, resend: five in ten minutes, whichever way."""
        device = AccountFactory(phone="+13105550166").phonedevice_set.get()
        for number in range(5):
            moment = NOW + timedelta(seconds=31 * number)
            phones.send_code(device=device, method=("text", "call")[number % 2], purpose="phone", now=moment)
        with pytest.raises(codes.TooManySendings):
            phones.send_code(device=device, method="call", purpose="phone", now=moment + timedelta(seconds=1))

    def test_on_the_page_of_a_sign_in(self, client, inbox):
        AccountFactory(login_name="busy.doc", phone="+13105550166")
        sign_in(client, "busy.doc")
        assert "How shall we send" not in client.get(FACTOR).content.decode(), "a text is on its way"
        assert "We are calling you." in client.post(FACTOR, {"send": "spoken"}, follow=True).content.decode()
        assert "You can try again in" in client.post(FACTOR, {"send": "text"}, follow=True).content.decode()


def test_each_call_has_one_name_on_every_page(client, newcomer):
    """C3: three names for two calls, and the explaining line beside the wrong button."""
    AccountFactory(login_name="busy.doc", phone="+13105550166")
    asked = client.get(CHOOSE).content.decode()
    other = Client()
    sign_in(other, "busy.doc")
    for page in (asked, other.get(FACTOR).content.decode()):
        assert page.count(">Call me and say the code<") == page.count(">Call me, I key the code in<") == 1
        assert ">Call<" not in page


def test_one_link_is_no_list_of_other_ways(client):
    """C3."""
    account = AccountFactory(login_name="busy.doc", phone="+13105550166")
    sign_in(client, "busy.doc")
    page = client.get(FACTOR).content.decode()
    assert "I cannot use any of these" in page
    assert "Another way" not in page
    recovery_codes.make(account=account, now=timezone.now())
    assert "Another way" in client.get(FACTOR).content.decode()


def test_an_ipv6_client_is_its_network():
    for number in range(20):
        attempts.begin(series=f"s{number}", address=f"2001:db8::{number:x}", now=NOW)
    with pytest.raises(attempts.TooManyAttempts):
        attempts.begin(series="another", address="2001:db8::ffff", now=NOW)
    attempts.begin(series="another", address="2001:db8:0:1::1", now=NOW)


def test_proving_a_phone_and_signing_in_share_the_numbers_limits(db):
    """policy, resend: 10 a day per phone, across accounts and purposes."""
    now = NOW
    for number in range(10):
        account = AccountFactory()
        purpose = "phone" if number % 2 else "second_factor"
        codes.issue(account=account, purpose=purpose, target="+13105550123", channel="text", now=now)
        now += timedelta(minutes=11)
    with pytest.raises(codes.TooManySendings):
        codes.issue(account=AccountFactory(), purpose="phone", target="+13105550123", channel="text", now=now)


def test_too_busy_is_no_wrong_password(client, provider, monkeypatch):
    from identity.keys import hash_pool

    def busy(*_):
        raise hash_pool.Busy

    client.post("/id/sign-in/", {"login": "dr.provider"})
    with monkeypatch.context() as patched:
        patched.setattr(hash_pool.pool, "run", busy)
        for _ in range(7):
            assert client.post("/id/sign-in/password/", {"password": PASSWORD}).status_code == 503
    assert sign_in(client, "dr.provider").status_code == 302, "none was counted as wrong"


def test_challenges_are_not_a_strangers_way_to_fill_the_table(client):
    for _ in range(300):
        attempts.check_can_ask_challenge(address="127.0.0.1", now=timezone.now())
    assert client.get("/id/sign-in/passkey/").status_code == 429


def test_a_burst_of_parallel_attempts_shares_the_five_free_ones():
    """D-04: counted before the password is looked at."""
    passed = 0
    for number in range(40):
        try:
            attempts.begin(series="victim", address=str(number), now=NOW)
            passed += 1
        except attempts.TooManyAttempts:
            pass
    assert passed == 5


def test_two_people_of_one_office_may_share_a_phone_but_not_flood_it(db):
    """policy, resend: the pause is the account's; five in ten minutes are the number's."""
    now = timezone.now()
    for number in range(5):
        device = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
        phones.send_code(device=device, method="text", purpose="phone", now=now + timedelta(seconds=number))
    sixth = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
    with pytest.raises(codes.TooManySendings):
        phones.send_code(device=sixth, method="text", purpose="phone", now=now + timedelta(seconds=9))
