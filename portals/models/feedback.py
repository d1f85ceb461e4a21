"""What people say about a portal's pages (S3-09)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import EncryptedTextField


class Feedback(models.Model):
    """What somebody said about one page. It is answered by nobody, and deleted after the period `feedback`."""

    portal_key = models.CharField(max_length=40)
    # Nobody, where its writer did not want to be named.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    page = models.CharField(_("page"), max_length=200, blank=True)  # its path
    text = EncryptedTextField(_("feedback"))
    created_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["portal_key", "-id"], name="feedback_of_portal"),
            models.Index(fields=["created_at"], name="feedback_age"),
        ]

    def __str__(self) -> str:
        return self.page or self.portal_key
