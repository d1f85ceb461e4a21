"""The portals app's tables."""

from portals.models.attempts import Attempt, Certificate
from portals.models.audiences import AudienceRow
from portals.models.courses import Course, CourseAudience, CourseVersion
from portals.models.documents import (
    Document,
    DocumentLabel,
    DocumentOpening,
    DocumentPracticeShare,
    DocumentUserObjectPermission,
    DocumentVersion,
)
from portals.models.feedback import Feedback
from portals.models.layouts import Layout
from portals.models.legacy import LegacyAccount, LegacyImport, LegacyImportBlock, LegacyImportRow, LegacyWork
from portals.models.lessons import Lesson, Question
from portals.models.linking import LinkRequest, PhaseMove, PortalText, Unlinking
from portals.models.news import NewsAudience, NewsItem, NewsRead
from portals.models.oidc import Application, Consent, OidcSession, SigningKey

__all__ = [
    "Application",
    "Attempt",
    "AudienceRow",
    "Certificate",
    "Consent",
    "Course",
    "CourseAudience",
    "CourseVersion",
    "Document",
    "DocumentLabel",
    "DocumentOpening",
    "DocumentPracticeShare",
    "DocumentUserObjectPermission",
    "DocumentVersion",
    "Feedback",
    "Layout",
    "LegacyAccount",
    "LegacyImport",
    "LegacyImportBlock",
    "LegacyImportRow",
    "LegacyWork",
    "Lesson",
    "LinkRequest",
    "NewsAudience",
    "NewsItem",
    "NewsRead",
    "OidcSession",
    "PhaseMove",
    "PortalText",
    "Question",
    "SigningKey",
    "Unlinking",
]
