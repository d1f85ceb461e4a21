"""What somebody is in a practice. The database stores these keys; each portal's own roles come with the portal."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR = "administrator"  # runs the practice's users (the documents' OAA, Online Account Administrator)
USER = "user"

LABELS: dict[str, Promise] = {ADMINISTRATOR: _("administrator"), USER: _("user")}


def label_of(role: str) -> str:
    """What pages call a role; its key where nothing names it."""
    return str(LABELS.get(role, role))
