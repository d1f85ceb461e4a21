"""What people are found by: the words of their names, IDs and addresses, and their tax IDs as keyed hashes."""

from django.conf import settings
from django.db import models


class SearchTerm(models.Model):
    """One word of an account, without case and accents. Bytes, so that a look-up by the beginning is a range of the
    index on every database, whatever order of letters it was set up with. The realm is the account's, which never
    changes: staff of a small one look at its words alone (D-28)."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    realm = models.CharField(max_length=40)
    term = models.BinaryField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "term"], name="unique_term_per_account")]
        indexes = [
            models.Index(fields=["term", "account"], name="account_terms"),
            models.Index(fields=["realm", "term", "account"], name="account_terms_of_realm"),
        ]
