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
NEWS, REQUESTS, MESSAGES, MANDATES = 200, 20, 200, 50
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
    browsers = {name: _browser(row.grant.account) for name, row in (("empty", empty), ("full", full))}
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


def _browser(account: Any) -> Any:
    from tests.bench.browser import HOST
    from tests.steps.sign_in import signed_in

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
    from portals.models import NewsItem

    texts = {"title_en": "News", "text_en": "Text", "title_es": "Noticia", "text_es": "Texto"}
    NewsItem.objects.bulk_create(
        NewsItem(portal_key="optum-pro", **texts, is_regulatory=bool(number % 2), since=now - DAY, proposed_at=now,
                 proposed_by=row.grant.account, published_by=_publisher(), published_at=now - DAY, state="published")
        for number in range(NEWS)
    )  # fmt: skip


def _publisher() -> Any:
    from identity.models import Account
    from tests.factories import AccountFactory

    return Account.objects.filter(login_name="publisher").first() or AccountFactory(login_name="publisher")


NOUNS: tuple[Callable[[Any, Any], None], ...] = (_ends, _messages, _requests, _mandates, _news)


if __name__ == "__main__":
    main()
