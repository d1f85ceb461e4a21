"""The server's clock steps back, or comes back from far ahead (L12): the newest code stays the newest, and limits are
neither emptied nor frozen."""

from datetime import timedelta
from uuid import uuid4

import pytest

from accessforms.domain import limits as requests
from identity.accounts import questions
from identity.codes import attempts, codes
from identity.factors import factors, phones
from identity.models import Challenge, PhoneDevice
from identity.policy import lifecycle
from portals import registry
from tests.factories import NOW, AccountFactory
from tests.steps.intake import send

pytestmark = pytest.mark.django_db
STEPS = [timedelta(seconds=1), timedelta(minutes=20), timedelta(hours=1), timedelta(days=400)]
NUMBER = "+13105550123"
PAUSE, WINDOW = lifecycle.after("resend_pause"), lifecycle.after("resend_window")
SECOND = timedelta(seconds=1)
steps = pytest.mark.parametrize("step", STEPS, ids=str)


def issue(account, now, *, number=NUMBER, channel="text") -> Challenge:
    return codes.issue(account=account, purpose="phone", target=number, channel=channel, now=now)


def wait(account, now, *, number=NUMBER) -> timedelta:
    """How long the account is told to wait; nothing where it need not."""
    try:
        codes.check_can_issue(account=account, purpose="phone", target=number, channel="text", now=now)
    except codes.TooManySendings as refused:
        return refused.wait
    return timedelta()


class TestTheNewestCode:
    @steps
    def test_is_the_one_that_was_sent_last(self, provider, step):
        old, new = issue(provider, NOW), issue(provider, NOW - step)
        assert codes.newest(account=provider, purpose="phone", target=NUMBER) == new
        assert codes.is_superseded(old)
        assert codes.is_for(new, NUMBER)

    def test_of_the_page_is_the_one_in_the_text(self, provider):
        """Who types the code of the text that came last gets in, who types the one before does not."""
        old, new = issue(provider, NOW), issue(provider, NOW - timedelta(hours=1))
        later = NOW - timedelta(hours=1) + SECOND
        answer = {"account": provider, "purpose": "phone", "target": NUMBER, "channels": ("text",), "now": later}
        with pytest.raises(codes.WrongCode):
            codes.check(**answer, typed=codes.code_of(old))
        assert codes.check(**answer, typed=codes.code_of(new)) == new

    def test_each_is_greater_than_what_its_account_and_its_number_had(self, provider, stranger):
        """Two orders at once: nobody needs a lock that all accounts share."""
        first, other = issue(provider, NOW), issue(stranger, NOW, number="+13105550124")
        both = issue(stranger, NOW + PAUSE)
        assert both.number > max(first.number, other.number)


class TestSendings:
    @steps
    def test_who_asked_a_moment_ago_waits_for_the_pause_not_for_the_clock(self, provider, step):
        """L12: it was 1:00:30 after a step of an hour."""
        issue(provider, NOW)
        now = NOW - step
        assert wait(provider, now) == timedelta()
        issue(provider, now)
        assert wait(provider, now + SECOND) == PAUSE - SECOND
        assert wait(provider, now + PAUSE) == timedelta()

    @steps
    @pytest.mark.parametrize("whose", ["account", "number"])
    def test_five_before_the_step_are_not_forgotten(self, step, whose):
        """One more goes out, for nobody knows how old they are; then the window is the usual one."""
        accounts = [AccountFactory() for _ in range(6)] if whose == "number" else [AccountFactory()] * 6
        for place, account in enumerate(accounts[:5]):
            issue(account, NOW + PAUSE * place)
        now, last = NOW + PAUSE * 4 - step, accounts[5]
        if step < PAUSE:  # four of the five are not dated ahead
            assert wait(last, now) == NOW + WINDOW - now
            return
        assert wait(last, now) == timedelta()
        issue(last, now)
        another = AccountFactory() if whose == "number" else last
        assert wait(another, now + PAUSE) == WINDOW - PAUSE
        assert wait(another, now + WINDOW) == timedelta()

    def test_a_clock_that_was_an_hour_behind_and_is_right_again_empties_nothing(self, provider):
        for place in range(4):
            issue(provider, NOW + PAUSE * place)
        issue(provider, NOW - timedelta(hours=1))
        assert wait(provider, NOW + PAUSE * 4) > timedelta()

    @steps
    def test_the_other_way_is_free_once_after_a_step_too(self, provider, step):
        """C2, in the same minute."""
        now = NOW - step
        issue(provider, NOW)
        issue(provider, now)
        issue(provider, now, channel="call")
        assert wait(provider, now) == PAUSE


