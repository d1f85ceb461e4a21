"""One change to many grants, each with its journal entry and its mail: on PostgreSQL in one statement."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.db import connection
from django.db.models import sql

from identity.models import Account
from identity.record import journal, outbox
from rbac.models import AccessGrant
from rbac.models.grants import AccessGrantQuerySet

type Value = tuple[str, Callable[[AccessGrant], Any]]
# What an event or a message may say of a grant: as SQL, and of a row that was read.
OF_A_GRANT: dict[str, Value] = {
    "account_id": ("account_id", lambda grant: grant.account_id),
    "grant": ("id", lambda grant: grant.pk),
    "portal_key": ("portal_key", lambda grant: grant.portal_key),
}


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to whom: grants that are due, the columns that change, and which event and mail say so.

    The fields of both classes are filled from OF_A_GRANT and `values`, which holds numbers, texts, or a Value.
    """

    due: AccessGrantQuerySet
    changes: dict[str, Any]
    event: type[journal.Event]
    message: type[outbox.Message]
    values: dict[str, Any]
    by: Account | None = None


class Done(NamedTuple):
    """The number that were changed, and the `idle_from` that the last of them had."""

    number: int
    reached: datetime | None


def do(act: Act, *, most: int, now: datetime) -> Done:
    """Change at most so many due grants, in the caller's transaction. Who is no longer due is left alone."""
    return (_in_one_statement if connection.vendor == "postgresql" else one_by_one)(act, most=most, now=now)


def one_by_one(act: Act, *, most: int, now: datetime) -> Done:
    """The same on any database, in the caller's transaction, by the functions that everybody uses."""
    count, reached = 0, None
    for grant in act.due.select_related("account").order_by("idle_from")[:most]:
        if not act.due.filter(pk=grant.pk).update(**act.changes):
            continue
        said = {name: value[1](grant) for name, value in _values(act).items()}
        facts = {name: said[name] for name in journal.fact_names(act.event)}
        journal.record(act.event(account=grant.account, by=act.by, about=grant, **facts), now=now)
        outbox.enqueue(act.message(**{field.name: said[field.name] for field in fields(act.message)}), now=now)
        count, reached = count + 1, grant.idle_from
    return Done(count, reached)


# Rows in use are skipped: whoever uses a portal this moment is not idle. The UPDATE asks again whether each is due.
_STATEMENT = """
WITH chosen (chosen_id, was_idle_from) AS ({chosen}), changed AS (
    {changed} AND id IN (SELECT chosen_id FROM chosen) RETURNING id, account_id, portal_key, idle_from
), told AS ({told}), mailed AS ({mailed})
SELECT (SELECT count(*) FROM changed), (SELECT max(was_idle_from) FROM chosen)
"""


def _in_one_statement(act: Act, *, most: int, now: datetime) -> Done:
    """Both insertions leave what journal.record and outbox.enqueue would; the minute's job delivers the mails.

    Raises journal.HandlersWaiting: nobody may subscribe to what is written here.
    """
    expressions = {"object_id": "id"} | {name: value[0] for name, value in _values(act).items()}
    told, told_with = journal.insertion(
        act.event, source="changed", expressions=expressions, about=AccessGrant, by=act.by, now=now
    )
    mailed, mailed_with = outbox.insertion(act.message, source="changed", expressions=expressions, now=now)
    chosen, chosen_with = (
        act.due.order_by("idle_from")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("id", "idle_from")[:most]
        .query.sql_with_params()
    )
    changed, changed_with = _update_of(act)
    statement = _STATEMENT.format(chosen=chosen, changed=changed, told=told, mailed=mailed)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*chosen_with, *changed_with, *told_with, *mailed_with])
        count, reached = cursor.fetchone()
    return Done(count, reached)


def _update_of(act: Act) -> tuple[str, tuple[Any, ...]]:
    """The statement that `act.due.update(**act.changes)` would send."""
    query = cast(sql.UpdateQuery, act.due.order_by().query.chain(sql.UpdateQuery))
    query.add_update_values(act.changes)
    text, params = query.get_compiler(connection=connection).as_sql()
    return text, params


def _values(act: Act) -> dict[str, Value]:
    """Everything that may be said, with numbers and texts of the act as constants."""
    return OF_A_GRANT | {
        name: value if isinstance(value, tuple) else _constant(value) for name, value in act.values.items()
    }


def _constant(value: int | str) -> Value:
    text = str(int(value)) if isinstance(value, int) else "'" + value.replace("'", "''").replace("%", "%%") + "'"
    return text + ("::bigint" if isinstance(value, int) else "::text"), lambda _grant: value
