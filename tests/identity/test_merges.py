"""Two IDs of one person become one, and two again: who may, what moves, what is refused, who is told (D-17, S2-25)."""

import threading
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test import Client
from django.utils import timezone

from accessforms.models import Submission
from identity.factors import authenticators, recovery_codes
from identity.governance import securing
from identity.merging import merges, merging
from identity.merging.merges import Reason
from identity.models import (
    Account,
    AuthenticatorDevice,
    Merge,
    Person,
    PhoneDevice,
    RecoveryDevice,
    RememberedDevice,
    SecurityAlert,
    Ticket,
)
from identity.notices import tickets
from identity.sessions import sessions
from rbac.domain import grants
from rbac.models import AccessGrant, Origin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, SubmissionFactory
from tests.steps.merges import all_for, proof_of
from tests.steps.sign_in import ACCESS, sign_in, sign_in_by_mail, signed_in
from tests.steps.tickets import words_of
from tests.together import together

pytestmark = pytest.mark.django_db
OWN_PHONE, OTHER_PHONE = "+13105550141", "+13105550142"


@pytest.fixture
def own(db):
    return AccountFactory(login_name="first.id", phone=OWN_PHONE)


@pytest.fixture
def other(db):
    return AccountFactory(login_name="second.id", phone=OTHER_PHONE)


def merged(survivor, absorbed, keeping=None, at=NOW):
    choices = all_for(keeping or survivor, survivor, absorbed)
    proof = proof_of(survivor, absorbed, at)
    return merges.merge(survivor=survivor, absorbed=absorbed, choices=choices, proof=proof, by=survivor, now=at)


def reason_of(act) -> str:
    with pytest.raises(merges.MergeRefused) as raised:
        act()
    return raised.value.reason


def refused(survivor, absorbed, choices, proof, by) -> str:
    """Why this merge is refused."""
    return reason_of(
        lambda: merges.merge(survivor=survivor, absorbed=absorbed, choices=choices, proof=proof, by=by, now=NOW)
    )


class TestRules:
    def unruled(self):
        """The foreign keys to an account or a person of every model, third-party ones too, that no rule speaks of."""
        return {
            f"{model._meta.label_lower}.{field.name}"
            for model in apps.get_models(include_auto_created=True)
            for field in model._meta.local_fields
            if field.related_model in (Account, Person)
        } - set(merging.RULES)

    def test_every_foreign_key_to_an_account_has_a_rule(self):
        """D-17: whoever adds a model says what becomes of its rows."""
        assert self.unruled() == set()

    def test_a_model_without_a_rule_is_found(self):
        try:

            class Thrown(models.Model):
                whose = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
                friends = models.ManyToManyField(Account, related_name="+")

                class Meta:
                    app_label = "identity"

            assert self.unruled() == {"identity.thrown.whose", "identity.thrown_friends.account"}
        finally:
            for name in ("thrown", "thrown_friends"):
                apps.all_models["identity"].pop(name, None)
            apps.clear_cache()

    def test_every_rule_speaks_of_a_foreign_key(self):
        """To an account, a person, or a row of which another rule says whose it becomes."""
        moving = {apps.get_model(path.rpartition(".")[0]) for path in merging.RULES}
        for path in merging.RULES:
            model, _dot, name = path.rpartition(".")
            assert apps.get_model(model)._meta.get_field(name).related_model in {Account, Person, *moving}, path


