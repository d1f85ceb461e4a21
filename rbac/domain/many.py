"""One change to many grants, each with its journal entry and its mail: on PostgreSQL in one statement."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.db import connection
from django.db.models import sql

from identity.domain import journal, outbox
from identity.models import Account
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
        facts = {name: said[name] for name in _facts_of(act.event)}
        journal.record(act.event(account=grant.account, by=act.by, about=grant, **facts), now=now)
        outbox.enqueue(act.message(**{field.name: said[field.name] for field in fields(act.message)}), now=now)
        count, reached = count + 1, grant.idle_from
    return Done(count, reached)


# Rows in use are skipped: whoever uses a portal this moment is not idle. The UPDATE asks again whether each is due.
_STATEMENT = """
WITH chosen (chosen_id, was_idle_from) AS ({chosen}), changed AS (
    {changed} AND id IN (SELECT chosen_id FROM chosen) RETURNING id, account_id, portal_key, idle_from
), told AS (
    INSERT INTO identity_journalentry (at, kind, account_id, by_id, object_kind, object_id, facts)
    SELECT %s::timestamptz, %s::text, account_id, %s::bigint, %s::text, id::text, {facts} FROM changed
), mailed AS (
    INSERT INTO identity_outboxmessage (kind, ids, dedupe_key, state, is_bulk, attempts, created_at, due_at, problem)
    SELECT %s::text, {ids}, concat_ws(':', %s::text, {key}), 'waiting', %s::boolean, 0, %s::timestamptz,
        %s::timestamptz, '' FROM changed
    ON CONFLICT (dedupe_key) DO NOTHING
)
SELECT (SELECT count(*) FROM changed), (SELECT max(was_idle_from) FROM chosen)
"""


def _in_one_statement(act: Act, *, most: int, now: datetime) -> Done:
    """Both inserts leave what journal.record and outbox.enqueue would; the minute's job delivers the mails.

    Handlers are not called: nobody may subscribe to what is written here.
    """
    assert not journal.has_handlers(act.event), act.event
    chosen, chosen_with = (
        act.due.order_by("idle_from")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("id", "idle_from")[:most]
        .query.sql_with_params()
    )
    changed, changed_with = _update_of(act)
    values = _values(act)
    facts = _facts_of(act.event)
    ids = [field.name for field in fields(act.message)]
    statement = _STATEMENT.format(
        chosen=chosen,
        changed=changed,
        facts=_as_json(facts, values),
        ids=_as_json(ids, values),
        key=", ".join(values[name][0] for name in ids),
    )
    mail, by = outbox.kind_of(act.message), act.by.pk if act.by else None
    told_with = (now, journal.kind_of(act.event), by, AccessGrant._meta.label_lower)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*chosen_with, *changed_with, *told_with, mail, mail, act.message.is_bulk, now, now])
        count, reached = cursor.fetchone()
    return Done(count, reached)


def _update_of(act: Act) -> tuple[str, tuple[Any, ...]]:
    """The statement that `act.due.update(**act.changes)` would send."""
    query = cast(sql.UpdateQuery, act.due.order_by().query.chain(sql.UpdateQuery))
    query.add_update_values(act.changes)
    text, params = query.get_compiler(connection=connection).as_sql()
    return text, params


def _as_json(names: list[str], values: dict[str, Value]) -> str:
    return f"jsonb_build_object({', '.join(f"'{name}', {values[name][0]}" for name in names)})"


def _facts_of(event: type[journal.Event]) -> list[str]:
    own = {field.name for field in fields(journal.Event)}
    return [field.name for field in fields(event) if field.name not in own]


def _values(act: Act) -> dict[str, Value]:
    """Everything that may be said, with numbers and texts of the act as constants."""
    return OF_A_GRANT | {
        name: value if isinstance(value, tuple) else _constant(value) for name, value in act.values.items()
    }


def _constant(value: int | str) -> Value:
    text = str(int(value)) if isinstance(value, int) else "'" + value.replace("'", "''").replace("%", "%%") + "'"
    return text + ("::bigint" if isinstance(value, int) else "::text"), lambda _grant: value
