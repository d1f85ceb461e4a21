"""The guard of what must be written together with the change that causes it."""

from django.db import transaction


def check_open(what: str) -> None:
    """Raise TransactionManagementError unless a transaction of the product's own code is open.

    The block that a test case opens around each test does not count: behind it a missing transaction would not show.
    """
    blocks = transaction.get_connection().atomic_blocks
    if all(getattr(block, "_from_testcase", False) for block in blocks):
        raise transaction.TransactionManagementError(f"{what} needs the transaction of the change that it belongs to")
