"""The first sign-in of people whose accounts came over into Provider OnLine's realm (S4-25..28)."""

import re
from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from identity.accounts import passwords
from identity.models import Account, PhoneDevice, Signature
from identity.policy.realms import password_rules
from identity.tenancy import NotComplete
from portals import registry
from portals.legacy import first_sign_ins, phases
from portals.legacy.hashes import schemes
from portals.models import LegacyAccount, LegacyWork
from portals.spec import Phase
from rbac.domain import grants
from tests.factories import NOW, OLD_PASSWORD, PASSWORD, AccountFactory, LegacyAccountFactory
from tests.steps.provider_online import AGREE, CHOOSE, ENTER, HOME, PHONE, TEXT, UPDATE, log_in
from tests.steps.sign_in import SIGN_IN

pytestmark = pytest.mark.django_db
FIRST_PASSWORD = "/id/sign-in/first-password/"
VERIFY = "/id/verify-email/"
CODE = "/id/sign-in/access-code/"
PORTAL = registry.get("provider-online")


@pytest.fixture
def legacy(db) -> LegacyAccount:
    return LegacyAccountFactory(
        source="provider-online", login_name="kim", first_name="Kim", last_name="O'Neill", email="kim@example.org"
    )


def first(client: Client, name: str = "kim", password: str = OLD_PASSWORD):
    return log_in(client, name, password)


def steps_of(page: str) -> list[str]:
    return re.findall(r"<li>([^<]+)</li>", page.partition("these steps are left:")[2].partition("</ol>")[0])


def prove_mailbox(client: Client, inbox) -> None:
    client.post(VERIFY, {"code": inbox.newest("mail", "kim@example.org").code})


