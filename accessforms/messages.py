"""What the applicant is told of each step of a request, and others whose access it changed, by mail.

A mail names the reference and, once it is approved, for whom it did what; never another answer.
"""

from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accessforms.domain import outcomes, waiting
from accessforms.models import Submission
from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.policy import lifecycle
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry


class RequestMail(Message, abstract=True):
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
            "done": outcomes.told(submission.outcomes),
            "opens": outcomes.opens_own(submission.outcomes),
            "fax_by": submission.state_since + lifecycle.after("unfaxed_request"),
            "before": waiting.before(submission),
            "enter": absolute(reverse("enter", args=[portal.landing_key])),
        }
        return render_mail(self.template, account=account, tenant=portal.key, context=told)


class RequestSubmittedMail(RequestMail, title=_("Access form: sent in")):
    """The request was sent in: what to print, sign and fax, and until when."""

    template = "accessforms/mail/submitted"


class RequestReceivedMail(RequestMail, optional=True, title=_("Request: received")):
    """The request was sent in and waits for a decision: until which day (S2-20)."""

    template = "accessforms/mail/received"


class FaxReceivedMail(RequestMail, optional=True, title=_("Access form: fax received")):
    """The signed form arrived and waits for a decision."""

    template = "accessforms/mail/fax_received"


class RequestReturnedMail(RequestMail, title=_("Access form: returned")):
    """The request came back to its applicant."""

    template = "accessforms/mail/returned"


class RequestApprovedMail(RequestMail, title=_("Access form: approved")):
    """The request was approved: what it did."""

    template = "accessforms/mail/approved"


class RequestDeniedMail(RequestMail, title=_("Access form: denied")):
    """The request was denied."""

    template = "accessforms/mail/denied"


class RequestExpiredMail(RequestMail, title=_("Access form: expired without a fax")):
    """No fax came in time."""

    template = "accessforms/mail/expired"


class RequestLapsedMail(RequestMail, title=_("Request: nobody corrected it in time")):
    """It was returned, and nobody corrected it in time."""

    template = "accessforms/mail/lapsed"


class RequestLateMail(RequestMail, optional=True, title=_("Request: not decided in time")):
    """It is not decided in time, and why (S2-20)."""

    template = "accessforms/mail/late"


class SubjectMail(Message, title=_("Access changed by somebody else's form")):
    """Somebody else's approved form ended or opened this account's access (A4)."""

    reference: str
    result: str

    def render(self, *, account: Account) -> Rendered | None:
        portal = registry.get(Submission.objects.get(reference=self.reference).portal_key)
        told = {
            "portal": portal,
            "reference": self.reference,
            "opens": outcomes.Result(self.result) in outcomes.OPENS,
            "enter": absolute(reverse("enter", args=[portal.landing_key])),
        }
        return render_mail("accessforms/mail/named", account=account, tenant=portal.key, context=told)
