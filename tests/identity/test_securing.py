""" "This was not me": what it undoes, and what nobody can do with it (policy: alerts)."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import transaction
from django.test import Client
from django.utils import timezone

from identity.accounts import addresses, passwords, profiles, questions
from identity.factors import authenticators, factors, phones
from identity.governance import closing, securing
from identity.merging import merges
from identity.models import (
    Account,
    AuthenticatorDevice,
    FactorReset,
    Merge,
    PhoneDevice,
    SecurityAlert,
    SecurityAnswer,
)
from identity.notices import alerts
from identity.recovery import factor_resets
from tests.conftest import make_staff
from tests.factories import PASSWORD, AccountFactory
from tests.steps.recovery import FORGOT, RESET, ask, begin, by_text, now_is, set_password
from tests.steps.second_steps import code_at
from tests.steps.sign_in import FACTOR, sign_in, signed_in

pytestmark = pytest.mark.django_db
PHONE, THIEFS_PHONE, THIRD_PHONE = "+13105550123", "+13105550166", "+13105550177"
NEW = "Another-Pass-7-fresh"


@pytest.fixture
def holder(db) -> Account:
    return AccountFactory(login_name="phone.holder", phone=PHONE)


class Clock:
    """A moment later with each look."""

    def __init__(self) -> None:
        self.at = timezone.now() - timedelta(hours=1)

    def __call__(self):
        self.at += timedelta(seconds=10)
        return self.at


@pytest.fixture
def tick() -> Clock:
    return Clock()


def add_address(account: Account, address: str, now) -> EmailAddress:
    row = EmailAddress.objects.create(user=account, email=address, primary=False, verified=False)
    challenge = addresses.send_mail(row=row, tenant="", now=now)
    addresses.verify_by_link(challenge=challenge, now=now)
    row.refresh_from_db()
    return row


def replace_phone(account: Account, number: str, now) -> None:
    PhoneDevice.objects.filter(user=account).delete()
    PhoneDevice.objects.create(
        user=account, name="phone", number=number, confirmed=True, confirmed_at=now, created_at=now
    )


def press(kind: str, *, oldest: bool = True) -> SecurityAlert:
    alert = SecurityAlert.objects.filter(kind=kind).order_by("at" if oldest else "-at").first()
    securing.secure(alert=alert, now=timezone.now())
    return alert


def verified(account: Account) -> set[str]:
    return set(EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True))


class TestWhoIsTold:
    def test_a_removed_address_and_the_primary_one(self, provider, tick, inbox):
        row = EmailAddress.objects.create(user=provider, email="second@example.org", verified=True)
        addresses.remove(row=row, now=tick())
        told = {mail.to for mail in inbox.all() if "address was removed" in mail.text}
        assert told == {"dr.provider@example.org", "second@example.org"}

    def test_an_alert_that_waits_goes_to_whom_it_was_raised_for(self, provider, tick, inbox):
        """A thief who changes the primary address before the mail leaves diverts nothing."""
        passwords.change(account=provider, password=NEW, now=tick())
        addresses.make_primary(row=add_address(provider, "thief@example.org", tick()), now=tick())
        told = [mail.to for mail in inbox.all() if "password of your ID was changed" in mail.text]
        assert told == ["dr.provider@example.org"]

    def test_the_former_primary_address_is_told_of_a_merge(self, tick, inbox):
        mine, victim = AccountFactory(login_name="thiefs.id"), AccountFactory(login_name="victims.id")
        choices = {clash.key: mine.pk for clash in merges.clashes(victim, mine)}
        proof = merges.prove(own=victim, other=mine, method="mailbox", now=tick())
        merges.merge(survivor=victim, absorbed=mine, choices=choices, proof=proof, by=victim, now=tick())
        assert "victims.id@example.org" in {mail.to for mail in inbox.all() if "was merged" in mail.text}

    def test_everybody_is_told_that_an_account_was_secured(self, provider, tick, inbox):
        addresses.make_primary(row=add_address(provider, "new@example.org", tick()), now=tick())
        press("primary changed")
        told = {mail.to for mail in inbox.all() if "Your ID was secured" in mail.text}
        assert told == {"dr.provider@example.org", "new@example.org"}


class TestWhatItUndoes:
    def test_the_phone_of_before_all_of_it(self, holder, tick):
        """A, then the thief's, then a third: the oldest is brought back, whichever order the thief chose."""
        for old, new in ((PHONE, THIEFS_PHONE), (THIEFS_PHONE, THIRD_PHONE)):
            now = tick()
            replace_phone(holder, new, now)
            transaction.atomic(alerts.raise_alert)(account=holder, kind="phone changed", old_number=old, now=now)
        press("phone changed")
        assert phones.proved(holder).number == PHONE

    def test_a_second_answer_takes_nothing_more(self, holder, tick, inbox):
        """One press answers all: the next mail's button does not erase what was brought back."""
        now = tick()
        replace_phone(holder, THIEFS_PHONE, now)
        transaction.atomic(alerts.raise_alert)(account=holder, kind="phone changed", old_number=PHONE, now=now)
        passwords.change(account=holder, password=NEW, now=tick())
        press("phone changed")
        with pytest.raises(alerts.AlertEnded):
            press("password changed")
        assert phones.proved(holder).number == PHONE

    def test_addresses_go_by_their_names(self, provider, tick):
        """The thief adds, makes primary, gives it back and removes: nothing of theirs stays or comes back."""
        own = EmailAddress.objects.get(user=provider)
        row = add_address(provider, "thief@example.org", tick())
        addresses.make_primary(row=row, now=tick())
        addresses.make_primary(row=own, now=tick())
        row.refresh_from_db()
        addresses.remove(row=row, now=tick())
        press("address added")
        assert verified(provider) == {"dr.provider@example.org"}
        assert not SecurityAlert.objects.filter(account=provider, answered_at=None).exists()

    def test_a_merge_as_well_from_an_earlier_alert(self, tick):
        victim, mine = AccountFactory(login_name="victims.id"), AccountFactory(login_name="thiefs.id")
        first = transaction.atomic(alerts.raise_alert)(account=victim, kind="new device", what="Firefox", now=tick())
        choices = {clash.key: mine.pk for clash in merges.clashes(mine, victim)}
        proof = merges.prove(own=mine, other=victim, method="mailbox", now=tick())
        merges.merge(survivor=mine, absorbed=victim, choices=choices, proof=proof, by=mine, now=tick())
        securing.secure(alert=first, now=timezone.now())
        assert Merge.objects.get().undone_at is not None
        victim.refresh_from_db()
        assert victim.is_active

    def test_the_id_and_the_answers(self, provider, tick):
        answers = {"first_pet": "a", "first_street": "b", "dream_job": "c"}
        questions.choose(account=provider, answers=answers, now=tick())
        profiles.change_login_name(account=provider, login_name="thiefs.name", seen=0, now=tick())
        questions.choose(account=provider, answers={**answers, "dream_job": "thief"}, now=tick())
        press("login name changed")
        assert Account.objects.get(pk=provider.pk).login_name == "dr.provider"
        assert not SecurityAnswer.objects.filter(account=provider).exists()

    def test_a_help_desk_reset_that_is_under_way(self, holder, tick):
        alert = transaction.atomic(alerts.raise_alert)(account=holder, kind="new device", now=tick())
        one, two = make_staff("desk.one", "service desk"), make_staff("desk.two", "service desk")
        reset = factor_resets.start(account=holder, reason="called", by=one, now=tick())
        factor_resets.confirm(reset=reset, reason="checked", by=two, now=tick())
        securing.secure(alert=alert, now=timezone.now())
        assert FactorReset.objects.get().state == "cancelled"

    def test_a_reset_that_was_begun(self, client, holder, inbox):
        """A thief who has proved a method of theirs half way does not go on."""
        alert = transaction.atomic(alerts.raise_alert)(account=holder, kind="new device", now=timezone.now())
        begin(client, holder, inbox)
        by_text(client, inbox)
        securing.secure(alert=alert, now=timezone.now())
        assert set_password(client).url == FORGOT
        assert not now_is(holder, NEW)


