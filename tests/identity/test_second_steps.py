"""The second step: access code by mail, authenticator, recovery codes, choosing among them, and skipping it."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.codes import codes
from identity.factors import authenticators, factors, recovery_codes
from identity.models import AuthenticatorDevice, Challenge, RecoveryCode, RecoveryDevice, RememberedDevice
from identity.notices import access_codes
from identity.sessions import devices
from identity.sign_in import device_cookies
from tests.conftest import make_staff
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.second_steps import code_at
from tests.steps.sign_in import ACCESS, FACTOR, PASSWORD_PAGE, SIGN_IN, sign_in, sign_in_by_mail, signed_in
from tests.together import together

pytestmark = pytest.mark.django_db
DEMO_PASSWORD = PASSWORD


@pytest.fixture
def careful(provider):
    """A provider with an authenticator."""
    secret = authenticators.new_secret()
    moment = timezone.now() - timedelta(minutes=10)
    authenticators.set_up(account=provider, secret=secret, typed=code_at(secret, moment), now=moment)
    provider.secret = secret
    return provider


class TestAccessCode:
    """S0-29, S0-30: only where nothing stronger exists."""

    @pytest.mark.source_profile
    def test_the_first_sign_in_asks_for_the_code_of_the_mail(self, client, provider, inbox):
        assert sign_in(client, "dr.provider").url == ACCESS
        page = client.get(ACCESS).content.decode()
        for text in ("Access Code Sign In", "Skip this step next time", ">Next<"):
            assert text in page
        mail = inbox.newest("mail")
        assert (mail.subject, mail.to) == ("Access Code Notification", provider.email)
        assert len(mail.code.replace("-", "")) == 8
        assert "_auth_user_id" not in client.session
        assert client.post(ACCESS, {"code": mail.code.lower().replace("-", " ")}).url == reverse("profile")

    @pytest.mark.parametrize("typed", ["", "AAAA", "AAAA-AAAA-AAAA", "ÄÖÜÄÖÜÄÖ"])
    @pytest.mark.source_profile
    def test_what_cannot_be_a_code_costs_no_try(self, client, provider, inbox, typed):
        sign_in(client, "dr.provider")
        assert client.post(ACCESS, {"code": typed}).status_code == 200
        assert Challenge.objects.get(purpose="access").tries == 0

    @pytest.mark.source_profile
    def test_guessing_over_many_browsers_stops_at_the_accounts_limit(self, provider, inbox):
        """policy, tries: five a code, counted on the account; a flushed cache gives nobody new ones."""
        browsers = [Client() for _ in range(3)]
        for browser in browsers:
            sign_in(browser, "dr.provider")
        right = inbox.newest("mail").code
        for number in range(5):
            cache.clear()
            for browser in browsers:
                sign_in(browser, "dr.provider")
            browsers[number % 3].post(ACCESS, {"code": "2222-2222"})
        assert browsers[0].post(ACCESS, {"code": right}).status_code == 200
        assert "_auth_user_id" not in browsers[0].session

    @pytest.mark.source_profile
    def test_an_older_code_and_one_of_another_flow_are_refused(self, client, provider, inbox):
        sign_in(client, "dr.provider")
        old = inbox.newest("mail").code
        with time_machine.travel(timezone.now() + timedelta(seconds=31), tick=False):
            client.post(ACCESS, {"resend": "1"})
            assert client.post(ACCESS, {"code": old}).status_code == 200
            assert client.post(ACCESS, {"code": inbox.newest("mail").code}).url == reverse("profile")

    def test_such_an_account_is_asked_at_each_sign_in_to_add_a_method(self, client, provider, inbox):
        """policy, access code; remembered or not."""
        for _ in range(2):
            if (answer := sign_in(client, "dr.provider")).url == ACCESS:
                answer = client.post(ACCESS, {"code": inbox.newest("mail").code, "skip_next": "1"})
            page = client.get(answer.url).content.decode()
            assert '<a href="/id/faster-sign-in/">Set up a faster and safer method</a>' in page
            client.post("/id/sign-out/")
        provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        provider.devices.update(skips_until=None)
        sign_in(client, "dr.provider")
        answer = client.post(FACTOR, {"otp_token": inbox.newest("text").code})
        assert "Set up a faster and safer method" not in client.get(answer.url).content.decode()

    def test_whoever_set_up_something_stronger_is_not_asked(self, client, careful, inbox):
        assert sign_in(client, "dr.provider").url == FACTOR
        assert not Challenge.objects.filter(purpose="access").exists()

    def test_staff_get_none(self, client, db, inbox):
        """policy, access code: never for staff; D-22."""
        agent = make_staff("no.method", "service desk")
        agent.phonedevice_set.all().delete()
        assert sign_in(client, "no.method").url == reverse("no_factor")
        for _again in range(2):  # looking ends nothing
            assert "A second step is missing" in client.get(reverse("no_factor")).content.decode()
        assert client.get(ACCESS).url == client.post(ACCESS, {"resend": "1"}).url == reverse("no_factor")
        assert not Challenge.objects.filter(purpose="access").exists()

    def test_the_nist_profile_has_none(self, client, provider, settings):
        """policy, access code: off."""
        settings.REALM_PROFILES = {"ohid": "nist"}
        assert sign_in(client, "dr.provider").url == reverse("profile")

    def test_twenty_parallel_uses_of_one_code_give_one_success(self, transactional_db):
        account = AccountFactory()
        now = timezone.now()
        challenge = access_codes.send(account=account, tenant="", now=now)
        Challenge.objects.update(tries=0)
        used = together(lambda: _uses(challenge, now), threads=20)
        assert sorted(used) == [False] * 19 + [True]


def _uses(challenge, now) -> bool:
    try:
        codes.use(challenge, now=now)
    except codes.CodeEnded:
        return False
    return True


class TestAuthenticator:
    """S1-51..53."""

    def test_setting_it_up_takes_the_first_code_of_an_independent_tool(self, provider):
        """S1-52, S1-53: QR, typed key, success message."""
        browser = signed_in(provider)
        page = browser.get("/id/methods/authenticator/")
        key = page.context["key"].replace(" ", "")
        assert "<svg" in page.content.decode()
        assert browser.get("/id/methods/authenticator/").context["key"].replace(" ", "") == key, "a reload keeps it"
        assert (
            "not the code of the moment"
            in browser.post("/id/methods/authenticator/", {"code": "000000"}).content.decode()
        )
        code = code_at(key, timezone.now())
        answer = browser.post("/id/methods/authenticator/", {"code": f"{code[:3]} {code[3:]}"}, follow=True)
        assert "Your authenticator is set up" in answer.content.decode()

    def test_the_secret_lies_encrypted(self, careful):
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM identity_authenticatordevice")
            assert careful.secret not in cursor.fetchone()[0]

    def test_it_opens_the_session_and_a_replay_does_not(self, client, careful):
        sign_in(client, "dr.provider")
        code = code_at(careful.secret, timezone.now())
        assert client.post(FACTOR, {"otp_token": code}).url == reverse("profile")
        again = Client()
        sign_in(again, "dr.provider")
        cache.clear()
        assert "used already" in again.post(FACTOR, {"otp_token": code}).content.decode()

    @pytest.mark.parametrize(("steps", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
    def test_one_step_of_tolerance_either_side(self, careful, steps, taken):
        device, now = AuthenticatorDevice.objects.get(), timezone.now()
        code = code_at(careful.secret, now + timedelta(seconds=30 * steps))
        assert authenticators.accept(device=device, typed=code, now=now) is taken

    def test_twenty_parallel_uses_of_one_code_give_one_success(self, transactional_db):
        account, secret, now = AccountFactory(), authenticators.new_secret(), timezone.now()
        AuthenticatorDevice.objects.create(user=account, name="a", secret=secret)
        code = code_at(secret, now)
        device = AuthenticatorDevice.objects.get()
        answers = together(lambda: _takes(device, code, now), threads=20)
        assert answers.count(True) == 1

    def test_twenty_wrong_codes_a_day_then_another_method(self, client, careful):
        """policy, tries: 20 a day; in the row, so a flush gives nobody new ones."""
        device, now = AuthenticatorDevice.objects.get(), timezone.now()
        for _ in range(20):
            assert not authenticators.accept(device=device, typed="000000", now=now)
        cache.clear()
        with pytest.raises(factors.FactorPaused):
            authenticators.accept(device=device, typed=code_at(careful.secret, now), now=now)
        sign_in(client, "dr.provider")
        assert "Too many wrong codes for this method today" in client.get(FACTOR).content.decode()

    def test_a_hundred_in_a_row_switch_it_off_and_tell_the_owner(self, careful, inbox):
        """policy, tries: 100 in a row disable that factor."""
        device, now = AuthenticatorDevice.objects.get(), timezone.now()
        for number in range(100):
            day = now + timedelta(days=number // 20, minutes=number % 20 + 1)
            assert not authenticators.accept(device=device, typed="000000", now=day)
        with pytest.raises(factors.FactorPaused):
            authenticators.accept(device=device, typed="000000", now=now + timedelta(days=30))
        assert "switched off after too many wrong codes: authenticator" in inbox.newest("mail").text

    def test_a_right_code_begins_the_count_anew(self, careful):
        device, now = AuthenticatorDevice.objects.get(), timezone.now()
        for _ in range(5):
            authenticators.accept(device=device, typed="000000", now=now)
        assert authenticators.accept(device=device, typed=code_at(careful.secret, now), now=now)
        device.refresh_from_db()
        assert (device.wrong_in_row, device.wrong_today) == (0, 5)

    def test_moving_to_another_phone_ends_the_old_one(self, careful):
        browser, old = signed_in(careful, device=AuthenticatorDevice.objects.get()), careful.secret
        key = browser.get("/id/methods/authenticator/").context["key"].replace(" ", "")
        browser.post("/id/methods/authenticator/", {"code": code_at(key, timezone.now())})
        device = AuthenticatorDevice.objects.get()
        assert device.secret == key != old


def _takes(device, code, now) -> bool:
    return authenticators.accept(device=device, typed=code, now=now)


class TestRecoveryCodes:
    """policy, recovery codes: ten, 16 characters, hashed, each once."""

    def test_they_are_shown_once_downloadable_and_counted(self, provider):
        browser = signed_in(provider)
        page = browser.post("/id/methods/recovery-codes/", follow=True)
        made = page.context["codes"]
        assert (len(made), {len(code) for code in made}) == (10, {16})
        assert browser.get(page.request["PATH_INFO"]).context["codes"] == made, "a reload makes no new ones"
        file = browser.post("/id/methods/recovery-codes/file/", {"shown": made})
        assert file["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
        assert made[3] in file.content.decode().replace(" ", "")
        assert browser.post(page.request["PATH_INFO"]).url == "/id/faster-sign-in/"
        assert browser.get(page.request["PATH_INFO"]).url == "/id/faster-sign-in/", "they are not shown again"
        assert "10 left" in browser.get("/id/faster-sign-in/").content.decode()

    def test_only_own_codes_come_back_as_a_file(self, provider, stranger):
        made = recovery_codes.make(account=provider, now=NOW)
        recovery_codes.make(account=stranger, now=NOW)
        for sent in (made, ["x"], [], [*made, "=cmd()"]):
            assert signed_in(stranger).post("/id/methods/recovery-codes/file/", {"shown": sent}).status_code == 404

    def test_only_hashes_are_kept(self, provider):
        made = recovery_codes.make(account=provider, now=NOW)
        assert not set(made) & set(RecoveryCode.objects.values_list("digest", flat=True))

    def test_each_opens_the_door_once(self, client, careful, inbox):
        made = recovery_codes.make(account=careful, now=NOW)
        for browser, code, opened in ((client, made[0], True), (Client(), made[0], False), (Client(), made[1], True)):
            sign_in(browser, "dr.provider")
            typed = " ".join(code[i : i + 4] for i in range(0, 16, 4)).lower()
            browser.post(f"{FACTOR}?use=recovery", {"otp_token": typed})
            assert ("_auth_user_id" in browser.session) is opened
        assert recovery_codes.left(careful) == 8

    def test_twenty_parallel_uses_give_one_success(self, transactional_db):
        account, now = AccountFactory(), timezone.now()
        code = recovery_codes.make(account=account, now=now)[0]
        device = RecoveryDevice.objects.get()
        assert together(lambda: recovery_codes.accept(device=device, typed=code, now=now), threads=20).count(True) == 1

    def test_new_ones_end_the_old(self, provider):
        old = recovery_codes.make(account=provider, now=NOW)[0]
        recovery_codes.make(account=provider, now=NOW)
        assert not recovery_codes.accept(device=RecoveryDevice.objects.get(), typed=old, now=NOW)


class TestChoosing:
    def test_every_method_is_one_link_away(self, client, careful, inbox):
        """C7: the strongest first, the others as links; a GET sends nothing."""
        recovery_codes.make(account=careful, now=NOW)
        phone = careful.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        sign_in(client, "dr.provider")
        page = client.get(FACTOR).content.decode()
        assert "Open the authenticator app" in page
        for text in ("Send a code to XXX-XXX-0199", "Use a recovery code"):
            assert text in page
        assert "How shall we send a code" in client.get(f"{FACTOR}?use=phone").content.decode()
        assert not [m for m in inbox.all() if m.channel == "text" and "verification" in m.text]
        client.post(f"{FACTOR}?use=phone", {"send": "text"})
        code = inbox.newest("text", phone.number).code
        assert client.post(f"{FACTOR}?use=phone", {"otp_token": code}).url == reverse("profile")

    def test_a_method_that_is_not_set_up_is_not_to_be_had(self, client, careful):
        sign_in(client, "dr.provider")
        assert "Open the authenticator app" in client.get(f"{FACTOR}?use=phone").content.decode()


class TestSkipping:
    """S0-30, policy remembered device: 30 days, this account, this browser; a value that rotates."""

    @pytest.mark.source_profile
    def test_the_next_sign_in_skips_the_step_the_one_in_31_days_does_not(self, client, provider, inbox):
        now = timezone.now()
        with time_machine.travel(now, tick=False) as clock:
            sign_in_by_mail(client, "dr.provider", skip_next="1")
            client.post("/id/sign-out/")
            clock.shift(timedelta(days=29))
            assert sign_in(client, "dr.provider").url == reverse("profile")
            client.post("/id/sign-out/")
            clock.shift(timedelta(days=2))
            assert sign_in(client, "dr.provider").url == ACCESS

    @pytest.mark.source_profile
    def test_without_the_box_the_step_is_asked_again(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider")
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == ACCESS

    @pytest.mark.source_profile
    def test_people_of_one_office_pc_do_not_disturb_one_another(self, client, provider, stranger, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        client.post("/id/sign-out/")
        assert sign_in(client, "a.stranger").url == ACCESS, "somebody else's device skips nothing"
        client.post(ACCESS, {"code": inbox.newest("mail", stranger.email).code})
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == reverse("profile")

    @pytest.mark.source_profile
    def test_a_copied_value_revokes_both_and_alerts(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        thief, name = Client(), device_cookies.name_of(provider)
        thief.cookies[name] = client.cookies[name].value
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == reverse("profile"), "the owner's value rotates"
        assert sign_in(thief, "dr.provider").url == ACCESS, "the copy is an old one now"
        client.post("/id/sign-out/")
        assert RememberedDevice.objects.get().ended_at is None, "a button pressed twice alarms nobody"
        with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
            assert sign_in(thief, "dr.provider").url == ACCESS
            assert sign_in(client, "dr.provider").url == ACCESS, "and the owner's is worth nothing either"
        assert any("copy of what your browser remembers" in m.text for m in inbox.all())

    def test_a_made_up_value_revokes_nothing(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        value = client.cookies[device_cookies.name_of(provider)].value
        thief = Client()
        for fake in (value[:-1] + ("0" if value[-1] != "0" else "1"), "x.1.y", "", "a" * 5000):
            thief.cookies[device_cookies.name_of(provider)] = fake
            sign_in(thief, "dr.provider", "Wrong-Pass-1")
        assert RememberedDevice.objects.get().ended_at is None

    @pytest.mark.source_profile
    def test_a_mailed_code_does_not_stand_for_a_method_set_up_since(self, client, provider, inbox):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        secret = authenticators.new_secret()
        now = timezone.now() - timedelta(minutes=5)
        authenticators.set_up(account=provider, secret=secret, typed=code_at(secret, now), now=now)
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == FACTOR

    def test_staff_skip_nothing(self, client, db, inbox):
        agent = make_staff("the.agent", "service desk")
        sign_in(client, "the.agent")
        assert "Skip this step" not in client.get(FACTOR).content.decode()
        client.post(FACTOR, {"otp_token": inbox.newest("text").code, "skip_next": "1"})
        client.post("/id/sign-out/")
        assert sign_in(client, "the.agent").url == FACTOR
        assert agent.devices.get().skips_until is None

    def test_the_nist_profile_skips_nothing(self, client, provider, inbox, settings):
        sign_in_by_mail(client, "dr.provider", skip_next="1")
        client.post("/id/sign-out/")
        phone = provider.phonedevice_set.create(name="phone", number="+13105550199", confirmed=True)
        settings.REALM_PROFILES = {"ohid": "nist"}
        assert sign_in(client, "dr.provider").url == FACTOR
        client.post(FACTOR, {"otp_token": inbox.newest("text", phone.number).code, "skip_next": "1"})
        client.post("/id/sign-out/")
        assert sign_in(client, "dr.provider").url == FACTOR

    def test_twenty_parallel_uses_rotate_once(self, transactional_db):
        account, now = AccountFactory(), timezone.now()
        row = devices.seen(account=account, device=None, browser="b", place="p", is_new_account=True, now=now)

        def use():
            own = RememberedDevice.objects.get(pk=row.pk)
            own.generation = 0
            seen = devices.seen(account=account, device=own, browser="b", place="p", is_new_account=True, now=now)
            return seen.pk == row.pk

        assert together(use, threads=20).count(True) == 1

    def test_a_browser_keeps_thirty_of_them_at_most(self, client, provider, inbox):
        for number in range(40):
            client.cookies[f"sessionid-device-{number:012d}"] = "x"
        answer = sign_in_by_mail(client, "dr.provider")
        dropped = [name for name, cookie in answer.cookies.items() if "-device-" in name and cookie["max-age"] == 0]
        assert len(dropped) == 11
        assert device_cookies.name_of(provider) not in dropped


def test_the_identifier_page_comes_first_whatever_is_remembered(client, provider, inbox):
    """C21: identifier first, in every case."""
    sign_in_by_mail(client, "dr.provider", skip_next="1")
    client.post("/id/sign-out/")
    assert client.get(PASSWORD_PAGE).url == SIGN_IN
