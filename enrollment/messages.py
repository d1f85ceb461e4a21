"""Mails about invitations: to whoever is invited, and to whoever invited them."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enrollment.domain import invitation_links
from enrollment.domain.invitation_links import Standing
from enrollment.models import Invitation, Kind, PracticeInquiry
from identity.codes import codes
from identity.models import Account
from identity.notices.messages import absolute, deliverable, render_mail, render_mail_to
from identity.record.gateways.wire import Rendered
from identity.record.outbox import AnyMessage, Message, Recipient
from portals import registry
from rbac.models import Practice


def _found(pk: str) -> Invitation | None:
    return Invitation.objects.select_related("practice", "owner", "created_by").filter(pk=pk).first()


def link_of(invitation: Invitation) -> str:
    """Where the newest mail leads: opening it uses nothing up."""
    name = "staff_enrol" if invitation.kind == Kind.STAFF else "invitation"
    return absolute(reverse(name, args=[invitation_links.token_of(invitation)]))


class _InviteeMail(AnyMessage, abstract=True):
    invitation: str

    def recipient(self) -> Recipient | None:
        """Whoever reads the invited mailbox, in the name of the portal."""
        row = _found(self.invitation)
        return Recipient(address=row.email, language=row.language, tenant=row.portal_key) if row else None


class InvitationMail(_InviteeMail, title=_("Invitation")):
    """Link and instructions (S4-05, S4-06, S4-19): to an administrator with the table of all of them."""

    sending: int

    def render_for(self, recipient: Recipient) -> Rendered | None:
        row = _found(self.invitation)
        is_newest = row is not None and row.sendings == self.sending
        if row is None or not is_newest or invitation_links.standing(row, now=timezone.now()) != Standing.OPEN:
            return None
        context = {
            "invitation": row,
            "link": link_of(row),
            "ends_at": invitation_links.ends_at(row),
            "inviter": row.owner or row.created_by,
            "officers": _officers(row),
            "portal": registry.name_of(row.portal_key),
        }
        return render_mail_to(f"enrollment/mail/{_TEMPLATES[Kind(row.kind)]}", recipient=recipient, context=context)


_TEMPLATES = {
    Kind.STAFF: "staff",
    Kind.ADMINISTRATOR: "administrator",
    Kind.OFFICE_USER: "office_user",
    Kind.PORTAL: "portal",
}


def _officers(row: Invitation) -> list[Invitation]:
    """Everybody whom the same request makes an administrator, the primary one first (S4-06): nobody whose invitation
    was canceled or lapsed, written or not."""
    if row.kind != Kind.ADMINISTRATOR or not row.origin_key:
        return [row]
    same = Invitation.objects.filter(kind=row.kind, practice=row.practice, origin_key=row.origin_key)
    over, now = (Standing.CANCELED, Standing.LAPSED), timezone.now()
    listed = same.order_by("officer", "created_at")
    return [one for one in listed if invitation_links.standing(one, now=now) not in over]


class MailboxCodeMail(_InviteeMail, is_security=True, title=_("Invitation: code to the invited mailbox")):
    """The code that proves the invited mailbox, before an account is made or joins (D-26)."""

    challenge: str

    def render_for(self, recipient: Recipient) -> Rendered | None:
        if (challenge := deliverable(self.challenge, recipient.address)) is None:
            return None
        code = codes.code_of(challenge)
        context = {"code": f"{code[:4]}-{code[4:]}"}
        return render_mail_to("enrollment/mail/mailbox_code", recipient=recipient, context=context)


class _InviterMail(Message, abstract=True):
    invitation: str

    def mail(self, template: str, account: Account) -> Rendered | None:
        """The mail to whoever sees the invitation; nobody writes to an account that was closed."""
        row = _found(self.invitation)
        if row is None or not account.is_active:
            return None
        context = {"invitation": row, "portal": registry.name_of(row.portal_key)}
        tenant = row.portal_key if row.owner_id else ""
        return render_mail(f"enrollment/mail/{template}", account=account, tenant=tenant, context=context)


class InvitationAcceptedMail(_InviterMail, optional=True, title=_("Invitation: accepted")):
    """Somebody joined: with a new account or an old one, nobody is told which (D-26)."""

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("accepted", account)


class InvitationLapsedMail(_InviterMail, is_bulk=True, optional=True, title=_("Invitation: lapsed")):
    """Nobody accepted it in its days; the person is invited anew (S4-24)."""

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("lapsed", account)


class InvitationBouncedMail(_InviterMail, title=_("Invitation: it did not arrive")):
    """The mail of the invitation did not arrive: the address is wrong, or its mailbox is full."""

    sending: int

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("bounced", account)


class AskedAgainMail(_InviterMail, title=_("Invitation: please send it again")):
    """ "Please send it again": the invited person came too late. `asked` tells one asking from the next."""

    asked: int

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("asked_again", account)


class PracticeInquiryMail(Message, title=_("Somebody asks your practice for an invitation")):
    """Somebody asks the practice to invite them ("Ask my practice"); nobody has proved who that is."""

    inquiry: int
    practice: int

    def render(self, *, account: Account) -> Rendered | None:
        inquiry = PracticeInquiry.objects.filter(pk=self.inquiry).first()
        practice = Practice.objects.filter(pk=self.practice).first()
        if inquiry is None or practice is None or not account.is_active:
            return None
        link = absolute(reverse("people_new", args=[inquiry.portal_key, practice.pk]))
        context = {"inquiry": inquiry, "practice": practice.name, "link": link}
        return render_mail(
            "enrollment/mail/practice_inquiry", account=account, tenant=inquiry.portal_key, context=context
        )
