"""What the demo's service desk finds: a request in every state, tickets, and a reset of sign-in methods under way."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from config.demo.answers import CLAIMS_ANSWERS, PHYSICIAN_ANSWERS

if TYPE_CHECKING:
    from accessforms.models import Submission
    from identity.models import Account

DESK = "desk.one"
# Decided by the desk: who asked, for what, what became of it, and why.
DECIDED = (
    ("ivan.rest", "physician", "fax received", ""),
    ("tess.baker", "claims", "returned", "The signature of the officer is missing."),
    ("paul.aged", "claims", "approved", ""),
    ("joan.smith", "claims", "denied", "The practice has no contract with Optum."),
)


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    from accessforms.domain import submissions
    from identity.models import Ticket
    from identity.notices import tickets
    from identity.policy import lifecycle
    from identity.recovery import factor_resets

    desk = accounts[DESK]
    _submit(accounts["rosa.soon"], "physician", now - 2 * lifecycle.after("unfaxed_request"))  # it was never faxed
    submissions.expire_unfaxed(now=now)
    for login_name, portal_key in (("tom.becker", "physician"), ("grace.lin", "claims")):
        _submit(accounts[login_name], portal_key, now)
    _draft(accounts["nina.cole"], "physician", now)
    submissions.withdraw(submission=_submit(accounts["nina.cole"], "claims", now), by=accounts["nina.cole"], now=now)
    for login_name, portal_key, state, reason in DECIDED:
        request = _submit(accounts[login_name], portal_key, now)
        for step in ("fax received", state) if state == "approved" else (state,):
            request = submissions.decide(
                submission=request, to=step, by=desk, now=now, seen_version=request.version, reason=reason
            )
    nina, rosa = accounts["nina.cole"], accounts["rosa.soon"]
    tickets.open(
        account=nina, topic=Ticket.Topic.ACCESS, text="I need Physician too. Who can give it to me?", by=nina, now=now
    )
    _conversation(accounts["kim"], desk, now)
    factor_resets.start(account=rosa, reason="Called back: her phone is lost.", by=desk, now=now)


def _conversation(kim: "Account", desk: "Account", now: datetime) -> None:
    """A question of somebody in Provider OnLine, and a reply that they have not read yet."""
    from identity.models import Contact
    from identity.notices import tickets

    ticket = tickets.ask(
        account=kim,
        portal_key="provider-online",
        queue="provider-online",
        topic="practice",
        subject="A second location",
        text="Our practice has opened a second location. How do I add it?",
        contact=Contact(language="en"),
        now=now,
    )
    tickets.reply(ticket=ticket, text="Which street is it in, and since when?", by=desk, now=now)


def _draft(account: "Account", portal_key: str, now: datetime) -> "Submission":
    from accessforms.domain import submissions

    draft = submissions.draft_of(account=account, portal_key=portal_key, now=now)
    return submissions.save_answers(submission=draft, answers=_answers(account, portal_key), is_complete=True, now=now)


def _submit(account: "Account", portal_key: str, now: datetime) -> "Submission":
    from accessforms.domain import submissions

    draft = _draft(account, portal_key, now)
    return submissions.submit(submission=draft, seen_version=draft.version, by=account, now=now)


def _answers(account: "Account", portal_key: str) -> dict[str, Any]:
    """The form as that person fills it in: for themselves, but for the physician form of the billing office."""
    if portal_key == "physician":
        return PHYSICIAN_ANSWERS
    name = f"{account.first_name} {account.last_name}"
    return CLAIMS_ANSWERS | {"contact_name": name, "user_name": name, "user_email": account.email}
