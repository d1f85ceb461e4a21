"""Finding people by what a caller says: a narrow table of the words of each account, read by ranges of its index.

Each app names what an account is found by as a `source`, and the events after which that has changed.
"""

import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models, transaction
from django.db.models import Q

from identity.keys.fields import keyed_hash
from identity.models import Account, PhoneDevice, SearchTerm
from identity.policy import text
from identity.record import events, journal

MOST_WORDS = 8  # of a query
MOST_FOUND = 200  # accounts of a search: whoever reads more adds a word
MAX_LENGTH_OF_WORD = 60  # letters
A_CHUNK = 500  # accounts of a rebuild, each chunk in a transaction of its own
_AFTER = b"\xff"  # no word in UTF-8 holds it: the end of every word that begins so
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘`´ʼ＇", " "))
# Characters that are taken for one another in print and handwriting, and by ear where two are not in use.
_ALIKE = ("S5", "B8", "Z2", "G6", "L1I", "Q0O")
_LOOKS = {one: alike for alike in _ALIKE for one in alike}

type Source = Callable[[int], Iterable[bytes]]
_sources: list[Source] = []
_changed: ContextVar[dict[int, Account] | None] = ContextVar(
    "accounts whose rows are made anew at the end", default=None
)


def source(terms: Source) -> Source:
    """Function decorator: what the account of this key is found by."""
    _sources.append(terms)
    return terms


# --- terms: what is stored ------------------------------------------------------------------------------------------
def of_words(typed: str) -> set[bytes]:
    """The words of a name; "O'Hara" is found as "ohara" and as "o hara", "Mary Ann" as "maryann" too."""
    apart, together = text.words(typed.translate(_APOSTROPHES)), text.words(typed)
    return {_word(one) for one in (*apart, *together, "".join(together)) if one}


def of_email(typed: str) -> set[bytes]:
    """An address, found by its beginning, and the words before its @."""
    address = text.email(typed)
    return {b"@" + address.encode()[:180], *of_words(address.rpartition("@")[0])} if address else set()


def of_number(digits: str) -> set[bytes]:
    """A telephone number, tax ID or NPI, found only whole and only with the server's key."""
    digits = _national(re.sub(r"\D", "", digits))
    return {b"#" + bytes.fromhex(keyed_hash("search number", digits))} if digits else set()


def _word(word: str) -> bytes:
    return word[:MAX_LENGTH_OF_WORD].encode()


def _national(digits: str) -> str:
    """Ten digits of a +1 number, with or without its country code."""
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


# --- queries: what is typed -----------------------------------------------------------------------------------------
def beginnings(typed: str) -> list[Q]:
    """A condition on `term` for each word of a query, for all to hold: its term begins so."""
    addresses = [word for word in typed.split() if "@" in word.strip("@")]
    others = " ".join(word for word in typed.split() if word not in addresses)
    begun = [b"@" + text.email(one).encode() for one in addresses]
    begun += [_word(word) for word in dict.fromkeys(text.words(others))]
    return [Q(term__gte=one, term__lt=one + _AFTER) for one in begun[:MOST_WORDS]]


def number_in(typed: str) -> str:
    """The digits of a query that is one whole number, however it is grouped; else nothing."""
    plain = text.digits(typed)
    digits = _national(re.sub(r"\D", "", plain))
    return digits if re.fullmatch(r"[\d\s()+./-]+", plain) and len(digits) in (9, 10) else ""


def spellings(typed: str, *, alphabet: str, length: int) -> list[str]:
    """Every number of this alphabet that what was read or heard may stand for: groups and look-alikes are ignored."""
    plain = re.sub(r"[\W_]", "", text.digits(typed)).upper()
    if len(plain) != length:
        return []
    choices = [[one for one in _LOOKS.get(letter, letter) if one in alphabet] for letter in plain]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def accounts(typed: str, *, realms: Collection[str] | None = None) -> list[int]:
    """The keys of the accounts that all words of a query are about, or its one number, whole words first; `realms` are
    those looked in, None all. At most MOST_FOUND and one: whoever gets more than MOST_FOUND has not all of them."""
    words, digits = beginnings(typed), number_in(typed)
    rows = SearchTerm.objects.all() if realms is None else SearchTerm.objects.filter(realm__in=sorted(realms))
    found = rows.filter(words[0] if words else Q(pk__in=[]))
    for word in words[1:]:
        found = found.filter(account__in=rows.filter(word).values("account"))
    found = found.order_by("term", "account")[: MOST_FOUND + 1]
    if not digits:
        return list(dict.fromkeys(found.values_list("account", flat=True)))
    (term,) = of_number(digits)
    phones = PhoneDevice.objects.filter(number_key=keyed_hash("phone", f"+1{digits}"))
    if realms is not None:
        phones = phones.filter(user__realm__in=sorted(realms))
    named = SearchTerm.objects.filter(pk__in=found.values("pk")).values_list("account", flat=True)
    keys = named.union(rows.filter(term=term).values_list("account", flat=True), phones.values_list("user", flat=True))
    return list(keys[: MOST_FOUND + 1])


# --- keeping it -----------------------------------------------------------------------------------------------------
def keep(table: type[models.Model], *, terms: Collection[bytes], owner: Mapping[str, int], **beside: Any) -> None:
    """Let the table hold exactly these terms of an owner, in the caller's transaction; `beside` are further columns."""
    rows = table._default_manager.filter(**owner)
    held = {bytes(term) for term in rows.values_list("term", flat=True)}
    wanted = set(terms)
    if gone := held - wanted:
        rows.filter(term__in=gone).delete()
    if new := wanted - held:
        table._default_manager.bulk_create(
            [table(term=term, **owner, **beside) for term in sorted(new)], ignore_conflicts=True
        )


def terms_of(account_id: int) -> set[bytes]:
    """Everything that an account is found by now, of all apps."""
    return {term for terms in _sources for term in terms(account_id)}


def refresh(account: Account) -> None:
    """Make an account's rows anew, in the caller's transaction."""
    keep(SearchTerm, terms=terms_of(account.pk), owner={"account_id": account.pk}, realm=account.realm)


@contextmanager
def once() -> Iterator[None]:
    """Several events of one account within a change make its rows anew once, at the end: in the caller's transaction,
    which what stands around this ends only afterwards. What fails within leaves nothing to be made."""
    if _changed.get() is not None:  # of several around one another the outermost does it
        yield
        return
    changed: dict[int, Account] = {}
    token = _changed.set(changed)
    try:
        yield
    finally:
        _changed.reset(token)
    for _key, account in sorted(changed.items()):  # in one order, so that no two wait for each other
        refresh(account)


def refresh_after(event: journal.Event, _now: datetime) -> None:
    """Handler of every event that changes what its account is found by."""
    if event.account is None:
        return
    changed = _changed.get()
    if changed is None:
        refresh(event.account)
    else:
        changed[event.account.pk] = event.account


def refresh_all() -> Iterator[int]:
    """Make all rows anew, a chunk at a time; yields how many accounts were done."""
    last = 0
    while chunk := list(Account.objects.filter(pk__gt=last).only("realm").order_by("pk")[:A_CHUNK]):
        with transaction.atomic():
            for account in chunk:
                refresh(account)
        last = chunk[-1].pk
        yield len(chunk)


@source
def _of_identity(account_id: int) -> Iterable[bytes]:
    """Names, the ID, and every proved address beside the primary one."""
    names = Account.objects.filter(pk=account_id).values_list("first_name", "last_name", "login_name", "email")
    for first, last, login_name, email in names:
        yield from of_words(first) | of_words(last) | of_words(login_name) | of_email(email)
    for email in EmailAddress.objects.filter(user=account_id, verified=True).values_list("email", flat=True):
        yield from of_email(email)


# A merge is recorded before anything moves: identity.merging.merges makes the rows of both anew itself.
for _event in (
    events.AccountCreated, events.AccountSecured, events.AddressAdded, events.AddressRemoved, events.EmailChanged,
    events.EmailReplaced, events.LoginNameChanged, events.MergeUndone, events.NameChanged, events.SignUpGivenUp,
    events.SignUpLapsed,
):  # fmt: skip
    journal.subscribe(_event, refresh_after)