class TestWhatMoves:
    def test_the_absorbed_one_ends_and_the_persons_are_joined(self, own, other):
        third = AccountFactory(person=other.person)
        old = other.person_id
        merge = merged(own, other)
        for account in (own, other, third):
            account.refresh_from_db()
        assert (other.is_active, other.merged_into, other.person_id, third.person_id) == (
            False,
            own,
            own.person_id,
            own.person_id,
        )
        assert Person.objects.filter(pk=old).exists(), "nothing is deleted"
        assert {change["old"] for change in merge.changes if change["field"] == "person"} == {old}

    def test_access_requests_and_tickets_are_the_survivors_then(self, own, other):
        GrantFactory(account=other, portal_key="physician")
        submission = SubmissionFactory(account=other, submitted=True)
        ticket = tickets.open(account=other, topic="other", text="x", by=other, now=NOW)
        merged(own, other)
        assert grants.portals_of(own) == ["physician"]
        assert list(Submission.objects.of(own)) == [submission]
        assert list(Ticket.objects.of(own)) == [ticket]
        assert grants.portals_of(other) == []

    @pytest.mark.parametrize("theirs", [False, True])
    def test_of_what_both_have_the_chosen_one_is_kept_and_the_other_one_stays_behind(self, own, other, theirs):
        """Phone, authenticator, recovery codes, access to the same portal, a draft for it, the first address."""
        for account in (own, other):
            GrantFactory(account=account, portal_key="claims")
            SubmissionFactory(account=account, portal_key="claims")
            AuthenticatorDevice.objects.create(user=account, name="a", secret=authenticators.new_secret())
            recovery_codes.make(account=account, now=NOW)
        chosen = other if theirs else own
        assert len(merges.clashes(own, other)) == 6
        kept = {
            model: model.objects.get(user=chosen).pk for model in (PhoneDevice, AuthenticatorDevice, RecoveryDevice)
        }
        draft, grant = Submission.objects.get(account=chosen).pk, AccessGrant.objects.get(account=chosen).pk
        merged(own, other, keeping=chosen)
        own.refresh_from_db()
        assert own.email == chosen.email
        assert {model: model.objects.get(user=own).pk for model in kept} == kept
        assert Submission.objects.get(account=own).pk == draft
        assert AccessGrant.objects.get(account=own).pk == grant
        assert PhoneDevice.objects.filter(user=other).count() == 1
        assert own.emailaddress_set.filter(verified=True).count() == 2
        assert own.emailaddress_set.get(primary=True).email == chosen.email

    def test_a_phone_that_nobody_proved_gives_way_without_a_question(self, own, other):
        PhoneDevice.objects.filter(user=own).update(confirmed=False)
        assert not [clash for clash in merges.clashes(own, other) if "phone" in clash.key]
        merged(own, other)
        assert PhoneDevice.objects.get(user=own).number == OTHER_PHONE

    def test_an_unverified_address_stays_behind(self, own, other):
        other.emailaddress_set.create(email="never@example.org", verified=False)
        merged(own, other)
        assert not own.emailaddress_set.filter(email="never@example.org").exists()

    def test_what_a_remembered_device_spared_was_proved_with_the_old_methods(self, own, other):
        device = RememberedDevice.objects.create(
            account=own, browser="b", place="p", first_seen_at=NOW, last_seen_at=NOW, skips_until=NOW, proved_by="phone"
        )
        merge = merged(own, other)
        device.refresh_from_db()
        assert device.skips_until is None
        merges.undo(merge=merge, by=own, now=NOW)
        device.refresh_from_db()
        assert device.skips_until == NOW

    def test_the_addresses_of_both_sign_in_to_the_survivor(self, client, own, other):
        PhoneDevice.objects.all().delete()
        merged(own, other)
        sign_in_by_mail(client, other.email)
        assert client.session["_auth_user_id"] == str(own.pk)
        assert sign_in(Client(), other.login_name).status_code == 200, "the neutral sentence"

    def test_sessions_of_the_absorbed_one_end(self, own, other):
        browser = signed_in(other, verified=True)
        assert browser.get("/id/profile/").status_code == 200
        merged(own, other)
        assert browser.get("/id/profile/").status_code == 302


