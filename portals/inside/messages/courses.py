"""What people are told about what they earned by courses."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry
from portals.models import Certificate


class CertificateEndsMail(Message, title=_("Certificate ends soon"), is_bulk=True, optional=True):
    """Until when a certificate counts, and how it is renewed; its day stands on the first screen, too (S3-06)."""

    certificate: int

    def render(self, *, account: Account) -> Rendered | None:
        rows = Certificate.objects.of(account).select_related("attempt__version__course")
        certificate = rows.filter(pk=self.certificate).first()
        if certificate is None or certificate.is_followed():
            return None
        version = certificate.attempt.version
        portal = registry.get(version.course.portal_key)
        told = {
            "certificate": certificate,
            "version": version,
            "portal": portal,
            "link": absolute(reverse("portal_course", args=[portal.key, version.course_id])),
        }
        return render_mail("portals/mail/certificate_ends", account=account, tenant=portal.key, context=told)
