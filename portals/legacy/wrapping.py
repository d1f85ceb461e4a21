"""Wrapping imported hashes in Argon2id, in the background: resumable, and safe with any number of workers.

A hash is made outside a transaction and stored by compare-and-set. Workers begin at places of their own, so that two of
them seldom make the same hash; where they do, one is thrown away.
"""

import secrets
from collections.abc import Iterator

from django.contrib.auth.hashers import make_password
from django.db.models import Max, Min

from portals.legacy.hashes import schemes
from portals.legacy.sources import imported
from portals.models import LegacyAccount

BATCH = 50  # rows that are read at once


def wrap() -> Iterator[LegacyAccount]:
    """Wrap every hash that is not, yielding each account when its is stored. Stop at any moment."""
    waiting = LegacyAccount.objects.to_wrap().order_by("pk")
    begin = _somewhere()
    while rows := list(waiting.filter(pk__gte=begin)[:BATCH]) or list(waiting[:BATCH]):
        for row in rows:
            row.secret = make_password(schemes.parse(row.imported_hash).digest)
            imported.keep_wrapped(row)
            yield row
        begin = rows[-1].pk + 1


def left() -> int:
    """How many hashes still lie as they were imported."""
    return LegacyAccount.objects.to_wrap().count()


def _somewhere() -> int:
    ends = LegacyAccount.objects.to_wrap().aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return 0
    return int(ends["first"]) + secrets.randbelow(int(ends["last"]) - int(ends["first"]) + 1)
