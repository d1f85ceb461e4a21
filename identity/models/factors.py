"""Second factors: what they share, authenticators, recovery codes and passkeys, each a django-otp device."""

from allauth.mfa.models import Authenticator as WebAuthnCredential
from django.db import models
from django.utils import timezone
from django_otp.models import Device

from identity.keys.fields import EncryptedTextField


class Factor(Device):
    """One second factor of an account, with its wrong tries in its row: a flushed cache gives nobody new ones."""

    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)
    wrong_in_row = models.PositiveSmallIntegerField(default=0)
    wrong_today = models.PositiveSmallIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True, blank=True)  # when the day of `wrong_today` began

    class Meta:
        abstract = True

    def verify_token(self, token: str) -> bool:
        """django-otp's way in, which knows no moment and no refusals: see identity.factors.acceptance."""
        raise NotImplementedError


class AuthenticatorDevice(Factor):
    """An authenticator app (TOTP, S1-51): a code from a shared secret and the clock."""

    secret = EncryptedTextField()  # base32, 160 bits
    last_step = models.BigIntegerField(default=0)  # the newest 30-second step whose code was used; none is used twice

    class Meta:
        verbose_name = "authenticator"
        constraints = [models.UniqueConstraint(fields=["user"], name="unique_authenticator_per_account")]


class RecoveryDevice(Factor):
    """The set of recovery codes of an account: for the day when nothing else is at hand."""

    class Meta:
        verbose_name = "recovery codes"
        constraints = [models.UniqueConstraint(fields=["user"], name="unique_recovery_set_per_account")]


class RecoveryCode(models.Model):
    """One recovery code as a keyed hash; 80 random bits need no slow one."""

    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "digest"], name="unique_code_per_recovery_set")]


class PasskeyDevice(Factor):
    """Makes a passkey (allauth's row, with its public key) count as a verified device everywhere, admin included."""

    credential = models.OneToOneField(WebAuthnCredential, on_delete=models.CASCADE, related_name="device")
    credential_key = models.CharField(max_length=64, unique=True)  # keyed hash of the credential's id

    class Meta:
        verbose_name = "passkey"

    def __str__(self) -> str:
        return self.name
