"""Security questions: three an account, answers hashed as passwords are (D-05)."""

from django.conf import settings
from django.db import models


class SecurityAnswer(models.Model):
    """The answer to one question of the list; nobody can read it, staff neither."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_answers")
    question = models.CharField(max_length=20)  # a key of identity.policy.questions
    answer = models.CharField(max_length=128)  # hash of the normalised answer
    chosen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "question"], name="unique_answer_per_question")]


class QuestionTries(models.Model):
    """How often the questions of an account were answered wrong (policy, security questions: 3 tries a day)."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="question_tries")
    count = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
