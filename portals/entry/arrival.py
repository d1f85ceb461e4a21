"""Somebody comes to a portal's home: when they were here before, and what they are asked first.

An app that has something to ask declares it here, for the home knows none of them."""

from collections.abc import Callable
from datetime import datetime

from identity.sessions import sessions
from portals.entry.admission import PortalRequest

type Question = Callable[[PortalRequest], str]  # the address of the page that asks; empty: nothing is to be asked

_questions: list[Question] = []


def asks(question: Question) -> Question:
    """Function decorator: the home asks it before it is shown."""
    _questions.append(question)
    return question


def first_page(request: PortalRequest) -> str:
    """Where a page asks something; empty where the home is shown. Whoever was asked is locked out of nothing else."""
    return next((path for question in _questions if (path := question(request))), "")


def signed_in_before(request: PortalRequest) -> datetime | None:
    """When the reader signed in before this session, None for the first time (S4-16); looked up once a request."""
    if not hasattr(request, "before"):
        request.before = sessions.signed_in_before(request.user, session_key=request.session.session_key or "")
    return request.before