class TestLimitsOfADay:
    """Each freezes nobody for longer than its own day, however far ahead the clock has been."""

    def test_numbers(self, provider):
        device = PhoneDevice.objects.create(user=provider, name="phone", number=NUMBER, confirmed=False)
        for place in range(5):
            issue(provider, NOW + PAUSE * place, number=f"+1310555013{place}")
        with pytest.raises(phones.TooManyNumbers):
            phones.send_code(device=device, method="text", purpose="phone", now=NOW - timedelta(hours=1))
        assert phones.send_code(device=device, method="text", purpose="phone", now=NOW - timedelta(days=400))

    def test_wrong_codes(self, provider):
        device = PhoneDevice.objects.create(user=provider, name="phone", number=NUMBER, confirmed=True)
        for _ in range(factors.WRONG_PER_DAY):
            factors.begin_try(device, now=NOW)
        device.refresh_from_db()
        with pytest.raises(factors.FactorPaused):
            factors.begin_try(device, now=NOW - timedelta(hours=1))
        assert factors.is_paused(device, now=NOW - timedelta(hours=1))
        assert not factors.is_paused(device, now=NOW - timedelta(days=400))
        factors.begin_try(device, now=NOW - timedelta(days=400))
        device.refresh_from_db()
        assert device.wrong_today == 1

    def test_security_questions(self, provider):
        answers = {"account": provider, "answers": {}}
        for _ in range(questions.TRIES):
            with pytest.raises(questions.WrongAnswers):
                questions.check(**answers, now=NOW)
        with pytest.raises(questions.TooManyTries):
            questions.check(**answers, now=NOW - timedelta(hours=1))
        with pytest.raises(questions.WrongAnswers):
            questions.check(**answers, now=NOW - timedelta(days=400))

    def test_requests(self, provider):
        most = registry.get("claims").access_form.most_open
        for _ in range(most):
            row = send(provider)
        type(row).objects.update(state="withdrawn")
        for _ in range(registry.get("claims").access_form.most_a_day - most):
            type(row).objects.filter(pk=send(provider).pk).update(state="withdrawn")
        with pytest.raises(requests.TooMany):
            send(provider, now=NOW - timedelta(hours=1))
        type(row).objects.filter(state="draft").delete()
        assert send(provider, now=NOW - timedelta(days=400))


class TestLimitsInRedis:
    """What was counted began now at the latest: it goes on counting for one window, and no longer."""

    @steps
    def test_a_window_is_over_after_its_length(self, step):
        address, length = uuid4().hex, lifecycle.after("sendings_window")
        for _ in range(attempts.SENDINGS_PER_ADDRESS):
            attempts.check_can_send(address=address, now=NOW)
        now = NOW - step
        with pytest.raises(attempts.TooManyAttempts) as refused:
            attempts.check_can_send(address=address, now=now)
        assert refused.value.wait == length
        with pytest.raises(attempts.TooManyAttempts):
            attempts.check_can_send(address=address, now=now + length - SECOND)
        attempts.check_can_send(address=address, now=now + length)

    @steps
    def test_a_pause_after_wrong_passwords_is_at_most_the_longest(self, step):
        series, longest = f"series {uuid4()}", lifecycle.after("longest_password_pause")
        for place in range(20):
            attempts.begin(series=series, address=uuid4().hex, now=NOW + longest * place)
        now = NOW + longest * 19 - step
        with pytest.raises(attempts.TooManyAttempts) as refused:
            attempts.begin(series=series, address=uuid4().hex, now=now)
        assert refused.value.wait <= longest
        attempts.begin(series=series, address=uuid4().hex, now=now + longest)

    @steps
    def test_the_twenty_tries_of_an_address_are_counted_for_a_minute(self, step):
        address, length = uuid4().hex, lifecycle.after("address_window")
        for _ in range(attempts.TRIES_PER_ADDRESS):
            attempts.begin(series=uuid4().hex, address=address, now=NOW)
        now = NOW - step
        with pytest.raises(attempts.TooManyAttempts) as refused:
            attempts.begin(series=uuid4().hex, address=address, now=now)
        assert refused.value.wait == length
        attempts.begin(series=uuid4().hex, address=address, now=now + length)

    @steps
    def test_a_hundred_in_a_row_are_forgotten_a_day_later(self, step):
        series, now = f"series {uuid4()}", NOW
        for _ in range(attempts.TRIES_IN_A_ROW):
            now += lifecycle.after("longest_password_pause")
            attempts.begin(series=series, address=uuid4().hex, now=now)
        now -= step
        try_it = {"series": series, "address": uuid4().hex}
        with pytest.raises((attempts.ResetNeeded, attempts.TooManyAttempts)):
            attempts.begin(**try_it, now=now)
        attempts.begin(**try_it, now=now + lifecycle.after("password_series"))
