"""The parameters of a request as the standard counts them (RFC 6749, 3.1): one without a value is left out."""

from django.http import QueryDict


def given(said: QueryDict) -> QueryDict:
    """What was said, without the parameters that have no value."""
    kept = QueryDict(mutable=True)
    for name, values in said.lists():
        if any(values):
            kept.setlist(name, values)
    return kept


def stands_twice(said: QueryDict) -> bool:
    """Whether a parameter stands there more than once, which the standard forbids."""
    return any(len(values) > 1 for _name, values in said.lists())


def is_storable(said: QueryDict) -> bool:
    """Whether a database can keep every value: PostgreSQL takes no NUL."""
    return not any("\0" in value for _name, values in said.lists() for value in values)
