"""What an approved form does: it writes, or ends, the access grant (the "SSO Database", S1-34)."""

from datetime import datetime
from typing import Any

from accessforms.models import Submission
from identity.models import Account
from portals import registry
from portals.spec import AccessFormSpec
from rbac.domain import grants, practices


def apply(*, submission: Submission, by: Account, now: datetime) -> None:
    """Give or end the access that the form asks for, in the caller's transaction."""
    portal = registry.get(submission.portal_key)
    assert portal.access_form is not None
    form, answers = portal.access_form, submission.answers
    if ends_access(form, answers):
        grants.end(account=submission.account, portal_key=portal.key, because_of=submission.reference, by=by, now=now)
        return
    tins = [(tin["digits"], tin["kind"]) for tin in answers.get(form.practice_tins, [])]
    grants.give(
        account=submission.account,
        portal_key=portal.key,
        attributes={name: answers.get(name) for name in form.attributes},
        practices=practices.of_tins(name=answers.get(form.practice_name, ""), tins=tins, now=now),
        because_of=submission.reference,
        by=by,
        now=now,
    )


def ends_access(form: AccessFormSpec, answers: dict[str, Any]) -> bool:
    """Whether these answers ask for the end of access, and nothing that gives any."""
    for name, choice in form.ends_access:
        answer = answers.get(name)
        if answer == choice or (isinstance(answer, list) and choice in answer and "new_access" not in answer):
            return True
    return False
