"""What there is to do, on the first screen of each portal (S3-05, S4-16, D-24)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from identity.models import SuppressedAddress, TicketRead
from identity.notices import tickets
from identity.policy import lifecycle, zones
from identity.record import delivery
from portals import registry
from portals.entry import rights
from portals.inside.domain import due
from rbac.domain import memberships as acts
from rbac.models import AccessGrant, Mandate
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
HOMES = ["claims", "trucase", "optum-pro", "provider-online"]


def visit(grant, *, now=NOW, since=None):
    """Somebody before the first screen of their portal."""
    return due.Visit(
        portal=registry.get(grant.portal_key),
        account=grant.account,
        memberships=acts.behind(grant, now=now),
        capabilities=rights.held(registry.get(grant.portal_key), grant, now=now),
        since=since,
        now=now,
    )


def said(grant, *, now=NOW):
    """What there is to do, each as its sentence and its day."""
    return [(item.text, item.day) for item in due.of(visit(grant, now=now))[0]]


@pytest.fixture
def grant():
    """Access to Claims of somebody whose password is new, and who used it a moment ago."""
    return GrantFactory(account__password_changed_at=NOW)


class TestWords:
    """Each has its day in words, in the language of the page."""

    @pytest.mark.parametrize(
        ("day", "waits", "words"),
        [
            (date(2026, 11, 19), False, "was due on November 19, 2026"),
            (date(2026, 11, 20), False, "today"),
            (date(2026, 11, 21), False, "tomorrow, November 21, 2026"),
            (date(2026, 11, 25), False, "in 5 days, on November 25, 2026"),
            (date(2026, 11, 19), True, "since November 19, 2026"),
            (date(2026, 11, 20), True, "since November 20, 2026"),
        ],
    )
    def test_of_a_day(self, day, waits, words):
        item = due.Due(text="x", day=day, waits=waits, address="/", button="Do it")
        with translation.override("en"):
            assert item.when(date(2026, 11, 20)) == words
        assert item.is_late(date(2026, 11, 20)) is (words.startswith("was due"))

    def test_the_day_is_that_of_the_portals_people(self, grant):
        """An evening in Chicago is the next day in London."""
        late = NOW.replace(hour=23, minute=30)
        assert visit(grant, now=late).today == date(2026, 11, 20)


class TestAccount:
    """What the account itself asks of its owner."""

    def test_a_password_stands_there_from_its_first_reminder_on_to_the_second(self, grant):
        """S3-18."""
        end = grant.account.password_ends_at
        first = end - lifecycle.after("password_reminder_first")
        AccessGrant.objects.update(last_used_at=first)
        grant.refresh_from_db()
        assert said(grant, now=first - SECOND) == []
        assert said(grant, now=first) == [("Your password ends.", visit(grant).day_of(end))]

    def test_it_never_ends_where_the_policy_says_so(self, grant, monkeypatch):
        """D-19: asked of the live policy."""
        monkeypatch.setattr("identity.models.accounts.lifecycle.after", lambda *_: timedelta(0))
        assert said(grant, now=NOW + 1000 * DAY) == []

    @pytest.mark.parametrize(("cause", "words"), [("bounced", "comes back."), ("complained", "was marked as spam.")])
    def test_an_address_that_takes_no_mail(self, grant, cause, words):
        SuppressedAddress.objects.create(
            address_key=delivery.address_key(grant.account.email), cause=cause, since=NOW - DAY
        )
        SuppressedAddress.objects.create(address_key=delivery.address_key("x@y.org"), cause=cause, since=NOW - DAY)
        [item], _new = due.of(visit(grant))
        assert item.text == f"Our mail to {grant.account.email} {words}"
        assert (item.day, item.waits, item.address) == (date(2026, 11, 19), True, reverse("addresses"))
        delivery.lift_proved(grant.account.email, now=NOW)
        assert said(grant) == []

    def test_an_answer_until_it_is_read(self, grant, agent):
        """S4-16: one leads to the conversation, in the portal where it was written there."""
        ticket = tickets.open(account=grant.account, topic="other", text="Help", by=grant.account, now=NOW)
        assert said(grant) == []
        tickets.reply(ticket=ticket, text="So.", by=agent, now=NOW)
        [item], _new = due.of(visit(grant))
        assert item.text == f"We answered message {ticket.number}."
        assert (item.button, item.address) == ("Read our answer", reverse("ticket", args=[ticket.number]))
        tickets.note_read(ticket=ticket, by=grant.account, up_to=ticket.messages.last().pk)
        assert said(grant) == []

    @pytest.mark.parametrize(
        ("portals", "address"),
        [
            (["claims"], "/p/claims/messages/{}/"),
            (["claims", "claims"], "/p/claims/messages/"),
            (["claims", "physician"], "/id/tickets/"),
            (["physician"], "/id/tickets/{}/"),
        ],
    )
    def test_several_are_one_item_with_their_number(self, grant, agent, portals, address):
        for number, key in enumerate(portals):
            about = {"portal_key": key, "topic": "other", "text": f"Help {number}", "now": NOW + number * DAY}
            ticket = tickets.open(account=grant.account, by=grant.account, **about)
            tickets.close(ticket=ticket, answer="So.", by=agent, now=NOW + number * DAY)
        [item], _new = due.of(visit(grant, now=NOW + DAY))
        assert item.day == date(2026, 11, 20)
        assert item.address == address.format(ticket.number)
        if len(portals) > 1:
            assert item.text == "We answered 2 messages."
        assert TicketRead.objects.count() == 0


class TestAccess:
    """What of somebody's access ends if they do nothing."""

    def test_another_portal_rests_soon(self, grant):
        """S3-19: from the first warning on, to the second, until it rests."""
        other = GrantFactory(account=grant.account, portal_key="physician", last_used_at=NOW)
        rests = NOW + registry.idle_periods()["physician"]
        notice = lifecycle.after("idle_first_warning")
        AccessGrant.objects.filter(pk=grant.pk).update(last_used_at=rests)
        words = ("Your access to Physician Information Portal rests if you do not use it.", visit(other).day_of(rests))
        account = grant.account
        account.password_changed_at = rests
        name = registry.name_of("physician")
        words = (f"Your access to {name} rests if you do not use it.", words[1])
        grant.account = account
        assert said(grant, now=rests - notice - SECOND) == []
        assert said(grant, now=rests - notice) == [words]
        assert said(grant, now=rests - SECOND) == [words]
        assert said(grant, now=rests) == []  # it rests, however late the job is

    def test_the_last_day_in_a_practice(self):
        """D-11: from the midnight `last_day_notice` days before it, to the end of it, by the clock of the portal's people."""
        last = date(2026, 12, 31)
        row = MembershipFactory(grant__portal_key="provider-online", grant__account__realm="provider-online")
        row.grant.account.password_changed_at = NOW
        row.ends_on = last
        row.save()
        begins = zones.beginning_of(last, realm="provider-online")
        first, told = begins - lifecycle.after("last_day_notice"), [(f"Your work for {row.practice.name} ends.", last)]
        row.grant.account.password_changed_at = first
        assert said(row.grant, now=first - SECOND) == []
        assert said(row.grant, now=first) == told
        assert said(row.grant, now=begins + DAY - SECOND) == told
        assert said(row.grant, now=begins + DAY) == []

    def test_the_last_day_of_the_mandate_counts_as_well(self):
        """S3-10."""
        row = MembershipFactory(grant__portal_key="optum-pro", role="billing_specialist", market="TX")
        row.grant.account.password_changed_at = NOW
        row.mandate = Mandate.objects.create(
            vendor=PracticeFactory(), practice=row.practice, portal_key="optum-pro", roles=[row.role], state="agreed",
            asked_at=NOW, asked_by=AccountFactory(), since=NOW, agreed_by=AccountFactory(), ends_on=date(2026, 11, 25),
        )  # fmt: skip
        row.ends_on = date(2026, 12, 1)
        row.save()
        assert said(row.grant) == [(f"Your work for {row.practice.name} ends.", date(2026, 11, 25))]


