"""What becomes of access when two accounts become one (see identity.merging.merging)."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.merging.merging import Refuses, Stays, declare
from identity.tenancy import Text, tenancy
from rbac.domain import grants
from rbac.merge_memberships import GrantsMeet
from rbac.models import AccessGrant


def _named(grant: AccessGrant) -> Text:
    told = {"portal": tenancy().tenant(grant.portal_key).name, "day": date_format(timezone.localtime(grant.since))}
    return _("%(portal)s, since %(day)s") % told if grant.until is None else _("%(portal)s, ended") % told


def _end(grant: AccessGrant, now: datetime) -> None:
    grants.supersede(grant=grant, now=now)


GRANTS = GrantsMeet(
    path="rbac.accessgrant.account",
    what=gettext_lazy("Access to portals"),
    key=lambda grant: grant.portal_key if grant.until is None else "",
    describe=_named,
    supersede=_end,
)
declare(
    GRANTS,
    Stays(path="rbac.accessgrant.by", why="history says who gave it"),
    Stays(path="rbac.accessgrant.ended_by", why="history says who ended it"),
    Stays(path="rbac.gridversion.proposed_by", why="history says who proposed it"),
    Stays(path="rbac.gridversion.first_published_by", why="history says who published it"),
    Stays(path="rbac.gridversion.published_by", why="history says who published it"),
    Stays(path="rbac.handover.from_account", why="a signature is one person's; what is open is asked for anew"),
    Stays(path="rbac.handover.to_account", why="a signature is one person's; what is open is asked for anew"),
    Stays(path="rbac.handover.confirmed_by", why="history says who called"),
    Stays(path="rbac.mandate.asked_by", why="history says who asked for it"),
    Stays(path="rbac.mandate.agreed_by", why="history says who agreed"),
    Stays(path="rbac.mandateinquiry.asked_by", why="it waits a minute for a worker"),
    Stays(path="rbac.mandate.ended_by", why="history says who ended it"),
    Stays(path="rbac.membership.created_by", why="history says who opened it"),
    Stays(path="rbac.membership.ended_by", why="history says who ended it"),
    Stays(path="rbac.membership.suspended_by", why="history says who let it rest"),
    Stays(path="rbac.practicetin.attested_by", why="history says who attested it"),
    Stays(path="rbac.reviewline.answered_by", why="history says who answered; the question goes with the membership"),
    Stays(path="rbac.sweeprun.first_released_by", why="history says who released it"),
    Stays(path="rbac.sweeprun.released_by", why="history says who released it"),
    Stays(path="rbac.sweeprun.undone_by", why="history says who undid it"),
    Refuses(path="rbac.approvalqueueuserpermission.user", why="a right of staff"),
    Stays(path="rbac.deciderschange.asked_by", why="history says who asked for it"),
    Stays(path="rbac.deciderschange.ended_by", why="history says who ended it"),
    Refuses(path="rbac.deciderschange_begins.account", why="a right of staff"),
    Refuses(path="rbac.deciderschange_ceases.account", why="a right of staff"),
)
