"""Documents: the list of a reader and a search in it, in a practice that keeps very many (S3-07).

`python -m tests.bench.documents` prints JSON, in a process of its own beside a database of its own.
"""

import json
import os
import random
import time
from datetime import UTC, datetime
from typing import Any

from tests.bench.result import Result, p95
from tests.bench.stack import Stack

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "100000"))
SEARCHES = int(os.environ.get("BENCH_SEARCHES", "100"))  # of each reader
NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
WORDS = 20_000  # different ones, the n-th about n times as rare as the first
WORDS_OF_ONE = 60
TURNS = 3  # of each search; the best of them met no neighbor on the machine
COMMON = 0.2  # of the searches look for a word that very many hold


def measure(stack: Stack) -> list[Result]:
    """The goal is that of the design: p95 of a search at most 50 ms."""
    told = stack.run(stack.production("documents"), "tests.bench.documents")
    found = json.loads(told.strip().split("\n")[-1])
    about = f"at {DOCUMENTS:,} documents"
    return [
        Result.absolute(f"documents: a search {about}, p95", "ms", found["search"], 50),
        Result.absolute(f"documents: the list {about}, p95", "ms", found["list"], 50),
    ]


def main() -> None:
    import django

    django.setup()
    chance = random.Random(1)
    readers = _fill(chance)
    searches = [_timed(reader, _query(chance)) for reader in readers for _ in range(SEARCHES)]
    lists = [_timed(reader, "") for reader in readers for _ in range(SEARCHES)]
    print(json.dumps({"search": p95(searches) * 1e3, "list": p95(lists) * 1e3}))


def _word(chance: random.Random) -> str:
    """By Zipf's law, nearly."""
    return f"w{int(WORDS ** chance.random()):x}q"


def _query(chance: random.Random) -> str:
    """One or two words, or the beginning of one; some that very many hold."""
    if chance.random() < COMMON:
        return chance.choice(["w1q", "w2q", "paper", "w3q w1q"])
    typed = f"w{chance.randrange(200, WORDS):x}q"
    return chance.choice([typed, typed[:-1], f"{typed} {_word(chance)}"])


def _fill(chance: random.Random) -> list[Any]:
    """One practice with all of them: half of its owner's are shared with everybody, some with one person; an
    administrator sees all."""
    from django.contrib.auth.models import Permission
    from django.db import connection

    from portals.models import DocumentPracticeShare, DocumentUserObjectPermission
    from rbac.models import Practice
    from rbac.roles import ADMINISTRATOR
    from tests.steps.documents import crowd, worker

    practice = Practice.objects.create(name="Bench", created_at=NOW)
    owner, colleague = worker(practice, "bench.owner"), worker(practice, "bench.colleague")
    boss = worker(practice, "bench.boss", ADMINISTRATOR)
    said = [" ".join(["paper", *(_word(chance) for _ in range(WORDS_OF_ONE))]) for _ in range(DOCUMENTS)]
    rows = crowd(practice, owner, DOCUMENTS, words=lambda number: said[number], now=NOW)
    shared = {"shared_by": owner, "created_at": NOW}
    DocumentPracticeShare.objects.bulk_create(
        [DocumentPracticeShare(document=row, practice=practice, **shared) for row in rows[::2]], batch_size=2_000
    )
    right = Permission.objects.get(codename="read_document")
    DocumentUserObjectPermission.objects.bulk_create(
        [DocumentUserObjectPermission(content_object=row, user=colleague, permission=right, **shared)
         for row in rows[1::50]],
        batch_size=2_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [owner, colleague, boss]


def _timed(reader: Any, typed: str) -> float:
    """What the page of the list asks of the database, in seconds: the best of some turns."""
    from portals.inside.domain import document_search
    from portals.models import Document
    from tests.steps.documents import PORTAL, behind

    memberships, took = behind(reader, now=NOW), []
    for _ in range(TURNS):
        began = time.perf_counter()
        rows = document_search.found(Document.objects.in_portal(PORTAL).kept(), typed)
        parts = rows.seen_apart(reader, memberships=memberships, now=NOW)
        document_search.page(parts, number=1, reader=reader)
        took.append(time.perf_counter() - began)
    return min(took)


if __name__ == "__main__":
    main()