class TestRefused:
    def test_an_id_with_itself(self, own):
        assert reason_of(lambda: merges.check_can_merge(own, own)) == Reason.SAME

    def test_ids_of_two_realms(self, own, other):
        Account.objects.filter(pk=other.pk).update(realm="provider-online", login_key="provider-online:second.id")
        other.refresh_from_db()
        assert reason_of(lambda: proof_of(own, other)) == Reason.REALM

    def test_a_member_of_staff_on_either_side(self, own):
        boss = make_staff("the.boss", "operator")
        for pair in ((own, boss), (boss, own)):
            assert reason_of(lambda pair=pair: proof_of(*pair)) == Reason.STAFF

    def test_rights_of_staff_without_the_flag(self, own, other):
        other.groups.add(Group.objects.create(name="x"))
        assert reason_of(lambda: proof_of(own, other)) == Reason.STAFF

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"is_active": False}, Reason.INACTIVE),
            ({"secured_at": NOW}, Reason.SECURED),
            ({"email": "another@example.org"}, Reason.UNVERIFIED),
        ],
    )
    def test_one_that_could_not_sign_in(self, own, other, change, reason):
        proof = proof_of(own, other)
        Account.objects.filter(pk=other.pk).update(**change)
        choices = all_for(own, own, other)
        assert refused(own, other, choices, proof, own) == reason
        assert not Merge.objects.exists()

    def test_one_that_was_merged_already(self, own, other):
        proof, choices = proof_of(own, other), all_for(own, own, other)
        merged(AccountFactory(), other)
        assert refused(own, other, choices, proof, own) == Reason.MERGED

    @pytest.mark.parametrize("whose", ["own", "other"])
    def test_a_password_that_was_changed_in_between(self, own, other, whose):
        proof = proof_of(own, other)
        sessions.end_all(account={"own": own, "other": other}[whose], by=None, now=NOW)
        assert refused(own, other, {}, proof, own) == Reason.PROOF

    def test_a_proof_of_somebody_else(self, own, other, stranger):
        mine, theirs = proof_of(stranger, own), proof_of(other, own)
        for by, proof in ((own, mine), (other, mine), (stranger, mine), (stranger, theirs), (own, theirs)):
            assert refused(own, other, {}, proof, by) == Reason.PROOF

    def test_a_clash_that_nobody_was_asked_about_changes_nothing(self, own, other):
        proof, choices = proof_of(own, other), all_for(own, own, other)
        for account in (own, other):
            GrantFactory(account=account)
        assert refused(own, other, choices, proof, own) == Reason.CLASH
        other.refresh_from_db()
        assert other.is_active
        assert PhoneDevice.objects.get(user=other).number == OTHER_PHONE

    @pytest.mark.source_profile  # the other one asks for no code by mail
    def test_a_sign_in_under_way_ends_with_its_account(self, client, own, other):
        """Its code was right, but the account it was for is another one's part by now."""
        PhoneDevice.objects.all().delete()
        sign_in(client, other.login_name)
        merge = merged(own, other)
        assert client.get(ACCESS).url == "/id/sign-in/"
        assert "_auth_user_id" not in client.session
        merges.undo(merge=merge, by=own, now=NOW)
        assert client.get(ACCESS).status_code == 302, "and does not come back"


