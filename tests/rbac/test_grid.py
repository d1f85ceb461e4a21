"""The grid: what each role may open in each market, exactly as the documents print it (S2-27..29, S2-33, S3-04, C19)."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from rbac import roles
from rbac.capabilities import GRID, GRID_COLUMNS, Capability
from rbac.domain import first_grid, grid
from rbac.models import GridCell, GridVersion, MarketSwitch
from tests.factories import NOW

DAY = timedelta(days=1)
MARKETS = ("CA", "CO")
UNIVERSAL = {Capability.EDUCATION, Capability.NEWS}
CALIFORNIAN = {Capability.CLAIMS_SITE, Capability.REPORTING_SITE}


def oracle() -> dict[str, set[str]]:
    """What the source document's table says, by the words of its rows and columns. The product reads rows of its own."""
    with (Path(__file__).parent / "data" / "role_grid.csv").open(newline="") as table:
        return {
            row["Role"]: {name for name, said in row.items() if name != "Role" and said.strip() == "X"}
            for row in csv.DictReader(table)
        }


def expected(role_name: str, market: str) -> set[str]:
    """All that somebody of a role may open in a market, as labels."""
    with translation.override("en"):
        more = UNIVERSAL | (CALIFORNIAN if market == "CA" else set())
        return oracle()[role_name] | {str(one.label) for one in more}


def role_keys() -> dict[str, str]:
    with translation.override("en"):
        return {str(label): key for key, label in roles.GRID.items()}


def differences(version: grid.Grid) -> int:
    """How many (role, market, capability) the version answers otherwise than the document."""
    keys, found = role_keys(), 0
    with translation.override("en"):
        labels = {one.value: str(one.label) for one in GRID}
    for name, key in keys.items():
        for market in MARKETS:
            said = {labels[one] for one in grid.allowed([(key, market)], version)}
            found += len(said ^ expected(name, market))
    return found


def in_force() -> grid.Grid:
    return grid.current(now=NOW)


def test_the_roles_and_columns_are_the_documents_word_for_word():
    """C19, S2-33."""
    with translation.override("en"):
        assert [str(label) for label in roles.GRID.values()] == list(oracle())
        with (Path(__file__).parent / "data" / "role_grid.csv").open() as table:
            header = next(csv.reader(table))
        assert [str(one.label) for one in GRID_COLUMNS] == header[1:]


@pytest.mark.django_db
def test_the_version_in_force_is_the_table_exactly():
    """S2-27..29, S2-30, S2-33: 107 of the 140 boxes, 28 universal, 28 Californian."""
    version = in_force()
    answers = {(role, market): grid.allowed([(role, market)], version) for role in roles.GRID for market in MARKETS}
    in_columns = [one for role in roles.GRID for one in answers[role, "CO"] if one in GRID_COLUMNS]
    assert len(in_columns) == 107 == sum(len(row) for row in oracle().values())
    assert sum(one in answers[role, market] for one in UNIVERSAL for role, market in answers) == 56
    assert sum(one in answers[role, "CO"] for one in UNIVERSAL for role in roles.GRID) == 28
    assert sum(one in answers[role, "CA"] for one in CALIFORNIAN for role in roles.GRID) == 28
    assert sum(one in answers[role, "CO"] for one in CALIFORNIAN for role in roles.GRID) == 0
    assert differences(version) == 0


@pytest.mark.django_db
def test_the_first_version_is_nobodys_and_from_the_beginning():
    first = GridVersion.objects.get()
    assert (first.state, first.proposed_by, first.published_by) == (GridVersion.State.PUBLISHED, None, None)
    assert first.effective_from == first_grid.FROM_THE_BEGINNING
    assert first.cells.count() == 107 + 2 + 2
    assert grid.in_force(now=first.effective_from - timedelta(seconds=1)) == 0
    assert grid.in_force(now=first.effective_from) == first.number
    first_grid.load(GridVersion, GridCell)  # after each migration: nothing is loaded twice
    assert GridVersion.objects.count() == 1


@pytest.mark.django_db
def test_every_flipped_box_turns_the_oracle_red():
    """Each of the 140 boxes, and each market switch, written to the database as a version of its own."""
    flips = [(role, capability) for role in roles.GRID for capability in GRID_COLUMNS]
    assert len(flips) == 140
    for role, capability in flips:
        cells = {(r, m, c) for r, m, c in in_force().cells}
        cells ^= {(role, "", capability.value)}
        with rolled_back():
            assert differences(published(cells, ())) == 2, (role, capability)  # one in each market
    assert differences(in_force()) == 0


