"""What access came of."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """What a grant, a membership or a tax ID came of. `origin_key` refers to it: a form's reference, an old account's
    row."""

    FORM = "form", _("form")
    INVITATION = "invitation", _("invitation")
    LEGACY_ACCOUNT = "legacy account", _("legacy sign-in")
    STAFF = "staff", _("service desk")
    MANDATE = "mandate", _("mandate")
    HAND_OVER = "hand over", _("hand-over")
    MERGE = "merge", _("merge")
    MIGRATION = "migration", _("legacy sign-in")  # the old account became this one, by the same sign-in


# Access that is the old account's, and ends with its link.
OF_OLD_ACCOUNTS = frozenset({Origin.LEGACY_ACCOUNT, Origin.MIGRATION})
# Acts of staff, of administrators and of a practice that agreed to a mandate: whoever joins a practice by one that
# names no tax IDs works with all of it.
FOR_WHOLE_PRACTICE = frozenset({Origin.STAFF, Origin.INVITATION, Origin.HAND_OVER, Origin.MANDATE})


def format_cause(origin: str, *, origin_key: str, reason: str) -> str:
    """Why something was given, in one line: what staff wrote, the form's reference, else what it came of."""
    if reason:
        return reason
    return origin_key if origin == Origin.FORM else str(Origin(origin).label)
