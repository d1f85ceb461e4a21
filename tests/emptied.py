"""What a transactional test leaves is deleted on PostgreSQL row by row: TRUNCATE makes every table's files anew.

Django's own flush runs once a worker; what its signals have made then (content types, rights, groups, queues) is kept
beside the tables and put back after each later test, with the same keys.
"""

from django.db import connection
from django.test import TransactionTestCase

_flush = TransactionTestCase._fixture_teardown
_kept: list[str] = []  # tables that are not empty after Django's flush


def by_deleting() -> None:
    """From now on; SQLite, and a server where we may not switch triggers off, keep Django's way."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            TransactionTestCase._fixture_teardown = _empty
    connection.close()


def _empty(case: TransactionTestCase) -> None:
    if case.available_apps is not None or case.serialized_rollback:
        _flush(case)
    elif is_kept():
        delete()
    else:
        _flush(case)
        keep()


def is_kept() -> bool:
    return bool(_kept)


def _tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in names]


def keep() -> None:
    """Remember what Django's flush has left."""
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
            if cursor.fetchone()[0]:
                _kept.append(table)
    _run(["CREATE SCHEMA kept", *(f"CREATE TABLE kept.{table} AS TABLE {table}" for table in _kept)])


def delete() -> None:
    """Every row, then put back what is kept."""
    tables = _tables()
    statements = [
        # As TRUNCATE would: whoever still writes is waited for, what they write goes too.
        f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE",
        "SET LOCAL session_replication_role = replica",  # all rows go: nothing refers to a row that is gone
        *(f"DELETE FROM {table}" for table in tables),
        *(f"INSERT INTO {table} TABLE kept.{table}" for table in _kept),
    ]
    _run(statements)


def _run(statements: list[str]) -> None:
    """In one transaction and one message."""
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN; {'; '.join(statements)}; COMMIT")
