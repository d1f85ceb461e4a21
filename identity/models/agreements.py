"""Who agreed to which version of what, when and how (C18)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Signature(models.Model):
    """One account agreed to one version; the row is kept for good, and so is the version's text."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("account")
    )
    agreement = models.CharField(_("agreement"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    mode = models.CharField(_("how"), max_length=10)
    name = models.CharField(_("name"), max_length=260)  # as the account was called then
    login_name = models.CharField(_("ID"), max_length=64)
    typed_name = models.CharField(_("typed name"), max_length=260, blank=True)
    language = models.CharField(_("language"), max_length=8)
    at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        indexes = [models.Index(fields=["agreement", "id"], name="signature_of_agreement")]  # the desk's filter
        constraints = [
            models.UniqueConstraint(fields=["account", "agreement", "version"], name="unique_signature_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.login_name}, {self.agreement} {self.version}"
