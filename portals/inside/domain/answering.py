"""For whose people somebody answers in a portal: as administrator, practice manager or site administrator (S3-03,
S3-06).

Only a practice's own people count, by an attested tax ID, on both sides: a tax ID that somebody typed shows them nobody
(D-25), and a vendor's people stand in the vendor's report (S3-10).
"""

from collections.abc import Iterable

from django.db.models import F, Value
from django.db.models.functions import Coalesce, Lower, NullIf

from rbac.models import Membership
from rbac.models.memberships import MembershipQuerySet
from rbac.roles import ANSWERS_FOR_PRACTICE


def own(rows: MembershipQuerySet) -> MembershipQuerySet:
    """Those by which somebody is a practice's own."""
    return rows.with_attested_tin().filter(mandate=None)


def attested(memberships: Iterable[Membership]) -> MembershipQuerySet:
    """Those of somebody's memberships by which they belong to a practice for certain."""
    return own(Membership.objects.filter(pk__in=[row.pk for row in memberships]))


def answered_for(memberships: Iterable[Membership]) -> MembershipQuerySet:
    """Those by which they answer for the people of a practice, by its name."""
    found = attested(memberships).filter(role__in=ANSWERS_FOR_PRACTICE).select_related("practice")
    return found.order_by("practice__name", "practice")


def by_name(people: MembershipQuerySet) -> MembershipQuerySet:
    """In the order of their names as the practice knows them; of a row without its own, of those of the account."""
    return people.order_by(_named("last_name"), _named("first_name"), "pk")


def _named(column: str) -> Lower:
    return Lower(Coalesce(NullIf(F(column), Value("")), F(f"grant__account__{column}")))
