"""The portals app's tables."""

from portals.models.audiences import AudienceRow
from portals.models.documents import (
    Document,
    DocumentLabel,
    DocumentOpening,
    DocumentPracticeShare,
    DocumentUserObjectPermission,
    DocumentVersion,
)
from portals.models.layouts import Layout
from portals.models.legacy import LegacyAccount, LegacyImport, LegacyImportBlock, LegacyImportRow, LegacyWork
from portals.models.linking import LinkRequest, PhaseMove, PortalText, Unlinking
from portals.models.news import NewsAudience, NewsItem, NewsRead
from portals.models.oidc import Application, Consent, OidcSession, SigningKey

__all__ = [
    "Application",
    "AudienceRow",
    "Consent",
    "Document",
    "DocumentLabel",
    "DocumentOpening",
    "DocumentPracticeShare",
    "DocumentUserObjectPermission",
    "DocumentVersion",
    "Layout",
    "LegacyAccount",
    "LegacyImport",
    "LegacyImportBlock",
    "LegacyImportRow",
    "LegacyWork",
    "LinkRequest",
    "NewsAudience",
    "NewsItem",
    "NewsRead",
    "OidcSession",
    "PhaseMove",
    "PortalText",
    "SigningKey",
    "Unlinking",
]
