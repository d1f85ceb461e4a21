"""What the applicant is told: each step of a request, by mail. A mail names the reference, never the answers."""

from dataclasses import dataclass
from typing import ClassVar

from django.urls import reverse

from accessforms.models import Submission
from identity.domain.outbox import Message, Rendered, register
from identity.messages import absolute, render_mail
from identity.models import Account
from portals import registry


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestMail(Message):
    """One step; `version` lets the same step happen again after a return."""

    template: ClassVar[str] = ""
    reference: str
    version: int

    def render(self, *, account: Account) -> Rendered | None:
        submission = Submission.objects.get(reference=self.reference)
        portal = registry.get(submission.portal_key)
        told = {
            "submission": submission,
            "portal": portal,
            "link": absolute(reverse("request", args=[self.reference])),
            "enter": absolute(reverse("enter", args=[portal.part_of or portal.key])),
        }
        return render_mail(self.template, account=account, place=portal.key, context=told)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestSubmittedMail(RequestMail):
    template = "accessforms/mail/submitted"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class FaxReceivedMail(RequestMail):
    template = "accessforms/mail/fax_received"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestReturnedMail(RequestMail):
    template = "accessforms/mail/returned"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestApprovedMail(RequestMail):
    template = "accessforms/mail/approved"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestDeniedMail(RequestMail):
    template = "accessforms/mail/denied"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class RequestExpiredMail(RequestMail):
    template = "accessforms/mail/expired"
