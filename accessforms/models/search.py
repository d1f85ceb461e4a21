"""What requests are found by: the words and numbers of their forms (see identity.models.search)."""

from django.db import models

from accessforms.models.submissions import Submission


class SubmissionTerm(models.Model):
    """One word of a form that was sent in, or one of its numbers as a keyed hash."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+", db_index=False)
    term = models.BinaryField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "term"], name="unique_term_per_submission")]
        indexes = [models.Index(fields=["term", "submission"], name="submission_terms")]
