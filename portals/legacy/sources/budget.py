"""What checking the old passwords of one source may cost in all: each attempt there does the work of every kind."""

from collections.abc import Iterable

from portals.legacy.hashes import schemes
from portals.legacy.hashes.scheme import Read, TooCostly, UnknownHash, Work

MOST_KINDS = 8  # of hash a source; with scrypt and Argon2 each set of parameters is one


class Budget:
    """What the hashes of a source cost so far, and what else there is room for."""

    def __init__(self, most: Iterable[Work] = ()) -> None:
        self._most = {work.kind: work.amount for work in most}
        self._broken: set[str] = set()

    def take(self, read: Read) -> None:
        """Count a hash in. Raises TooCostly where there is no room for it, UnknownHash where it cannot be computed."""
        work = schemes.work_of(scheme=read.scheme, parameters=read.parameters)
        if work is None or work.amount <= self._most.get(work.kind, 0):
            return
        most = self._most | {work.kind: work.amount}
        if len(most) > MOST_KINDS or sum(schemes.cost_of(Work(*one)) for one in most.items()) > schemes.MOST_COST:
            raise TooCostly
        if work.kind not in self._most:
            self._try_out(read, work.kind)
        self._most = most

    def _try_out(self, read: Read, kind: str) -> None:
        """Compute a hash of a new kind once: what its library refuses would else stop every sign-in of the source."""
        if kind in self._broken:
            raise UnknownHash
        try:
            schemes.digest(scheme=read.scheme, parameters=read.parameters, password="")
        except Exception:
            self._broken.add(kind)
            raise UnknownHash from None
