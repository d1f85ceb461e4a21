"""What can happen in the portals app: at outside applications, and while a portal changes over to the ID."""

from portals.events.linking import (
    LegacyClaimed,
    LegacyTied,
    LegacyUntied,
    LinkRequested,
    PhaseMoved,
    UntyingAsked,
    UntyingCancelled,
    UntyingEvent,
    WordingChanged,
)
from portals.events.sign_on import (
    ApplicationChanged,
    ApplicationEvent,
    ApplicationRegistered,
    ApplicationTried,
    ConsentGiven,
    ConsentRevoked,
    SignedOn,
    SigningKeyMade,
    SignOnEnded,
)

__all__ = [
    "ApplicationChanged",
    "ApplicationEvent",
    "ApplicationRegistered",
    "ApplicationTried",
    "ConsentGiven",
    "ConsentRevoked",
    "LegacyClaimed",
    "LegacyTied",
    "LegacyUntied",
    "LinkRequested",
    "PhaseMoved",
    "SignOnEnded",
    "SignedOn",
    "SigningKeyMade",
    "UntyingAsked",
    "UntyingCancelled",
    "UntyingEvent",
    "WordingChanged",
]
