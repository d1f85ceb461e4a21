"""What can happen in the portals app: at outside applications, inside, and while a portal changes over to the ID."""

from portals.events.linking import (
    LegacyClaimed,
    LegacyLinked,
    LegacyUnlinked,
    LinkRequested,
    PhaseMoved,
    UnlinkingAsked,
    UnlinkingCancelled,
    UnlinkingEvent,
    WordingChanged,
)
from portals.events.news import (
    NewsAcknowledged,
    NewsEvent,
    NewsProposed,
    NewsPublished,
    NewsReminded,
    NewsWithdrawn,
)
from portals.events.oidc import (
    ApplicationChanged,
    ApplicationEvent,
    ApplicationRegistered,
    ApplicationTried,
    ConsentGiven,
    ConsentRevoked,
    OidcSessionEnded,
    SignedOn,
    SigningKeyMade,
)

__all__ = [
    "ApplicationChanged",
    "ApplicationEvent",
    "ApplicationRegistered",
    "ApplicationTried",
    "ConsentGiven",
    "ConsentRevoked",
    "LegacyClaimed",
    "LegacyLinked",
    "LegacyUnlinked",
    "LinkRequested",
    "NewsAcknowledged",
    "NewsEvent",
    "NewsProposed",
    "NewsPublished",
    "NewsReminded",
    "NewsWithdrawn",
    "OidcSessionEnded",
    "PhaseMoved",
    "SignedOn",
    "SigningKeyMade",
    "UnlinkingAsked",
    "UnlinkingCancelled",
    "UnlinkingEvent",
    "WordingChanged",
]
