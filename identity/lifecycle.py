"""The table of periods: what ends, after how long, counted from when, with what outcome, enforced where.

A duration of policy stands here and nowhere else. `docs/reference/lifecycle.md` is generated from it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Profile = Literal["source", "nist"]


@dataclass(frozen=True, slots=True)
class Period:
    """One row. `nist` is the length under the NIST profile; None means the same as `source`."""

    what: str
    source: timedelta
    counted_from: str
    outcome: str
    enforced_by: str
    rows: str
    nist: timedelta | None = None


PERIODS: dict[str, Period] = {
    "activation": Period(
        "Activation mail: link and 10-digit code",
        timedelta(hours=24),
        "the mail was asked for",
        "refused; a new mail can be sent from the same page",
        "identity.domain.codes",
        "S0-26",
    ),
    "phone_code": Period(
        "Code by text or call",
        timedelta(minutes=10),
        "the text or call was asked for",
        "refused; a new code can be sent from the same page",
        "identity.domain.codes",
        "S1-47",
    ),
    "resend_pause": Period(
        "Pause before a code can be sent again",
        timedelta(seconds=30),
        "the last sending",
        "the page says how long to wait",
        "identity.domain.codes",
        "S0-22, C4",
    ),
    "resend_window": Period(
        "Window in which five codes can be sent",
        timedelta(minutes=10),
        "the first of the last five sendings",
        "the page says how long to wait",
        "identity.domain.codes",
        "S0-22",
    ),
    "activation_window": Period(
        "Window in which five activation mails can be sent",
        timedelta(hours=1),
        "the first of the last five mails",
        "the page says how long to wait",
        "identity.domain.codes",
        "S0-26",
    ),
    "daily_codes": Period(
        "Window in which ten text and call codes can be sent",
        timedelta(days=1),
        "the first of the last ten sendings",
        "no code is sent; the page says so",
        "identity.domain.codes",
        "S1-47",
    ),
    "first_password_pause": Period(
        "Pause after five wrong passwords, doubling with each further one",
        timedelta(seconds=30),
        "the last wrong password",
        "the attempt is refused without looking at the password",
        "identity.domain.attempts",
        "S1-15, D-04",
    ),
    "longest_password_pause": Period(
        "Longest pause after wrong passwords",
        timedelta(minutes=15),
        "the last wrong password",
        "attempts are free again",
        "identity.domain.attempts",
        "S1-15, D-04",
    ),
    "address_window": Period(
        "Window in which one network address may try twenty passwords",
        timedelta(minutes=1),
        "the first attempt",
        "the attempt is refused without looking at the password",
        "identity.domain.attempts",
        "S1-15, D-04",
    ),
    "password_series": Period(
        "Series of wrong passwords of one name",
        timedelta(days=1),
        "the last of them, or the last right one",
        "the next five are free again; a hundred in a row ask for a new password",
        "identity.domain.attempts",
        "S1-15, D-04",
    ),
    "sign_up_window": Period(
        "Window in which one network address may send sixty sign-up forms",
        timedelta(hours=1),
        "the first form",
        "the form is kept and says how long to wait",
        "identity.domain.attempts",
        "S1-41",
    ),
    "name_window": Period(
        "Window in which one network address is told twenty taken IDs",
        timedelta(hours=1),
        "the first of them",
        "sign-up no longer says whether an ID is taken",
        "identity.domain.attempts",
        "S1-42",
    ),
    "access_code": Period(
        "E-mailed access code",
        timedelta(minutes=10),
        "the mail was asked for",
        "refused; a new code can be sent from the same page",
        "identity.domain.codes",
        "S0-29",
    ),
    "remembered_device": Period(
        "Second step skipped on a remembered device",
        timedelta(days=30),
        'the person chose "Skip this step next time"',
        "the second step is asked for again",
        "identity.domain.devices",
        "S0-30",
        nist=timedelta(0),
    ),
    "known_device": Period(
        "Device known without skipping anything",
        timedelta(days=365),
        "the last sign-in there",
        "the next sign-in counts as one from a new device",
        "identity.domain.devices",
        "D-04",
    ),
    "sendings_window": Period(
        "Window in which one network address may ask for sixty codes",
        timedelta(hours=1),
        "the first of them",
        "no code is sent; the page says so",
        "identity.domain.attempts",
        "S0-22",
    ),
    "phone_additions": Period(
        "Window in which an account may prove five phone numbers",
        timedelta(days=1),
        "the first code to each",
        "no code is sent; the page says so",
        "identity.domain.phones",
        "S1-41",
    ),
    "wrong_factors": Period(
        "Window in which a second factor takes twenty wrong codes",
        timedelta(days=1),
        "the first of them",
        "that factor takes codes again; until then another one is used",
        "identity.domain.factors",
        "S1-51",
    ),
    "authenticator_step": Period(
        "Step of an authenticator's code",
        timedelta(seconds=30),
        "midnight of 1 January 1970, UTC",
        "the app shows the next code; one step either side is taken",
        "identity.domain.authenticators",
        "S1-51",
    ),
    "fresh_sign_in": Period(
        "Proof that is fresh enough for a sensitive act",
        timedelta(minutes=5),
        "the last password, passkey or code in the session",
        "the person confirms who they are, and goes on",
        "identity.step_up",
        "policy",
    ),
    "held_request": Period(
        "Form kept over a sign-in",
        timedelta(days=1),
        "it was sent",
        "thrown away",
        "identity.domain.held_requests",
        "S3-17",
    ),
    "alert_answer": Period(
        '"This was not me" in an alert',
        timedelta(days=10),
        "the alert",
        "refused; the page says how support helps",
        "identity.domain.alerts",
        "policy",
    ),
    "sign_in_under_way": Period(
        "Sign-in or sign-up that was begun and not finished",
        timedelta(hours=2),
        "the password, or the sign-up form, was accepted",
        "the person signs in again",
        "allauth's login stages",
        "S1-44",
    ),
    "session": Period(
        "Session", timedelta(hours=12), "sign-in", "the person signs in again", "Django's sessions", "S3-17"
    ),
    "session_idle": Period(
        "Session without activity",
        timedelta(minutes=30),
        "the last page or autosave; polls do not count",
        "signed out; what was typed is kept for the same person",
        "identity.idle",
        "S3-17",
    ),
    "idle_warning": Period(
        "Warning before a session without activity ends",
        timedelta(minutes=5),
        "counted back from its end",
        "every tab asks whether to stay signed in",
        "session.js",
        "S3-17",
    ),
    "idle_step": Period(
        "Step in which the idle clock is moved",
        timedelta(seconds=30),
        "the last time it was moved",
        "the next activity moves it",
        "identity.idle",
        "S3-17",
    ),
    "last_seen_step": Period(
        "Step in which an account's last sign-in and a session's last use are written",
        timedelta(hours=1),
        "the last time it was written",
        "the next use is written",
        "identity.domain.sessions",
        "policy",
    ),
    "staff_enrolment": Period(
        "One-time enrolment link of a member of staff",
        timedelta(hours=72),
        "the link was made",
        "refused; an operator makes a new one",
        "enrollment.domain.staff",
        "S4-05",
        nist=timedelta(hours=24),
    ),
    "unfaxed_request": Period(
        "Submitted request without a fax",
        timedelta(days=30),
        "the request was submitted, or returned",
        "expired; the person can fill the form again",
        "accessforms.domain.submissions",
        "D-08",
    ),
    "idle_account": Period("Unused access", timedelta(days=90), "last use", "rests", "rbac.domain.idleness", "S3-19"),
    **{
        f"idle_{name}_warning": Period(
            f"{name.capitalize()} warning before unused access rests",
            timedelta(days=days),
            "counted back from then",
            "a mail says the day; any use keeps it",
            "rbac.domain.idleness",
            "S3-19",
        )
        for name, days in (("first", 30), ("second", 15), ("third", 10), ("fourth", 3), ("last", 1))
    },
    "idle_way_back": Period(
        "Self-service way back", timedelta(days=30), "the rest", "an approver confirms", "rbac.domain.idleness", "D-09"
    ),
    "sweep_undo": Period("Undoing a run", timedelta(days=30), "its begin", "refused", "rbac.domain.sweeps", "policy"),
    "journal": Period(
        "Journal entry", timedelta(days=6 * 365), "the event", "deleted", "identity.tasks.prune", "policy"
    ),
    "outbox": Period("Delivered message", timedelta(days=30), "delivery", "deleted", "identity.tasks.prune", "policy"),
    "code_record": Period(
        "Record of a code or link that ended",
        timedelta(days=30),
        "the code was asked for",
        "deleted",
        "identity.tasks.prune",
        "policy",
    ),
}


def after(name: str, profile: Profile = "source") -> timedelta:
    """How long the named period lasts. Raises KeyError for a name that is not in the table."""
    row = PERIODS[name]
    return row.nist if profile == "nist" and row.nist is not None else row.source