class TestTold:
    def test_every_address_and_phone_of_both_is_told(self, own, other, inbox):
        """policy, alerts: the chosen phone and the one that is left behind."""
        PhoneDevice.objects.update(confirmed_at=NOW - timedelta(days=1))
        own.emailaddress_set.create(email="more@example.org", verified=True)
        merged(own, other)
        told = [one for one in inbox.all() if "was merged into your ID first.id" in one.text]
        assert sorted(one.to for one in told) == sorted(
            [own.email, other.email, "more@example.org", OWN_PHONE, OTHER_PHONE]
        )

    def test_this_was_not_me_separates_and_secures(self, own, other, inbox):
        now = timezone.now()
        GrantFactory(account=other)
        merged(own, other, at=now)
        link = next(one for one in inbox.all() if one.to == other.email and "was merged" in one.text).link
        page = Client().get(link).content.decode()
        assert "the two IDs are separated again" in page
        other.refresh_from_db()
        assert not other.is_active, "opening the link changes nothing"
        assert "Your ID is secured" in Client().post(link).content.decode()
        own.refresh_from_db()
        other.refresh_from_db()
        assert other.is_active
        assert other.merged_into is None
        assert other.secured_at is not None
        assert own.secured_at is None
        assert grants.portals_of(other) == ["claims"]

    def test_where_it_cannot_be_undone_the_answer_opens_a_ticket(self, own, other, stranger):
        now = timezone.now()
        merged(own, other, at=now)
        merged(stranger, own, at=now + timedelta(minutes=1))
        alert = SecurityAlert.objects.get(account=other)
        securing.secure(alert=alert, now=now)
        other.refresh_from_db()
        assert other.secured_at is not None
        assert "second.id was merged into first.id" in words_of(Ticket.objects.get(account=other))[0]


class TestUndo:
    def test_only_the_survivor_or_staff_with_the_right(self, own, other, stranger, agent):
        merge = merged(own, other)
        for by in (stranger, other):
            with pytest.raises(merges.MayNotUndo):
                merges.undo(merge=merge, by=by, now=NOW)
        merges.undo(merge=merge, by=agent, now=NOW)
        other.refresh_from_db()
        assert other.is_active
        assert merge.undone_by == agent

    def test_once(self, own, other):
        merge = merged(own, other)
        merges.undo(merge=merge, by=own, now=NOW)
        assert reason_of(lambda: merges.undo(merge=merge, by=own, now=NOW)) == Reason.UNDONE

    def test_the_latest_first(self, own, other, stranger):
        first, second = merged(own, other), merged(stranger, own, at=NOW + timedelta(minutes=1))
        assert reason_of(lambda: merges.undo(merge=first, by=own, now=NOW)) == Reason.LATER_MERGE
        assert not merges.can_undo(first, now=NOW)
        assert merges.can_undo(second, now=NOW)
        merges.undo(merge=second, by=stranger, now=NOW)
        merges.undo(merge=first, by=own, now=NOW)
        assert Account.objects.filter(is_active=True).count() == 3

    def test_merged_undone_and_merged_again(self, own, other):
        merges.undo(merge=merged(own, other), by=own, now=NOW)
        own.refresh_from_db()
        other.refresh_from_db()
        merged(other, own, at=NOW + timedelta(minutes=1))

    def test_what_has_changed_since_is_left_as_it_is(self, own, other, stranger):
        """Where the value is still the new one."""
        grant = GrantFactory(account=other, portal_key="physician")
        merge = merged(own, other)
        AccessGrant.objects.filter(pk=grant.pk).update(account=stranger)
        merges.undo(merge=merge, by=own, now=NOW)
        assert grants.portals_of(stranger) == ["physician"]

    def test_a_phone_that_was_replaced_since_is_left_with_nobody_else(self, own, other):
        """Whoever was merged unasked gets no factor of the other one back."""
        merge = merged(own, other, keeping=other)
        PhoneDevice.objects.filter(user=own).delete()
        PhoneDevice.objects.create(user=own, name="phone", number="+13105550143", confirmed=True)
        merges.undo(merge=merge, by=own, now=NOW)
        assert PhoneDevice.objects.get().number == "+13105550143"

    def test_access_that_was_given_anew_since_is_kept_and_the_older_one_ends(self, own, other):
        mine, theirs = (GrantFactory(account=account) for account in (own, other))
        merge = merged(own, other, keeping=other)
        newest = grants.give(account=own, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, now=NOW)
        merges.undo(merge=merge, by=own, now=NOW + timedelta(hours=1))
        assert set(AccessGrant.objects.filter(account=own).values_list("pk", "until")) == {
            (mine.pk, NOW + timedelta(hours=1)),
            (newest.pk, None),
        }
        assert AccessGrant.objects.get(account=other).pk == theirs.pk

    def test_the_service_desk_sees_merges_and_undoes_them(self, own, other, agent, inbox):
        merge = merged(own, other, at=timezone.now())
        desk, page = signed_in(agent, verified=True), f"/admin/identity/merge/{merge.pk}/change/"
        assert "second.id" in desk.get("/admin/identity/merge/").content.decode()
        assert "Separate the two IDs again" in desk.get(page).content.decode()
        unsure = desk.post(page)
        assert unsure.status_code == 422, "C17: it asks before it acts"
        assert "Tick the box first" in unsure.content.decode()
        assert "goes back to it from" in unsure.content.decode(), "and says what will happen"
        assert "Both are told" in desk.post(page, {"sure": "on"}, follow=True).content.decode()
        assert any("were separated again" in one.text for one in inbox.all() if one.to == other.email)
        assert "were separated already" in desk.post(page, {"sure": "on"}, follow=True).content.decode()
        assert desk.get("/admin/identity/merge/nonsense/change/").status_code == 404
        agent.groups.clear()
        assert signed_in(agent, verified=True).get(page).status_code == 404


