"""Tying an old account to an ID: once, by whoever proved both; a second claim; untying by two; a mail instead of a
password."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from identity.accounts import staff_rights
from identity.codes import codes
from identity.models import OutboxMessage, Ticket
from identity.notices import tickets
from identity.record import journal, machine
from portals import registry
from portals.legacy import links, mailed_links, unlinkings
from portals.models import LegacyAccount, LinkRequest, Unlinking
from rbac.domain import grants
from rbac.models import AccessGrant, Origin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, LegacyAccountFactory
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of
from tests.together import together

pytestmark = pytest.mark.django_db
Way, State = links.Way, Unlinking.State
TRUCASE = registry.get("trucase")


@pytest.fixture
def legacy(db) -> LegacyAccount:
    return LegacyAccountFactory(login_name="jsmith.old", capabilities=["bill_tracker"])


def link(legacy, account, way=Way.FINAL_LOG_IN):
    return links.link(legacy=legacy, account=account, way=way, now=NOW)


def grant_of(account, portal_key="trucase") -> AccessGrant | None:
    return AccessGrant.objects.current().in_portal(portal_key).filter(account=account).first()


class TestTying:
    def test_it_opens_the_portal_with_what_the_old_account_carried(self, legacy, provider, inbox):
        """S0-02, S0-31, S1-34, C14: a grant because of the legacy sign-in, with its rights and the old name."""
        link(legacy, provider)
        assert (legacy.account, legacy.linked_by, legacy.linked_at) == (provider, "final log-in", NOW)
        grant = grant_of(provider)
        assert (grant.capabilities, grant.cause) == (["bill_tracker"], "legacy sign-in")
        assert (grant.origin, grant.origin_key) == ("legacy account", str(legacy.pk))
        assert grant.attributes == {"legacy_user_name": "jsmith.old"}
        assert journal.history(of=legacy).get(kind="portals.LegacyLinked").facts["way"] == "final log-in"
        mails = [mail for mail in inbox.all() if mail.to == provider.email]
        assert [mail.subject for mail in mails] == ["Your TruCase account is tied to your Optum ID"]
        assert mails[0].link == "/p/trucase/enter/"

    def test_the_old_address_is_told_and_not_whose_the_id_is(self, legacy, provider, inbox):
        """issue 5: whoever owns the old account hears of it, and learns no more of the ID than that there is one."""
        link(legacy, provider)
        told = inbox.newest("mail", legacy.email)
        assert told.subject == "Your TruCase account was tied to an Optum ID"
        assert "jsmith.old" in told.text
        for words in ("dr.provider", provider.email, provider.first_name):
            assert words not in told.text + told.html

    @pytest.mark.parametrize("address", ["", "dr.provider@example.org"])
    def test_no_second_mail_goes_to_nobody_or_to_an_address_of_the_id(self, provider, inbox, address):
        assert provider.email == "dr.provider@example.org"
        link(LegacyAccountFactory(email=address), provider)
        assert [mail.subject for mail in inbox.all()] == ["Your TruCase account is tied to your Optum ID"]

    def test_an_address_that_the_id_has_not_proved_is_told(self, provider, inbox):
        legacy = LegacyAccountFactory(email=provider.email)
        provider.emailaddress_set.update(verified=False)
        link(legacy, provider)
        assert len(inbox.all()) == 2

    def test_twice_is_once(self, legacy, provider):
        link(legacy, provider)
        link(legacy, provider)
        assert journal.history(of=legacy).count() == 1
        assert OutboxMessage.objects.filter(kind="portals.LegacyLinkedMail").count() == 1
        assert OutboxMessage.objects.count() == 2

    def test_access_that_was_there_stays_and_gets_what_it_lacked(self, legacy, provider, agent):
        grant = GrantFactory(account=provider, portal_key="trucase", attributes={"note": 1})
        link(legacy, provider)
        grant.refresh_from_db()
        assert grant.until is None
        assert grant.capabilities == ["bill_tracker"]
        assert grant.attributes["note"] == 1
        assert grant.attributes["legacy_user_name"] == "jsmith.old"

    def test_a_right_that_no_tile_of_the_portal_names_is_not_given(self, provider):
        odd = LegacyAccountFactory(capabilities=["claims"])
        link(odd, provider)
        assert grant_of(provider).capabilities == []

    def test_an_old_optum_connect_account_opens_the_portals_it_was_let_into(self, provider):
        """S1-06, S1-34, C12: Claims and Physician by the old account's rights; referrals have a grant of their own."""
        both = LegacyAccountFactory(source="optum-connect", capabilities=["claims", "physician"])
        link(both, provider)
        assert grants.portals_of(provider) == ["claims", "physician"]
        none, nobody = LegacyAccountFactory(source="optum-connect"), AccountFactory()
        link(none, nobody)
        assert grants.portals_of(nobody) == []

    def test_an_id_of_another_realm_is_refused(self, legacy):
        with pytest.raises(links.WrongRealm):
            link(legacy, AccountFactory(realm="provider-online"))
        legacy.refresh_from_db()
        assert legacy.account is None


