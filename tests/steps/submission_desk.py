"""The desk's page of a submission, opened."""

from django.urls import reverse

from accessforms.models import Submission


def desk_of(submission: Submission) -> str:
    return reverse("admin:accessforms_submission_change", args=[submission.pk])