class TestOrder:
    def test_by_day_what_is_late_first(self, grant, monkeypatch):
        days = [date(2026, 12, 1), date(2026, 11, 1), date(2026, 11, 20)]
        item = {"address": "/", "button": "Do it"}
        monkeypatch.setattr(due, "_sources", [])
        due.register(lambda _visit, _rows: [due.Due(text="x", day=day, **item) for day in days])
        due.register(lambda _visit, _rows: [due.New(text="y", day=day, address="/") for day in days])
        found, new = due.of(visit(grant))
        assert [one.day for one in found] == sorted(days)
        assert [one.day for one in new] == sorted(days, reverse=True)

    def test_a_source_whose_rows_nobody_can_have_asks_nothing(self, grant, monkeypatch, django_assert_num_queries):
        seen = visit(grant)
        monkeypatch.setattr(due, "_sources", [])
        due.register(lambda _visit, rows: rows, asks=lambda _visit: None)
        due.register(lambda _visit, rows: rows, asks=lambda one: due.Rows(found=type(grant).objects.none(), at="since"))
        with django_assert_num_queries(0):
            assert due.of(seen) == ([], [])


class TestPages:
    """The list stands on the home of every kind of portal."""

    @pytest.fixture(params=HOMES)
    def home(self, request):
        key = request.param
        realm = registry.get(key).realm
        row = MembershipFactory(
            grant__portal_key=key, grant__account__realm=realm, grant__account__phone="+12015550123",
            role="user" if realm == "provider-online" else "front_office", market="TX" if key == "optum-pro" else "",
        )  # fmt: skip
        return row, signed_in(row.grant.account, verified=True), f"/p/{key}/home/"

    def test_it_says_that_nothing_waits(self, home):
        _row, browser, path = home
        assert "Nothing waits for you." in browser.get(path).content.decode()

    def test_it_comes_before_the_tiles_with_its_day_and_one_button(self, home):
        row, browser, path = home
        now = timezone.now()
        type(row).objects.update(ends_on=visit(row.grant, now=now).today)
        page = browser.get(path).content.decode()
        assert f"Your work for {row.practice.name} ends." in page
        assert ">today</span>" in page
        assert page.index("What you have to do") < page.index('<ul class="grid">')
        assert f'href="{reverse("who_controls", args=[row.grant.portal_key])}"' in page

    def test_the_password_is_said_once(self, home):
        row, browser, path = home
        account = row.grant.account
        account.password_changed_at = timezone.now() - lifecycle.after("password_age") + DAY
        account.save()
        page = browser.get(path).content.decode()
        assert page.count("Your password ends") == 1


@pytest.mark.parametrize("portal", ["claims", "physician", "referrals", "trucase"])
def test_the_tools_are_no_part_of_what_is_to_be_done(provider, portal):
    """S1-01, S0-03: they stand under a heading of their own, also where nobody arranges them."""
    GrantFactory(account=provider, portal_key=portal)
    page = signed_in(provider).get(reverse("portal_home", args=[portal])).content.decode()
    assert page.index("What you have to do") < page.index("<h2>Tools</h2>") < page.index('<ul class="grid">')
