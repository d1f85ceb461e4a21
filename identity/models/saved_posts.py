"""Forms that were sent at the wrong moment: after a session had ended, or before a fresh sign-in was given."""

import uuid

from django.conf import settings
from django.db import models

from identity.keys.fields import EncryptedTextField


class SavedPost(models.Model):
    """What somebody had filled in, encrypted, for the same person only, without passwords and codes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_posts")
    path = models.CharField(max_length=300)
    body = EncryptedTextField()  # as a browser sends a form: a=1&b=2
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "-saved_at"], name="saved_post_of_account")]