class TestWhatNobodyCanDoWithIt:
    def test_an_old_mailbox_takes_no_account_without_methods(self, client, provider, tick, inbox):
        """D-22 speaks of the mailbox that an account has, not of one that it had."""
        addresses.make_primary(row=add_address(provider, "new@example.org", tick()), now=tick())
        press("primary changed")
        provider.refresh_from_db()
        ask(client, provider)
        client.post([mail for mail in inbox.all() if "/id/reset/" in mail.text][-1].link)
        page = client.get(RESET, follow=True).content.decode()
        assert "The help desk gets you back in" in page
        assert not now_is(provider, NEW)

    def test_a_mailbox_takes_no_account_whose_young_methods_it_took_back(self, client, provider, tick, inbox):
        secret = authenticators.new_secret()
        authenticators.set_up(account=provider, secret=secret, typed=code_at(secret, tick.at), now=tick.at)
        press("method added")
        assert not AuthenticatorDevice.objects.exists()
        begin(client, provider, inbox)
        assert "Choose a new password" not in client.get(RESET, follow=True).content.decode()

    def test_nor_one_whose_method_was_removed(self, client, provider, tick, inbox):
        secret = authenticators.new_secret()
        authenticators.set_up(account=provider, secret=secret, typed=code_at(secret, tick.at), now=tick.at)
        factors.remove(device=AuthenticatorDevice.objects.get(), knows=True, now=tick())
        press("method removed")
        begin(client, provider, inbox)
        assert "Choose a new password" not in client.get(RESET, follow=True).content.decode()


