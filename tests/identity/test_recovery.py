"""Forgot ID, forgot password, lost methods: back in with what is one's own, and with nothing less."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from identity.accounts import addresses, passwords, questions
from identity.codes import codes
from identity.factors import recovery_codes
from identity.governance import securing
from identity.models import (
    Account,
    Challenge,
    JournalEntry,
    OpenSession,
    PhoneDevice,
    RecoveryRequest,
    RememberedDevice,
    SecurityAlert,
    SecurityAnswer,
)
from identity.recovery import recovery
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory
from tests.steps.enumeration import cases, masked
from tests.steps.recovery import FORGOT, FORGOT_ID, NEW, PHONE, RESET, ask, begin, by_text, now_is, set_password
from tests.steps.sign_in import FACTOR, PASSWORD_PAGE, SIGN_IN, sign_in, signed_in

pytestmark = pytest.mark.django_db
LOST, RESET_LOST = "/id/sign-in/lost-methods/", "/id/reset/lost-methods/"
ANSWERS = {"first_pet": "Señor Bigotes", "first_street": "Calle 5", "dream_job": "pilot"}


@pytest.fixture
def holder(db) -> Account:
    """Somebody with a phone."""
    return AccountFactory(login_name="phone.holder", phone=PHONE)


@pytest.fixture
def two_mailboxes(holder) -> Account:
    """The same, with a second proved address and security questions."""
    EmailAddress.objects.create(user=holder, email="second@example.org", primary=False, verified=True)
    questions.choose(account=holder, answers=ANSWERS, now=timezone.now())
    return holder


class TestForgotId:
    def test_the_mail_lists_every_id_with_the_address(self, client, provider, inbox):
        """S2-07, S4-30, S4-31, S4-32: any ID of the realm with that address, by mail only."""
        AccountFactory(login_name="second.id", email=provider.email)
        AccountFactory(login_name="closed.id", email=provider.email, is_active=False)
        AccountFactory(login_name="never.proved", email=provider.email, address=False)
        assert client.post(FORGOT_ID, {"email": "DR.Provider@Example.org"}).url == "/id/forgot-id/sent/"
        page = client.get("/id/forgot-id/sent/").content.decode()
        assert "Email sent" in page
        assert "Please check your email for your ID. It may take a few minutes" in page
        mail = inbox.newest("mail", provider.email)
        assert "dr.provider" in mail.text
        assert "second.id" in mail.text
        assert "closed.id" not in mail.text
        assert "never.proved" not in mail.text
        assert mail.link == SIGN_IN

    def test_every_address_gets_the_same_answer(self, db):
        """policy, Always: bytes and queries are equal for known and unknown addresses."""
        AccountFactory(email="known@example.org")
        AccountFactory(email="not.proved@example.org", address=False)
        AccountFactory(email="closed@example.org", is_active=False)
        seen = set()
        for name in ("known", "not.proved", "closed", "nobody"):
            browser = Client()
            with CaptureQueriesContext(connection) as queries:
                answer = browser.post(FORGOT_ID, {"email": f"{name}@example.org"})
            seen.add((answer.status_code, answer.url, masked(browser.get(answer.url)), len(queries)))
        assert len(seen) == 1

    def test_the_reset_leads_on_to_the_portal_from_any_browser(self, client, holder, inbox):
        """S2-32, C23: the link knows the portal that asked."""
        client.get(f"{SIGN_IN}?next=/p/optum-connect/enter/")
        ask(client, holder)
        other = Client()
        other.post(inbox.newest("mail", holder.email).link)
        by_text(other, inbox)
        set_password(other)
        other.post(PASSWORD_PAGE, {"password": NEW})
        assert other.post(FACTOR, {"otp_token": inbox.newest("text", PHONE).code}).url == "/p/optum-connect/enter/"

    def test_support_is_named_on_each_page(self, client):
        """S3-15."""
        for path in (FORGOT_ID, FORGOT):
            page = client.get(path).content.decode()
            assert "1-855-819-5909" in page
            assert "optumsupport@optum.com" in page

    def test_the_portal_that_asked_is_in_the_mail(self, client, provider, inbox):
        """S2-32: after recovery the person goes on to the portal."""
        client.get(f"{SIGN_IN}?next=/p/optum-connect/enter/")
        client.post(FORGOT_ID, {"email": provider.email})
        assert inbox.newest("mail", provider.email).link.endswith("?next=/p/optum-connect/enter/")

    def test_five_an_hour_for_one_address_known_or_not(self, client, provider, inbox):
        """policy, forgot ID: 5 an hour; the refusal says when, and is the same for everybody."""
        for address in (provider.email, "nobody@example.org"):
            for _ in range(5):
                assert client.post(FORGOT_ID, {"email": address}).status_code == 302
            refused = client.post(FORGOT_ID, {"email": address})
            assert "You can try again in" in refused.content.decode()
            assert address in refused.content.decode(), "what was typed is kept"

    def test_thousands_of_addresses_from_one_place_are_stopped(self, client):
        """Bad input: a search over many addresses ends after sixty an hour; strangers get no mail."""
        answers = [client.post(FORGOT_ID, {"email": f"person{n}@example.org"}).status_code for n in range(61)]
        assert answers == [302] * 60 + [200]

    def test_what_was_typed_is_forgotten_once_it_is_looked_up(self, client, inbox):
        client.post(FORGOT_ID, {"email": "nobody@example.org"})
        row = RecoveryRequest.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("SELECT address FROM identity_recoveryrequest WHERE id = %s", [row.pk])
            assert "nobody" not in cursor.fetchone()[0], "it lies encrypted"
        assert inbox.all() == []
        assert not RecoveryRequest.objects.exists()


class TestForgotPassword:
    def test_the_whole_way(self, client, holder, inbox):
        """S2-07, S4-33, S4-34, S4-35, C27: ID and address, link, second factor, new password; sessions and devices end."""
        other = signed_in(holder)
        answer = ask(client, holder)
        assert answer.url == "/id/forgot-password/sent/"
        link = inbox.newest("mail", holder.email).link
        assert client.post(link).url == RESET
        assert "XXX-XXX-0123" in client.get(RESET).content.decode()
        assert by_text(client, inbox).url == RESET
        assert "Choose a new password" in client.get(RESET).content.decode()
        assert "Your new password is set" in set_password(client).content.decode()
        assert now_is(holder, NEW)
        assert other.get("/id/profile/").status_code == 302, "every session has ended"
        assert not OpenSession.objects.filter(account=holder).exists()
        assert not RememberedDevice.objects.filter(account=holder, ended_at=None).exists()
        assert "password of your ID was changed" in inbox.newest("text", PHONE).text
        assert "password of your ID was changed" in inbox.newest("mail", holder.email).text
        assert client.post(PASSWORD_PAGE, {"password": NEW}).url == FACTOR, "the name is filled in already"

    def test_every_name_and_address_gets_the_same_answer(self, db):
        """policy, Always: whatever is true, the page, its bytes and its queries are the same."""
        cases()
        AccountFactory(login_name="with.phone", phone=PHONE)
        seen = {}
        for name in (
            "nobody.here",
            "known.one",
            "not.proved",
            "inactive.one",
            "staff.one",
            "invited.one",
            "with.phone",
        ):
            browser = Client()
            with CaptureQueriesContext(connection) as queries:
                answer = browser.post(FORGOT, {"login_name": name, "email": f"{name}@example.org"})
            seen[name] = (answer.status_code, answer.url, masked(browser.get(answer.url)), len(queries))
        assert len(set(seen.values())) == 1, seen

    @pytest.mark.parametrize("wrong", [{"login_name": "nobody.here"}, {"email": "other@example.org"}])
    def test_name_and_address_belong_together(self, client, holder, inbox, wrong):
        """S4-33."""
        assert ask(client, holder, **wrong).status_code == 302
        assert inbox.all() == []

    def test_a_mailbox_alone_does_not_set_a_password(self, client, holder, inbox):
        """C27, policy: reset link: second factor still asked."""
        begin(client, holder, inbox)
        page = set_password(client).content.decode()
        assert "Choose a new password" not in page
        assert not now_is(holder, NEW)

    def test_who_has_only_the_mailbox_goes_straight_to_the_new_password(self, client, provider, inbox):
        """S2-07, D-22."""
        begin(client, provider, inbox)
        assert "Your new password is set" in set_password(client).content.decode()
        assert now_is(provider, NEW)

    def test_staff_without_a_method_are_not_reset_by_mail(self, client, inbox):
        """D-22: such an account may hold no staff role."""
        agent = make_staff("desk.agent", "service desk")
        PhoneDevice.objects.filter(user=agent).delete()
        begin(client, agent, inbox)
        assert client.get(RESET).status_code == 403
        assert set_password(client).status_code == 403
        assert not now_is(agent, NEW)

    def test_a_scanner_that_opens_and_presses_uses_nothing_up(self, client, provider, inbox):
        """Bad input: a link opened by a scanner, even one that presses buttons, still works for its person."""
        ask(client, provider)
        link = inbox.newest("mail").link
        scanner = Client()
        for _ in range(3):
            scanner.get(link)
            scanner.post(link)
        assert client.post(link).url == RESET
        assert "Your new password is set" in set_password(client).content.decode()

    def test_a_link_works_once_in_one_of_two_browsers(self, client, provider, inbox):
        """Bad input: used twice, in another browser."""
        link, other = begin(client, provider, inbox), Client()
        other.post(link)
        assert "Your new password is set" in set_password(client).content.decode()
        assert set_password(other, "Second-Pass-8-fresh").status_code in (302, 410)
        assert now_is(provider, NEW)
        assert other.get(link).status_code == 410
        assert other.post(link).status_code == 410

    def test_a_newer_link_ends_the_older_one(self, client, provider, inbox):
        """Bad input: used after a newer one."""
        ask(client, provider)
        first = inbox.newest("mail").link
        ask(client, provider)
        second = inbox.newest("mail")
        assert client.get(first).status_code == 410
        assert client.post(second.link).url == RESET

    def test_a_changed_password_ends_the_link(self, client, provider, inbox):
        """Bad input: after the password changed, also where the reset was half way."""
        link = begin(client, provider, inbox)
        passwords.change(account=provider, password="Owner-Pass-9-fresh", now=timezone.now())
        assert set_password(client).url == FORGOT
        assert client.get(link).status_code == 410
        assert now_is(provider, "Owner-Pass-9-fresh")

    def test_the_link_ends_after_thirty_minutes_even_half_way(self, client, provider, inbox):
        with time_machine.travel(timezone.now(), tick=False) as clock:
            begin(client, provider, inbox)
            clock.shift(timedelta(minutes=30))
            assert set_password(client).url == FORGOT
        assert not now_is(provider, NEW)

    def test_another_mails_link_is_no_reset_link(self, client, provider, inbox):
        row = addresses.add(account=provider, address="new@example.org", tenant="", now=timezone.now())
        token = codes.token_of(Challenge.objects.get(account=provider, purpose="address"))
        assert client.get(f"{RESET}{token}/").status_code == 410
        ask(client, provider)
        mine = inbox.newest("mail", provider.email).link.split("/")[-2]
        assert client.get(f"/id/address/{mine}/").status_code == 410
        assert client.get(f"/id/activate/{mine}/").status_code == 404
        assert not EmailAddress.objects.get(pk=row.pk).verified

    def test_the_current_password_is_refused(self, client, provider, inbox):
        """C17: a reset is no way around the 90 days."""
        begin(client, provider, inbox)
        assert "This is the password you have now" in set_password(client, PASSWORD).content.decode()

    def test_a_hundred_wrong_passwords_are_forgiven_by_a_reset(self, client, provider, inbox, monkeypatch):
        """policy, wrong passwords: 100 in a row ask for a reset."""
        from identity.codes import attempts

        monkeypatch.setattr(attempts, "FREE_TRIES", 1000)
        monkeypatch.setattr(attempts, "TRIES_PER_ADDRESS", 1000)
        stranger = Client()
        for _ in range(101):
            answer = sign_in(stranger, "dr.provider", "Wrong-Pass-1")
        assert "Too many wrong passwords in a row" in answer.content.decode()
        begin(client, provider, inbox)
        from django.test import TestCase

        with TestCase.captureOnCommitCallbacks(execute=True):
            set_password(client)
        assert client.post(PASSWORD_PAGE, {"password": NEW}).status_code == 302

    def test_five_links_an_hour(self, client, provider, inbox):
        for _ in range(5):
            assert ask(client, provider).status_code == 302
            inbox.all()
        assert "You can try again in" in ask(client, provider).content.decode()
        assert len([m for m in inbox.all() if m.to == provider.email]) == 5

    def test_a_second_address_does_not_reset_an_account_without_methods(self, client, provider, inbox):
        """D-22: where a mailbox alone is enough, it is the one that messages go to."""
        EmailAddress.objects.create(user=provider, email="second@example.org", primary=False, verified=True)
        ask(client, provider, email="second@example.org")
        assert [mail.to for mail in inbox.all()] == [provider.email]

    def test_somebody_elses_session_in_the_browser_goes_on(self, provider, stranger, inbox):
        """People of one office share a computer: a reset signs nobody out who has nothing to do with it."""
        browser = signed_in(stranger)
        begin(browser, provider, inbox)
        assert browser.get("/id/profile/").status_code == 200
        assert "Your new password is set" in set_password(browser).content.decode()
        assert browser.get("/id/profile/").status_code == 200

    def test_one_request_that_fails_does_not_hold_up_the_others(self, client, provider, inbox, monkeypatch):
        client.post(FORGOT_ID, {"email": "broken@example.org"})
        client.post(FORGOT_ID, {"email": provider.email})
        send = recovery._send_names

        def fails_once(request, *, now):
            if request.address.startswith("broken"):
                raise RuntimeError
            send(request, now=now)

        monkeypatch.setattr(recovery, "_send_names", fails_once)
        assert "dr.provider" in inbox.newest("mail", provider.email).text

    def test_a_recovery_code_is_a_second_factor_here_too(self, client, holder, inbox):
        code, *_ = recovery_codes.make(account=holder, now=timezone.now())
        begin(client, holder, inbox)
        assert client.post(f"{RESET}?use=recovery", {"otp_token": code}).url == RESET
        assert "Your new password is set" in set_password(client).content.decode()

    def test_the_reset_is_journalled_without_secrets(self, client, provider, inbox):
        begin(client, provider, inbox)
        set_password(client)
        entry = JournalEntry.objects.get(kind="identity.PasswordChanged")
        assert (entry.account, entry.facts) == (provider, {})


class TestLostMethods:
    def to_lost(self, client: Client, account: Account) -> None:
        assert sign_in(client, account.login_name).url == FACTOR
        assert LOST in client.get(FACTOR).content.decode()

    def prove(self, client: Client, url: str, address: str, inbox):
        client.post(url, {"send": "1"})
        return client.post(url, {"code": inbox.newest("mail", address).code})

    def test_password_and_two_mailboxes_remove_the_lost_methods(self, client, two_mailboxes, inbox):
        """Issue: self-service with two independent proofs; every channel is told; then the person enrols anew."""
        authenticators_before = PhoneDevice.objects.filter(user=two_mailboxes).count()
        assert authenticators_before == 1
        self.to_lost(client, two_mailboxes)
        assert "Step 1 of 2" in client.get(LOST).content.decode()
        self.prove(client, LOST, two_mailboxes.email, inbox)
        assert "Step 2 of 2" in client.get(LOST).content.decode()
        self.prove(client, LOST, "second@example.org", inbox)
        assert "Phone" in client.get(LOST).content.decode()
        assert client.post(LOST, {"remove": "1"}).url == reverse("faster_sign_in")
        assert not PhoneDevice.objects.exists()
        for channel, to in (("mail", two_mailboxes.email), ("mail", "second@example.org"), ("text", PHONE)):
            told = [one.text for one in inbox.all() if (one.channel, one.to) == (channel, to)]
            assert any("All sign-in methods of your ID" in text for text in told), (channel, to)
        page = client.get("/id/faster-sign-in/").content.decode()
        assert "Set up new ones" in page
        assert page.count("You sign in with your password and a code by email.") == 1, (
            "the page says it, no band as well"
        )

    def test_the_try_that_ends_a_code_is_told_beside_its_field(self, client, two_mailboxes, inbox):
        """S0-30: five tries; the page that shows the field only while a code counts still says why it ended."""
        self.to_lost(client, two_mailboxes)
        client.post(LOST, {"send": "1"})
        told = [client.post(LOST, {"code": "22222222"}).content.decode() for _try in range(6)]
        assert "You have 1 more try." in told[3]
        assert "This code has ended" in told[4]
        assert "This code has ended" not in told[5], "nothing is on its way any more: a button sends the next"
        assert 'name="send"' in told[5]

    def test_new_methods_are_set_up_next_whatever_portal_was_asked_for(self, client, two_mailboxes, inbox):
        """B3: the page says "Next you set up new methods", and that is what comes; then the portal."""
        client.get("/id/sign-in/?next=/p/optum-connect/enter/")
        self.to_lost(client, two_mailboxes)
        for address in (two_mailboxes.email, "second@example.org"):
            self.prove(client, LOST, address, inbox)
        assert "Next you set up new methods." in client.get(LOST).content.decode()
        assert client.post(LOST, {"remove": "1"}).url == reverse("faster_sign_in")
        assert client.post(reverse("faster_sign_in")).url == "/p/optum-connect/enter/"

    def test_of_several_addresses_the_person_chooses_one_that_is_still_read(self, client, two_mailboxes, inbox):
        dead = EmailAddress.objects.create(user=two_mailboxes, email="dead@example.org", verified=True)
        self.to_lost(client, two_mailboxes)
        self.prove(client, LOST, two_mailboxes.email, inbox)
        assert f"{LOST}?address=" in client.get(LOST).content.decode()
        other = EmailAddress.objects.get(email="second@example.org")
        self.prove(client, f"{LOST}?address={other.pk}", "second@example.org", inbox)
        assert client.post(LOST, {"remove": "1"}).url == reverse("faster_sign_in")
        assert not [mail for mail in inbox.all() if mail.to == dead.email and mail.subject.startswith("Code")]

    def test_one_mailbox_is_not_enough(self, client, two_mailboxes, inbox):
        self.to_lost(client, two_mailboxes)
        self.prove(client, LOST, two_mailboxes.email, inbox)
        assert client.post(LOST, {"remove": "1"}).status_code == 200
        assert PhoneDevice.objects.exists()
        assert client.get("/id/profile/").status_code == 302

    def test_without_a_second_address_the_help_desk_helps(self, client, holder):
        """S4-37: never a dead end."""
        self.to_lost(client, holder)
        page = client.get(LOST).content.decode()
        assert "The help desk gets you back in" in page
        assert "1-855-819-5909" in page

    @pytest.mark.source_profile
    def test_without_the_password_the_questions_come_before_any_code(self, client, two_mailboxes, inbox):
        """D-05: questions never open an account alone; they count together with codes to registered channels."""
        begin(client, two_mailboxes, inbox)
        before = len(inbox.all())
        assert "Your security questions" in client.get(RESET_LOST).content.decode()
        client.post(RESET_LOST, {"send": "1"})
        assert len(inbox.all()) == before, "no code is sent before the answers are right"
        wrong = client.post(RESET_LOST, {**ANSWERS, "dream_job": "astronaut"}).content.decode()
        assert "The answers are not all correct" in wrong
        typed = {"first_pet": " senor BIGOTES ", "first_street": "calle  5", "dream_job": "Pilot"}
        assert client.post(RESET_LOST, typed).url == RESET_LOST
        self.prove(client, RESET_LOST, "second@example.org", inbox)
        assert client.post(RESET_LOST, {"remove": "1"}).url == RESET
        assert "Your new password is set" in set_password(client).content.decode()

    @pytest.mark.source_profile
    def test_three_wrong_answers_a_day(self, client, two_mailboxes, inbox):
        """policy, security questions: 3 tries a day, counted on the account."""
        begin(client, two_mailboxes, inbox)
        for _ in range(3):
            client.post(RESET_LOST, {**ANSWERS, "dream_job": "astronaut"})
        assert "Too many wrong answers today" in client.post(RESET_LOST, ANSWERS).content.decode()

    def test_without_questions_the_help_desk_page_does_not_count_on_the_password(self, client, two_mailboxes, inbox):
        """Walk C10: rosa.soon, who had forgotten it, was told "then you sign in with your password"."""
        begin(client, two_mailboxes, inbox)
        SecurityAnswer.objects.all().delete()
        page = client.get(RESET_LOST).content.decode()
        assert "Then you sign in with your password" not in page
        assert "the link in our message is enough to set a new password" in page

    def test_staff_are_helped_by_operators_only(self, client, inbox):
        agent = make_staff("desk.agent", "service desk")
        EmailAddress.objects.create(user=agent, email="second@example.org", primary=False, verified=True)
        sign_in(client, "desk.agent")
        assert "The help desk gets you back in" in client.get(LOST).content.decode()

    def test_a_stranger_at_the_address_is_led_away(self, client, holder):
        assert client.get(LOST).status_code == 302
        assert client.get(RESET_LOST).url == FORGOT


class TestNotMe:
    def test_it_takes_back_a_changed_address_and_phone(self, holder, inbox):
        """policy, alerts: changes are told to the old address and phone, and can be taken back for ten days."""
        thief, now = signed_in(holder, verified=True), timezone.now()
        row = EmailAddress.objects.create(user=holder, email="thief@example.org", verified=False)
        challenge = addresses.send_mail(row=row, tenant="", now=now)
        addresses.verify_by_link(challenge=challenge, now=now)
        first = SecurityAlert.objects.get(kind="address added")
        row.refresh_from_db()
        addresses.make_primary(row=row, now=now + timedelta(seconds=1))
        old = inbox.newest("mail", holder.email)
        assert "now go to another email address" in old.text
        securing.secure(alert=first, now=now + timedelta(seconds=2))
        holder.refresh_from_db()
        assert holder.email == "phone.holder@example.org"
        assert [a.email for a in EmailAddress.objects.filter(user=holder)] == ["phone.holder@example.org"]
        assert thief.get("/id/profile/").status_code == 302
        assert sign_in(Client(), "phone.holder").url == FACTOR

    def test_methods_that_were_removed_by_a_thief_can_be_set_up_anew(self, holder, inbox):
        phone = PhoneDevice.objects.get(user=holder)
        from identity.factors import factors

        now = timezone.now()
        factors.remove(device=phone, knows=True, now=now)
        securing.secure(alert=SecurityAlert.objects.get(), now=now)
        assert PhoneDevice.objects.get(user=holder, confirmed=True).number == PHONE


def test_pages_of_recovery_need_no_script(client):
    """Issue: every page without script: a form that posts, a link, a heading."""
    for path in (FORGOT_ID, FORGOT, "/id/forgot-id/sent/", "/id/forgot-password/sent/"):
        page = client.get(path).content.decode()
        assert re.search(r"<h1>", page)
        assert 'method="post"' in page or 'href="/id/sign-in/"' in page


def test_sign_in_pages_lead_there(client, provider):
    """S2-07, S3-13: "Forgot One Healthcare ID?"; after the ID, "Forgot Password?" with the ID filled in."""
    assert f'href="{FORGOT_ID}"' in client.get(SIGN_IN).content.decode()
    client.post(SIGN_IN, {"login": "dr.provider"})
    assert f'href="{FORGOT}"' in client.get(PASSWORD_PAGE).content.decode()
    assert 'value="dr.provider"' in client.get(FORGOT).content.decode()
