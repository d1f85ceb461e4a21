"""What can happen while a portal changes over to the ID."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class PhaseMoved(Event, title=_("Phase of a change-over moved")):
    portal_key: str
    phase: str
    to: str
    reason: str


class WordingChanged(Event, title=_("Text of a portal's pages changed")):
    portal_key: str
    language: str
    key: str
    text: str


class LinkRequested(Event, title=_("Asked to tie an old account to an ID")):
    """After the old sign-in (C25), or by an ID that asks for a mail to the old account's address (D-20)."""

    source: str


class LegacyLinked(Event, title=_("Old account tied to the ID")):
    source: str
    way: str


class LegacyClaimed(Event, title=_("Old account claimed a second time")):
    """By somebody else than the person it is linked to, who is told."""

    source: str
    ticket: str


class UnlinkingEvent(Event, abstract=True):
    source: str
    reason: str = ""


class UnlinkingAsked(UnlinkingEvent, title=_("Untying of an old account asked for")): ...


class LegacyUnlinked(UnlinkingEvent, title=_("Old account taken from the ID")): ...


class UnlinkingCancelled(UnlinkingEvent, title=_("Untying of an old account cancelled")): ...
