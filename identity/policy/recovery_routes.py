"""Every way to get into an account, to get back in, or to change what gets somebody in, and what each one needs.

The pages ask this table (`open_to`), and `tests/identity/test_take_over.py` searches it for what a thief could do with
what they hold. A new way is a new row here first.

Proofs: "password"; "old password" (of an account that came over and has none here yet); "mailbox" (a code or link at
the primary address), "second mailbox" (at another proved address), "old mailbox" (at one that was removed or replaced
within ten days); the kinds of second factors (passkey, authenticator, phone, recovery); "remembered" (a browser that
skips the second step); "answers" (security questions); "old phone"; "session" (signed in) and "fresh" (with a fresh
proof of the best method); "two agents" and "a day unstopped" (help desk).
"""

from collections.abc import Iterable
from dataclasses import dataclass

FACTORS = frozenset({"passkey", "authenticator", "phone", "recovery"})


@dataclass(frozen=True, slots=True)
class Route:
    """One way. Any of `needs` is enough; "a factor" stands for any second factor that the account has set up.

    Rows with `without_factors` are open only to accounts that have no second factor at all. `gives` is what whoever
    walks it holds afterwards: a proof; "no factors" when the second factors are gone; or "methods taken back" when
    those of the last ten days are, or "restored mailbox" when an address of those days is the primary one again: then
    the account still counts as one with second factors.
    """

    name: str
    needs: tuple[frozenset[str], ...]
    gives: str
    without_factors: bool = False


def _all(*proofs: str) -> frozenset[str]:
    return frozenset(proofs)


ROUTES = (
    Route("sign in", (_all("password", "a factor"), _all("password", "remembered"), _all("passkey")), "session"),
    Route("sign in by mail", (_all("password", "mailbox"),), "session", without_factors=True),
    Route("fresh proof", (_all("session", "a factor"),), "fresh"),
    Route("fresh proof by password", (_all("session", "password"),), "fresh", without_factors=True),
    Route("forgot password", (_all("mailbox", "a factor"), _all("second mailbox", "a factor")), "password"),
    Route("forgot password by mail", (_all("mailbox"),), "password", without_factors=True),
    Route("first password", (_all("old password", "mailbox"),), "password", without_factors=True),
    Route("lost methods", (_all("password", "mailbox", "second mailbox"),), "no factors"),
    Route("lost methods and password", (_all("mailbox", "second mailbox", "answers"),), "no factors"),
    Route("this was not me", (_all("mailbox"),), "methods taken back"),
    Route("this was not me, from an old address", (_all("old mailbox"),), "restored mailbox"),
    Route("help-desk reset", (_all("two agents", "a day unstopped"),), "no factors"),
    Route("merge with another ID", (_all("password", "a factor"), _all("passkey")), "session"),
    Route("merge with another ID by mail", (_all("password", "mailbox"),), "session", without_factors=True),
    Route("change password", (_all("fresh"),), "password"),
    Route("change phone", (_all("session", "old phone"),), "phone"),
    Route("add a method", (_all("fresh"),), "a factor"),
    Route("change primary address", (_all("fresh"),), "mailbox"),
    Route("choose questions", (_all("fresh"),), "answers"),
)  # fmt: skip


def named(name: str, routes: Iterable[Route] = ROUTES) -> Route:
    """The route of this name. Raises KeyError."""
    for route in routes:
        if route.name == name:
            return route
    raise KeyError(name)


def open_to(name: str, *, proved: Iterable[str], has_factors: bool) -> bool:
    """Whether these proofs open the route to an account with (or without) second factors."""
    route, held = named(name), set(proved)
    if held & FACTORS:
        held.add("a factor")
    if route.without_factors and has_factors:
        return False
    return any(needs <= held for needs in route.needs)
