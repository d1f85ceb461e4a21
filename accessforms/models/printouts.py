"""The PDF of a submitted form: asked for with the submission, made by a worker, kept as a file."""

from django.db import models

from accessforms.models.submissions import Submission
from identity.keys.fields import EncryptedJSONField
from identity.models import LeasedRow


class Printout(LeasedRow):
    """One revision of a form on paper. `fingerprint` names the file: the same content is made once."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        READY = "ready", "ready"
        FAILED = "failed", "failed"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="printouts")
    revision = models.PositiveSmallIntegerField()
    answers = EncryptedJSONField(default=dict)  # as they were sent in: a returned request is edited afterwards
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    fingerprint = models.CharField(max_length=64, blank=True)
    pages = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["submission", "revision"], name="unique_printout_per_revision"),
        ]
        indexes = [models.Index(fields=["due_at"], name="printout_waiting", condition=models.Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.submission} r{self.revision}"

    @property
    def path(self) -> str:
        """Where the PDF lies in the file storage."""
        return f"forms/{self.fingerprint[:2]}/{self.fingerprint}.pdf"

    def page_path(self, number: int) -> str:
        """Where the picture of a page (1 is the first) lies in the file storage."""
        return f"forms/{self.fingerprint[:2]}/{self.fingerprint}-{number}.png"
