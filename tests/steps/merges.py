"""Two accounts of one person, and the consent that joins them."""

from identity.merging import merges
from tests.factories import NOW


def proof_of(own, other, at=NOW):
    return merges.prove(own=own, other=other, method="phone", now=at)


def all_for(account, own, other):
    """Every clash answered with what this account has."""
    return {clash.key: account.pk for clash in merges.clashes(own, other)}
