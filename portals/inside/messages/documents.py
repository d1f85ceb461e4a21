"""What people are told about documents."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals.models import Document, DocumentUserObjectPermission
from rbac.models import Membership


class DocumentSharedMail(Message, title=_("Document shared"), optional=True):
    """A colleague shared a document with one person. The mail says that there is one, never which."""

    share: int

    def render(self, *, account: Account) -> Rendered | None:
        """Nothing where the share has ended, the document lies in the trash, or its reader does not see it."""
        share = DocumentUserObjectPermission.objects.filter(pk=self.share, user=account).first()
        if share is None or not account.is_active:
            return None
        own = Membership.objects.open_at(now := timezone.now()).filter(grant__account=account)
        documents = Document.objects.kept().filter(pk=share.content_object_id)
        document = documents.select_related("practice").first()
        if document is None:
            return None
        behind = list(own.in_portal(document.portal_key))
        if not documents.seen_by(account, memberships=behind, now=now).exists():
            return None
        link = absolute(reverse("document", args=[document.portal_key, document.pk]))
        told = {"practice": document.practice, "link": link}
        return render_mail("portals/mail/document_shared", account=account, tenant=document.portal_key, context=told)
