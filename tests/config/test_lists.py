"""Lists of a million rows: pages by key, counts that stop, choices from data (speed: admin list; ground 6)."""

import html
import json
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accessforms.models import Submission
from identity.admin.lists import KeysetAdmin
from identity.models import Account, JournalEntry, OutboxMessage, Signature, Ticket
from identity.record import journal, outbox, search
from portals import registry
from rbac.models import AccessGrant, HandOver, Mandate
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, GrantFactory, people
from tests.pressing import press
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
BIG = (Account, JournalEntry, OutboxMessage, Signature, Submission, AccessGrant, Ticket)
LINKS = re.compile(r'<a href="([^"]+)" rel="(next|prev)"')


def page_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def keys_of(page: str, model) -> list[int]:
    """The keys of the rows on a page, in their order."""
    return [int(key) for key in re.findall(rf'<th[^>]*><a href="{re.escape(page_of(model))}(\d+)/change/', page)]


def links_of(page: str) -> dict[str, str]:
    return {rel: path.replace("&amp;", "&") for path, rel in LINKS.findall(page)}


def walk(browser, model, query: str = "", rel: str = "next") -> list[list[int]]:
    """The keys of all pages from one on, one list each."""
    pages, path = [], f"{page_of(model)}{query}"
    while True:
        page = browser.get(path).content.decode()
        pages.append(keys_of(page, model))
        if rel not in (links := links_of(page)):
            return pages
        path = page_of(model) + links[rel]


@pytest.fixture
def browser(operator):
    return signed_in(operator, verified=True)


def entries(count: int, *, at=NOW, kind: str = "identity.AccountCreated") -> list[JournalEntry]:
    return JournalEntry.objects.bulk_create(JournalEntry(at=at, kind=kind) for _ in range(count))


def shown_keys(model) -> list[int]:
    shown = admin.site._registry[model]
    return list(model.objects.order_by(*shown.ordering, "-pk").values_list("pk", flat=True))


def test_the_big_lists_are_pages_by_key():
    """speed: admin list of 1M. A list that grows with people is one of these."""
    for model in BIG:
        assert isinstance(admin.site._registry[model], KeysetAdmin), model


@pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
def test_every_row_stands_on_one_page_forwards_and_backwards(browser, count):
    """Also where all of them happened in the same moment, as after a sweep."""
    JournalEntry.objects.all().delete()
    entries(count)
    before = JournalEntry.objects.count()
    expected = list(JournalEntry.objects.order_by("-at", "-pk").values_list("pk", flat=True))
    forwards = walk(browser, JournalEntry)
    assert [key for page in forwards for key in page] == expected
    assert all(len(page) == 100 for page in forwards[:-1])
    assert JournalEntry.objects.count() == before, "looking writes nothing"


def test_the_way_back_leads_over_the_same_pages(browser):
    entries(350)
    path, visited = page_of(JournalEntry), []
    while True:
        page = browser.get(path).content.decode()
        visited.append(keys_of(page, JournalEntry))
        if "next" not in (links := links_of(page)):
            break
        path = page_of(JournalEntry) + links["next"]
    back = []
    while "prev" in (links := links_of(page)):
        page = browser.get(page_of(JournalEntry) + links["prev"]).content.decode()
        back.append(keys_of(page, JournalEntry))
    assert back[-1] == visited[0]
    assert back[:-1] == visited[1:-1][::-1]
    assert "prev" not in links_of(browser.get(page_of(JournalEntry)).content.decode())


def test_rows_that_come_meanwhile_move_no_page(browser):
    """With page numbers the last rows of a page come again on the next one."""
    entries(150)
    first = browser.get(page_of(JournalEntry)).content.decode()
    expected = list(JournalEntry.objects.order_by("-at", "-pk").values_list("pk", flat=True))
    entries(30, at=NOW + timedelta(seconds=1))
    JournalEntry.objects.filter(pk=keys_of(first, JournalEntry)[-1]).delete()  # the very row that the link names
    second = browser.get(page_of(JournalEntry) + links_of(first)["next"]).content.decode()
    assert keys_of(first, JournalEntry) + keys_of(second, JournalEntry) == expected