class TestDuplicates:
    def test_staff_see_same_name_and_year_of_birth_or_the_same_address(self, operator):
        one = AccountFactory(login_name="one.id", first_name="Ana", last_name="Ruiz", year_of_birth=1980)
        same = AccountFactory(login_name="same.name", first_name="ANA", last_name="ruiz", year_of_birth=1980)
        mail = AccountFactory(login_name="same.mail", email=one.email)
        AccountFactory(login_name="older", first_name="Ana", last_name="Ruiz", year_of_birth=1950)
        AccountFactory(login_name="unproved", email=one.email, address=False)
        assert list(merges.duplicates_of(one)) == [same, mail]
        page = signed_in(operator, verified=True).get(f"/admin/identity/account/{one.pk}/change/").content.decode()
        assert f'<a href="/admin/identity/account/{same.pk}/change/">same.name</a> ANA ruiz' in page
        assert "older" not in page

    def test_who_has_no_year_of_birth_is_like_nobody(self):
        AccountFactory(first_name="Ana", last_name="Ruiz")
        assert not merges.duplicates_of(AccountFactory(first_name="Ana", last_name="Ruiz")).exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no row locks")
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def attempts(self, own, other, pairs):
        proof = {own.pk: proof_of(own, other), other.pk: proof_of(other, own)}
        choices, turns, lock = all_for(own, own, other), iter(pairs), threading.Lock()

        def act():
            with lock:
                survivor, absorbed = next(turns)
            try:
                merges.merge(
                    survivor=survivor,
                    absorbed=absorbed,
                    choices=choices,
                    proof=proof[survivor.pk],
                    by=survivor,
                    now=NOW,
                )
            except merges.MergeRefused as refused:
                return refused.reason.value
            return "won"

        return together(act, threads=len(pairs))

    def test_of_two_confirms_one_wins(self, own, other):
        answers = self.attempts(own, other, [(own, other)] * 3)
        assert sorted(answers) == ["merged", "merged", "won"]
        assert Merge.objects.count() == 1

    def test_of_two_directions_one_wins(self, own, other):
        for _round in range(5):
            answers = self.attempts(own, other, [(own, other), (other, own)])
            assert sorted(answers) == ["merged", "won"]
            merge = Merge.objects.get(undone_at=None)
            merges.undo(merge=merge, by=merge.survivor, now=NOW)
            for account in (own, other):
                account.refresh_from_db()

    def test_of_two_undoings_one_wins(self, own, other):
        merge = merged(own, other)

        def act():
            try:
                merges.undo(merge=Merge.objects.get(pk=merge.pk), by=own, now=NOW)
            except merges.MergeRefused:
                return "lost"
            return "won"

        assert sorted(together(act, threads=3)) == ["lost", "lost", "won"]
