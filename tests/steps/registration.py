"""Registering for Optum Pro: the answers of its steps, as kept and as a browser posts them."""

from datetime import datetime

from django.test import Client

from accessforms.domain import submissions
from accessforms.models import Submission
from config.demo.answers import REGISTRATION_ANSWERS
from identity.models import Account

PORTAL = "optum-pro"
BEGIN, FORM, HOME = "/p/optum-pro/access-form/begin/", "/p/optum-pro/access-form/", "/p/optum-pro/home/"
# In the order in which they are asked.
POSTS = {
    "state": {"market": "CA"},
    "identifier": {"tins": "12-3456789, 98-7654321", "npis": "1234567893"},
    "role": {"role": "medical_assistant"},
    "job-functions": {"job_functions": ["scheduling", "referrals"]},
}
ANSWERS = REGISTRATION_ANSWERS


def step_of(submission: Submission, key: str) -> str:
    return f"/requests/{submission.reference}/edit/{key}/"


def fill(browser: Client, submission: Submission, **changed: dict[str, object]) -> None:
    """Every step of a draft, one after the other."""
    for key, answers in (POSTS | changed).items():
        browser.post(step_of(submission, key), answers)


def registered(account: Account, *, now: datetime, **changed: object) -> Submission:
    """A registration that was sent in."""
    draft = submissions.draft_of(account=account, portal_key=PORTAL, now=now)
    saved = submissions.save_answers(submission=draft, answers=ANSWERS | changed, is_complete=True, now=now)
    return submissions.submit(submission=saved, seen_version=saved.version, by=account, now=now)
