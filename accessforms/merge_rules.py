"""What becomes of requests for access when two accounts become one (see identity.merging.merging)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessforms.models import Submission
from identity.merging.merging import One, Stays, declare
from identity.tenancy import Text
from portals import registry


def _named(submission: Submission) -> Text:
    params = {"reference": submission.reference, "portal": registry.name_of(submission.portal_key)}
    return _("%(reference)s, %(portal)s") % params


declare(
    One(
        path="accessforms.submission.account",
        what=gettext_lazy("Requests for access"),
        key=lambda submission: submission.portal_key if submission.state == Submission.State.DRAFT else "",
        describe=_named,
    ),
    Stays(path="accessforms.submission.decided_by", why="history says who decided"),
    Stays(path="accessforms.offeredanswer.changed_by", why="history says who changed the list"),
)
