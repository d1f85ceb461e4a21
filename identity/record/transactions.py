"""What domain functions ask of their transaction: that there is one, and locks on what has no row of its own."""

from django.db import connection, transaction


def check_open(what: str) -> None:
    """Raise TransactionManagementError unless a transaction of the product's own code is open.

    The block that a test case opens around each test does not count: behind it a missing transaction would not show.
    """
    blocks = transaction.get_connection().atomic_blocks
    if all(getattr(block, "_from_testcase", False) for block in blocks):
        raise transaction.TransactionManagementError(f"{what} needs the transaction of the change that it belongs to")


def lock(what: str) -> None:
    """Let one transaction at a time go on with `what` (a number, an address), until it ends: for limits that hold
    across accounts. Whoever locks an account as well locks the account first, so that no two wait for each other.

    SQLite has one writer at a time anyway: its transactions begin as writers.
    """
    check_open("transactions.lock")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])
