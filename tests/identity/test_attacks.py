"""What was tried against the doors: each of these once worked, none does."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import RedisError

from config.admin_site import SHOWN
from identity.accounts import emails
from identity.codes import attempts, codes
from identity.factors import phones
from identity.keys import limits
from identity.models import Account, Challenge, PhoneDevice
from identity.notices.messages import ActivationMail, TextCode
from rbac.domain import grants
from rbac.models import Origin
from tests.conftest import make_staff
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.steps.sign_in import FACTOR, sign_in, signed_in
from tests.steps.sign_up import GOOD, post, sign_up
from tests.steps.verify_phone import CALL, CHOOSE, TEXT

pytestmark = pytest.mark.django_db


def later(seconds=31):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False)


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


def test_whoever_verified_by_call_signs_in_by_call(client, inbox):
    """C9, S1-49: landlines: the page shows the code, the call takes it; a code typed on the page does not count."""
    account = AccountFactory(login_name="land.line", phone="+12135550142")
    PhoneDevice.objects.filter(user=account).update(method="call")
    sign_in(client, "land.line")
    page = client.get(FACTOR)
    code = page.context["code"]
    assert f"{code[:3]} {code[3:]}" in page.content.decode()
    assert client.post(FACTOR, {"otp_token": code}).status_code == 200
    assert "have not received the code" in client.post(FACTOR, {"entered": "1"}, follow=True).content.decode()
    keypad = inbox.newest("voice", "+12135550142").call.keypad_url.removeprefix("http://testserver")
    assert b"The code is right" in client.post(keypad, {"Digits": code}).content
    other = Client()
    sign_in(other, "land.line")
    assert "_auth_user_id" not in other.session
    assert other.post(FACTOR, {"entered": "1"}).url == f"{FACTOR}?use=phone", (
        "another browser gains nothing from this call"
    )
    assert client.post(FACTOR, {"entered": "1"}).url == reverse("profile")


def test_text_and_call_can_be_exchanged_at_sign_in(client, inbox):
    AccountFactory(login_name="both.ways", phone="+12135550143")
    sign_in(client, "both.ways")
    with later():
        client.post(FACTOR, {"send": "call"})
        assert client.get(FACTOR).context["by_call"]
    with later(70):
        client.post(FACTOR, {"send": "text"})
        code = inbox.newest("text", "+12135550143").code
        assert client.post(FACTOR, {"otp_token": code}).url == reverse("profile")


def test_an_operators_link_is_worth_nothing_without_the_invited_mailbox(client, inbox):
    """policy, invitation: bound to the invited address."""
    from tests.steps.staff import invite

    client.post(invite(), {**GOOD, "login_name": "the.thief"})
    assert "update email address" not in client.get("/id/verify-email/").content.decode()
    with later():
        client.post("/id/verify-email/address/", {"email": "thief@example.org"})
    account = Account.objects.get()
    assert account.email == "boss@example.org"
    with pytest.raises(emails.AddressFixed):
        emails.change_unverified(account=account, address="thief@example.org", tenant="", now=NOW)


def test_a_code_checked_before_the_address_changed_verifies_nothing(db):
    """Check and use are tied together under a lock: the row decides, not what was read before."""
    account = AccountFactory(address=False)
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    checked = codes.check(
        account=account,
        purpose="email",
        target=account.email,
        channels=("mail",),
        typed=codes.code_of(challenge),
        now=NOW,
    )
    moment = NOW + timedelta(seconds=31)
    emails.change_unverified(
        account=Account.objects.get(pk=account.pk), address="victim@example.org", tenant="", now=moment
    )
    with pytest.raises(codes.CodeEnded):
        emails._verify(checked, now=moment)
    assert not EmailAddress.objects.get().verified


def test_an_address_that_was_proved_meanwhile_is_not_changed(db):
    account = AccountFactory(address=False)
    stale = Account.objects.get(pk=account.pk)
    challenge = emails.send_activation(account=account, tenant="", now=NOW)
    emails.verify_by_link(challenge=challenge, now=NOW)
    with pytest.raises(emails.AddressFixed):
        emails.change_unverified(account=stale, address="other@example.org", tenant="", now=NOW + timedelta(minutes=1))
    assert emails.is_verified(Account.objects.get())


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


def test_a_late_activation_mail_goes_to_nobody_when_a_newer_one_was_asked_for(db):
    now = timezone.now()
    account = AccountFactory(address=False)
    first = emails.send_activation(account=account, tenant="", now=now)
    emails.send_activation(account=account, tenant="", now=now + timedelta(seconds=31))
    assert ActivationMail(account_id=account.pk, challenge=str(first.pk), tenant="").render(account=account) is None


def test_a_factor_that_another_session_proved_does_not_count_here(inbox):
    """Two sessions wait at the phone step; the owner's proof opens only the owner's."""
    account = make_staff("new.agent", "service desk")
    PhoneDevice.objects.filter(user=account).update(confirmed=False)
    owner, thief = Client(), Client()
    for browser in (owner, thief):
        assert sign_in(browser, "new.agent").url == CHOOSE
    owner.post(CHOOSE, {"method": "text"})
    owner.post(TEXT, {"code": inbox.newest("text").code})
    assert thief.post(CHOOSE).url == FACTOR, "the thief is asked for a code"
    assert "_auth_user_id" not in thief.session
    assert owner.post(CHOOSE).status_code == 302
    assert "otp_device_id" in owner.session


def test_five_activation_mails_an_hour_to_one_address_whoever_asks(client, inbox):
    """policy, activation mail: per address, so that sign-up is no mail cannon; the page looks the same."""
    for number in range(7):
        browser = Client()
        with time_machine.travel(timezone.now() + timedelta(minutes=number), tick=False):
            assert sign_up(browser, login_name=f"person.{number}").url == "/id/verify-email/"
            assert "Verify Your Email Address" in browser.get("/id/verify-email/").content.decode()
    assert len([m for m in inbox.all() if m.to == "ana@example.org"]) <= 5


def test_sixty_sign_ups_an_hour_from_one_address(settings):
    now = timezone.now().replace(minute=1)
    with time_machine.travel(now, tick=False):
        for _ in range(60):
            attempts.check_can_sign_up(address="127.0.0.1", now=now)
        page = post(Client()).content.decode()
    assert "Try again in an hour" in page
    assert not Account.objects.exists()


def test_after_twenty_taken_names_a_free_one_tells_nothing_either(client):
    """policy, Always, create ID: the pause falls on free and taken names alike."""
    AccountFactory(login_name="ana.nunez")
    for _ in range(20):
        post(client)
    free = post(Client(), login_name="quite.free")
    assert "Too many names" in " ".join(free.context["form"].errors["login_name"])
    assert not Account.objects.filter(login_name="quite.free").exists()


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


def test_an_address_cannot_be_taken_as_a_login_name(client):
    """C2: else somebody could sit on the address of another."""
    response = post(client, login_name="victim@example.org")
    assert "An email address cannot be your ID" in " ".join(response.context["form"].errors["login_name"])


def test_nobody_opens_a_portal_to_themselves(agent):
    with pytest.raises(grants.OwnGrant):
        grants.give(account=agent, portal_key="referrals", origin=Origin.STAFF, reason="x", by=agent, now=NOW)
    browser = signed_in(agent, verified=True)
    page = browser.post(
        "/admin/rbac/accessgrant/add/", {"login_name": "desk.agent", "portal": "referrals", "reason": "x"}
    )
    assert "A colleague gives you access." in page.content.decode()


def test_the_admin_site_shows_our_models_only(operator):
    """No side door: nothing that a library registers changes rows without a journal entry."""
    assert {model._meta.label for model in admin.site._registry} == SHOWN
    browser = signed_in(operator, verified=True)
    for path in ("account/emailaddress/add/", "auth/group/", "auth/user/"):
        assert browser.get(f"/admin/{path}").status_code == 404, path
    assert browser.get("/admin/password_change/").url == reverse("profile")


@pytest.mark.parametrize("path", ["/id/verify-email/", "/id/sign-in/access-code/", "/id/sign-in/secured/", FACTOR])
def test_the_back_button_after_a_sign_in_leads_on(provider, path):
    assert signed_in(provider).get(path).url == reverse("profile")


def test_an_enrolment_link_opened_while_signed_in_is_not_used_up(provider):
    from tests.steps.staff import invite

    link = invite()
    browser = signed_in(provider)
    assert "Sign out first" in browser.post(link, {**GOOD, "login_name": "the.boss"}).content.decode()
    assert Client().get(link).status_code == 200


def test_signing_out_ends_a_sign_in_that_was_only_begun(client):
    AccountFactory(login_name="half.way", phone="+13105550166")
    assert sign_in(client, "half.way", PASSWORD).url == FACTOR
    client.post("/id/sign-out/")
    assert client.get(FACTOR).url == reverse("account_login")


def test_the_cache_may_fail_and_sessions_still_hold(provider, monkeypatch):
    browser = signed_in(provider)

    def broken(*args, **kwargs):
        raise RedisError

    monkeypatch.setattr(limits.Server, "execute_command", broken)
    assert browser.get("/id/profile/").status_code == 200


def test_two_people_of_one_office_may_share_a_phone_but_not_flood_it(db):
    """policy, resend: the pause is the account's; five in ten minutes are the number's."""
    now = timezone.now()
    for number in range(5):
        device = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
        phones.send_code(device=device, method="text", purpose="phone", now=now + timedelta(seconds=number))
    sixth = PhoneDevice.objects.create(user=AccountFactory(), name="phone", number="+13105550123", confirmed=False)
    with pytest.raises(codes.TooManySendings):
        phones.send_code(device=sixth, method="text", purpose="phone", now=now + timedelta(seconds=9))


def test_a_new_sign_in_right_after_the_last_one_gets_its_own_code(inbox):
    """policy, resend: the pause is between two codes for one step; a used code does not hold up the next sign-in."""
    AccountFactory(login_name="quick.doc", phone="+13105550188")
    seen = []
    for _ in range(2):
        browser = Client()
        sign_in(browser, "quick.doc")
        seen.append(inbox.newest("text", "+13105550188").code)
        assert browser.post(FACTOR, {"otp_token": seen[-1]}).url == reverse("profile")
    assert len(set(seen)) == 2


def test_a_sign_in_for_which_no_code_was_sent_says_so(inbox):
    """Honest: the page does not claim a text that never left; the earlier code still works."""
    AccountFactory(login_name="slow.doc", phone="+13105550189")
    sign_in(Client(), "slow.doc")
    browser = Client()
    sign_in(browser, "slow.doc")
    assert "The code that we sent a moment ago still works." in browser.get(FACTOR).content.decode()
    assert browser.post(FACTOR, {"otp_token": inbox.newest("text").code}).url == reverse("profile")
