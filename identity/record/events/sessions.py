"""Signing in and out."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn(Event):
    title = _("Signed in")
    methods: list[str]


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOut(Event):
    title = _("Signed out")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SessionsEnded(Event):
    title = _("Sessions ended")
    count: int
    reason: str = ""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class Confirmed(Event):
    """A fresh or stronger proof within a session (step-up)."""

    title = _("Confirmed who is at the keyboard")
    method: str
