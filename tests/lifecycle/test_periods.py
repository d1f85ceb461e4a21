"""Every row of the table of periods: a second before its end, and at the very moment."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from enrollment.domain import staff
from identity import lifecycle
from identity.domain import attempts, codes, emails, phones
from identity.models import Challenge, PhoneDevice
from tests.factories import NOW, PASSWORD, AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("movable_clock")]
SECOND = timedelta(seconds=1)
NUMBERS = count()


def raises(error, call) -> bool:
    try:
        call()
    except error:
        return True
    return False


def newcomer():
    account = AccountFactory(address=False)
    PhoneDevice.objects.create(user=account, name="phone", number="+13105550123", confirmed=False)
    return account


def activation_ended(account, at) -> bool:
    challenge = emails.send_activation(account=account, place="", now=NOW)
    return raises(codes.CodeEnded, lambda: emails.verify_by_link(challenge=challenge, now=at))


def phone_code_ended(account, at) -> bool:
    device = account.phonedevice_set.select_related("user").get()
    challenge = phones.send_code(device=device, method="text", purpose="phone", now=NOW)
    typed = codes.code_of(challenge)
    return raises(codes.CodeEnded, lambda: phones.confirm_by_code(device=device, typed=typed, now=at))


def window(purpose, most, gap):
    """Whether one more code can be sent at a moment, after `most` sendings from NOW on, `gap` apart."""

    def free(account, at) -> bool:
        for number in range(most):
            codes.issue(account=account, purpose=purpose, target="x", channel="text", now=NOW + gap * number)
        return not raises(
            codes.TooManySendings, lambda: codes.check_can_issue(account=account, purpose=purpose, target="x", now=at)
        )

    return free


def password_pause_over(wrong):
    """Whether an attempt is looked at again, after so many wrong ones as fast as the pauses allow."""

    def over(account, at) -> bool:
        moments, moment = [], NOW
        for number in range(wrong):
            moments.append(moment)
            pause = lifecycle.after("first_password_pause") * 2 ** max(number - 4, 0) if number >= 4 else timedelta(0)
            moment += min(pause, lifecycle.after("longest_password_pause"))
        shift = NOW - moments[-1]  # the last wrong one is made at NOW
        for number, begun in enumerate(moments):
            with time_machine.travel(begun + shift, tick=False):
                attempts.begin(realm="ohid", typed="x", address=str(number), now=begun + shift)
        with time_machine.travel(at, tick=False):
            return not raises(
                attempts.TooManyAttempts, lambda: attempts.begin(realm="ohid", typed="x", address="a", now=at)
            )

    return over


def password_series_over(account, at) -> bool:
    """Whether five tries are free again: four were made at NOW, the pause after the fifth is what a series means."""
    with time_machine.travel(NOW, tick=False):
        for number in range(4):
            attempts.begin(realm="ohid", typed="x", address=str(number), now=NOW)
    with time_machine.travel(at, tick=False):
        attempts.begin(realm="ohid", typed="x", address="a", now=at)
        return not raises(
            attempts.TooManyAttempts, lambda: attempts.begin(realm="ohid", typed="x", address="b", now=at)
        )


def address_window_over(check, most):
    def over(account, at) -> bool:
        begin = NOW.replace(minute=0, second=0)
        with time_machine.travel(begin, tick=False):
            for _ in range(most):
                check(begin)
        later = begin + (at - NOW)
        with time_machine.travel(later, tick=False):
            return not raises(attempts.TooManyAttempts, lambda: check(later))

    return over


def told_and_asked(at) -> None:
    attempts.check_can_probe(address="a", now=at)
    attempts.told_taken(address="a", now=at)


def staff_link_ended(account, at) -> bool:
    invitation = staff.invite(email="a@example.org", role="operator", portals=[], now=NOW)
    return raises(staff.InvitationEnded, lambda: staff.find(staff.token_of(invitation), now=at))


def session_ended(account, at) -> bool:
    """Twelve hours from the sign-in, whatever was saved in between."""
    signer = AccountFactory()
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        browser.post("/id/sign-in/", {"login": signer.login_name})
        browser.post("/id/sign-in/password/", {"password": PASSWORD})
        clock.move_to(NOW + timedelta(hours=11))
        browser.get("/id/sign-in/?next=/p/claims/home/")  # writes the session
        session = browser.session
        session["x"] = 1
        session.save()
        cache.clear()
        clock.move_to(at)
        return browser.get("/id/profile/").status_code == 302


def sign_up_under_way_ended(account, at) -> bool:
    with time_machine.travel(NOW, tick=False) as clock:
        browser = Client()
        browser.post("/id/sign-in/", {"login": account.login_name})
        browser.post("/id/sign-in/password/", {"password": PASSWORD})
        clock.move_to(at + SECOND)  # allauth ends it after the moment
        return browser.get("/id/verify-email/").status_code == 302


# The name of a row -> whether its period is over at a moment. Rows that other tests walk name that test.
ENDED = {
    "activation": activation_ended,
    "phone_code": phone_code_ended,
    "resend_pause": window("phone", 1, SECOND),
    "resend_window": window("phone", 5, timedelta(seconds=31)),
    "activation_window": window("email", 5, timedelta(seconds=31)),
    "daily_codes": window("phone", 10, timedelta(minutes=11)),
    "first_password_pause": password_pause_over(5),
    "longest_password_pause": password_pause_over(30),
    "address_window": address_window_over(
        lambda at: attempts.begin(realm="ohid", typed=f"x{next(NUMBERS)}", address="a", now=at),
        20,
    ),
    "name_window": address_window_over(told_and_asked, 20),
    "sign_up_window": address_window_over(lambda at: attempts.check_can_sign_up(address="a", now=at), 60),
    "password_series": password_series_over,
    "sign_in_under_way": sign_up_under_way_ended,
    "session": session_ended,
    "staff_enrolment": staff_link_ended,
}
ELSEWHERE = {
    "unfaxed_request": "tests/accessforms/test_submissions.py",
    "journal": "tests/identity/test_outbox.py",
    "outbox": "tests/identity/test_outbox.py",
    "code_record": "tests/identity/test_outbox.py",
}


def test_every_row_has_a_test():
    """house, the periods in one place."""
    assert set(ENDED) | set(ELSEWHERE) == set(lifecycle.PERIODS)
    for path in ELSEWHERE.values():
        assert (settings.BASE_DIR / path).exists()


@pytest.mark.parametrize("name", ENDED)
def test_a_second_before_it_is_not_over_and_at_the_moment_it_is(name):
    """house, policy: both edges of each period."""
    end = NOW + lifecycle.after(name)
    assert not ENDED[name](newcomer(), end - SECOND)
    cache.clear()
    Challenge.objects.all().delete()
    assert ENDED[name](newcomer(), end)


def test_a_profile_may_have_its_own_length():
    """policy: two profiles, a column each."""
    assert lifecycle.after("staff_enrolment", "nist") == timedelta(hours=24)
    assert lifecycle.after("phone_code", "nist") == lifecycle.after("phone_code")


def test_the_reference_page_is_the_table():
    """house: docs/reference/lifecycle.md is generated."""
    from config.reference import lifecycle_page

    page = Path(settings.BASE_DIR / "docs/reference/lifecycle.md")
    assert page.read_text() == lifecycle_page(), "run: make docs"
