"""What can happen while a portal changes over to the ID."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PhaseMoved(Event):
    title = _("Phase of a change-over moved")
    portal_key: str
    phase: str
    to: str
    reason: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class WordingChanged(Event):
    title = _("Text of a portal's pages changed")
    portal_key: str
    language: str
    key: str
    text: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRequested(Event):
    """After the old sign-in (C25), or by an ID that asks for a mail to the old account's address (D-20)."""

    title = _("Asked to tie an old account to an ID")
    source: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyLinked(Event):
    title = _("Old account tied to the ID")
    source: str
    way: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyClaimed(Event):
    """By somebody else than the person it is tied to, who is told."""

    title = _("Old account claimed a second time")
    source: str
    ticket: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlinkingEvent(Event):
    source: str
    reason: str = ""


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class UnlinkingAsked(UnlinkingEvent):
    title = _("Untying of an old account asked for")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyUnlinked(UnlinkingEvent):
    title = _("Old account taken from the ID")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class UnlinkingCancelled(UnlinkingEvent):
    title = _("Untying of an old account cancelled")
