"""Sessions: the idle clock, forms kept over a sign-in, the list of sessions and devices, and ending them (S3-17)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from identity.accounts import passwords
from identity.keys import limits
from identity.models import (
    Account,
    OpenSession,
    PhoneDevice,
    RememberedDevice,
    SavedPost,
)
from identity.sessions import sessions
from identity.sign_in import device_cookies
from tests.factories import PASSWORD, GrantFactory
from tests.steps.sign_in import FACTOR, SIGN_IN, sign_in, sign_in_by_mail, signed_in

pytestmark = pytest.mark.django_db
PROFILE, STATE, STAY, DEVICES = "/id/profile/", "/id/session/", "/id/session/stay/", "/id/devices/"
PREFERENCES = "/id/profile/preferences/"


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


class TestIdle:
    """S3-17: thirty minutes; a five-minute warning; polls never move the clock."""

    def test_half_an_hour_without_activity_signs_out_and_says_so(self, provider, clock):
        browser = signed_in(provider)
        clock.shift(timedelta(minutes=29))
        assert browser.get(PROFILE).status_code == 200
        clock.shift(timedelta(minutes=30))
        assert browser.get(PROFILE).url == f"{SIGN_IN}?next={PROFILE}"
        assert "because nothing happened for 30 minutes" in browser.get(SIGN_IN).content.decode()

    def test_polls_never_move_the_clock(self, provider, submitted, clock):
        browser = signed_in(provider)
        for _ in range(6):
            clock.shift(timedelta(minutes=5))
            browser.get(STATE)
            browser.get(reverse("printing_progress", args=[submitted.reference]))
        assert browser.get(STATE).json() == {"state": "signed out"}

    def test_autosave_and_stay_signed_in_do(self, provider, clock):
        browser = signed_in(provider)
        for path, data in ((STAY, {}), ("/p/claims/access-form/draft/", {"contact_name": "A"}), (STAY, {})):
            clock.shift(timedelta(minutes=25))
            assert browser.post(path, data).status_code == 200
        assert browser.get(STATE).json() == {"state": "open", "left": 1800}

    def test_a_missing_clock_means_idle(self, provider):
        """policy, session: the clock is a cache key; missing means idle."""
        browser = signed_in(provider)
        from identity.sessions import idle

        idle.stop(browser.session.session_key)
        assert browser.get(PROFILE).status_code == 302
        page = browser.get(SIGN_IN).content.decode()
        assert "Please sign in again" in page
        assert (
            "because nothing happened" not in page
        )  # walk B6: the cache was emptied, and the page says nothing untrue

    def test_idleness_is_told_as_long_as_a_session_could_have_lasted(self, provider, clock):
        """walk B6: eleven hours later it is known that nothing happened."""
        browser = signed_in(provider)
        clock.shift(timedelta(hours=11))
        browser.get(PROFILE)
        assert "because nothing happened for 30 minutes" in browser.get(SIGN_IN).content.decode()

    @pytest.mark.parametrize("lost", [True, False])
    def test_a_tab_is_told_whether_it_had_rested(self, provider, clock, lost):
        """field T23: a tab that comes back after a sign-out elsewhere is sent to a plain sign-in page."""
        from identity.sessions import idle

        browser = signed_in(provider)
        if lost:
            idle.stop(browser.session.session_key)
        clock.shift(timedelta(minutes=31))
        assert browser.get(STATE).json() == {"state": "signed out", "rested": not lost}

    def test_public_pages_are_shown_to_somebody_who_was_signed_out(self, provider, clock):
        browser = signed_in(provider)
        clock.shift(timedelta(minutes=31))
        page = browser.get("/")
        assert page.status_code == 200
        assert "because nothing happened" in page.content.decode()

    def test_one_clock_for_all_portals_of_the_browser(self, provider, clock):
        """D-16: one server clock a session."""
        GrantFactory(account=provider)
        GrantFactory(account=provider, portal_key="physician")
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        browser = signed_in(provider, verified=True)
        for path in ("/p/claims/home/", "/p/physician/home/"):
            clock.shift(timedelta(minutes=20))
            assert browser.get(path).status_code == 200
        clock.shift(timedelta(minutes=29))
        assert browser.get("/p/claims/home/").status_code == 200

    def test_pages_of_signed_in_people_carry_the_warning_and_others_do_not(self, provider, client):
        page = signed_in(provider).get(PROFILE).content.decode()
        assert 'data-warns="300"' in page
        assert "Stay signed in" in page
        assert "data-session" not in client.get(SIGN_IN).content.decode()


class TestHeldForms:
    def test_a_form_sent_too_late_is_kept_for_the_same_person_only(self, client, provider, stranger, inbox, clock):
        """S3-17: the half-filled form is kept as a server draft and restored after sign-in."""
        sign_in_by_mail(client, "dr.provider")
        clock.shift(timedelta(minutes=31))
        answer = client.post(PREFERENCES, {"language": "es", "theme": "auto"})
        assert answer.url == f"{SIGN_IN}?next={PREFERENCES.replace('/', '%2F')}"
        assert "What you had filled in is kept" in client.get(answer.url).content.decode()
        other = Client()
        assert sign_in_by_mail(other, "a.stranger").url == PROFILE
        held = SavedPost.objects.get()
        assert sign_in_by_mail(client, "dr.provider").url == reverse("held", args=[held.pk])
        page = client.get(reverse("held", args=[held.pk])).content.decode()
        assert "We kept what you had filled in" in page
        client.post(PREFERENCES, {"held": str(held.pk)})
        provider.refresh_from_db()
        assert provider.language == "es"

    def test_it_can_be_thrown_away(self, client, provider, inbox, clock):
        sign_in_by_mail(client, "dr.provider")
        clock.shift(timedelta(minutes=31))
        client.post(PREFERENCES, {"language": "es", "theme": "auto"})
        held = SavedPost.objects.get()
        sign_in_by_mail(client, "dr.provider")
        assert client.post(reverse("held", args=[held.pk])).url == PROFILE
        assert not SavedPost.objects.exists()

    def test_a_pages_script_keeps_forms_and_moves_no_clock(self, provider, clock):
        browser = signed_in(provider)
        clock.shift(timedelta(minutes=29))
        kept = browser.post(
            "/id/session/keep/?path=/id/profile/preferences/", {"language": "es", "csrfmiddlewaretoken": "x"}
        )
        assert kept.status_code == 204
        assert SavedPost.objects.get().body == "language=es"
        clock.shift(timedelta(minutes=2))
        assert browser.get(PROFILE).status_code == 302

    @pytest.mark.parametrize("path", ["https://evil.example/", "//evil.example/x", ""])
    def test_only_for_paths_of_this_site(self, provider, path):
        assert signed_in(provider).post(f"/id/session/keep/?path={path}", {"a": "1"}).status_code == 404

    def test_a_forged_form_is_not_kept(self, provider, clock):
        """Kept only after the CSRF check."""
        signed_in(provider)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = signed_in(provider).cookies
        clock.shift(timedelta(minutes=31))
        assert strict.post(PROFILE, {"language": "es"}).status_code == 403
        assert not SavedPost.objects.exists()


class TestLists:
    """policy, session: list of own sessions with device and last use, end one, end all."""

    def test_a_sign_in_is_listed_and_a_sign_out_takes_it_away(self, client, provider, inbox):
        client.defaults["HTTP_USER_AGENT"] = (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
        )
        sign_in_by_mail(client, "dr.provider")
        page = client.get(DEVICES).content.decode()
        assert page.count("Firefox, Windows") >= 2
        assert "This one" in page
        client.post("/id/sign-out/")
        assert not OpenSession.objects.exists()

    def test_one_session_is_ended(self, provider):
        here, there = signed_in(provider), signed_in(provider)
        row = OpenSession.objects.get(session_key=there.session.session_key)
        assert here.post(f"/id/devices/sessions/{row.pk}/end/").url == DEVICES
        assert there.get(PROFILE).status_code == 302
        assert here.get(PROFILE).status_code == 200

    def test_all_others_are_ended_listed_or_not(self, provider):
        here, there = signed_in(provider), signed_in(provider)
        OpenSession.objects.filter(session_key=there.session.session_key).delete()
        here.post("/id/devices/sessions/end/")
        assert there.get(PROFILE).status_code == 302
        assert here.get(PROFILE).status_code == 200
        assert "This one" in here.get(DEVICES).content.decode()

    def test_somebody_elses_session_and_a_missing_one_are_the_same_404(self, provider, stranger):
        signed_in(provider)
        row = OpenSession.objects.get()
        thief = signed_in(stranger)
        missing = "00000000-0000-4000-8000-000000000000"
        assert [thief.post(f"/id/devices/sessions/{pk}/end/").status_code for pk in (row.pk, missing)] == [404, 404]
        device = RememberedDevice.objects.get(account=provider)
        assert thief.post("/id/devices/forget/", {"device": str(device.pk)}).status_code == 404
        assert thief.post("/id/devices/forget/", {"device": "rubbish"}).status_code == 404

    @pytest.mark.source_profile
    def test_a_forgotten_device_takes_every_step_again(self, client, provider, inbox):
        """S0-30: revoked one by one or all."""
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        client.post("/id/devices/forget/", {"device": str(RememberedDevice.objects.get().pk)})
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == "/id/sign-in/access-code/"

    def test_all_devices_are_forgotten_at_once(self, provider):
        browser = signed_in(provider)
        signed_in(provider)
        browser.post("/id/devices/forget/", {"device": ""})
        assert not RememberedDevice.objects.filter(ended_at=None).exists()

    @pytest.mark.parametrize(
        ("address", "place"),
        [
            ("8.8.8.8", "United States"), ("200.88.1.1", "Dominican Republic"), ("10.1.2.3", "10.1.2.0/24"),
            ("127.0.0.1", "127.0.0.0/24"), ("2001:db8::1", "2001:db8::/48"), ("rubbish", ""),
        ],
    )  # fmt: skip
    def test_the_place_is_a_country_or_the_network_shortened(self, address, place):
        """D-23."""
        from identity.keys import clients

        assert clients.tenant_of(address) == place

    def test_ending_and_forgetting_are_posts(self, provider):
        browser = signed_in(provider)
        for path in ("/id/devices/sessions/end/", "/id/devices/forget/", STAY, "/id/session/keep/"):
            assert browser.get(path).status_code == 405, path


class TestOneDoor:
    """stack, "One door": no route gives a session without the stages."""

    def test_a_cookie_of_a_device_alone_opens_nothing(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        thief = Client()
        name = device_cookies.name_of(provider)
        thief.cookies[name] = client.cookies[name].value
        assert thief.get(PROFILE).status_code == 302

    def test_no_other_address_of_the_product_gives_a_session(self, provider):
        """Every address without arguments is posted the right ID and password, under all names that log-ins use."""
        from tests.steps.addresses import paths

        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        right = {"username": "dr.provider", "login": "dr.provider", "auth-username": "dr.provider"}
        right |= {"password": PASSWORD, "auth-password": PASSWORD, "email": provider.email}
        for path in sorted(set(paths())):
            browser = Client()
            browser.post(SIGN_IN, {"login": "dr.provider"})
            if path != "/inbox/" and not path.startswith("/readyz"):
                browser.post(path, right)
            assert "_auth_user_id" not in browser.session, path

    @pytest.mark.parametrize(
        "path", ["/id/confirm/", "/id/devices/", "/id/methods/passkey/", "/id/session/stay/", "/id/faster-sign-in/"]
    )
    def test_half_a_sign_in_reaches_no_page_of_the_account(self, client, provider, path):
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        sign_in(client, "dr.provider")
        assert client.post(path).status_code == 302 or client.post(path).json() == {"state": "signed out"}
        assert "_auth_user_id" not in client.session

    def test_a_session_id_set_by_somebody_else_is_not_the_one_that_is_opened(self, provider, inbox):
        """Fixation."""
        thief, victim = Client(), Client()
        assert thief.session.session_key
        victim.cookies["sessionid"] = thief.cookies["sessionid"].value
        sign_in_by_mail(victim, "dr.provider")
        assert thief.get(PROFILE).status_code == 302
        assert victim.cookies["sessionid"].value != thief.cookies["sessionid"].value

    def test_a_flushed_cache_ends_sessions_and_opens_none(self, provider):
        browser = signed_in(provider)
        cache.clear()
        assert browser.get(PROFILE).status_code == 302


def test_one_sign_in_opens_every_portal(client, provider, inbox):
    """S3-11: "Sign in" elsewhere finds the session and goes on by itself."""
    for key in ("claims", "trucase"):
        GrantFactory(account=provider, portal_key=key)
    provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
    sign_in(client, "dr.provider", nxt="/p/claims/home/")
    client.post(FACTOR, {"otp_token": inbox.newest("text").code})
    assert client.get("/p/trucase/home/").status_code == 200
    assert client.get(f"{SIGN_IN}?next=/p/trucase/enter/").url == "/p/trucase/enter/"


def test_what_is_over_is_pruned(provider):
    """speed: sessions, devices and kept forms do not pile up."""
    from django.http import QueryDict

    from identity.governance import retention
    from identity.policy import lifecycle
    from identity.sessions import saved_posts

    signed_in(provider)
    now = timezone.now()
    saved_posts.keep(account_id=provider.pk, path="/x/", body=QueryDict("a=1"), now=now)
    retention.prune(now=now + timedelta(hours=11))
    assert (OpenSession.objects.count(), SavedPost.objects.count()) == (1, 1)
    retention.prune(now=now + timedelta(hours=25))
    assert (OpenSession.objects.count(), SavedPost.objects.count(), RememberedDevice.objects.count()) == (0, 0, 1)
    retention.prune(now=now + lifecycle.after("known_device"))
    assert not RememberedDevice.objects.exists()


def with_phone(account, number="+13105550188", **facts):
    return PhoneDevice.objects.create(user=account, name="phone", number=number, **{"confirmed": True, **facts})


def test_an_ended_session_does_not_come_back_through_the_cache(provider):
    """Whatever another request put back into the cache meanwhile is idle."""
    here, there = signed_in(provider), signed_in(provider)
    key = there.session.session_key
    copy = cache.get(f"session.{key}")
    here.post(f"/id/devices/sessions/{OpenSession.objects.get(session_key=key).pk}/end/")
    cache.set(f"session.{key}", copy)
    assert there.post("/id/session/stay/").json() == {"state": "signed out", "rested": False}
    assert there.get("/id/profile/").status_code == 302


@pytest.mark.parametrize("ended", [passwords.change, None])
def test_a_sign_in_that_had_begun_ends_with_all_sessions(provider, inbox, ended):
    """Who waits at the second step with the old password does not get in with it later."""
    thief, now = Client(), timezone.now()
    with_phone(provider)
    assert sign_in(thief, "dr.provider").url == FACTOR
    code = inbox.newest("text").code
    account = Account.objects.get(pk=provider.pk)
    if ended:
        passwords.change(account=account, password="Other-Pass-22", now=now)
    else:
        sessions.end_all(account=account, by=None, now=now)
    assert thief.post(FACTOR, {"otp_token": code}).url == "/id/sign-in/"
    assert "_auth_user_id" not in thief.session


def test_signing_out_works_without_redis(provider, monkeypatch):
    from redis.exceptions import RedisError

    from identity.keys import limits

    def broken(*_a, **_k):
        raise RedisError

    browser = signed_in(provider)
    monkeypatch.setattr(limits.Server, "execute_command", broken)
    assert browser.post("/id/sign-out/").url == "/id/signed-out/"
    assert not OpenSession.objects.exists()


def test_the_signed_out_page_can_be_read_in_spanish(client):
    page = client.get("/id/signed-out/").content.decode()
    assert "/id/language/es/?next=%2Fid%2Fsigned-out%2F" in page


def test_the_cache_may_fail_and_sessions_still_hold(provider, monkeypatch):
    browser = signed_in(provider)

    def broken(*args, **kwargs):
        raise RedisError

    monkeypatch.setattr(limits.Server, "execute_command", broken)
    assert browser.get("/id/profile/").status_code == 200
