"""Old passwords that were imported: checked with equal work for every name (policy: password hash)."""

from secrets import compare_digest

from django.contrib.auth.hashers import get_hasher, make_password

from identity.keys.hash_pool import pool
from portals.legacy.hashes import schemes
from portals.legacy.hashes.scheme import Work
from portals.models import LegacyAccount, LegacyWork


def find(*, source_key: str, login_name: str, password: str) -> LegacyAccount | None:
    """The old account of this name, if this is its password; None for every other reason, after as much work: the
    most that any hash of the source costs, and one Argon2id. Raises hash_pool.Busy."""
    found = LegacyAccount.objects.named(source_key, login_name).first()
    return found if is_right(found, most=most_work(source_key), password=password) else None


def is_right(found: LegacyAccount | None, *, most: list[Work], password: str) -> bool:
    """Whether this is the password of the old account; as much work where there is none. Raises hash_pool.Busy."""
    return pool.run(_is_right, found, most, password)


def most_work(source_key: str) -> list[Work]:
    """The most that any hash of the source costs, of each kind."""
    return [Work(row.kind, row.most) for row in LegacyWork.objects.filter(source=source_key)]


def _is_right(found: LegacyAccount | None, most: list[Work], password: str) -> bool:
    """Runs in a thread of the pool, and asks the database nothing there."""
    if found is None or not found.scheme:
        schemes.spend_rest(most, None)
        make_password("")
        return False
    digest = schemes.digest(scheme=found.scheme, parameters=found.parameters, password=password)
    schemes.spend_rest(most, schemes.work_of(scheme=found.scheme, parameters=found.parameters))
    if found.secret:
        return bool(get_hasher().verify(digest, found.secret))
    found.secret = make_password(digest)  # one Argon2id here too; kept if the password was right
    return compare_digest(digest.encode(), schemes.parse(found.imported_hash).digest.encode())


def keep_wrapped(found: LegacyAccount) -> None:
    """Store what a right password was just wrapped in; not where a newer list has come meanwhile."""
    rows = LegacyAccount.objects.to_wrap().filter(pk=found.pk, imported_at=found.imported_at)
    rows.update(secret=found.secret, imported_hash="")
