"""What becomes of access when two accounts become one (see identity.domain.merging)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from identity.domain.merging import One, Refuses, Stays, declare
from identity.sign_in_policy import Text, policy
from rbac.models import AccessGrant


def _named(grant: AccessGrant) -> Text:
    name = policy().place(grant.portal_key).name
    told = {"portal": name, "reason": grant.because_of}
    return _("%(portal)s (%(reason)s)") % told if grant.until is None else _("%(portal)s, ended") % told


def _end(grant: AccessGrant, now: datetime) -> None:
    AccessGrant.objects.filter(pk=grant.pk).update(until=now)


declare(
    One(
        path="rbac.accessgrant.account",
        what=_("Access to portals"),
        key=lambda grant: grant.portal_key if grant.until is None else "",
        describe=_named,
        supersede=_end,
    ),
    Stays(path="rbac.accessgrant.by", why="history says who gave it"),
    Refuses(path="rbac.approvalqueueuserpermission.user", why="a right of staff"),
)
