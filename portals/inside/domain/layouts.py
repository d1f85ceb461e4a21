"""The tiles of a portal's home in a person's own order: moved, hidden, shown, and put back as they were (S3-05)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from identity.models import Account
from portals.entry.tiles import Card
from portals.models import Layout
from portals.spec import PortalSpec


class UnknownTile(Exception):
    """The portal has no tile of this key, or none that is open to this person."""


@dataclass(frozen=True, slots=True)
class Arranged:
    """What somebody sees of a portal's tiles: all in their order, and which of them they have hidden."""

    cards: Sequence[Card]
    hidden: frozenset[str]

    @property
    def shown(self) -> list[Card]:
        """Those that stand on the home."""
        return [card for card in self.cards if card.key not in self.hidden]

    @property
    def put_away(self) -> list[Card]:
        """Those that were hidden."""
        return [card for card in self.cards if card.key in self.hidden]


def arranged(cards: Sequence[Card], *, account: Account, portal: PortalSpec) -> Arranged:
    """The cards as the person wants them; as they come where nothing was arranged or the portal lets nobody. One
    question."""
    row = _rows(account, portal).first() if portal.arranges_tiles else None
    if row is None:
        return Arranged(cards, frozenset())
    by_key = {card.key: card for card in cards}
    order = [key for key in _whole(row.order, _keys(portal)) if key in by_key]
    return Arranged([by_key[key] for key in order], frozenset(row.hidden))


@transaction.atomic
def move(*, account: Account, portal: PortalSpec, key: str, to: int, among: Sequence[str], now: datetime) -> None:
    """Put a tile to a place, counted from 1, among those that the person sees, given in their order. A place that is
    not there is the nearest one. Raises UnknownTile."""
    _check(key, among)
    row = _locked(account, portal, now=now)
    others = [one for one in among if one != key]
    place = max(0, min(to - 1, len(others)))
    order = [one for one in _whole(row.order, _keys(portal)) if one != key]
    if others:
        behind = order.index(others[place]) if place < len(others) else order.index(others[-1]) + 1
        order.insert(behind, key)
        _write(row, order=order)


@transaction.atomic
def hide(*, account: Account, portal: PortalSpec, key: str, among: Sequence[str], now: datetime) -> None:
    """Take a tile from the home; it keeps its place, and the menu and "Arrange" have it still. Raises UnknownTile."""
    _check(key, among)
    row = _locked(account, portal, now=now)
    _write(row, hidden=sorted({*row.hidden, key}))


@transaction.atomic
def show(*, account: Account, portal: PortalSpec, key: str, among: Sequence[str], now: datetime) -> None:
    """Put a hidden tile back to its place. Raises UnknownTile."""
    _check(key, among)
    row = _locked(account, portal, now=now)
    _write(row, hidden=[one for one in row.hidden if one != key])


@transaction.atomic
def reset(*, account: Account, portal: PortalSpec) -> None:
    """Let the tiles stand as the portal declares them."""
    _rows(account, portal).delete()


def _rows(account: Account, portal: PortalSpec) -> QuerySet[Layout]:
    return Layout.objects.filter(account=account, portal_key=portal.key)


def _keys(portal: PortalSpec) -> list[str]:
    return [tile.key for tile in portal.tiles]


def _check(key: str, among: Iterable[str]) -> None:
    if key not in among:
        raise UnknownTile(key)


def _locked(account: Account, portal: PortalSpec, *, now: datetime) -> Layout:
    """The person's row, made now if there is none: what two tabs send is done one after the other."""
    declared = {"order": _keys(portal), "created_at": now}
    Layout.objects.get_or_create(account=account, portal_key=portal.key, defaults=declared)
    return _rows(account, portal).select_for_update().get()


def _write(row: Layout, **changed: list[str]) -> None:
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))


def _whole(order: Sequence[str], declared: Sequence[str]) -> list[str]:
    """The order with what the portal declares now: a tile that came new stands behind the one it is declared behind,
    one that is gone is left out."""
    whole = [key for key in order if key in declared]
    for number, key in enumerate(declared):
        if key not in whole:
            whole.insert(whole.index(declared[number - 1]) + 1 if number else 0, key)
    return whole
