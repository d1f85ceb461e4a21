"""The idle clock of a session: a key in the cache that says when it was last used (S3-17; D-16).

It outlives the rest that it measures: a clock that shows too much means that nothing happened, a missing one that it
was lost. Both end the session, but only the first is told as idleness.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

from identity.keys import limits
from identity.keys.fields import keyed_hash
from identity.policy import lifecycle

logger = logging.getLogger(__name__)


def is_poll[V: Callable[..., HttpResponse]](view: V) -> V:
    """Decorator of what a page's script asks by itself: being asked moves no clock, and a session that rested too long
    is told so as JSON."""
    view.is_poll = True  # type: ignore[attr-defined]
    return view


def moved_by[V: Callable[..., HttpResponse]](condition: Callable[[HttpRequest], bool]) -> Callable[[V], V]:
    """Decorator of what is asked along with other pages: only requests of this kind move the clock."""

    def decorate(view: V) -> V:
        view.moves_clock = condition  # type: ignore[attr-defined]
        return view

    return decorate


def is_moved_by(request: HttpRequest, view: Callable[..., HttpResponse]) -> bool:
    """Whether this request of this view is somebody's doing."""
    condition = getattr(view, "moves_clock", None)
    return not getattr(view, "is_poll", False) and (condition is None or condition(request))


def _key(session_key: str | None) -> str:
    return f"idle:{keyed_hash('idle', session_key or '')}"


def limit() -> timedelta:
    """How long a session may rest."""
    return lifecycle.after("session_idle")


def start(session: SessionBase, *, now: datetime) -> None:
    """Begin the clock of a session that was just opened, or got a new id."""
    limits.server().set(_key(session.session_key), now.timestamp(), ex=lifecycle.after("session"))


def move(session: SessionBase, *, now: datetime) -> None:
    """Move the clock to now, if it still runs: a session that was ended meanwhile stays ended."""
    limits.server().set(_key(session.session_key), now.timestamp(), ex=lifecycle.after("session"), xx=True)


def stop(session_key: str | None) -> None:
    """The session has another id now, or none."""
    try:
        limits.server().delete(_key(session_key))
    except RedisError:
        logger.warning("idle clock cannot be stopped")


def left(session: SessionBase, *, now: datetime) -> timedelta:
    """How long the session may still rest; nothing left when the clock is missing."""
    try:
        moved = limits.server().get(_key(session.session_key))
    except RedisError:  # nobody is signed out because a server is down; the session's own end holds
        logger.warning("idle clock cannot be read")
        return limit()
    if moved is None:
        return timedelta(0)
    return max(timedelta(0), timedelta(seconds=float(moved) - now.timestamp()) + limit())


def is_lost(session: SessionBase) -> bool:
    """Whether nobody knows how long the session rested: the cache was emptied, or the session ended elsewhere."""
    try:
        return not limits.server().exists(_key(session.session_key))
    except RedisError:
        return True


def note_activity(session: SessionBase, *, left: timedelta, now: datetime) -> bool:
    """Move the clock when it is a step behind; whether it was moved."""
    if limit() - left < lifecycle.after("idle_step"):
        return False
    move(session, now=now)
    return True