class TestTheStepsInTheirOrder:
    def test_old_password_mailbox_new_password_terms_phone(self, client, legacy, inbox):
        """S4-25, S4-26, S4-27, S4-28, C34: from the ordinary log-in page, in one go; the session exists after the last
        step only. B4: no page says before that the account is ready."""
        page = client.get(SIGN_IN + "?next=" + ENTER).content.decode()
        assert "log in with the username and password that you had before" in page
        assert first(client).url == VERIFY
        page = client.get(VERIFY).content.decode()
        assert "You cannot read this mailbox any more? Call" in page
        assert "1-844-202-0117" in page
        prove_mailbox(client, inbox)
        page = client.get(VERIFY).content.decode()
        assert "ready to use" not in page
        assert "Next you create a new password, agree to the terms and conditions and set up two-step" in page
        assert client.post(VERIFY).url == FIRST_PASSWORD, "it goes on: there is no password to sign in with yet"
        page = client.get(FIRST_PASSWORD).content.decode()
        assert "Create a new password" in page
        assert "You may keep the password that you had before" in page
        weak = client.post(FIRST_PASSWORD, {"password": "short", "password_again": "short"})
        assert weak.status_code == 200
        kept = client.post(FIRST_PASSWORD, {"password": OLD_PASSWORD, "password_again": OLD_PASSWORD})
        assert kept.url == AGREE, "S4-27: the existing password meets the new rules"
        assert client.post(AGREE, {"typed_name": "Kim O'Neill"}).url == CHOOSE
        assert client.get(HOME).status_code == 302
        assert "_auth_user_id" not in client.session
        client.get(CHOOSE)
        assert client.post(UPDATE, {"country": "US", "phone": "414 555 0123", "method": "text"}).url == TEXT
        client.post(TEXT, {"code": inbox.newest("text", PHONE).code})
        assert client.post(CHOOSE).url == ENTER
        assert client.get(ENTER).url == HOME
        home = client.get(HOME)
        assert home.status_code == 200
        assert "An outside application" not in home.content.decode(), "its tiles are pages of the portal itself (S4-16)"
        account = Account.objects.get(login_name="kim")
        legacy.refresh_from_db()
        assert (legacy.account, legacy.linked_by) == (account, "first sign-in")
        assert account.realm == "provider-online"
        assert passwords.is_current(account=account, password=OLD_PASSWORD)
        assert Signature.objects.get(account=account).typed_name == "Kim O'Neill"
        assert PhoneDevice.objects.get(user=account).confirmed
        assert [(one.origin, one.cause) for one in grants.for_account(account)] == [("migration", "legacy sign-in")]

    @pytest.mark.source_profile
    def test_the_rules_of_a_password_are_those_of_the_documents(self, client, legacy, inbox):
        """S4-09, C6, S0-16: every rule is refused with its words in this realm too, and its limits are taken."""
        first(client)
        prove_mailbox(client, inbox)
        client.post(VERIFY)
        said = [str(rule.text) for rule in password_rules("provider-online")]
        assert said[0] == "Between 8 and 100 characters"
        for password, rule in (
            ("Ab1-xyz", "Use between 8 and 100 characters."), ("Ab1" + "x" * 98, "Use between 8 and 100 characters."),
            ("lowercase-only-1", "Add at least 1 uppercase letter."),
            ("UPPERCASE-ONLY-1", "Add at least 1 lowercase letter."), ("No-Number-Here", "Add at least 1 number."),
            ("With Space-1x", "Leave out spaces and the & symbol."),
            ("With&Ampers-1", "Leave out spaces and the & symbol."), ("Password123", "too common"),
        ):  # fmt: skip
            answer = client.post(FIRST_PASSWORD, {"password": password, "password_again": password})
            assert rule in " ".join(answer.context["form"].errors["password"]), password
        page = client.get(FIRST_PASSWORD).content.decode()
        assert all(str(escape(one)) in page for one in said)
        assert client.post(FIRST_PASSWORD, {"password": "Ab1-xyzw", "password_again": "Ab1-xyzw"}).url == AGREE

    def test_who_left_half_way_reads_what_the_code_is_for(self, client, legacy, inbox):
        """S4-26, S4-28: the page of the code names the steps that are left; it promises no skip, for a phone comes, and
        no passkey, which this realm does not take."""
        first(client)
        prove_mailbox(client, inbox)
        again = Client()
        assert first(again).url == CODE
        page = again.get(CODE).content.decode()
        assert "Your Provider OnLine account has moved." in page
        assert steps_of(page) == [
            "Create a new password", "Agree to the terms and conditions", "Set up two-step authentication",
        ]  # fmt: skip
        assert "You cannot read this mailbox any more? Call" in page
        for untrue in ("Skip this step", "passkey"):
            assert untrue not in page
        again.post(CODE, {"code": inbox.newest("mail", "kim@example.org").code})
        again.post(FIRST_PASSWORD, {"password": OLD_PASSWORD, "password_again": OLD_PASSWORD})
        third = Client()
        assert first(third).url == CODE
        assert steps_of(third.get(CODE).content.decode()) == [
            "Set up two-step authentication", "Agree to the terms and conditions",
        ]  # fmt: skip

    def test_the_landing_page_calls_by_a_press(self, client):
        """The number of Provider Services is a link, as on every other page that says how to ask."""
        assert (
            '<a class="nowrap" href="tel:+18442020117">1-844-202-0117</a>.'
            in client.get("/p/provider-online/").content.decode()
        )

    def test_the_first_page_says_what_follows(self, client, legacy):
        """S4-26: who types an old password does not expect a mail."""
        first(client)
        page = client.get(VERIFY).content.decode()
        assert "Your Provider OnLine account has moved." in page
        assert len(steps_of(page)) == 3

    def test_no_step_can_be_skipped(self, client, legacy, inbox):
        """C34: no second door."""
        first(client)
        for path in (FIRST_PASSWORD, AGREE, UPDATE, "/id/sign-in/access-code/"):
            assert client.get(path).url == VERIFY, path
        prove_mailbox(client, inbox)
        client.post(VERIFY)
        for path in (AGREE, UPDATE, VERIFY):
            assert client.get(path).url == FIRST_PASSWORD, path

    def test_an_old_password_alone_takes_nothing(self, client, legacy, inbox):
        """S4-26: the mailbox that is proved is the one that came over with the account; it is not changed here."""
        page = client.get(first(client)["Location"])
        assert "update email address" not in page.content.decode()
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            client.post(reverse("change_address"), {"email": "thief@example.org"})
        assert Account.objects.get(login_name="kim").email == legacy.email
        assert all(mail.to != "thief@example.org" for mail in inbox.all())

    def test_it_may_be_gone_on_with_another_day(self, client, legacy, inbox):
        first(client)
        other = Client()
        assert first(other).url == VERIFY
        assert Account.objects.filter(login_name="kim").count() == 1

    def test_a_mailbox_that_was_proved_elsewhere_does_not_count_here(self, client, legacy, inbox):
        """Whoever knows an old password only gets nowhere by the owner's press."""
        first(client)
        link = inbox.newest("mail", "kim@example.org").link
        Client().post(link)
        assert client.post(VERIFY).url == "/id/sign-in/access-code/"
        assert client.get(FIRST_PASSWORD).url == "/id/sign-in/access-code/"
        client.post("/id/sign-in/access-code/", {"code": inbox.newest("mail", "kim@example.org").code})
        assert client.get(FIRST_PASSWORD).status_code == 200