class TestAccessThatStaffEnded:
    """D-06: an old password does not undo what the service desk decided."""

    @pytest.fixture
    def ended(self, provider, agent) -> AccessGrant:
        grant = GrantFactory(account=provider, portal_key="trucase", since=NOW - timedelta(days=1))
        grants.end(account=provider, portal_key="trucase", reason="fraud", by=agent, now=NOW)
        return grant

    def test_tying_ties_but_a_ticket_asks_the_desk_instead_of_a_grant(self, legacy, provider, ended):
        ticket = link(legacy, provider)
        assert legacy.account == provider
        assert grant_of(provider) is None
        assert (ticket.account, ticket.topic) == (provider, Ticket.Topic.ACCESS)
        assert "TruCase" in words_of(ticket)[0]
        assert link(legacy, provider) is None, "pressed twice"
        assert Ticket.objects.count() == 1

    def test_only_the_portal_that_was_closed_stays_closed(self, provider, agent):
        GrantFactory(account=provider, portal_key="claims", since=NOW)
        grants.end(account=provider, portal_key="claims", reason="fraud", by=agent, now=NOW)
        both = LegacyAccountFactory(source="optum-connect", capabilities=["claims", "physician"])
        ticket = link(both, provider)
        assert grants.portals_of(provider) == ["physician"]
        assert "Claims" in words_of(ticket)[0]
        assert "Physician" not in words_of(ticket)[0]

    def test_access_that_came_back_since_or_that_nobody_of_staff_ended_is_no_reason(self, legacy, provider, ended):
        GrantFactory(account=provider, portal_key="trucase", since=NOW)
        grants.end(account=provider, portal_key="trucase", reason="left", by=None, now=NOW + timedelta(days=1))
        assert link(legacy, provider) is None
        assert grant_of(provider).capabilities == ["bill_tracker"]

    def test_what_two_of_staff_untied_does_not_open_again_by_itself(self, legacy, provider, agent, colleague):
        link(legacy, provider)
        unlinkings.do(unlinking=asked(legacy, agent), by=colleague, now=NOW)
        assert link(LegacyAccount.objects.get(pk=legacy.pk), provider) is not None
        assert grant_of(provider) is None


class TestSecondClaim:
    def test_it_changes_nothing_opens_a_ticket_and_tells_the_first_owner(self, legacy, provider, stranger, inbox):
        """issue 5: one old account to at most one person."""
        link(legacy, provider)
        with pytest.raises(links.AlreadyLinked) as refused:
            link(legacy, stranger)
        legacy.refresh_from_db()
        assert legacy.account == provider
        assert grant_of(stranger) is None
        ticket = refused.value.ticket
        assert (ticket.account, ticket.topic) == (stranger, Ticket.Topic.ACCESS)
        assert "dr.provider" not in words_of(ticket)[0], "the second person does not learn who the first one is"
        told = inbox.newest("mail", provider.email)
        assert told.subject == "Somebody else used your TruCase username"
        assert "a.stranger" not in told.text + told.html
        assert inbox.newest("mail", stranger.email).subject == f"Your ticket {ticket.number}"
        assert journal.history(of=legacy).filter(kind="portals.LegacyClaimed").count() == 1

    def test_trying_again_adds_no_ticket_and_no_mail(self, legacy, provider, stranger):
        link(legacy, provider)
        for _ in range(3):
            with pytest.raises(links.AlreadyLinked):
                link(legacy, stranger)
        assert Ticket.objects.count() == 1
        assert OutboxMessage.objects.filter(kind="portals.LegacyClaimedMail").count() == 1

    def test_a_person_has_one_old_account_of_a_source(self, legacy, provider):
        link(LegacyAccountFactory(), provider)
        with pytest.raises(links.AlreadyLinked):
            link(legacy, provider)
        link(LegacyAccountFactory(source="optum-connect"), provider)
        assert provider.legacy_accounts.count() == 2

    @pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no row locks")
    @pytest.mark.django_db(transaction=True)
    def test_of_two_at_once_one_has_it(self, transactional_db):
        legacy, people = LegacyAccountFactory(), [AccountFactory(), AccountFactory()]

        waiting = list(people)

        def claim() -> str:
            try:
                link(LegacyAccount.objects.get(pk=legacy.pk), waiting.pop())
            except links.AlreadyLinked:
                return "refused"
            return "linked"

        assert sorted(together(claim, threads=2)) == ["linked", "refused"]
        assert AccessGrant.objects.current().count() == 1


