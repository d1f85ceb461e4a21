"""Outside applications that trust the ID: what is registered, who agreed, who is signed on, and the signing keys."""

import unicodedata
import uuid

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.keys.fields import EncryptedTextField
from identity.policy import text
from rbac.models import AccessGrant


class Algorithm(models.TextChoices):
    RS256 = "RS256", _("RS256 (every library knows it)")
    ES256 = "ES256", _("ES256 (shorter and faster)")


def name_key(name: str) -> str:
    """The unique form of an application's name: people tell applications apart by what they see."""
    return unicodedata.normalize("NFKC", text.line(name)).casefold()


class Application(models.Model):
    """A client of the sign-on, and the portal it belongs to: without a grant there, nobody gets a code."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, primary_key=True, related_name="application")
    key = models.SlugField("key", max_length=40, unique=True, help_text="What a portal's tile names it by.")
    name_key = models.CharField(max_length=300, unique=True, editable=False)
    portal_key = models.CharField("portal", max_length=40)
    capability = models.CharField(
        max_length=40, blank=True, help_text="Only people who were given this right in the portal get in."
    )
    launch_address = models.URLField(
        max_length=500, blank=True, help_text="Where a tile leads: the page of the application that begins a sign-on."
    )
    logout_address = models.URLField(
        "back-channel logout address",
        max_length=500,
        blank=True,
        help_text="Is told when somebody's session here ends.",
    )
    algorithm = models.CharField("ID tokens are signed with", max_length=5, choices=Algorithm.choices, default="RS256")
    is_open = models.BooleanField(
        "open", default=True, help_text="Unticked: nobody is signed on, nothing is refreshed."
    )

    class Meta:
        verbose_name = _("outside application")
        verbose_name_plural = _("outside applications")

    def __str__(self) -> str:
        return self.client.name


class Consent(models.Model):
    """Somebody agreed that an application learns these things about them."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="consents")
    scopes = models.JSONField()
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "application"], condition=Q(revoked_at=None), name="unique_consent_per_application"
            )
        ]


class OidcSession(models.Model):
    """One person at one application, from the code to the last refresh. Code and tokens are derived from this row and
    never stored (see portals.oidc.tokens); ending the row ends them all."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="oidc_sessions")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="oidc_sessions")
    grant = models.ForeignKey(AccessGrant, on_delete=models.CASCADE, related_name="oidc_sessions", db_index=False)
    session = models.UUIDField(help_text="The OpenSession it was begun in; the application knows it as `sid`.")
    epoch = models.PositiveIntegerField()  # the account's session_epoch: raising that ends it
    scopes = models.JSONField()

    redirect_uri = models.CharField(max_length=500)
    nonce = models.CharField(max_length=500, blank=True)
    code_challenge = models.CharField(max_length=128)
    code_ends_at = models.DateTimeField()
    code_used_at = models.DateTimeField(null=True)

    authenticated_at = models.DateTimeField()
    amr = models.JSONField()
    acr = models.CharField(max_length=20)

    begun_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    generation = models.PositiveIntegerField(default=0)  # rises with each refresh; an older token is a replay
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account"], name="oidc_session_live", condition=Q(ended_at=None)),
            models.Index(fields=["ends_at"], name="oidc_session_ends_at"),
        ]


class SigningKey(models.Model):
    """A key pair that ID tokens are signed with. It is published before it signs, and for a while after."""

    kid = models.CharField(max_length=43, unique=True)  # RFC 7638 thumbprint
    algorithm = models.CharField(max_length=5, choices=Algorithm.choices)
    number = models.PositiveIntegerField()  # the next one of its algorithm: two processes never make the same
    private_pem = EncryptedTextField()
    made_at = models.DateTimeField()
    signs_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True)  # set when its successor is made

    class Meta:
        verbose_name = _("signing key")
        verbose_name_plural = _("signing keys")
        constraints = [models.UniqueConstraint(fields=["algorithm", "number"], name="unique_key_per_number")]
