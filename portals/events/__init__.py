"""What can happen in the portals app: at outside applications, and while a portal changes over to the ID."""

from portals.events.feedback import FeedbackGiven
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
    "FeedbackGiven",
    "LegacyClaimed",
    "LegacyLinked",
    "LegacyUnlinked",
    "LinkRequested",
    "OidcSessionEnded",
    "PhaseMoved",
    "SignedOn",
    "SigningKeyMade",
    "UnlinkingAsked",
    "UnlinkingCancelled",
    "UnlinkingEvent",
    "WordingChanged",
]