class TestResets:
    def test_a_stranger_who_knows_the_name_holds_nobody_up(self, holder, inbox):
        """D-04: the five look-ups an hour are of name and address together."""
        stranger = Client(REMOTE_ADDR="203.0.113.9")
        for number in range(6):
            ask(stranger, holder, email=f"wrong{number}@example.org")
        assert ask(Client(), holder).status_code == 302
        assert "/id/reset/" in inbox.newest("mail", holder.email).text

    def test_a_newer_link_does_not_end_a_reset_that_was_begun(self, client, provider, inbox):
        begin(client, provider, inbox)
        ask(Client(), provider)
        inbox.all()
        assert "Your new password is set" in set_password(client).content.decode()

    def test_a_method_that_was_removed_proves_nothing_any_more(self, client, holder, inbox):
        begin(client, holder, inbox)
        by_text(client, inbox)
        secret, now = authenticators.new_secret(), timezone.now()
        authenticators.set_up(account=holder, secret=secret, typed=code_at(secret, now), now=now)
        factors.remove(device=PhoneDevice.objects.get(user=holder), knows=True, now=now)
        assert "Choose a new password" not in client.get(RESET).content.decode()

    def test_the_next_persons_sign_in_ends_it(self, client, provider, stranger, inbox):
        from tests.steps.sign_in import sign_in

        begin(client, provider, inbox)
        sign_in(client, "a.stranger")
        assert client.get(RESET).url == FORGOT


class TestNames:
    def test_an_address_that_is_the_id_stays(self, provider, tick):
        """C2."""
        row = EmailAddress.objects.create(user=provider, email="own@example.org", verified=True)
        profiles.change_login_name(account=provider, login_name="own@example.org", seen=0, now=tick())
        with pytest.raises(addresses.IsTheName):
            addresses.remove(row=row, now=tick())

    def test_a_merged_account_is_not_reopened(self, tick):

        one, two = AccountFactory(), AccountFactory()
        choices = {clash.key: one.pk for clash in merges.clashes(one, two)}
        proof = merges.prove(own=one, other=two, method="mailbox", now=tick())
        merges.merge(survivor=one, absorbed=two, choices=choices, proof=proof, by=one, now=tick())
        two.refresh_from_db()
        with pytest.raises(closing.NotClosed):
            closing.reopen(account=two, reason="x", now=tick())

    def test_a_waiting_phone_does_not_make_a_merge_impossible(self, tick):
        one, two = AccountFactory(phone=PHONE), AccountFactory(phone=THIRD_PHONE)
        phones.add(account=one, number=THIEFS_PHONE, replacing=True, now=tick())
        choices = {clash.key: one.pk for clash in merges.clashes(one, two)}
        proof = merges.prove(own=one, other=two, method="mailbox", now=tick())
        merges.merge(survivor=one, absorbed=two, choices=choices, proof=proof, by=one, now=tick())
        assert phones.proved(one).number == PHONE

    def test_an_undo_leaves_each_account_with_an_address(self, tick, inbox):
        """A moved address that became the primary one, and one that was removed."""
        one, two = AccountFactory(login_name="one.id"), AccountFactory(login_name="two.id")
        choices = {clash.key: one.pk for clash in merges.clashes(one, two)}
        proof = merges.prove(own=one, other=two, method="mailbox", now=tick())
        merge = merges.merge(survivor=one, absorbed=two, choices=choices, proof=proof, by=one, now=tick())
        addresses.make_primary(row=EmailAddress.objects.get(email="two.id@example.org"), now=tick())
        merges.undo(merge=merge, by=one, now=tick())
        for account in (one, two):
            account.refresh_from_db()
            assert EmailAddress.objects.filter(user=account, email=account.email, primary=True, verified=True).exists()


def test_a_form_that_somebody_else_kept_is_not_sent_by_a_link(provider):
    """A stale session of a thief keeps a form; the owner's browser does not send it, whatever link it follows."""

    from identity.models import SavedPost

    thief, owner = signed_in(provider), signed_in(provider)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        thief.post("/id/profile/addresses/add/", {"email": "evil@example.org"})
        held = SavedPost.objects.get()
        lure = f"/id/confirm/?next=/id/profile/addresses/add/&held={held.pk}"
        answer = owner.post(lure, {"password": PASSWORD, "held": str(held.pk)})
        assert answer.status_code == 302
        owner.post("/id/profile/addresses/add/", {"held": str(held.pk)})
    assert not EmailAddress.objects.filter(email="evil@example.org").exists()
    assert owner.get(f"/id/held/{held.pk}/").url == "/id/profile/"


def test_a_secured_account_is_not_offered_to_skip(client, inbox):
    AccountFactory(login_name="the.doc", phone="+13105550177", secured_at=timezone.now())
    sign_in(client, "the.doc")
    assert "Skip this step" not in client.get(FACTOR).content.decode()
