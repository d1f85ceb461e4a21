"""What enrollment does when a form names people, when a mail does not arrive, and when an administrator leaves."""

from datetime import datetime

from accessforms.events import PersonInvited
from accessforms.models import Submission
from enrollment.domain import form_invitations, invitation_mails, invitations, people
from enrollment.messages import InvitationMail
from identity.models import OutboxMessage
from identity.record import journal
from identity.record.events import MailBounced
from rbac.events import HandOverDone, MembershipEnded, MembershipEvent, MembershipSuspended, RoleChanged
from rbac.models import HandOver, Membership
from rbac.roles import ADMINISTRATOR


def tell_of_bounced_invitation(event: MailBounced, now: datetime) -> None:
    """Whoever invited somebody by an address that takes no mail corrects it, instead of waiting (C10)."""
    if event.message == InvitationMail.stored_as and isinstance(event.about, OutboxMessage):
        invitation_mails.tell_of_bounce(mail=event.about, now=now)


def invite_person_of_form(event: PersonInvited, now: datetime) -> None:
    """A form was approved that asks for access for somebody beside its applicant (S1-23, S1-31)."""
    if isinstance(event.about, Submission):
        form_invitations.invite(submission=event.about, number=event.person, by=event.by, now=now)


def pass_on_handed_over(event: HandOverDone, now: datetime) -> None:
    """What an administrator who hands over has pending passes to whoever takes over (D-15)."""
    row = event.about
    if isinstance(row, HandOver) and row.from_account is not None:
        invitations.pass_on(practice=row.practice, owner=row.from_account, to=row.to_account, now=now)


def pass_on_invitations(event: MembershipEvent, now: datetime) -> None:
    """An administrator runs a practice's users no longer: what they have pending passes to another one, or ends
    (D-15)."""
    before = event.role_before if isinstance(event, RoleChanged) else event.role
    if before == ADMINISTRATOR and event.account is not None and isinstance(event.about, Membership):
        office = people.Office(practice=event.about.practice, portal_key=event.portal_key)
        people.pass_on(office=office, left=event.account, by=event.by, now=now)


journal.subscribe(HandOverDone, pass_on_handed_over)
journal.subscribe(PersonInvited, invite_person_of_form)
journal.subscribe(MailBounced, tell_of_bounced_invitation)
for left in (MembershipEnded, MembershipSuspended, RoleChanged):
    journal.subscribe(left, pass_on_invitations)
