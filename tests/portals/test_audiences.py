"""For whom something is: roles and markets as rows, found from either side (S2-27, S3-04, D-29)."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import IntegrityError, transaction

from portals import registry
from portals.inside.domain import audiences
from portals.models import NewsAudience, NewsItem
from rbac.capabilities import Capability
from rbac.models import Membership
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps import grid

pytestmark = pytest.mark.django_db
PRO = registry.get("optum-pro")
NEWS = Capability.NEWS
FRONT, NURSE = "front_office", "registered_nurse"


def item(*pairs) -> NewsItem:
    texts = {"title_en": "t", "text_en": "t", "title_es": "t", "text_es": "t"}
    row = NewsItem.objects.create(portal_key=PRO.key, since=NOW, proposed_by=AccountFactory(), proposed_at=NOW, **texts)
    for role, market in pairs:
        NewsAudience.objects.create(item=row, role=role, market=market)
    return row


def works_as(role: str, market: str = "CO", **more) -> Membership:
    return grid.works_as(role, market=market, portal_key=PRO.key, **more)


def found(*memberships) -> set[int]:
    own = audiences.opened(memberships, NEWS, now=NOW)
    return set(NewsItem.objects.filter(audiences.admits(NewsAudience, own)).values_list("pk", flat=True))


def of(*pairs) -> set[int]:
    return set(audiences.members(PRO, NEWS, pairs, now=NOW).values_list("pk", flat=True))


def test_both_sides_give_one_answer():
    """S3-04: who is counted for an audience is who finds the thing, for every audience and every membership."""
    places = list(product(("", FRONT, NURSE), ("", "CA", "CO")))
    items = {(role, market): item(*([(role, market)] if role or market else [])) for role, market in places}
    people = [
        works_as(role, market) for role, market in product((FRONT, NURSE, "billing_specialist"), ("CA", "CO", ""))
    ]
    for pair, row in items.items():
        counted = of(*([pair] if pair != ("", "") else []))
        assert counted == {one.pk for one in people if row.pk in found(one)}, pair
    assert len(of()) == len(people)
    assert (len(of((FRONT, ""))), len(of((FRONT, "CA")))) == (3, 1)


def test_who_works_in_two_places_finds_what_either_is_for():
    """D-29: the union over the memberships that count."""
    first = works_as(FRONT, "CA")
    second = works_as(NURSE, "CO", grant=first.grant)
    mine = item((FRONT, "CA"), (NURSE, ""))
    crossed = item((FRONT, "CO"))
    assert found(first, second) == {mine.pk}
    assert crossed.pk not in found(first, second), "a role and a market of two memberships are no pair"


def test_nobody_finds_anything_without_a_membership_that_counts():
    row = works_as(FRONT)
    item()
    assert found() == set()
    Membership.objects.filter(pk=row.pk).update(suspended_at=NOW)
    assert of() == set()


def test_a_market_without_the_page_is_nobody_s_audience(operator):
    """S3-04, D-29: what a market has not it has not, whatever somebody writes for it; whoever may open the page by
    another membership finds what is for any of theirs."""
    here, there = works_as(FRONT, "CA"), works_as(FRONT, "CO")
    second = make_staff("second.operator", "operator")
    grid.publish(by=operator, second=second, off=[("CA", NEWS.value)], effective_from=NOW + timedelta(days=1))
    later = NOW + timedelta(days=2)
    assert set(audiences.members(PRO, NEWS, (), now=later)) == {there}
    assert not audiences.opened([here], NEWS, now=later)
    assert audiences.opened([here], NEWS, now=NOW) == [here], "until that day it is for them too"
    also = works_as(NURSE, "CO", grant=here.grant)
    assert audiences.opened([here, also], NEWS, now=later) == [here, also]
    assert set(audiences.members(PRO, NEWS, [(FRONT, "CA")], now=later)) == {here}


def test_people_are_counted_once_and_by_role_and_market():
    first = works_as(FRONT, "CA")
    works_as(NURSE, "CO", grant=first.grant)
    works_as(FRONT, "CA")
    total, lines = audiences.reached(audiences.members(PRO, NEWS, (), now=NOW))
    assert total == 2
    assert [tuple(line) for line in lines] == [(FRONT, "CA", 2), (NURSE, "CO", 1)]


def test_roles_and_markets_make_pairs():
    pairs = audiences.pairs_of(roles=[FRONT, NURSE], markets=["CA"])
    assert pairs == {(FRONT, "CA"), (NURSE, "CA")}
    assert audiences.pairs_of(roles=[FRONT], markets=[]) == {(FRONT, "")}
    assert audiences.pairs_of(roles=[], markets=[]) == frozenset()


def test_a_row_says_something_and_says_it_once():
    row = item((FRONT, ""))
    for pair in [("", ""), (FRONT, "")]:
        with pytest.raises(IntegrityError), transaction.atomic():
            NewsAudience.objects.create(item=row, role=pair[0], market=pair[1])
