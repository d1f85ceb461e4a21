"""Whether a database was made before version 0.2.0, when tables had other names. What is there cannot be carried along,
and nothing had been released: whoever meets one starts over. Loads no Django, for the demo asks before it starts."""

from collections.abc import Collection

SAID = "is of an older layout, from before version 0.2.0. Nothing in it was touched."


def is_older(tables: Collection[str]) -> bool:
    """By the tables themselves: Django's list of migrations holds the same names in both layouts."""
    return "identity_account" in tables and "identity_savedpost" not in tables
