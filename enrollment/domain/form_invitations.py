"""Inviting the people whom an approved access form names beside its applicant (S1-23, S1-31)."""

from contextlib import suppress
from datetime import datetime

from accessforms.domain import subjects
from accessforms.models import Submission
from enrollment.domain import invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Kind
from identity.models import Account
from portals import registry


def invite(*, submission: Submission, number: int, by: Account | None, now: datetime) -> None:
    """Invite one person of the form, in the caller's transaction: tied to it, and for its tax IDs once they accept.
    Whoever has an open invitation to the portal already needs no second one."""
    form = registry.get(submission.portal_key).access_form
    assert form is not None
    subject = subjects.named_in(form, submission.answers, applicant=submission.account)[number]
    first, _space, last = subject.name.rpartition(" ")
    invitee = Invitee(
        email=subject.email,
        first_name=first or last,
        last_name=last if first else "",
        language=submission.account.language,
    )
    with suppress(invitations.AlreadyInvited, invitations.OwnAddress):
        invitations.invite(
            kind=Kind.PORTAL,
            invitee=invitee,
            role="user",
            portal_key=submission.portal_key,
            origin_key=submission.reference,
            by=by,
            now=now,
        )
