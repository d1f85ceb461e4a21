"""Somebody of a practice by name or address: its people and the invitations that an administrator sees (D-11).

The names of one practice are read and compared here, for a database folds the case of accents each in its own way.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from enrollment.models import InvitationQuerySet
from identity.policy import text
from identity.policy.realms import email_key
from rbac.models.memberships import MembershipQuerySet

MAX_LENGTH = 100  # characters of what is typed


def read(typed: str) -> str:
    """What was typed, as one line that is not too long."""
    return text.line(typed)[:MAX_LENGTH]


def people(rows: MembershipQuerySet, typed: str) -> MembershipQuerySet:
    """Those whom the words name: each begins a word of the name by which the practice knows them, or all of it begins
    their address. Names and addresses that an account has beside are nobody's business (D-26)."""
    named: QuerySet[Any] = rows  # Office.members has added the names
    known = named.values_list("pk", "sorted_first", "sorted_last", "email", "grant__account__email")
    found = [pk for pk, first, last, own, other in known if is_named(typed, (first, last), own or other)]
    return rows.filter(pk__in=found)


def invited(rows: InvitationQuerySet, typed: str) -> InvitationQuerySet:
    """The same of people who have not registered yet."""
    known = rows.values_list("pk", "first_name", "last_name", "email")
    return rows.filter(pk__in=[pk for pk, first, last, email in known if is_named(typed, (first, last), email)])


def is_named(typed: str, names: Iterable[str], email: str) -> bool:
    """Whether somebody of these names and this address is meant."""
    words, held = text.words(typed), text.words(" ".join(names))
    by_name = bool(words) and all(any(one.startswith(word) for one in held) for word in words)
    return by_name or email.startswith(email_key(typed))