def test_a_place_where_nothing_is_left_shows_the_beginning(browser):
    entries(150)
    link = links_of(browser.get(page_of(JournalEntry)).content.decode())["next"]
    last = keys_of(browser.get(page_of(JournalEntry) + link).content.decode(), JournalEntry)
    JournalEntry.objects.filter(pk__in=last).delete()
    page = browser.get(page_of(JournalEntry) + link).content.decode()
    assert len(keys_of(page, JournalEntry)) == 100


@pytest.mark.parametrize(
    "cursor",
    ["x", "3", "after", "after.", "after.1", "after.1.2.3", "after.²", "after.-1.1", "after.1e9.1", "before.٣.1", "%00",
     "after." + "9" * 19 + ".1", "after." + "9" * 400 + ".1", "after.1." + "9" * 19, "sideways.1.1", "after.1.1%27--"],
)  # fmt: skip
def test_a_bad_cursor_shows_the_first_page(browser, cursor):
    entries(120)
    for model in BIG:
        assert browser.get(f"{page_of(model)}?p={cursor}").status_code == 200, model
    first = keys_of(browser.get(page_of(JournalEntry)).content.decode(), JournalEntry)
    assert keys_of(browser.get(f"{page_of(JournalEntry)}?p={cursor}").content.decode(), JournalEntry) == first


def test_a_cursor_reaches_no_row_of_others():
    """D-28: what an address names is where to go on, not what is shown."""
    people(120, realm="ohid")
    hers = AccountFactory(realm="provider-online", login_name="hers")
    browser = signed_in(make_staff("an.agent", "service desk", ("provider-online",)), verified=True)
    for cursor in (f"after.{hers.pk + 1}", f"before.{hers.pk - 1}", "after.999999", "before.1"):
        assert keys_of(browser.get(f"{page_of(Account)}?p={cursor}").content.decode(), Account) == [hers.pk]


def test_filters_searches_and_dates_hold_over_all_pages(browser):
    """Django's own features go on working, and links keep them."""
    entries(150, kind="identity.AccountClosed", at=NOW - timedelta(days=40))
    entries(130)
    for query, rows in (
        ("?kind=identity.AccountClosed", JournalEntry.objects.filter(kind="identity.AccountClosed")),
        ("?at__year=2026&at__month=10", JournalEntry.objects.filter(at__lt=NOW - timedelta(days=30))),
    ):
        found = [key for page in walk(browser, JournalEntry, query) for key in page]
        assert found == list(rows.order_by("-at", "-pk").values_list("pk", flat=True)), query
        assert len(found) == 150


def test_a_search_goes_on_over_pages(browser):
    found = [AccountFactory(first_name="Wanda", password="!") for _ in range(103)]
    AccountFactory(first_name="Else")
    pages = walk(browser, Account, "?q=wanda")
    assert [key for page in pages for key in page] == [one.pk for one in reversed(found)]
    assert [len(page) for page in pages] == [100, 3]


def test_the_column_of_the_pages_turns_round_and_no_other_sorts(browser):
    entries(130)
    keys = list(JournalEntry.objects.order_by("at", "pk").values_list("pk", flat=True))
    assert [key for page in walk(browser, JournalEntry, "?o=0") for key in page] == keys
    page = browser.get(page_of(JournalEntry)).content.decode()
    assert page.count("aria-sort") == 1
    assert keys_of(browser.get(f"{page_of(JournalEntry)}?o=1").content.decode(), JournalEntry) == keys[::-1][:100]


def test_nothing_is_counted_that_one_page_does_not_hold(browser):
    """A count reads every row that it counts: beyond a page the list says that there are more."""
    entries(99 - JournalEntry.objects.count())
    assert re.search(r"\b99 journal entries", browser.get(page_of(JournalEntry)).content.decode())
    entries(10)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(page_of(JournalEntry)).content.decode()
    assert "More than 100 journal entries" in page
    last = browser.get(page_of(JournalEntry) + links_of(page)["next"]).content.decode()
    assert "More than 100 journal entries" in last, "the last page says it too"
    assert not [query["sql"] for query in queries.captured_queries if "COUNT(" in query["sql"]]


