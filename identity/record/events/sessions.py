"""Signing in and out."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class SignedIn(Event, title=_("Signed in")):
    methods: list[str]


class SignedOut(Event, title=_("Signed out")): ...


class SessionsEnded(Event, title=_("Sessions ended")):
    count: int
    reason: str = ""


class Confirmed(Event, title=_("Confirmed who is at the keyboard")):
    """A fresh or stronger proof within a session (step-up)."""

    method: str
