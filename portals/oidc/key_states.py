"""Which signing key does what now: the next one, the one that signs, former ones."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portals.models.oidc import Algorithm
from portals.oidc import signing_keys
from portals.oidc.signing_keys import LoadedKey

VIEW, REPLACE = "portals.view_signingkey", "portals.add_signingkey"


class State(StrEnum):
    """What a published key does."""

    NEXT = "next"
    SIGNS = "signs"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Keys:
    """The published keys of one algorithm, newest first."""

    algorithm: str
    rows: list[tuple[State, LoadedKey]]

    @property
    def newest(self) -> str:
        """The id of the newest key; empty where none was needed so far."""
        return self.rows[0][1].kid if self.rows else ""

    @property
    def has_next(self) -> bool:
        """Whether a successor is published already and waits to sign."""
        return any(state is State.NEXT for state, _key in self.rows)


def for_algorithm(algorithm: str, *, now: datetime) -> Keys:
    """The keys of an algorithm and what each does. Makes none."""
    own = [key for key in signing_keys.published(now=now) if key.algorithm == algorithm]
    own.sort(key=lambda key: key.signs_from, reverse=True)
    signing = next((key for key in own if key.signs_from <= now), None)
    return Keys(algorithm, [(_state(key, signing, now), key) for key in own])


def _state(key: LoadedKey, signing: LoadedKey | None, now: datetime) -> State:
    if key.signs_from > now:
        return State.NEXT
    return State.SIGNS if key is signing else State.FORMER


def all_of(*, now: datetime) -> list[Keys]:
    """The keys of every algorithm."""
    return [for_algorithm(algorithm, now=now) for algorithm in Algorithm.values]
