"""What people are told about portals, and outside applications about the end of a session."""

from portals.messages.logout import LOGOUT_EVENT, BackChannelLogout, LogoutRefused
from portals.messages.people import (
    AccessGivenMail,
    LegacyClaimedMail,
    LegacyTiedMail,
    LegacyUntiedMail,
    LinkMail,
    OldAddressMail,
)

__all__ = [
    "LOGOUT_EVENT",
    "AccessGivenMail",
    "BackChannelLogout",
    "LegacyClaimedMail",
    "LegacyTiedMail",
    "LegacyUntiedMail",
    "LinkMail",
    "LogoutRefused",
    "OldAddressMail",
]
