"""Mails about administrator requests: to the primary applicant, and to those who run the practice already."""

from django.utils.translation import gettext_lazy as _

from enrollment.domain import administrator_request_links
from enrollment.models import AdministratorRequest, RequestState
from identity.codes import codes
from identity.models import Account
from identity.notices.messages import absolute, deliverable, render_mail, render_mail_to
from identity.record.gateways.wire import Rendered
from identity.record.outbox import AnyMessage, Message, Recipient
from portals import registry
from rbac.models import Practice


def _found(pk: int) -> AdministratorRequest | None:
    return AdministratorRequest.objects.filter(pk=pk).first()


class _ApplicantMail(AnyMessage, abstract=True):
    request: int

    def recipient(self) -> Recipient | None:
        """Whoever reads the primary's mailbox, in the name of the portal; nobody of a request that was deleted."""
        row = _found(self.request)
        return Recipient(address=row.primary.email, language=row.language, tenant=row.portal_key) if row else None

    def mail(
        self, template: str, recipient: Recipient, row: AdministratorRequest | None, **context: str
    ) -> Rendered | None:
        """The mail, with the link that the request is followed by; none without a request that it still fits."""
        if row is None:
            return None
        link = absolute(administrator_request_links.path_of(row))
        told = {"request": row, "link": link, "portal": registry.name_of(row.portal_key), **context}
        return render_mail_to(f"enrollment/mail/{template}", recipient=recipient, context=told)


class AdministratorRequestProofMail(_ApplicantMail, title=_("Administrator request: prove the mailbox")):
    """Link and code that prove the mailbox, before anybody else is told anything."""

    challenge: str

    def render_for(self, recipient: Recipient) -> Rendered | None:
        row = _found(self.request)
        challenge = deliverable(self.challenge, recipient.address)
        if row is None or row.state != RequestState.UNPROVED or challenge is None:
            return None
        code = codes.code_of(challenge)
        return self.mail("request_proof", recipient, row, code=f"{code[:4]}-{code[4:]}")


class _StepMail(_ApplicantMail, abstract=True):
    version: int

    @property
    def row(self) -> AdministratorRequest | None:
        """The request, while it is where the step of this mail left it."""
        found = _found(self.request)
        return found if found and found.version == self.version else None


class AdministratorRequestReceivedMail(_StepMail, title=_("Administrator request: received")):
    """Number, and what happens next."""

    def render_for(self, recipient: Recipient) -> Rendered | None:
        return self.mail("request_received", recipient, self.row)


class AdministratorRequestReturnedMail(_StepMail, title=_("Administrator request: returned")):
    """Why it came back, and where it is corrected."""

    def render_for(self, recipient: Recipient) -> Rendered | None:
        return self.mail("request_returned", recipient, self.row)


class AdministratorRequestDeniedMail(_StepMail, title=_("Administrator request: denied")):
    """Why it was denied."""

    def render_for(self, recipient: Recipient) -> Rendered | None:
        return self.mail("request_denied", recipient, self.row)


class AdministratorRequestExpiredMail(_StepMail, is_bulk=True, title=_("Administrator request: expired")):
    """Nobody corrected it in its days."""

    def render_for(self, recipient: Recipient) -> Rendered | None:
        return self.mail("request_expired", recipient, self.row)


class PracticeAskedForMail(Message, title=_("Somebody asks to administer your practice")):
    """To those who run a practice: somebody asks to do so too. Once a day each, however many ask (`day`)."""

    practice: int
    portal_key: str
    day: str

    def render(self, *, account: Account) -> Rendered | None:
        practice = Practice.objects.filter(pk=self.practice).first()
        if practice is None or not account.is_active:
            return None
        context = {"practice": practice, "portal": registry.name_of(self.portal_key)}
        return render_mail(
            "enrollment/mail/practice_asked_for", account=account, tenant=self.portal_key, context=context
        )
