"""manage.py invite_staff: mails and prints a one-time enrolment link for an operator or somebody of a service desk."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from enrollment import messages
from enrollment.domain import invitation_links, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Kind, StaffRole
from portals import registry


class Command(BaseCommand):
    help = "Mail and print a one-time link with which a member of staff enrols"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the link is bound to")
        parser.add_argument("--role", choices=StaffRole.values, default=StaffRole.OPERATOR.value)
        parser.add_argument("--portal", action="append", default=[], help="key of a portal (service desk; repeatable)")

    def handle(self, *args: Any, email: str, role: str, portal: list[str], **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        if unknown := [key for key in portal if key not in registry.portals()]:
            raise CommandError(f"Unknown portal {', '.join(unknown)}. Known: {', '.join(registry.portals())}.")
        now = timezone.now()
        invitation = invitations.invite(
            kind=Kind.STAFF, invitee=Invitee(email=email), role=role, portals=portal, by=None, now=now
        )
        until = invitation_links.ends_at(invitation)
        self.stdout.write(f"It is mailed to {email}. Where no mail goes out yet, give this link to them yourself;")
        self.stdout.write(f"it works once, until {until:%c}:")
        self.stdout.write(messages.link_of(invitation))
