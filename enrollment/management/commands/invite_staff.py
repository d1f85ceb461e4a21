"""manage.py invite_staff: a one-time enrolment link for an operator or a member of the service desk."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse
from django.utils import timezone

from enrollment.domain import staff
from portals import registry


class Command(BaseCommand):
    help = "Print a one-time link with which a member of staff enrols"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that the link is bound to")
        parser.add_argument("--role", choices=[role.value for role in staff.Role], default=staff.Role.OPERATOR.value)
        parser.add_argument("--portal", action="append", default=[], help="key of a portal (service desk; repeatable)")

    def handle(self, *args: Any, email: str, role: str, portal: list[str], **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        if unknown := [key for key in portal if key not in registry.portals()]:
            raise CommandError(f"Unknown portal {', '.join(unknown)}. Known: {', '.join(registry.portals())}.")
        invitation = staff.invite(email=email, role=role, portals=portal, now=timezone.now())
        link = settings.PUBLIC_URL + reverse("staff_enrol", args=[staff.token_of(invitation)])
        self.stdout.write(f"Give this link to {email} yourself; it works once, until {invitation.expires_at:%c}:")
        self.stdout.write(link)