@pytest.fixture
def linked(legacy, provider) -> LegacyAccount:
    link(legacy, provider)
    return legacy


@pytest.fixture
def colleague(db):
    return make_staff("desk.colleague", "service desk")


def asked(linked, agent, now=NOW) -> Unlinking:
    return unlinkings.ask(legacy=linked, reason="it is her sister's", by=agent, now=now)


class TestUntying:
    def test_two_members_of_staff_untie_and_what_it_opened_is_closed(self, linked, provider, agent, colleague, inbox):
        """issue 5: unlink by two staff, journalled; the person is told."""
        unlinking = asked(linked, agent)
        linked.refresh_from_db()
        assert linked.account == provider, "one of two changes nothing"
        with pytest.raises(machine.SamePerson):
            unlinkings.do(unlinking=unlinking, by=agent, now=NOW)
        unlinkings.do(unlinking=unlinking, by=colleague, now=NOW)
        linked.refresh_from_db()
        assert (linked.account, linked.linked_at, linked.linked_by) == (None, None, "")
        assert grant_of(provider) is None
        assert [entry.by for entry in journal.history(of=unlinking)] == [colleague, agent]
        told = inbox.newest("mail", provider.email)
        assert told.subject == "Your TruCase account is no longer tied to your Optum ID"
        assert "sister" not in told.text
        with pytest.raises(machine.NotPossible):
            unlinkings.do(unlinking=unlinking, by=colleague, now=NOW)

    def test_it_can_be_tied_anew_and_is_told_anew(self, linked, provider, stranger, agent, colleague, inbox):
        unlinkings.do(unlinking=asked(linked, agent), by=colleague, now=NOW)
        link(LegacyAccount.objects.get(pk=linked.pk), provider)
        again = [mail for mail in inbox.all() if mail.subject == "Your TruCase account is tied to your Optum ID"]
        assert len(again) == 2

    def test_access_that_was_there_before_keeps_what_it_had(self, legacy, provider, agent, colleague):
        grant = GrantFactory(account=provider, portal_key="trucase", attributes={"note": 1})
        link(legacy, provider)
        unlinkings.do(unlinking=asked(legacy, agent), by=colleague, now=NOW)
        grant.refresh_from_db()
        assert (grant.until, grant.capabilities, grant.attributes) == (None, [], {"note": 1})

    def test_what_a_newer_list_no_longer_names_is_closed_too(self, provider, agent, colleague):
        """issue 5: what the old account opened ends with it, whatever the newest list says of it."""
        both = LegacyAccountFactory(source="optum-connect", capabilities=["claims", "physician"])
        GrantFactory(account=provider, portal_key="physician")
        link(both, provider)
        LegacyAccount.objects.filter(pk=both.pk).update(capabilities=[])
        unlinkings.do(unlinking=asked(LegacyAccount.objects.get(pk=both.pk), agent), by=colleague, now=NOW)
        assert grants.portals_of(provider) == ["physician"], "it was there before"
        assert "legacy_user_name" not in grant_of(provider, "physician").attributes

    def test_a_right_that_staff_gave_outlives_the_old_account(self, legacy, provider, agent, colleague):
        grant = GrantFactory(account=provider, portal_key="trucase", capabilities=["bill_tracker"])
        link(legacy, provider)
        unlinkings.do(unlinking=asked(legacy, agent), by=colleague, now=NOW)
        grant.refresh_from_db()
        assert grant.capabilities == ["bill_tracker"]

    def test_who_may_ask_and_when(self, linked, provider, agent, colleague, stranger):
        with pytest.raises(staff_rights.MayNotHandle):
            asked(linked, stranger)
        with pytest.raises(machine.ReasonMissing):
            unlinkings.ask(legacy=linked, reason=" ", by=agent, now=NOW)
        asked(linked, agent)
        with pytest.raises(unlinkings.AskedAlready):
            asked(linked, colleague)
        later = asked(linked, colleague, now=NOW + timedelta(days=8))
        assert later.state == State.ASKED, "an old one that nobody did makes room"
        with pytest.raises(unlinkings.NotLinked):
            asked(LegacyAccountFactory(), agent)

    def test_the_own_old_account_is_untied_by_others(self, agent, colleague):
        own = LegacyAccountFactory()
        link(own, agent)
        with pytest.raises(staff_rights.OwnAccount):
            asked(own, agent)
        with pytest.raises(staff_rights.MayNotHandle):
            asked(own, AccountFactory())
        third = make_staff("desk.third", "service desk")
        unlinking = asked(own, colleague)
        with pytest.raises(staff_rights.OwnAccount):
            unlinkings.do(unlinking=unlinking, by=agent, now=NOW)
        unlinkings.do(unlinking=unlinking, by=third, now=NOW)

    def test_one_that_was_tied_to_somebody_else_meanwhile_is_left_alone(self, linked, agent, colleague, stranger):
        unlinking = asked(linked, agent)
        LegacyAccount.objects.filter(pk=linked.pk).update(account=stranger)
        with pytest.raises(machine.NotPossible):
            unlinkings.do(unlinking=unlinking, by=colleague, now=NOW)
        unlinking.refresh_from_db()
        assert unlinking.state == State.ASKED

    def test_the_desks_pages(self, linked, provider, agent, colleague, stranger):
        first, second = signed_in(agent, verified=True), signed_in(colleague, verified=True)
        assert "Untie an old account" in first.get("/admin/portals/unlinking/add/").content.decode()
        ask = {"source": "trucase", "login_name": "JSmith.old", "reason": "sister"}
        assert first.post("/admin/portals/unlinking/add/", ask | {"login_name": "nobody"}).status_code == 422
        desk = first.post("/admin/portals/unlinking/add/", ask).url
        page = first.get(desk).content.decode()
        assert "You asked for it: a colleague has to do it." in page
        assert 'value="do"' not in page
        assert first.post(desk, {"step": "do"}).status_code == 422
        assert second.post(desk, {"step": "cancel", "reason": ""}).status_code == 422
        assert 'value="do"' in second.get(desk).content.decode()
        unsure = second.post(desk, {"step": "do"})
        assert unsure.status_code == 422, "it acts only once somebody says so"
        assert '<a href="#sure">Tick the box first' in unsure.content.decode()
        assert second.post(desk, {"step": "do", "sure": "on"}).status_code == 302
        linked.refresh_from_db()
        assert linked.account is None
        listed = second.get("/admin/portals/unlinking/").content.decode()
        assert desk.split("/")[-3] in listed
        assert "jsmith.old (TruCase)" in listed
        assert signed_in(stranger).get(desk).status_code != 200

    def test_an_empty_request_names_what_is_missing(self, agent):
        answer = signed_in(agent, verified=True).post("/admin/portals/unlinking/add/", {"source": "trucase"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert '<a href="#id_login_name">Fill in “Old username”.</a>' in page
        assert '<a href="#id_reason">Fill in “Reason”.</a>' in page

    def test_the_ticket_of_a_second_claim_shows_the_desk_whose_it_is_and_the_way_to_untie_it(
        self, linked, provider, stranger, agent, colleague
    ):
        """Issue 5: the desk decides, so its page says what the person does not learn."""
        with pytest.raises(links.AlreadyLinked):
            link(linked, stranger)
        ticket, desk = Ticket.objects.get(), signed_in(agent, verified=True)
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert f'<a href="/admin/identity/account/{provider.pk}/change/">{provider.login_name}</a>' in page
        way = "/admin/portals/unlinking/add/?source=trucase&amp;login_name="
        assert f'<a href="{way}{linked.login_name}">Ask for untying it</a>' in page
        form = desk.get(way.replace("&amp;", "&") + linked.login_name).content.decode()
        assert f'value="{linked.login_name}"' in form
        unlinking = asked(linked, colleague, now=timezone.now())
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert f'<a href="/admin/portals/unlinking/{unlinking.pk}/change/">' in page
        assert "Ask for untying it" not in page

    def test_a_ticket_about_something_else_shows_no_old_account(self, agent, provider):
        ticket = tickets.open_or_add(account=provider, topic=Ticket.Topic.ACCESS, text="Help", now=NOW)
        page = signed_in(agent, verified=True).get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert "The old account in question" not in page


class TestMailedProof:
    def ask(self, account, name="jsmith.old", now=NOW):
        return mailed_links.ask(account=account, source=TRUCASE.legacy, login_name=name, now=now)

    def test_the_link_goes_to_the_old_accounts_address_and_ties(self, legacy, provider, inbox):
        """D-20: linking can start by mailed proof."""
        now = timezone.now()
        self.ask(provider, " JSMITH.old ", now=now)
        mail = inbox.newest("mail", legacy.email)
        assert "dr.provider" in mail.text
        token = mail.link.split("/")[-2]
        challenge, found = mailed_links.find(token, account=provider, now=now)
        assert found == legacy
        mailed_links.link(challenge=challenge, legacy=found, account=provider, now=now)
        legacy.refresh_from_db()
        assert (legacy.account, legacy.linked_by) == (provider, "mailed proof")
        with pytest.raises(codes.CodeEnded):
            mailed_links.find(token, account=provider, now=NOW)

    def test_the_same_rows_are_written_whatever_was_typed(self, legacy, provider, stranger, inbox):
        """policy, Always: same answer for existing and unknown accounts."""
        LegacyAccountFactory(login_name="no.address", email="")
        counts = []
        for number, name in enumerate(("jsmith.old", "nobody.at.all", "no.address")):
            account = AccountFactory(login_name=f"asker{number}")
            self.ask(account, name, now=timezone.now())
            counts.append((LinkRequest.objects.count(), OutboxMessage.objects.count()))
        assert counts == [(1, 1), (2, 2), (3, 3)]
        assert [mail.to for mail in inbox.all()] == [legacy.email]

    @pytest.mark.parametrize("whose", [None, "stranger"])
    def test_an_address_that_two_old_accounts_share_proves_nobody(self, legacy, provider, stranger, inbox, whose):
        """D-20: a colleague who reads the office's mail is not the owner; tied or not, the other one shares it."""
        LegacyAccountFactory(source="optum-connect", email=legacy.email)  # of another source: no colleague here
        now = timezone.now()
        row = self.ask(provider, now=now)
        assert LegacyAccount.objects.with_own_address(row.source, row.login_key) == legacy
        clerk = LegacyAccountFactory(email=legacy.email)
        if whose:
            link(clerk, stranger)
        token = codes.token_of(provider.challenges.get(pk=row.challenge))
        with pytest.raises(codes.CodeEnded):
            mailed_links.find(token, account=provider, now=now)
        assert [mail for mail in inbox.all() if mail.subject.startswith("Tie your")] == []

    def test_the_link_is_worth_nothing_to_another_id_and_an_older_one_nothing_at_all(self, legacy, provider, stranger):
        row = self.ask(provider)
        token = codes.token_of(provider.challenges.get(pk=row.challenge))
        with pytest.raises(codes.CodeEnded):
            mailed_links.find(token, account=stranger, now=NOW)
        later = NOW + timedelta(minutes=1)
        self.ask(provider, now=later)
        with pytest.raises(codes.CodeEnded):
            mailed_links.find(token, account=provider, now=later)
        with pytest.raises(codes.CodeEnded):
            mailed_links.find("x-y", account=provider, now=NOW)

    def test_an_address_is_not_flooded(self, legacy):
        """policy, reset link: five an hour for the same name, whoever asks."""
        for number in range(5):
            self.ask(AccountFactory(login_name=f"asker{number}"))
        with pytest.raises(codes.TooManySendings):
            self.ask(AccountFactory(login_name="asker5"))

    def test_a_claim_by_mail_of_what_is_tied_is_a_second_claim(self, legacy, provider, stranger):
        link(legacy, provider)
        row = self.ask(stranger)
        token = codes.token_of(stranger.challenges.get(pk=row.challenge))
        challenge, found = mailed_links.find(token, account=stranger, now=NOW)
        with pytest.raises(links.AlreadyLinked):
            mailed_links.link(challenge=challenge, legacy=found, account=stranger, now=NOW)
        assert Ticket.objects.count() == 1


def test_a_grant_of_another_origin_says_the_old_name_too(legacy, provider, agent):
    """The issue: claims carry the legacy user name. An approved form or the desk gives a grant of its own."""
    links.link(legacy=legacy, account=provider, way="final log-in", now=NOW)
    given = grants.give(account=provider, portal_key="trucase", origin=Origin.STAFF, reason="desk", by=agent, now=NOW)
    assert given.attributes == {"legacy_user_name": "jsmith.old"}
    assert grant_of(provider, "trucase").attributes == {"legacy_user_name": "jsmith.old"}
    other = grants.give(account=provider, portal_key="claims", origin=Origin.STAFF, reason="form", by=agent, now=NOW)
    assert other.attributes == {}


def test_tying_maps_the_name_onto_access_that_was_there(provider):
    """S1-06, S1-34: whose Claims access a form gave before, and whose old account opens nothing by itself."""
    GrantFactory(account=provider, portal_key="claims")
    old = LegacyAccountFactory(source="optum-connect", login_name="aoconnor", capabilities=[])
    links.link(legacy=old, account=provider, way="final log-in", now=NOW)
    assert grant_of(provider, "claims").attributes == {"legacy_user_name": "aoconnor"}
    assert grant_of(provider, "physician") is None
