"""The kinds of password hash that old systems bring along: read, computed anew from a typed password, and paid for.

A hash is taken apart into its scheme, its parameters (salt and cost: enough to compute it again) and its digest. The
digest is what is wrapped in Argon2id. What each kind looks like as text stands in docs/operations.md. libpass was
tried: it knows 11 of 15 examples, in the same time, and takes 5 of 10 hashes that are too dear (decision 0037).
"""

import hashlib
from collections.abc import Iterable
from typing import ClassVar

from portals.legacy.hashes import slow_schemes as slow
from portals.legacy.hashes.scheme import Read, Scheme, TooCostly, UnknownHash, Work

MAX_LENGTH_OF_HASH = 500  # characters of the text
MOST_COST = 500_000_000  # nanoseconds of an ordinary core: one hash, and the dearest of each kind of a source together


class Salted(Scheme):
    """`sha1$salt$hex`: one round of a plain digest over salt and password, as Django once did and many others."""

    fresh_salts = False  # some systems take the user name
    length: ClassVar[int]

    def __init_subclass__(cls) -> None:
        cls.pattern = rf"{cls.key}\$([^$]{{1,200}})\$([0-9a-fA-F]{{{cls.length}}})"

    def parse(self, text: str) -> tuple[str, str] | None:
        found = super().parse(text)
        return (found[0], found[1].lower()) if found else None

    def digest(self, parameters: str, password: str) -> str:
        return hashlib.new(self.key, (parameters + password).encode(), usedforsecurity=False).hexdigest()


class SaltedMd5(Salted):
    key, length = "md5", 32


class SaltedSha1(Salted):
    key, length = "sha1", 40


class SaltedSha256(Salted):
    key, length = "sha256", 64


SCHEMES: dict[str, Scheme] = {
    one.key: one
    for one in (
        slow.DjangoPbkdf2Sha256(), slow.DjangoPbkdf2Sha1(), slow.Pbkdf2(), slow.Bcrypt(), slow.BcryptSha256(),
        slow.Scrypt(), slow.Argon2(),
        SaltedMd5(), SaltedSha1(), SaltedSha256(),
    )
}  # fmt: skip


def parse(text: str) -> Read:
    """Take a hash apart. Raises UnknownHash, or TooCostly."""
    if len(text) <= MAX_LENGTH_OF_HASH:
        for key, scheme in SCHEMES.items():
            if found := scheme.parse(text):
                work = scheme.work(found[0])
                if work and cost_of(work) > MOST_COST:
                    raise TooCostly
                return Read(key, *found)
    raise UnknownHash


def digest(*, scheme: str, parameters: str, password: str) -> str:
    """The inner digest of a password."""
    return SCHEMES[scheme].digest(parameters, password)


def work_of(*, scheme: str, parameters: str) -> Work | None:
    """What computing such a digest costs; None when that is next to nothing."""
    return SCHEMES[scheme].work(parameters) if scheme else None


def cost_of(work: Work) -> int:
    """What so much work costs, in nanoseconds of an ordinary core."""
    return _payer(work.kind).cost(work)


def spend_rest(most: Iterable[Work], done: Work | None) -> None:
    """Do what is missing to the most that any hash of a source costs, so that the time says nothing about one."""
    for work in most:
        rest = work.amount - (done.amount if done and done.kind == work.kind else 0)
        if rest > 0:
            _payer(work.kind).spend(Work(work.kind, rest))


def _payer(kind: str) -> Scheme:
    name = kind.split(" ")[0]
    return SCHEMES["pbkdf2" if name.startswith("pbkdf2_") else name]
