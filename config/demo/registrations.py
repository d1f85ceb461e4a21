"""What the demo has of Optum Pro: people of three roles in two markets, registrations in every standing, a vendor,
and a version of the grid that waits for its publisher. All tax IDs and NPIs are made up."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from config.demo.answers import REGISTRATION_ANSWERS

if TYPE_CHECKING:
    from accessforms.models import Submission
    from identity.models import Account

PORTAL = "optum-pro"
DESK, PROPOSER, PUBLISHER = "desk.one", "operator.one", "operator.two"
# Name and tax ID of the practices that are known there.
PRACTICES = (
    ("Lone Star Pediatrics", "742000001"),
    ("Bayview Specialty Group", "954440002"),
    ("Clear Claims Billing", "742000010"),
)
# Who registered and was let in: role, market, tax ID.
APPROVED = (
    ("pia.stone", "practice_manager", "TX", "742000001"),
    ("ben.ortiz", "billing_specialist", "TX", "742000001"),
    ("hal.quinn", "specialist_hospitalist", "CA", "954440002"),
)
TWO_MARKETS = ("hal.quinn", "specialist_hospitalist", "TX", "742000001")  # what staff added
# Who waits for an answer, since how many days, and for what; the first of them is late.
LATE, WAITING, RETURNED, VENDOR = "lara.boyd", "wade.finch", "rita.gomez", "vic.tran"
LATE_DAYS = 8  # more than two business days, whatever holidays lie between
VENDOR_ANSWERS = {
    "category": "vendor",
    "vendor_tin": [{"digits": "742000009", "kind": "EIN"}],
    "client_tins": [{"digits": "742000001", "kind": "EIN"}, {"digits": "954440002", "kind": "EIN"}],
    "role": "billing_specialist",
}
# A vendor that was let in: one practice agreed, the other has nobody who could, so its mandate waits for the desk.
WORKS_FOR, AGREES = "vera.cho", "pia.stone"
TO_CORRECT = "The second tax ID belongs to no practice that we know. Please check its digits."
FIRST_DAY = 30  # days until the proposed version takes effect
GAINED, LOST = ("billing_specialist", "", "my_agreements"), ("specialist_hospitalist", "", "curo")


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do."""
    from accessforms.domain import late

    _know_practices(accounts[DESK], now)
    for login_name, role, market, tin in APPROVED:
        answers = {"role": role, "market": market, "tins": [{"digits": tin, "kind": "EIN"}]}
        _decide(_submit(accounts[login_name], now, **answers), "approved", accounts[DESK], now)
    _work_in_two_markets(accounts, now)
    _submit(accounts[LATE], now - timedelta(days=LATE_DAYS), market="TX", role="front_office")
    _submit(accounts[WAITING], now, market="NV", role="registered_nurse")
    _decide(_submit(accounts[RETURNED], now), "returned", accounts[DESK], now, reason=TO_CORRECT)
    _submit_for_vendor(accounts[VENDOR], now)
    _work_on_behalf(accounts, now)
    late.tell(now=now)
    _propose(accounts[PROPOSER], now)


def _know_practices(desk: "Account", now: datetime) -> None:
    from rbac.domain import practices
    from rbac.models import Origin

    for name, tin in PRACTICES:
        rows = practices.of_tins(name=name, tins=[(tin, "EIN")], origin=Origin.STAFF, origin_key="demo", now=now)
        practices.attest(tins=rows, reason="demo", by=desk, now=now)


def _submit(account: "Account", now: datetime, **changed: Any) -> "Submission":
    from accessforms.domain import submissions

    draft = submissions.draft_of(account=account, portal_key=PORTAL, now=now)
    return _send(draft, REGISTRATION_ANSWERS | changed, now)


def _submit_for_vendor(account: "Account", now: datetime, **changed: Any) -> "Submission":
    from accessforms.domain import submissions

    draft = submissions.draft_of(account=account, portal_key=PORTAL, now=now)
    kept = {name: REGISTRATION_ANSWERS[name] for name in ("market", "job_functions")}
    return _send(draft, kept | VENDOR_ANSWERS | changed, now)


def _work_on_behalf(accounts: dict[str, "Account"], now: datetime) -> None:
    """Approval asks the practices that the vendor named; one of them agrees (S3-10)."""
    from rbac.domain import mandates

    own_tin = [{"digits": PRACTICES[2][1], "kind": "EIN"}]
    sent = _submit_for_vendor(accounts[WORKS_FOR], now, market="TX", vendor_tin=own_tin)
    _decide(sent, "approved", accounts[DESK], now)
    asked = mandates.to_answer_by(accounts[AGREES], portal_key=PORTAL, now=now).get()
    mandates.agree(mandate=asked, by=accounts[AGREES], now=now)


def _send(draft: "Submission", answers: dict[str, Any], now: datetime) -> "Submission":
    from accessforms.domain import submissions

    saved = submissions.save_answers(submission=draft, answers=answers, is_complete=True, now=now)
    return submissions.submit(submission=saved, seen_version=saved.version, by=saved.account, now=now)


def _decide(request: "Submission", to: str, desk: "Account", now: datetime, *, reason: str = "") -> None:
    from accessforms.domain import submissions

    submissions.decide(submission=request, to=to, by=desk, now=now, seen_version=request.version, reason=reason)


def _work_in_two_markets(accounts: dict[str, "Account"], now: datetime) -> None:
    """Somebody who works for a second practice in another state, and has said already with which clinicians."""
    from enrollment.domain import clinicians
    from rbac.domain import grants, memberships, practices
    from rbac.models import Origin

    login_name, role, market, tin = TWO_MARKETS
    account = accounts[login_name]
    grant = grants.current(account=account, portal_key=PORTAL)
    assert grant is not None
    practice = practices.of_tins(name="", tins=[(tin, "EIN")], now=now)[0].practice
    memberships.open(
        grant=grant, practice=practice, role=role, market=market, origin=Origin.STAFF, reason="demo", by=None, now=now
    )
    clinicians.answer(grant=grant, by=account, now=now)


def _propose(operator: "Account", now: datetime) -> None:
    """One more box and one less: somebody of the demo gains, somebody loses."""
    from rbac.domain import grid, grid_versions

    held = grid.current(now=now)
    grid_versions.propose(
        boxes=(held.cells | {GAINED}) - {LOST}, switches=held.switches, effective_from=now + timedelta(days=FIRST_DAY),
        reason="Billing Specialists read the agreements; CURO is for those who treat patients.", by=operator, now=now,
    )  # fmt: skip