@pytest.mark.django_db
def test_every_market_switch_turns_the_oracle_red():
    """S3-04: what a market has not is open to nobody there, and as it was everywhere else."""
    for market in MARKETS:
        for capability in GRID:
            with rolled_back():
                version = published(in_force().cells, {(market, capability.value)})
                had = sum(str(capability) in grid.allowed([(role, market)], in_force_before()) for role in roles.GRID)
                assert differences(version) == had, (market, capability)
                assert not any(capability in grid.allowed([(role, market)], version) for role in roles.GRID)
    assert differences(in_force()) == 0


@pytest.mark.django_db
def test_somebody_in_two_practices_may_open_what_either_role_opens():
    """D-29: the union over memberships, each in its own market."""
    both = grid.allowed([("billing_specialist", "CO"), ("practice_manager", "CA")], in_force())
    assert both == grid.allowed([("billing_specialist", "CO")], in_force()) | grid.allowed(
        [("practice_manager", "CA")], in_force()
    )
    assert Capability.CLAIMS_SITE in both
    assert Capability.RISK_STRAT not in both


@pytest.mark.django_db
@pytest.mark.parametrize("pair", [("user", "CA"), ("administrator", ""), ("", ""), ("no_such_role", "CA")])
def test_a_role_that_is_not_in_the_grid_opens_nothing(pair):
    """C19: what every role may open is for the roles of the grid; "" is none of them."""
    assert grid.allowed([pair], in_force()) == frozenset()
    assert grid.allowed([], in_force()) == frozenset()


@pytest.mark.django_db
def test_a_market_that_the_grid_does_not_name_is_like_any_other():
    """S3-04; "" too: somebody whose market is not known has nothing of California's."""
    for market in ("", "WY", "ZZ"):
        assert grid.allowed([("front_office", market)], in_force()) == grid.allowed(
            [("front_office", "CO")], in_force()
        )


@pytest.mark.django_db
def test_a_role_without_a_box_has_left_the_grid():
    cells = {(role, m, c) for role, m, c in in_force().cells if role != "site_admin"}
    version = published(cells, ())
    assert "site_admin" not in version.roles
    assert grid.allowed([("site_admin", "CA")], version) == frozenset()


@pytest.mark.django_db
def test_the_number_is_one_query_and_a_version_is_read_once(django_assert_num_queries):
    number = grid.in_force(now=NOW)
    grid.of(number)
    with django_assert_num_queries(1):
        grid.current(now=NOW)


@pytest.mark.django_db
def test_without_any_version_nothing_is_open():
    """An emptied database closes, it does not open."""
    assert grid.allowed([("front_office", "CA")], grid.current(now=first_grid.FROM_THE_BEGINNING - DAY)) == frozenset()


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_published_version_cannot_be_changed_by_anybody():
    """The database itself refuses (no path in the domain)."""
    if connection.vendor != "postgresql":
        pytest.skip("a trigger of PostgreSQL")
    first = GridVersion.objects.get()
    changes = [
        lambda: GridVersion.objects.filter(pk=first.pk).update(effective_from=NOW),
        lambda: GridVersion.objects.filter(pk=first.pk).update(state="discarded"),
        lambda: GridVersion.objects.filter(pk=first.pk).delete(),
        lambda: first.cells.all().delete(),
        lambda: first.cells.filter(role="front_office").update(role="site_admin"),
        lambda: GridCell.objects.create(version=first, role="front_office", capability="risk_strat"),
        lambda: MarketSwitch.objects.create(version=first, market="CO", capability="curo"),
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    GridVersion.objects.filter(pk=first.pk).update(sign_ons_ended_at=NOW)  # a job's mark may be written


def rolled_back():
    """What is written inside is not there afterwards, nor read from memory."""
    return _RolledBack()


class _RolledBack:
    def __enter__(self):
        self.block = transaction.atomic()
        self.block.__enter__()

    def __exit__(self, *raised):
        transaction.set_rollback(True)
        self.block.__exit__(*raised)
        grid.of.cache_clear()


def published(cells, switches) -> grid.Grid:
    """A version of these boxes, in force now, as the database gives it back."""
    made = GridVersion.objects.create(
        effective_from=NOW - DAY, reason="a flip", proposed_at=NOW - 2 * DAY, state=GridVersion.State.PROPOSED
    )
    GridCell.objects.bulk_create(GridCell(version=made, role=r, market=m, capability=c) for r, m, c in cells)
    MarketSwitch.objects.bulk_create(MarketSwitch(version=made, market=m, capability=c) for m, c in switches)
    GridVersion.objects.filter(pk=made.pk).update(state=GridVersion.State.PUBLISHED, published_at=NOW - DAY)
    version = in_force()
    assert version.number == made.pk
    return version


def in_force_before() -> grid.Grid:
    return grid.current(now=NOW - 2 * DAY)
