"""What can happen to a portal's news."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class NewsEvent(Event, abstract=True):
    portal_key: str
    reason: str = ""


class NewsProposed(NewsEvent, title=_("News item proposed")): ...


class NewsPublished(NewsEvent, title=_("News item published")): ...


class NewsWithdrawn(NewsEvent, title=_("News item withdrawn")): ...


class NewsAcknowledged(Event, title=_("Confirmed to have read a news item")):
    """By the reader, of a regulatory one (S3-03)."""

    portal_key: str


class NewsReminded(Event, title=_("Practice reminded of a news item")):
    """Somebody who answers for the practice had those reminded who have not confirmed it."""

    portal_key: str
    practice: int
    people: int
