"""What people are told about documents."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry
from portals.entry import rights
from portals.models import Document, DocumentUserObjectPermission
from rbac.domain import memberships
from rbac.models import AccessGrant

PAGE = "documents"


class DocumentSharedMail(Message, title=_("Document shared"), optional=True):
    """A colleague shared a document with one person. The mail says that there is one, never which."""

    share: int

    def render(self, *, account: Account) -> Rendered | None:
        """Nothing where the share has ended, the document lies in the trash, or its reader does not see it."""
        share = DocumentUserObjectPermission.objects.filter(pk=self.share, user=account).first()
        if share is None or not account.is_active:
            return None
        documents = Document.objects.kept().filter(pk=share.content_object_id)
        document = documents.select_related("practice").first()
        if document is None or not _finds(account, document):
            return None
        link = absolute(reverse("document", args=[document.portal_key, document.pk]))
        told = {"practice": document.practice, "link": link}
        return render_mail("portals/mail/document_shared", account=account, tenant=document.portal_key, context=told)


def _finds(account: Account, document: Document) -> bool:
    """Whether the page is open to the account now, and shows it this document."""
    now, portal = timezone.now(), registry.portals().get(document.portal_key)
    grant = AccessGrant.objects.active().in_portal(document.portal_key).filter(account=account).first()
    if portal is None or grant is None:
        return False
    behind = memberships.behind(grant, now=now)
    if not portal.opens(PAGE, rights.held(portal, grant, behind=behind, now=now)):
        return False
    return Document.objects.filter(pk=document.pk).seen_by(account, memberships=behind, now=now).exists()
