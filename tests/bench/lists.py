"""The desk's lists among a thousand rows and among a million: SQL, view, queries; beside Django's own list.

Two processes under production settings, one a database, take turns. `python -m tests.bench.lists COUNT`, inside one of
them, fills its database, and prints a line of figures for every line it reads.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from tests.bench.lookups import FEW, MANY, TURNS, Among, copy_rows
from tests.bench.result import Result, p95
from tests.bench.stack import Stack

BASE = 10_000_000  # the first key: beyond those that a sequence has given
SAMPLES = max(1, int(os.environ.get("BENCH_SAMPLES", "100")) // 10)
MOST_MS, MOST_RATIO, MOST_QUERIES, MOST_OF_DJANGO = 5, 2, 3, 0.5
# Pages of each list beside the first one and one in its middle. One in 20 people is of another realm.
PAGES = {
    "Account": ("?q=first7", "?q=first7+last7", "?q=p77", "?q=nobody", "?is_active__exact=0", "?is_staff__exact=1"),
    "JournalEntry": ("?q=first7", "?q=p77", "?kind=identity.AccountClosed", "?at__year={year}&at__month={month}"),
    "OutboxMessage": ("?state__exact=given+up", "?kind=identity.AccountClosedMail"),
    "Ticket": ("?q=first7", "?q=T-ZZZZ-ZZ77", "?status__exact=open"),
    "Submission": ("?work=all", "?work=decide", "?work=done", "?q=p77", "?q=first7"),
    "AccessGrant": ("?q=first7", "?q=p77", "?portal=physician", "?rest=asked", "?until__isempty=0"),
    "Signature": ("?q=first7", "?agreement=provider-online-terms"),
}
DESK = ("Account", "OutboxMessage", "Ticket", "AccessGrant")  # what somebody of the small realm looks at


def measure(stack: Stack) -> list[Result]:
    """For each list the slowest page's SQL, the view among many beside few, the queries, and Django's own list."""
    few, many = (Among(stack, "lists", count) for count in (FEW, MANY))
    figures: list[list[dict[str, Any]]] = [[few.answer()][1:], [many.answer()][1:]]
    try:
        for _ in range(TURNS):
            for among, told in zip((few, many), figures, strict=True):
                told.append(among.ask())
    finally:
        few.end()
        many.end()
    rows = []
    for name in figures[1][0]:
        rows += _rows(name, *([turn[name] for turn in told] for told in figures))
    return rows


def _rows(name: str, few: list[dict[str, Any]], many: list[dict[str, Any]]) -> list[Result]:
    pages = many[0]["pages"]
    sql = {page: median(turn["pages"][page]["sql"] for turn in many) for page in pages}
    views = {
        page: [p95([one for turn in told for one in turn["pages"][page]["view"]]) for told in (many, few)]
        for page in pages
    }
    # Views are compared where both show as many rows: a rare filter has none among a thousand.
    full = [page for page in views if page in ("first page", "middle")]
    slowest, worst = max(sql, key=sql.__getitem__), max(full, key=lambda page: views[page][0] / views[page][1])
    queries = max(turn["pages"][page]["queries"] for turn in many for page in pages)
    found = [
        Result.absolute(f"{name}, {MANY:,} rows, SQL of {slowest}", "ms", sql[slowest], MOST_MS),
        Result.beside(f"{name}, view of {worst} beside {FEW:,} rows", "ms", *views[worst], MOST_RATIO),
        Result.absolute(f"{name}, queries of a page", "", queries, MOST_QUERIES),
    ]
    if "django" in many[0]:
        ours, theirs = sql["middle"], median(turn["django"] for turn in many)
        found.append(Result.beside(f"{name}, middle page beside Django's", "ms", ours, theirs, MOST_OF_DJANGO))
    return found


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    count = int(sys.argv[1])
    call_command("migrate", verbosity=0, interactive=False)
    fill(count)
    turn = _turns(count)
    turn()
    print("{}", flush=True)
    for _ in sys.stdin:
        print(json.dumps(turn()), flush=True)


def fill(count: int) -> None:
    """So many rows of each list, a row of each for every person; the ids of all are BASE and a number."""
    from django.db import connection
    from django.utils import timezone

    from accessforms.models import Submission
    from identity.models import Account, JournalEntry, OutboxMessage, Person, Signature, Ticket
    from rbac.models import AccessGrant, Origin

    now = timezone.now()
    person = Person.objects.create(pk=BASE, created_at=now)
    about: dict[str, Any] = {"account": Account.objects.create(
        pk=BASE, person=person, login_name="p0", first_name="first0", last_name="last0", email="p0@x.invalid",
        password="!", date_joined=now, password_changed_at=now,
    )}  # fmt: skip
    sent: dict[str, Any] = {"created_at": now, "saved_at": now, "submitted_at": now, "state_since": now}
    JournalEntry.objects.create(pk=BASE, at=now, kind="identity.SignedIn", **about)
    OutboxMessage.objects.create(
        pk=BASE, kind="identity.CodeMail", ids={"account_id": BASE}, state="sent", created_at=now, due_at=now
    )
    Ticket.objects.create(
        pk=BASE,
        number="T-2222-2222",
        topic="other",
        opened_at=now,
        status_since=now,
        status="closed",
        **about,
    )
    Submission.objects.create(pk=BASE, reference="00000000", portal_key="claims", state="approved", **sent, **about)
    AccessGrant.objects.create(pk=BASE, portal_key="claims", since=now, origin=Origin.STAFF, reason="bench", **about)
    Signature.objects.create(
        pk=BASE, agreement="terms", version=1, mode="box", name="x", login_name="x", language="en", at=now, **about
    )
    key, name, realm = f"{BASE} + n", "'p' || n", "CASE WHEN n % 20 = 0 THEN 'provider-online' ELSE 'ohid' END"
    ago = "- n * interval '1 minute'"
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # no look-up of each foreign key: they are right
        copy_rows(cursor, Person, count, id=key)
        copy_rows(
            cursor, Account, count, id=key, person_id=key, public_id="gen_random_uuid()", login_name=name, realm=realm,
            login_key=f"{realm} || ':' || {name}", email=f"{name} || '@x.invalid'", first_name="'first' || n % 500",
            last_name="'last' || n % 5000", is_active="n % 3000 <> 0", is_staff="n % 5000 = 1",
        )  # fmt: skip
        cursor.execute(
            "INSERT INTO identity_searchterm (account_id, realm, term) SELECT a.id, a.realm, convert_to(w, 'UTF8') FROM"
            " identity_account a, LATERAL (VALUES (a.first_name), (a.last_name), (a.login_name)) terms(w)"
        )
        copy_rows(
            cursor, JournalEntry, count, id=key, account_id=key, at=f"one.at {ago}",
            kind="CASE WHEN n % 2000 = 0 THEN 'identity.AccountClosed' ELSE one.kind END",
        )  # fmt: skip
        copy_rows(
            cursor, OutboxMessage, count, id=key, dedupe_key=f"{name}", ids=f"jsonb_build_object('account_id', {BASE} + n)",
            state="CASE WHEN n % 5000 = 0 THEN 'given up' ELSE 'sent' END",
            kind="CASE WHEN n % 2000 = 0 THEN 'identity.AccountClosedMail' ELSE one.kind END",
            created_at=f"one.created_at {ago}",
        )  # fmt: skip
        number = "lpad(translate(n::text, '01', 'AB'), 8, 'Z')"
        copy_rows(
            cursor, Ticket, count, id=key, account_id=key, opened_at=f"one.opened_at {ago}",
            realm=realm, number=f"'T-' || left({number}, 4) || '-' || right({number}, 4)",
            status="CASE WHEN n % 500 = 0 THEN 'open' ELSE 'closed' END",
        )  # fmt: skip
        copy_rows(
            cursor, Submission, count, id=key, account_id=key, reference="lpad(n::text, 8, '0')",
            portal_key="CASE WHEN n % 2 = 0 THEN 'claims' ELSE 'physician' END", submitted_at=f"one.submitted_at {ago}",
            state="CASE WHEN n % 100 = 0 THEN 'submitted' WHEN n % 1000 = 1 THEN 'fax received' ELSE 'approved' END",
        )  # fmt: skip
        copy_rows(
            cursor, AccessGrant, count, id=key, account_id=key, since=f"one.since {ago}",
            portal_key="CASE WHEN n % 20 = 0 THEN 'provider-online' WHEN n % 50 = 1 THEN 'physician' ELSE 'claims' END",
            suspended_at="CASE WHEN n % 700 = 0 THEN one.since END", until="CASE WHEN n % 3 = 1 THEN one.since END",
            back_asked_at="CASE WHEN n % 7000 = 0 THEN one.since END",
        )  # fmt: skip
        copy_rows(
            cursor, Signature, count, id=key, account_id=key, at=f"one.at {ago}",
            agreement="CASE WHEN n % 2000 = 0 THEN 'provider-online-terms' ELSE one.agreement END",
        )  # fmt: skip
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")
        if not connection.in_atomic_block:
            cursor.execute("VACUUM ANALYZE")


def pages_of(name: str, count: int) -> dict[str, str]:
    """The pages of a list by what they are called here: the first, one in its middle, and those of PAGES."""
    from django.utils import timezone

    shown = admin_of(name)
    column = shown.followed.removeprefix("-")
    values = {"at": "at", "submitted_at": "submitted_at", "opened_at": "opened_at"}
    middle = shown.model._default_manager.get(pk=BASE + count // 2)
    words = [str(middle.pk)]
    if column in values:
        words.insert(0, str(int(getattr(middle, column).timestamp() * 1_000_000)))
    now = timezone.now()
    rest = {page: page.format(year=now.year, month=now.month) for page in PAGES[name]}
    is_waiting = "&work=all" if name == "Submission" else ""
    return {"first page": "", "middle": f"?p=after.{'.'.join(words)}{is_waiting}", **rest}


def admin_of(name: str) -> Any:
    """The page of a model in the admin site."""
    from django.contrib import admin

    return next(shown for model, shown in admin.site._registry.items() if model.__name__ == name)


def reader_of(portal: str = "") -> Any:
    """An operator, or somebody who decides for one portal and holds every right."""
    from django.contrib.auth.models import Permission
    from django.utils import timezone
    from guardian.shortcuts import assign_perm

    from identity.models import Account, Person
    from rbac.models import ApprovalQueue

    now = timezone.now()
    reader = Account.objects.create(
        person=Person.objects.create(created_at=now), login_name=f"reader.{portal or 'all'}", first_name="R",
        last_name="R", email="r@x.invalid", password="!", is_staff=True, is_superuser=not portal,
    )  # fmt: skip
    if portal:
        reader.user_permissions.set(Permission.objects.exclude(codename__in=["see_everybody", "decide_requests"]))
        assign_perm("rbac.decide_requests", reader, ApprovalQueue.objects.get_or_create(portal_key=portal)[0])
    return reader


def open_page(shown: Any, reader: Any, query: str) -> str:
    """The page of a list as its reader gets it, from the view on."""
    from django.contrib.messages.storage.cookie import CookieStorage
    from django.test import RequestFactory

    request: Any = RequestFactory().get(f"/admin/x/{query}", secure=True)
    request.user, request.session, request._messages = reader, {}, CookieStorage(request)
    reader.is_verified = lambda: True
    answer = shown.changelist_view(request)
    assert answer.status_code == 200, (query, answer.status_code)
    return str(answer.render().content.decode())


@contextmanager
def timed() -> Iterator[list[float]]:
    """Milliseconds of each statement meanwhile."""
    from django.db import connection

    taken: list[float] = []

    def wrapper(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            taken.append((time.perf_counter() - began) * 1000)

    with connection.execute_wrapper(wrapper):
        yield taken


def _turns(count: int) -> Callable[[], dict[str, Any]]:
    """A turn of all lists: their pages, several times, and Django's page in the middle."""
    from django.contrib.admin import ModelAdmin
    from django.contrib.admin.views.main import ChangeList
    from django.db.models import Max, Min

    class Stock(ChangeList):
        def ends(self) -> tuple[Any, Any] | None:
            """What our tag of dates asks a list of ours; Django's asks the table."""
            column = str(self.date_hierarchy)
            found = self.model._base_manager.aggregate(first=Min(column), last=Max(column))
            return (found["first"], found["last"]) if found["first"] else None

    everybody, of_few = reader_of(), reader_of("provider-online")
    lists = [(name, admin_of(name), everybody, pages_of(name, count)) for name in PAGES]
    lists += [(f"{name}, one realm of two", admin_of(name), of_few, pages_of(name, count)) for name in DESK]

    def djangos(shown: Any) -> Any:
        stock = {"get_changelist": lambda *_about, **_more: Stock, "get_sortable_by": ModelAdmin.get_sortable_by}
        return type("Stock", (type(shown),), {**stock, "show_full_result_count": True})(shown.model, shown.admin_site)

    def turn() -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, shown, reader, pages in lists:
            told[name] = {"pages": {page: _page(shown, reader, query) for page, query in pages.items()}}
            if reader is everybody:
                with timed() as taken:
                    open_page(
                        djangos(shown), reader, f"?p={max(1, count // 200)}" + "&work=all" * (name == "Submission")
                    )
                told[name]["django"] = sum(taken)
        return told

    return turn


def _page(shown: Any, reader: Any, query: str) -> dict[str, Any]:
    sql, view, queries = [], [], 0
    for _ in range(SAMPLES):
        began = time.perf_counter()
        with timed() as taken:
            open_page(shown, reader, query)
        view.append((time.perf_counter() - began) * 1000)
        sql.append(sum(taken))
        queries = len(taken)
    return {"sql": median(sql), "view": view, "queries": queries - (0 if reader.is_superuser else 1)}


if __name__ == "__main__":
    main()