def test_a_search_says_when_it_looks_at_the_first_people_only(browser, monkeypatch):
    """A word that many share: whole words come first, and the page says that these are not all."""
    monkeypatch.setattr(search, "MOST_FOUND", 3)
    for name in ("Wandamaria", "Wandaline", "Wanda", "Wanda"):
        AccountFactory(first_name=name)
    page = browser.get(f"{page_of(Account)}?q=wanda").content.decode()
    assert "Many people match" in page
    found = Account.objects.filter(pk__in=keys_of(page, Account)).values_list("first_name", flat=True)
    assert sorted(found) == ["Wanda", "Wanda", "Wandaline"]
    assert "Many people match" not in browser.get(f"{page_of(Account)}?q=wandal").content.decode()


def test_a_search_looks_for_ones_own_people_before_it_stops(monkeypatch):
    """D-28: others who bear the name take no place."""
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    for number in range(5):
        AccountFactory(first_name="Wanda", login_name=f"other{number}")
    hers = AccountFactory(first_name="Wanda", realm="provider-online", login_name="hers")
    browser = signed_in(make_staff("an.agent", "service desk", ("provider-online",)), verified=True)
    page = browser.get(f"{page_of(Account)}?q=wanda").content.decode()
    assert keys_of(page, Account) == [hers.pk]
    assert "Many people match" not in page


def test_choices_of_filters_and_dates_read_no_table(browser):
    """A choice without rows is offered too; Django's own choices are a DISTINCT over everything."""
    entries(1, at=NOW - timedelta(days=400))
    entries(1)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(page_of(JournalEntry)).content.decode()
        sent = browser.get(page_of(OutboxMessage)).content.decode()
        browser.get(page_of(Signature))
    assert not [query["sql"] for query in queries.captured_queries if "DISTINCT" in query["sql"]]
    assert all(f"?kind={kind}" in page for kind in journal.KINDS)
    assert all(f"?kind={kind}" in sent for kind in outbox.KINDS)
    assert "?at__year=2025" in page, page[page.index("toplinks") :][:500]


def test_dates_lead_from_years_to_days(browser):
    entries(1, at=NOW - timedelta(days=400))
    year = browser.get(f"{page_of(JournalEntry)}?at__year=2026").content.decode()
    assert "All dates" in year
    assert "at__month=11&amp;at__year=2026" in year
    month = browser.get(f"{page_of(JournalEntry)}?at__year=2026&at__month=11").content.decode()
    assert "at__day=20&amp;at__month=11&amp;at__year=2026" in month
    day = browser.get(f"{page_of(JournalEntry)}?at__year=2026&at__month=11&at__day=20").content.decode()
    assert "November 20" in day


def test_actions_work_on_a_later_page(agent):
    for number in range(101):
        GrantFactory(account=AccountFactory(login_name=f"holder{number}", password="!"))
    desk = signed_in(agent, verified=True)
    first = desk.get(page_of(AccessGrant)).content.decode()
    path = page_of(AccessGrant) + links_of(first)["next"]
    (key,) = keys_of(desk.get(path).content.decode(), AccessGrant)
    press(desk, path, {"action": "end_access", "_selected_action": key}, reason="left")
    assert AccessGrant.objects.get(pk=key).until is not None
    assert AccessGrant.objects.filter(until=None).count() == 100


