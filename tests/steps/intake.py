"""A fax that arrives."""

from accessforms.domain import submissions
from accessforms.models import Submission
from tests.factories import NOW, SubmissionFactory


def send(account, *, now=NOW) -> Submission:
    draft = SubmissionFactory(account=account)
    return submissions.submit(submission=draft, seen_version=draft.version, by=account, now=now)
