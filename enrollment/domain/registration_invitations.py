"""Invitations to a portal that people register for: the invited confirm what was filled in for them (S2-08)."""

from datetime import datetime

from accessforms.domain import submissions
from accessforms.models import Submission
from enrollment.domain import invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Invitation, Kind
from identity.models import Account
from portals import registry
from rbac.domain import approvals, grants


def is_for(portal_key: str) -> bool:
    """Whether who is invited to this portal registers: its form is one that nobody prints."""
    return portal_key in registry.without_paper()


def invite(
    *, portal_key: str, invitee: Invitee, role: str = "", market: str = "", by: Account, now: datetime
) -> Invitation:
    """Invite somebody to register, with what is known of them (S2-08). Raises approvals.MayNotDecide, and what
    invitations.invite_all raises."""
    approvals.check_can_decide(account=by, portal_key=portal_key)
    return invitations.invite(
        kind=Kind.PORTAL, invitee=invitee, role=role, market=market, portal_key=portal_key, by=by, now=now
    )


def prefill(*, invitation: Invitation, account: Account, now: datetime) -> Submission | None:
    """Keep what the invitation says in the draft of whoever accepted it, in the caller's transaction: what they typed
    themselves stays. None where they have access, or a request that waits."""
    form = registry.get(invitation.portal_key).access_form
    assert form is not None
    own = Submission.objects.of(account).in_portal(invitation.portal_key)
    waiting = own.filter(state__in=[Submission.State.SUBMITTED, Submission.State.RETURNED])
    if waiting.exists() or grants.current(account=account, portal_key=invitation.portal_key):
        return None
    draft = submissions.draft_of(account=account, portal_key=invitation.portal_key, now=now)
    asked = form.works_as
    known = {asked.role: invitation.role, asked.market: invitation.market} if asked else {}
    new = {name: value for name, value in known.items() if value and not draft.answers.get(name)}
    return submissions.save_step(submission=draft, answers=new, whole=lambda _answers: None, now=now)