@pytest.mark.parametrize("model", BIG, ids=lambda model: model.__name__)
def test_a_list_asks_three_queries_and_the_sessions(browser, model):
    """speed: rows, with the two moments that dates lead between; a search's words; how many rows there are changes
    nothing."""
    people(120)
    entries(120)
    OutboxMessage.objects.bulk_create(
        OutboxMessage(kind="identity.AlertMail", ids={}, dedupe_key=str(n), created_at=NOW, due_at=NOW)
        for n in range(120)
    )
    browser.get(page_of(model))
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(page_of(model)).content.decode()
    table = f'"{model._meta.db_table}"'
    # Who reads, and what they may see, are the session's; a superuser's are those of an account by its key.
    own = [q["sql"] for q in queries.captured_queries if f"FROM {table}" in q["sql"] and "LIMIT 21" not in q["sql"]]
    late = model is Submission  # what is late stands above the list (S2-20)
    assert len(own) <= 1 + (model is Account) + late, own
    assert len(queries) <= 3 + 3 + late, [q["sql"][:90] for q in queries.captured_queries]
    with CaptureQueriesContext(connection) as again:
        browser.get(page_of(model) + links_of(page).get("next", ""))
    assert len(again) <= len(queries)
    JournalEntry.objects.filter(kind="identity.AccountCreated").update(object_kind="identity.account", object_id="4711")
    with CaptureQueriesContext(connection) as searched:
        browser.get(page_of(model) + "?q=4711")
    assert len(searched) <= 3 + 2, [q["sql"][:90] for q in searched.captured_queries]


# --- no list reads a whole table --------------------------------------------------------------------------------------
READ = 4_000  # rows of one table: a count that stops, a page, and what a search looks up


def rows_read(plan: dict) -> int:
    """The most rows that one step of a plan has read, those that it threw away too."""
    loops = plan.get("Actual Loops", 1)
    own = (plan.get("Actual Rows", 0) + plan.get("Rows Removed by Filter", 0)) * loops
    own = own if "Scan" in plan["Node Type"] and plan["Node Type"] != "CTE Scan" else 0
    return max([own, *(rows_read(below) for below in plan.get("Plans", []))])


@pytest.mark.postgres
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the plans are PostgreSQL's")
def test_no_page_and_no_search_reads_a_whole_table(operator, monkeypatch):
    """speed: admin list. 30,000 rows of each kind, every page that the benchmark measures, with what PostgreSQL did.
    A search stops at 20 people: of 30,000 rows 200 are so many that following the list's own index is cheaper."""
    from tests.bench.lists import DESK, PAGES, admin_of, fill, open_page, pages_of

    monkeypatch.setattr(search, "MOST_FOUND", 20)
    fill(30_000)
    agent = make_staff("a.colleague", "service desk", ("provider-online",))
    everywhere = [(name, operator) for name in PAGES] + [(name, agent) for name in DESK]
    found = []
    for name, reader in everywhere:
        for page, query in pages_of(name, 30_000).items():
            with CaptureQueriesContext(connection) as queries:
                open_page(admin_of(name), reader, query)
            for statement in [one["sql"] for one in queries.captured_queries if one["sql"].startswith("SELECT")]:
                with connection.cursor() as cursor:
                    cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + statement)
                    ((plan,),) = cursor.fetchall()
                if (read := rows_read(plan[0]["Plan"])) > READ:
                    found.append((name, reader.login_name, page, read, statement[:2000]))
    assert not found, json.dumps(found, indent=1)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_list_without_a_row_says_what_stands_there_and_what_to_do(operator, language):
    """interface: an empty state says what to do next. Every list of the desk that is a list of ours."""
    desk = make_staff("all.desk", "service desk", portals=tuple(registry.portals()))
    browsers = [signed_in(one, verified=True) for one in (operator, desk)]
    for one in browsers:
        one.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    seen = set()
    for model, shown in admin.site._registry.items():
        with mock.patch.object(type(shown), "get_queryset", lambda self, request: self.model._base_manager.none()):
            answers = [one.get(page_of(model)) for one in browsers]
            lists = [one for one in answers if one.status_code == 200 and one.context and "cl" in one.context]
            with translation.override("en"):
                english = str(shown.when_empty)
            with translation.override(language):
                words = str(shown.when_empty)
            for answer in lists:
                assert words, model
                assert words in html.unescape(answer.content.decode()), model
                seen.add(model)
            if lists and shown.search_fields:
                found = browsers[answers.index(lists[0])].get(page_of(model), {"q": "xyz"}).content.decode()
                assert html.escape(words) not in found
                assert 'class="list__none"' in found
            if lists:
                assert (words == english) == (language == "en"), model
    assert {Mandate, Submission, Ticket, HandOver} <= seen
    assert len(seen) > 15
