"""The portals app's tables."""

from portals.models.legacy import LegacyAccount, LegacyImport, LegacyImportBlock, LegacyImportRow, LegacyWork
from portals.models.linking import LinkRequest, PhaseMove, PortalText, Untying
from portals.models.sign_on import Application, Consent, SigningKey, SignOn

__all__ = [
    "Application",
    "Consent",
    "LegacyAccount",
    "LegacyImport",
    "LegacyImportBlock",
    "LegacyImportRow",
    "LegacyWork",
    "LinkRequest",
    "PhaseMove",
    "PortalText",
    "SignOn",
    "SigningKey",
    "Untying",
]
