"""The first screen of somebody for whom everything is full, beside that of somebody with nothing: questions to the
database, and processor time of the web process.

A noun that shows on the first screen is a line of NOUNS. `python -m tests.bench.dashboard` prints JSON.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from tests.bench.result import Result
from tests.bench.stack import Stack

TURNS = int(os.environ.get("BENCH_HOMES", "300"))
DOCUMENTS, NEWS, COURSES = 1000, 200, 50
REQUESTS, MESSAGES, MANDATES = 20, 200, 50
HOME = "/p/optum-pro/home/"
DAY = timedelta(days=1)


def measure(stack: Stack) -> list[Result]:
    """The goals are those of the design of the pages inside: 12 questions, and twice the empty home."""
    told = stack.run(stack.production("dashboard"), "tests.bench.dashboard")
    found = json.loads(told.strip().split("\n")[-1])
    return [
        Result.absolute(f"home with {found['items']} things due: questions", "queries", found["queries"], 12),
        Result.beside("home: processor time beside an empty one", "ms", found["full"], found["empty"], 2),
    ]


def main() -> None:
    import django

    django.setup()
    logging.disable(logging.INFO)  # a line a request would be measured too
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    print(json.dumps(_homes()))


def _homes() -> dict[str, float]:
    from django.utils import timezone

    now = timezone.now()
    empty, full = (_person(name, now) for name in ("empty", "full"))
    for fill in NOUNS:
        fill(full, now)
    browsers = {name: _browser(row.grant.account, now) for name, row in (("empty", empty), ("full", full))}
    for browser in browsers.values():
        for _ in range(5):
            assert browser.get(HOME).status_code == 200
    took: dict[str, list[float]] = {name: [] for name in browsers}
    for _ in range(TURNS):
        for name, browser in browsers.items():  # in turn: a neighbor on the machine slows both
            began = time.process_time()
            browser.get(HOME)
            took[name].append(time.process_time() - began)
    queries, items = _asked(browsers["full"])
    return {"queries": queries, "items": items} | {name: median(all_of) * 1000 for name, all_of in took.items()}


def _asked(browser: Any) -> tuple[int, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext, setup_test_environment

    setup_test_environment(debug=False)
    with CaptureQueriesContext(connection) as asked:
        page = browser.get(HOME)
    return len(asked), len(page.context["to_do"]) + len(page.context["new"])


def _browser(account: Any, now: Any) -> Any:
    """Of somebody who signed in yesterday too: what came since is new."""
    from django.db import transaction

    from identity.record import events, journal
    from tests.bench.browser import HOST
    from tests.steps.sign_in import signed_in

    with transaction.atomic():
        journal.record(events.SignedIn(account=account, by=account, methods=["password"]), now=now - DAY)
    browser = signed_in(account)
    browser.defaults |= {"HTTP_HOST": HOST, "wsgi.url_scheme": "https", "HTTP_X_FORWARDED_PROTO": "https"}
    return browser


def _person(name: str, now: Any) -> Any:
    """A practice manager in Texas, who answers for a practice; the tiles are arranged."""
    from portals import registry
    from portals.models import Layout
    from tests.steps.mandates import signer

    row = signer(market="TX", practice=_practice(name))
    keys = [tile.key for tile in registry.get("optum-pro").tiles]
    Layout.objects.create(
        account=row.grant.account, portal_key="optum-pro", order=keys[::-1], hidden=keys[:2], created_at=now
    )
    return row


def _practice(name: str) -> Any:
    from rbac.models import Practice

    return Practice.objects.create(name=f"Practice {name}")


# --- nouns ------------------------------------------------------------------------------------------------------------
def _ends(row: Any, now: Any) -> None:
    """The password, the membership, and access elsewhere."""
    from tests.factories import GrantFactory

    account = row.grant.account
    type(account).objects.filter(pk=account.pk).update(password_changed_at=now - 85 * DAY)
    type(row).objects.filter(pk=row.pk).update(ends_on=(now + 3 * DAY).date())
    GrantFactory(account=account, portal_key="claims", since=now - 70 * DAY, last_used_at=now - 70 * DAY)


def _messages(row: Any, now: Any) -> None:
    from identity.models import Ticket, TicketMessage

    rows = Ticket.objects.bulk_create(
        Ticket(number=f"K-{number:06d}", account=row.grant.account, topic="other", opened_at=now, status_since=now,
               portal_key="optum-pro")
        for number in range(MESSAGES)
    )  # fmt: skip
    TicketMessage.objects.bulk_create(
        TicketMessage(ticket=ticket, is_staff=staff, text="x", created_at=now)
        for ticket in rows
        for staff in (False, True)
    )


def _requests(row: Any, now: Any) -> None:
    from accessforms.models import Submission
    from tests.factories import SubmissionFactory

    for _ in range(REQUESTS):
        sent = SubmissionFactory(account=row.grant.account, portal_key="claims")
        Submission.objects.filter(pk=sent.pk).update(state="returned", state_since=now)


def _mandates(row: Any, now: Any) -> None:
    from rbac.models import Mandate

    Mandate.objects.bulk_create(
        Mandate(vendor=_practice(f"vendor {number}"), practice=row.practice, portal_key="optum-pro", state="asked",
                roles=["billing_specialist"], asked_at=now, asked_by=row.grant.account)
        for number in range(MANDATES)
    )  # fmt: skip


def _news(row: Any, now: Any) -> None:
    from tests.steps import news

    news.shown(NEWS // 2, now=now)
    news.shown(NEWS - NEWS // 2, now=now, is_regulatory=True)


def _documents(row: Any, now: Any) -> None:
    """All of the practice's, shared with it and with the person by a colleague, and unread."""
    from django.contrib.auth.models import Permission

    from portals.models import Document, DocumentPracticeShare, DocumentUserObjectPermission
    from tests.factories import AccountFactory
    from tests.steps import documents

    colleague = AccountFactory()
    made = documents.crowd(row.practice, colleague, DOCUMENTS, now=now)
    Document.objects.filter(pk__in=[one.pk for one in made]).update(portal_key="optum-pro")
    known = {"shared_by": colleague, "created_at": now}
    DocumentPracticeShare.objects.bulk_create(
        DocumentPracticeShare(document=one, practice=row.practice, **known) for one in made
    )
    right = Permission.objects.filter(content_type__model="document").first()
    DocumentUserObjectPermission.objects.bulk_create(
        DocumentUserObjectPermission(content_object=one, user=row.grant.account, permission=right, **known)
        for one in made[: DOCUMENTS // 10]
    )


def _courses(row: Any, now: Any) -> None:
    """Each with a certificate that ends soon, or answers that are under way."""
    from portals.models import Attempt, Certificate, Course, CourseVersion
    from tests.factories import AccountFactory

    first, second = AccountFactory(), AccountFactory()
    for number in range(COURSES):
        version = CourseVersion.objects.create(
            course=Course.objects.create(portal_key="optum-pro", created_at=now), number=1, state="published",
            title_en=f"Course {number}", title_es=f"Curso {number}", summary_en="x", summary_es="x", valid_for=365,
            created_at=now, proposed_by=first, proposed_at=now, published_by=second, published_at=now,
        )  # fmt: skip
        about = {"version": version, "account": row.grant.account, "created_at": now - timedelta(hours=1)}
        if number % 2:
            Attempt.objects.create(**about)
        else:
            passed = Attempt.objects.create(**about, state="passed", sent_at=now)
            Certificate.objects.create(
                attempt=passed, number=f"C-{number:04d}", passed_at=now, valid_until=now + 9 * DAY,
                created_at=now, due_at=now,
            )  # fmt: skip


NOUNS: tuple[Callable[[Any, Any], None], ...] = (
    _ends,
    _messages,
    _requests,
    _mandates,
    _news,
    _documents,
    _courses,
)


if __name__ == "__main__":
    main()
