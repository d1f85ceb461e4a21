"""News & Alerts: proposed by one, published by another, found by today's role and market, confirmed (S2-27, S3-03)."""

import csv
import io
import re
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from identity.accounts import staff_rights
from identity.merging import merging
from identity.models import MassAct, OutboxMessage
from identity.policy import lifecycle
from identity.record import journal, machine
from portals.entry import rights
from portals.inside.domain import answering, due, markdown, news, news_items, news_notices, news_reports
from portals.models import NewsItem, NewsRead
from rbac.domain import memberships
from rbac.models import Mandate, Membership
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, people
from tests.inbox import Inbox
from tests.steps import news as steps
from tests.steps.news import PRO
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
FRONT, NURSE, MANAGER = "front_office", "registered_nurse", "practice_manager"


@pytest.fixture
def editors(db):
    return steps.editors()


@pytest.fixture
def reader(db) -> Membership:
    return steps.works(steps.practice(), login_name="a.reader")


def found(*rows: Membership, now=NOW) -> list[NewsItem]:
    return list(news.shown_to(steps.account_of(rows[0]), portal=PRO, memberships=rows, now=now))


class TestTwoPeople:
    def test_proposed_by_one_and_published_by_another(self, editors, reader):
        """S3-03: nobody reads a proposal; what another person publishes is read from its day."""
        first, second = editors
        item = steps.proposed(first, now=NOW)
        assert found(reader) == []
        with pytest.raises(machine.SamePerson):
            news_items.publish(item=item, by=first, now=NOW)
        news_items.publish(item=item, by=second, now=NOW + DAY)
        assert (item.since, item.published_by) == (NOW + DAY, second), "what was not published was not shown"
        assert found(reader, now=NOW + DAY) == [item]
        kinds = [entry.kind for entry in journal.history(of=item)]
        assert kinds == ["portals.NewsPublished", "portals.NewsProposed"]

    def test_the_database_keeps_it_too(self, editors, reader):
        first, second = editors
        item = steps.proposed(first, now=NOW)
        for changes in (
            {"state": "published", "published_by": first, "published_at": NOW},
            {"state": "published"},
            {"until": NOW},
            {"state": "withdrawn", "withdrawn_by": second, "withdrawn_at": NOW},
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                NewsItem.objects.filter(pk=item.pk).update(**changes)

    def test_withdrawn_with_a_reason_and_for_good(self, editors, reader):
        first, second = editors
        item = steps.published(first, second, now=NOW)
        with pytest.raises(machine.ReasonMissing):
            news_items.withdraw(item=item, reason=" ", by=first, now=NOW)
        news_items.withdraw(item=item, reason="A wrong date", by=first, now=NOW)
        assert found(reader) == []
        assert journal.history(of=item)[0].facts["reason"] == "A wrong date"
        with pytest.raises(machine.NotPossible):
            news_items.publish(item=item, by=second, now=NOW)

    def test_whoever_does_not_answer_for_the_portal_handles_nothing(self, editors, reader):
        """D-28: by the right, and by one's own portals only."""
        first, second = editors
        item = steps.proposed(first, now=NOW)
        others = [make_staff("claims.desk", "service desk", ("claims",)), AccountFactory()]
        for stranger in others:
            with pytest.raises(staff_rights.MayNotHandle):
                steps.proposed(stranger, now=NOW)
            with pytest.raises(staff_rights.MayNotHandle):
                news_items.publish(item=item, by=stranger, now=NOW)
        second.groups.clear()
        with pytest.raises(staff_rights.MayNotHandle):
            news_items.withdraw(item=item, reason="x", by=second, now=NOW)

    def test_bad_days_and_an_audience_that_fits_nobody(self, editors, reader):
        """S3-04: `until` before `since`; a role that nobody has there."""
        first, second = editors
        with pytest.raises(news_items.EndsTooSoon):
            steps.proposed(first, now=NOW, since=NOW + DAY, until=NOW + DAY)
        with pytest.raises(news_items.EndsTooSoon):
            steps.proposed(first, now=NOW, since=NOW - 2 * DAY, until=NOW - DAY)
        with pytest.raises(news_items.FitsNobody):
            steps.proposed(first, now=NOW, pairs=frozenset({(NURSE, "")}))
        item = steps.proposed(first, now=NOW, pairs=frozenset({(FRONT, "CO")}), until=NOW + DAY)
        with pytest.raises(news_items.EndsTooSoon):
            news_items.publish(item=item, by=second, now=NOW + DAY)
        Membership.objects.filter(pk=reader.pk).update(market="CA")
        with pytest.raises(news_items.FitsNobody):
            news_items.publish(item=item, by=second, now=NOW)

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_of_two_who_press_at_once_one_publishes(self, editors):
        """house: compare-and-set; one event, whoever wins."""
        first, second = editors
        third = make_staff("third.editor", "service desk", (steps.PORTAL,))
        steps.works(steps.practice())
        item = steps.proposed(first, now=NOW)
        barrier, outcomes = threading.Barrier(2), []

        def press(by):
            row = NewsItem.objects.get(pk=item.pk)
            barrier.wait()
            try:
                news_items.publish(item=row, by=by, now=NOW)
                outcomes.append("published")
            except machine.NotPossible:
                outcomes.append("too late")
            finally:
                connection.close()

        threads = [threading.Thread(target=press, args=[one]) for one in (second, third)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["published", "too late"]
        assert [one.kind for one in journal.history(of=item)].count("portals.NewsPublished") == 1

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_two_tabs_confirm_once(self, editors):
        """house: of two presses at once one is counted and one event is told."""
        reader = steps.works(steps.practice())
        item, account = steps.published(*editors, now=NOW, is_regulatory=True), steps.account_of(reader)
        barrier, outcomes = threading.Barrier(2), []

        def press():
            barrier.wait()
            outcomes.append(news.acknowledge(item=item, by=account, now=NOW))
            connection.close()

        threads = [threading.Thread(target=press) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [False, True]
        assert [one.kind for one in journal.history(of=item)].count("portals.NewsAcknowledged") == 1


class TestReading:
    def test_found_by_the_role_of_today(self, editors, reader):
        """S3-04, D-29: whoever gets another role finds other items, whatever they were when it was published."""
        mine = steps.published(*editors, now=NOW, pairs=frozenset({(FRONT, "")}))
        steps.works(reader.practice, NURSE)
        theirs = steps.published(*editors, now=NOW, pairs=frozenset({(NURSE, "CO")}))
        assert found(reader) == [mine]
        changed = memberships.change_role(membership=reader, role=NURSE, by=None, now=NOW)
        assert found(changed) == [theirs]

    def test_from_its_first_day_to_its_last(self, editors, reader):
        """S2-27: that it is over is computed, whatever any job does."""
        item = steps.published(*editors, now=NOW, since=NOW + DAY, until=NOW + 2 * DAY)
        days = [NOW, NOW + DAY, NOW + 2 * DAY - timedelta(seconds=1), NOW + 2 * DAY]
        assert [bool(found(reader, now=moment)) for moment in days] == [False, True, True, False]
        assert [item.is_shown(moment) for moment in days] == [False, True, True, False]
        assert [item.is_over(moment) for moment in days] == [False, False, False, True]

    def test_opening_confirms_nothing_and_counts_once(self, editors, reader):
        item = steps.published(*editors, now=NOW, is_regulatory=True)
        account = steps.account_of(reader)
        for moment in (NOW, NOW + DAY):
            news.see(item=item, by=account, now=moment)
        row = NewsRead.objects.get()
        assert (row.seen_at, row.acknowledged_at) == (NOW, None)
        rows = news.shown_to(account, portal=PRO, memberships=[reader], now=NOW)
        assert (list(news.unconfirmed(rows)), list(news.unseen(rows))) == ([item], [])

    def test_confirmed_once_by_each(self, editors, reader):
        """S3-03: twice is once; one colleague's press hides the item from nobody else."""
        item = steps.published(*editors, now=NOW, is_regulatory=True)
        colleague = steps.works(reader.practice)
        account = steps.account_of(reader)
        assert news.acknowledge(item=item, by=account, now=NOW) is True
        assert news.acknowledge(item=item, by=account, now=NOW + DAY) is False
        assert NewsRead.objects.get().acknowledged_at == NOW
        entries = [entry for entry in journal.history(of=item) if entry.kind == "portals.NewsAcknowledged"]
        assert [entry.account for entry in entries] == [account]
        theirs = news.shown_to(steps.account_of(colleague), portal=PRO, memberships=[colleague], now=NOW)
        assert list(news.unconfirmed(theirs)) == [item]

    def test_only_regulatory_items_are_confirmed(self, editors, reader):
        item = steps.published(*editors, now=NOW)
        with pytest.raises(news.NotRegulatory):
            news.acknowledge(item=item, by=steps.account_of(reader), now=NOW)
        assert not NewsRead.objects.exists()

    def test_in_the_reader_s_language(self, editors, reader):
        """D-18."""
        item = steps.published(*editors, now=NOW)
        assert (item.title, item.text) == ("Rates change", "The rates **change**.")
        with translation.override("es"):
            assert (item.title, item.text) == ("Cambian las tarifas", "Las tarifas **cambian**.")


class TestMarkdown:
    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("# One\n\n###### Six", "<h2>One</h2>\n<h4>Six</h4>\n"),
            ("**bold** and *thin*", "<p><strong>bold</strong> and <em>thin</em></p>\n"),
            ("- a\n  - b", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n</ul>\n"),
            ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
            ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>\n"),
            ("![alt](https://x.example/a.png)", "<p></p>\n"),
            (
                "[a](https://x.example/)",
                '<p><a href="https://x.example/" rel="noopener noreferrer nofollow">a</a></p>\n',
            ),
            ("[a](http://x.example/)", '<p><a rel="noopener noreferrer nofollow">a</a></p>\n'),
            ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
            ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
            ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
            ('[a](https://x.example/ "title\\" onmouseover=x")', None),
            ("```\n<i>\n```", "<pre><code>&lt;i&gt;\n</code></pre>\n"),
        ],
    )
    def test_script_pictures_and_odd_links_do_not_get_through(self, written, read):
        """inside: Markdown with script."""
        made = markdown.html(written)
        assert read is None or made == read
        for bad in ("<script", "<img", "<b", 'href="javascript', 'href="data', "title="):
            assert bad not in made


class TestPractices:
    @pytest.fixture
    def office(self, db):
        return steps.practice()

    @pytest.fixture
    def item(self, editors, office) -> NewsItem:
        steps.works(office, MANAGER, login_name="the.manager", first_name="Mona", last_name="Ager")
        steps.works(office, login_name="front.one", first_name="Fay", last_name="One")
        steps.works(office, NURSE, login_name="nurse.two", first_name="Nan", last_name="=Two")
        return steps.published(*editors, now=timezone.now(), is_regulatory=True)

    @staticmethod
    def row(login_name: str) -> Membership:
        return Membership.objects.current().get(grant__account__login_name=login_name)

    def missing(self, item, office) -> list[str]:
        rows = news_reports.missing(news_reports.people(item, portal=PRO, practice=office, now=timezone.now()))
        return [row.grant.account.login_name for row in rows]

    def test_who_of_ours_has_not(self, item, office):
        """S3-03: everybody whom it is for, by name, until they have confirmed it themselves."""
        assert self.missing(item, office) == ["nurse.two", "the.manager", "front.one"]
        news.see(item=item, by=self.row("front.one").grant.account, now=timezone.now())
        news.acknowledge(item=item, by=self.row("nurse.two").grant.account, now=timezone.now())
        assert self.missing(item, office) == ["the.manager", "front.one"]
        (standing,) = news_reports.standings(item, portal=PRO, memberships=[self.row("front.one")], now=timezone.now())
        assert standing[1:] == ("Lakeside Clinic", 3, 2, 1)
        listed = news_reports.regulatory_of(office, portal=PRO, now=timezone.now(), most=9)
        assert listed == [(item, 3, 1)]

    def test_who_left_is_out_of_the_report(self, item, office):
        """D-11: and who comes is in it."""
        memberships.end(membership=self.row("nurse.two"), by=None, now=timezone.now())
        steps.works(office, login_name="new.three", last_name="Three")
        assert self.missing(item, office) == ["the.manager", "front.one", "new.three"]

    def test_a_tax_id_that_nobody_attested_shows_nobody(self, item, office):
        """D-25: whoever typed it at registration neither reads the report nor stands in it."""
        stranger = MembershipFactory(
            grant=GrantFactory(portal_key=steps.PORTAL), practice=office, role=MANAGER, market="CO"
        )
        assert len(self.missing(item, office)) == 3
        assert not answering.answered_for([stranger]).exists()
        assert news_reports.standings(item, portal=PRO, memberships=[stranger], now=timezone.now()) == []
        assert answering.answered_for([self.row("the.manager")]).exists()
        assert not answering.answered_for([self.row("nurse.two")]).exists()

    def test_a_vendor_s_people_stand_in_the_vendor_s_report(self, item, office):
        """S3-10: they read the news of their role; the practice is told nothing of them, nor they of its people."""
        vendor, now = steps.practice("Billing Ltd."), timezone.now()
        own = steps.works(vendor, login_name="bill.vendor")
        asker = steps.works(vendor, MANAGER)
        mandate = Mandate.objects.create(
            vendor=vendor, practice=office, portal_key=steps.PORTAL, roles=[FRONT], state="agreed", asked_at=now,
            asked_by=steps.account_of(asker), since=now, agreed_by=self.row("the.manager").grant.account,
        )  # fmt: skip
        under = MembershipFactory(
            grant=own.grant, practice=office, role=FRONT, market="CO", mandate=mandate, origin="mandate"
        )
        assert self.missing(item, office) == ["nurse.two", "the.manager", "front.one"]
        assert "bill.vendor" in self.missing(item, vendor)
        seen = news_reports.standings(item, portal=PRO, memberships=[own, under], now=now)
        assert [one.practice for one in seen] == ["Billing Ltd."]

    def test_reminded_once_a_day(self, item, office):
        """S3-03, S3-16: the mails go to those who have not confirmed it, and not to whoever asks for them."""
        manager, now = self.row("the.manager").grant.account, timezone.now()
        told = {"item": item, "portal": PRO, "practice": office, "by": manager}
        news.acknowledge(item=item, by=self.row("nurse.two").grant.account, now=now)
        assert news_reports.remind(**told, now=now) == 1
        pause = lifecycle.after("news_reminded_again")
        with pytest.raises(news_reports.RemindedAlready):
            news_reports.remind(**told, now=now + pause - timedelta(seconds=1))
        assert news_reports.remind(**told, now=now + pause) == 1
        owners = OutboxMessage.objects.filter(kind="portals.NewsReminderMail").values_list("ids__account_id", flat=True)
        assert list(owners) == [self.row("front.one").grant.account_id] * 2
        assert journal.history(of=item)[0].facts == {
            "portal_key": PRO.key, "practice": office.pk, "people": 1,
        }  # fmt: skip

    def test_the_pages_of_a_manager(self, item, office):
        """S3-03: from the item to the report, the table and the reminder; another practice's is not found."""
        browser = signed_in(self.row("the.manager").grant.account)
        page = browser.get(f"{steps.HOME}{item.pk}/").text
        assert "Confirmed by 0 of 3" in page
        path = f"{steps.HOME}practice/{office.pk}/{item.pk}/"
        assert path in page
        report = browser.get(path).text
        assert "Fay One" in report
        assert "Nan =Two" in report
        rows = list(csv.reader(io.StringIO(browser.get(f"{path}people.csv").text)))
        assert rows[0] == ["first_name", "last_name", "email", "role", "market", "opened", "confirmed"]
        assert rows[1][1] == "'=Two", "no spreadsheet takes it for a formula"
        answer = browser.post(f"{path}remind/", follow=True).text
        assert "2 people are reminded by email." in answer
        assert "They were reminded a short while ago." in browser.post(f"{path}remind/", follow=True).text
        assert Inbox().all()
        other = steps.practice("Hillside")
        steps.works(other, MANAGER)
        for wrong in (f"{steps.HOME}practice/{other.pk}/{item.pk}/", f"{steps.HOME}practice/{other.pk}/"):
            assert browser.get(wrong).status_code == 404

    def test_a_manager_reads_the_report_of_what_is_for_others(self, editors, item, office):
        """S3-03: an item for nurses is not the manager's own news; their report of it is."""
        own = steps.published(*editors, is_regulatory=True, pairs=frozenset({(NURSE, "")}), title_en="Nurses only")
        browser = signed_in(self.row("the.manager").grant.account)
        assert "Nurses only" not in browser.get(steps.HOME).text
        assert browser.get(f"{steps.HOME}{own.pk}/").status_code == 404
        assert "Nurses only" in browser.get(f"{steps.HOME}practice/{office.pk}/").text
        assert "Nan =Two" in browser.get(f"{steps.HOME}practice/{office.pk}/{own.pk}/").text
        front = signed_in(self.row("front.one").grant.account)
        for path in (
            f"practice/{office.pk}/",
            f"practice/{office.pk}/{own.pk}/",
            f"practice/{office.pk}/{own.pk}/people.csv",
        ):
            assert front.get(steps.HOME + path).status_code == 404


class TestPages:
    def test_list_item_and_press(self, editors, reader):
        """S2-27, S3-03: without script; opening marks as seen, the press confirms."""
        item = steps.published(*editors, is_regulatory=True)
        plain = steps.published(*editors, title_en="Plain")
        browser = signed_in(steps.account_of(reader))
        page = browser.get(steps.HOME).text
        assert "1 regulatory item waits for you" in page
        assert "Plain" not in browser.get(f"{steps.HOME}?show=unconfirmed").text
        assert "<strong>change</strong>" in browser.get(f"{steps.HOME}{item.pk}/").text
        assert "1 regulatory item waits for you" in browser.get(steps.HOME).text
        answer = browser.post(f"{steps.HOME}{item.pk}/read/", follow=True).text
        assert "We have noted that you have read this." in answer
        assert "waits for you to confirm" not in browser.get(steps.HOME).text
        assert browser.post(f"{steps.HOME}{plain.pk}/read/").status_code == 404
        assert browser.get(f"{steps.HOME}{item.pk}/read/").status_code == 405

    def test_head_marks_nothing(self, editors, reader):
        item = steps.published(*editors)
        signed_in(steps.account_of(reader)).head(f"{steps.HOME}{item.pk}/")
        assert not NewsRead.objects.exists()

    def test_in_spanish(self, editors, reader):
        """D-18."""
        item = steps.published(*editors)
        browser = signed_in(steps.account_of(reader))
        browser.cookies["language"] = "es"
        page = browser.get(f"{steps.HOME}{item.pk}/", headers={"accept-language": "es"}).text
        assert "<strong>cambian</strong>" in page

    def test_what_is_withdrawn_is_not_found_by_an_open_page(self, editors, reader):
        item = steps.published(*editors, is_regulatory=True)
        browser = signed_in(steps.account_of(reader))
        browser.get(f"{steps.HOME}{item.pk}/")
        news_items.withdraw(item=item, reason="wrong", by=editors[0], now=timezone.now())
        assert browser.post(f"{steps.HOME}{item.pk}/read/").status_code == 404
        assert browser.get(f"{steps.HOME}{item.pk}/").status_code == 404


class TestMails:
    @pytest.fixture
    def item(self, editors, reader) -> NewsItem:
        return steps.published(*editors, now=NOW, is_regulatory=True)

    @staticmethod
    def kinds() -> list[str]:
        return list(
            OutboxMessage.objects.filter(kind__startswith="portals.").order_by("pk").values_list("kind", flat=True)
        )

    def test_told_once_when_it_is_shown(self, editors, reader):
        """S3-03: a regulatory one only, on its day; whoever confirmed it before is not told."""
        steps.published(*editors, now=NOW)
        item = steps.published(*editors, now=NOW, is_regulatory=True, since=NOW + DAY)
        assert news_notices.tell(now=NOW) == 0
        assert news_notices.tell(now=NOW + DAY) == 1
        assert news_notices.tell(now=NOW + DAY) == 0
        NewsItem.objects.filter(pk=item.pk).update(told_at=None)
        news_notices.tell(now=NOW + DAY)
        assert self.kinds() == ["portals.RegulatoryNewsMail"], "killed before its end, it writes no mail twice"

    def test_reminded_after_seven_days_and_once_more(self, item, reader):
        """news_reminder: after 7 and 14 days, of whoever has not confirmed it."""
        week = lifecycle.after("news_reminder")
        runs = {
            at: news_notices.remind(now=NOW + at) for at in (week - timedelta(seconds=1), week, week + DAY, 2 * week)
        }
        assert list(runs.values()) == [0, 1, 0, 1]
        assert news_notices.remind(now=NOW + 3 * week) == 0
        assert self.kinds() == ["portals.NewsReminderMail"] * 2

    def test_a_round_that_was_missed_is_not_made_up_for(self, item):
        week = lifecycle.after("news_reminder")
        assert [news_notices.remind(now=NOW + at) for at in (2 * week, 2 * week + DAY)] == [1, 0]

    def test_whoever_confirmed_it_is_not_reminded(self, item, reader):
        news.acknowledge(item=item, by=steps.account_of(reader), now=NOW)
        assert news_notices.remind(now=NOW + lifecycle.after("news_reminder")) == 0

    def test_too_many_at_once_wait_for_two_people(self, item, reader):
        """policy: mass acts."""
        grants = [GrantFactory(account=one, portal_key=steps.PORTAL) for one in people(60)]
        Membership.objects.bulk_create(
            Membership(grant=one, practice=reader.practice, role=FRONT, market="CO", since=NOW, origin="form")
            for one in grants
        )
        assert news_notices.remind(now=NOW + lifecycle.after("news_reminder")) == 0
        assert MassAct.objects.get().kind == "remind of regulatory news"

    def test_a_mail_says_nothing_any_more_once_it_is_confirmed_or_gone(self, editors, reader, inbox):
        """inside: rendered when it is sent, by what holds then."""
        item = steps.published(*editors, is_regulatory=True)
        news_notices.tell(now=timezone.now())
        news.acknowledge(item=item, by=steps.account_of(reader), now=timezone.now())
        assert not [mail for mail in inbox.all() if "Regulatory" in str(mail)]
        other = steps.published(*editors, is_regulatory=True)
        news_notices.tell(now=timezone.now())
        memberships.end(membership=reader, by=None, now=timezone.now())
        assert not [mail for mail in inbox.all() if f"/news/{other.pk}/" in str(mail)]


class TestDesk:
    @pytest.fixture
    def fields(self) -> dict[str, str]:
        return {
            "title_en": "Rates change",
            "text_en": "- one\n  - two\n\n<script>x</script>",
            "title_es": "Cambian las tarifas",
            "text_es": "Las tarifas **cambian**.",
            "since": timezone.localdate().isoformat(),
            "until": "",
        }

    @staticmethod
    def page(answer) -> str:
        return answer.content.decode()

    def test_written_previewed_proposed_and_published_by_another(self, editors, reader, fields):
        """S3-03: what it will look like and whom it reaches stand there before anything is written."""
        first, second = (signed_in(one, verified=True) for one in editors)
        path = reverse("admin:portals_newsitem_add")
        seen = self.page(first.post(path, fields | {"preview": "1"}))
        assert "nothing was proposed yet" in seen
        assert "<li>two</li>" in seen, "a list in a list keeps what it is indented by"
        assert "&lt;script&gt;x&lt;/script&gt;" in seen
        assert "<strong>cambian</strong>" in seen
        assert "1 person can read it." in seen
        assert not NewsItem.objects.exists()
        first.post(path, fields | {"propose": "1"})
        item = NewsItem.objects.get()
        one = reverse("admin:portals_newsitem_change", args=[item.pk])
        assert "another person publishes it" in self.page(first.get(one))
        asked = self.page(second.post(one, {"step": "publish"}))
        assert "Front office, Colorado: 1" in asked
        item.refresh_from_db()
        assert item.state == "proposed", "asked first"
        read = re.search(r'name="read" value="([^"]+)"', asked)[1]
        second.post(one, {"step": "publish", "read": read})
        item.refresh_from_db()
        assert (item.state, item.published_by) == ("published", editors[1])
        assert "Enter a reason" in self.page(second.post(one, {"step": "withdraw", "reason": " "}))
        second.post(one, {"step": "withdraw", "reason": "A wrong day"})
        item.refresh_from_db()
        assert (item.state, item.reason) == ("withdrawn", "A wrong day")
        again = self.page(second.get(f"{path}?like={item.pk}"))
        assert "Cambian las tarifas" in again, "withdrawn and proposed anew, with its texts"

    def test_an_item_of_a_portal_that_is_no_more_is_withdrawn(self, editors, reader, fields, operator):
        first, boss = signed_in(editors[0], verified=True), signed_in(operator, verified=True)
        first.post(reverse("admin:portals_newsitem_add"), fields | {"propose": "1"})
        NewsItem.objects.update(portal_key="former")
        one = reverse("admin:portals_newsitem_change", args=[NewsItem.objects.get().pk])
        assert 'value="publish"' not in self.page(boss.get(one))
        assert boss.post(one, {"step": "publish"}).status_code == 404
        boss.post(one, {"step": "withdraw", "reason": "The portal is closed"})
        assert NewsItem.objects.get().state == "withdrawn"

    @pytest.mark.parametrize(
        ("typed", "field", "says"),
        [
            ({"roles": [NURSE]}, "roles", "nobody would find it"),
            ({"roles": [FRONT], "markets": ["AK"]}, "markets", "nobody would find it"),
            ({"until": "2001-01-01"}, "until", "The last day is before the first one."),
            ({"since": "2001-01-01", "until": "2001-01-02"}, "until", "The last day has passed."),
            ({"until": "9999-12-31"}, "until", "Check the year."),
            ({"title_es": ""}, "title_es", "Fill in"),
            ({"roles": ["king"]}, "roles", "king"),
            ({"text_en": "x" * 10_001}, "text_en", "10000"),
        ],
    )
    def test_what_is_wrong_stands_at_its_field_and_nothing_is_lost(self, editors, reader, fields, typed, field, says):
        """S3-04: an audience that fits nobody; inside: bad input."""
        answer = signed_in(editors[0], verified=True).post(
            reverse("admin:portals_newsitem_add"), fields | typed | {"propose": "1"}
        )
        assert answer.status_code == 422
        assert says in " ".join(answer.context["form"].errors[field])
        assert "Cambian las tarifas" in self.page(answer) or field == "title_es"
        assert not NewsItem.objects.exists()

    def test_a_preview_of_nobody_says_so(self, editors, reader, fields):
        sent = fields | {"roles": [NURSE], "preview": "1"}
        answer = signed_in(editors[0], verified=True).post(reverse("admin:portals_newsitem_add"), sent)
        assert "nobody would find it" in self.page(answer)

    def test_staff_of_other_portals_find_nothing(self, editors, reader):
        """D-28."""
        item = steps.proposed(editors[0])
        other = signed_in(make_staff("claims.desk", "service desk", ("claims",)), verified=True)
        assert "Rates change" not in self.page(other.get(reverse("admin:portals_newsitem_changelist")))
        assert other.get(reverse("admin:portals_newsitem_change", args=[item.pk])).status_code == 404
        assert other.get(reverse("admin:portals_newsitem_add")).status_code == 404

    def test_it_waits_on_the_first_page_for_everybody_but_its_author(self, editors, reader):
        steps.proposed(editors[0])
        first, second = (signed_in(one, verified=True) for one in editors)
        for browser, number in ((first, 0), (second, 1)):
            page = browser.get(reverse("admin:index"))
            (found,) = (
                one.number for one in page.context["work"] + page.context["quiet"] if one.words == "News to publish"
            )
            assert found == number


def test_of_two_ids_of_one_person_what_was_confirmed_goes_along(editors, reader):
    """D-17: what both have read the ID that is left has read; an undo gives back what moved."""
    both = [steps.published(*editors, now=NOW, is_regulatory=True) for _ in range(2)]
    kept, absorbed = steps.account_of(reader), AccountFactory()
    news.see(item=both[0], by=kept, now=NOW)
    for item in both:
        news.acknowledge(item=item, by=absorbed, now=NOW)
    rule = merging.RULES["portals.newsread.account"]
    assert rule.clashes(kept, absorbed) == [], "nobody is asked about it"
    (change,) = rule.changes(kept, absorbed, {})
    assert (change.old, change.new) == (absorbed.pk, kept.pk)
    assert NewsRead.objects.get(pk=change.pk).item_id == both[1].pk


class TestFirstScreen:
    @staticmethod
    def said(reader, *, since=None, now=NOW):
        account = steps.account_of(reader)
        held = rights.held(PRO, reader.grant, now=now)
        rows = memberships.behind(reader.grant, now=now)
        found = due.of(
            due.Visit(portal=PRO, account=account, memberships=rows, capabilities=held, since=since, now=now)
        )
        return [[item for item in side if "news" in item.address] for side in found]

    def test_what_is_to_be_confirmed_is_due_until_it_is(self, editors, reader):
        """S3-05: one item, since the oldest; it is gone when the reader has confirmed it, not when they opened it."""
        first = steps.published(*editors, now=NOW - DAY, is_regulatory=True)
        ((one,), _new) = self.said(reader)
        assert one.text == "Please read and confirm: Rates change"
        assert one.address == f"{steps.HOME}{first.pk}/"
        second = steps.published(*editors, now=NOW, is_regulatory=True)
        ((both,), _new) = self.said(reader)
        assert both.text == "Please read and confirm 2 regulatory items."
        assert (both.address, both.day) == (f"{steps.HOME}?show=unconfirmed", (NOW - DAY).date())
        news.see(item=first, by=steps.account_of(reader), now=NOW)
        assert self.said(reader)[0] == [both]
        for item in (first, second):
            news.acknowledge(item=item, by=steps.account_of(reader), now=NOW)
        assert self.said(reader) == [[], []]

    def test_new_since_the_sign_in_before_this_one(self, editors, reader):
        """S3-05: and not what is older, was opened, or is for others."""
        steps.works(reader.practice, NURSE)
        steps.published(*editors, now=NOW, pairs=frozenset({(NURSE, "")}))
        item = steps.published(*editors, now=NOW)
        (_due, (one,)) = self.said(reader, since=NOW - DAY)
        assert (one.text, one.address) == ("News: Rates change", f"{steps.HOME}{item.pk}/")
        with translation.override("es"):
            (_due, (one,)) = self.said(reader, since=NOW - DAY)
            assert "Cambian las tarifas" in one.text
        assert self.said(reader, since=NOW) == [[], []]
        assert self.said(reader, since=None) == [[], []]
        news.see(item=item, by=steps.account_of(reader), now=NOW)
        assert self.said(reader, since=NOW - DAY) == [[], []]