class TestWhoIsRefused:
    def test_wrong_and_unknown_are_told_alike_and_make_no_account(self, client, legacy):
        for name, password in (("kim", "Wrong-Password-1"), ("nobody", OLD_PASSWORD)):
            assert "is not correct" in first(client, name, password).content.decode()
        assert not Account.objects.exists()

    def test_who_has_been_here_signs_in_as_everybody_does(self, client, legacy):
        """The old password is over: it is as wrong as any other."""
        account = AccountFactory(login_name="kim", realm="provider-online")
        LegacyAccount.objects.update(account=account, linked_at=NOW, linked_by="first sign-in")
        assert "is not correct" in first(client).content.decode()
        assert first(client, password=PASSWORD).url.startswith("/id/sign-in/")

    def test_an_old_password_does_not_open_an_account_of_the_same_name(self, client, legacy):
        """The name is somebody's in the realm already: an old password is no key to it."""
        taken = AccountFactory(login_name="KIM", realm="provider-online")
        assert "is not correct" in first(client).content.decode()
        legacy.refresh_from_db()
        assert legacy.account is None
        assert Account.objects.get() == taken
        with pytest.raises(first_sign_ins.NameTaken):
            first_sign_ins.begin(legacy=legacy, portal=PORTAL, language="en", now=NOW)

    @pytest.mark.parametrize(
        "lacks", [{"email": ""}, {"first_name": ""}, {"login_name": "kim o"}, {"login_name": "somebody@example.org"}]
    )
    def test_what_every_account_needs_is_completed_by_staff(self, client, legacy, lacks):
        """C2: a name that is an address is taken only where it is the own one."""
        for name, value in lacks.items():
            setattr(legacy, name, value)
        legacy.save()
        refused = first(client, legacy.login_name)
        assert refused.status_code == 409
        assert "1-844-202-0117" in refused.content.decode()
        assert not Account.objects.exists()

    def test_a_name_that_is_the_own_address_is_taken_unless_somebody_else_has_proved_it(self, client, legacy):
        """C2."""
        LegacyAccount.objects.update(login_name="Kim@example.org", login_key="kim@example.org")
        legacy.refresh_from_db()
        assert first(client, "kim@EXAMPLE.org").url == VERIFY
        AccountFactory(login_name="other", realm="provider-online", email="lee@example.org")
        lee = LegacyAccountFactory(source="provider-online", login_name="lee@example.org", email="lee@example.org")
        with pytest.raises(NotComplete):
            first_sign_ins.begin(legacy=lee, portal=PORTAL, language="en", now=NOW)

    def test_a_password_is_needed_before_an_account_opens(self, client, legacy):
        first_sign_ins.begin(legacy=legacy, portal=PORTAL, language="en", now=NOW)
        for typed in ("Wrong-Password-1", "!", ""):
            assert log_in(Client(), "kim", typed).status_code == 200
        assert log_in(Client(), "kim", OLD_PASSWORD).url == VERIFY, "the mailbox, and no further"


class TestWhileTheChangeOverLasts:
    def test_afterwards_an_old_password_is_as_wrong_as_any(self, client, legacy):
        """C34: the phase decides; an operator ends it."""
        phases.move(portal=PORTAL, phase=Phase.ID_ONLY, at=timezone.now(), reason="over", by=None, now=timezone.now())
        assert "is not correct" in first(client).content.decode()
        assert "that you had before" not in client.get(SIGN_IN).content.decode()
        assert not Account.objects.exists()

    def test_there_is_no_separate_door(self, client):
        assert client.get("/p/provider-online/first-sign-in/").status_code == 404

    def test_every_attempt_costs_the_same(self, client, legacy, monkeypatch):
        """C34, policy (password hash): one Argon2id and the work of the source's slowest scheme, and as many queries,
        for who has come over, who has not, and who was never here; so the time does not say who is old."""
        AccountFactory(login_name="here", realm="provider-online")
        gone = AccountFactory(login_name="gone", realm="provider-online", is_active=False)
        LegacyWork.objects.create(source="provider-online", kind="pbkdf2_sha256", most=5000)
        seen, hasher = {}, type(get_hasher())
        for name in ("kim", "here", "gone", "nobody", "kim@example.org"):
            counted = Counter()
            monkeypatch.setattr(
                schemes,
                "spend_rest",
                lambda most, done, c=counted: c.update(w.amount - (done.amount if done else 0) for w in most),
            )
            for one in ("verify", "encode"):
                real = getattr(hasher, one)
                monkeypatch.setattr(
                    hasher,
                    one,
                    lambda self, *a, real=real, c=counted, **k: c.update(["argon2"]) or real(self, *a, **k),
                )
            browser = Client()
            browser.get(f"{SIGN_IN}?next={ENTER}")
            with CaptureQueriesContext(connection) as queries:
                answer = browser.post(SIGN_IN, {"login": name, "password": "Wrong-Password-1"})
            assert "is not correct" in answer.content.decode()
            monkeypatch.undo()
            seen[name] = (dict(counted), len(queries))
        assert len({str(one) for one in seen.values()}) == 1, seen
        assert seen["nobody"][0] == {5000: 1, "argon2": 1}
        assert not gone.is_active

    def test_wrong_old_passwords_are_limited_like_all_others(self, client, legacy):
        """policy (wrong passwords): five free, then a pause."""
        for _ in range(5):
            first(client, password="Wrong-Password-1")
        assert "Too many attempts" in first(client).content.decode()
