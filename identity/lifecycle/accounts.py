"""The life of an account: its password, its methods, what waits for somebody."""

from datetime import timedelta

from identity.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "alert_answer": Period(
        '"This was not me" in an alert',
        timedelta(days=10),
        "the alert",
        "refused; the page says how support helps",
        "identity.domain.alerts",
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
    "methods_reset": Period(
        "Wait before a help-desk reset of sign-in methods is done",
        timedelta(hours=24),
        "the second agent confirmed it",
        "done; until then every channel can stop it",
        "identity.domain.methods_resets",
        "S4-37",
    ),
    "methods_reset_open": Period(
        "Help-desk reset that no second agent confirms",
        timedelta(days=7),
        "the first agent started it",
        "cancelled",
        "identity.domain.methods_resets",
        "S4-37",
    ),
    "password_age": Period(
        "Password",
        timedelta(days=90),
        "the password was set",
        "the next sign-in asks for a new one",
        "identity.domain.passwords",
        "S3-18",
        nist=timedelta(0),
    ),
    "password_reminder_first": Period(
        "First reminder that a password ends",
        timedelta(days=14),
        "counted back from its end",
        "banner and mail",
        "identity.domain.passwords",
        "S3-18",
    ),
    "password_reminder_second": Period(
        "Second reminder that a password ends",
        timedelta(days=7),
        "counted back from its end",
        "banner and mail",
        "identity.domain.passwords",
        "S3-18",
    ),
    "password_reminder_last": Period(
        "Last reminder that a password ends",
        timedelta(days=1),
        "counted back from its end",
        "banner and mail",
        "identity.domain.passwords",
        "S3-18",
    ),
    "merge_proof": Period(
        "Proof of the other ID before two are merged",
        timedelta(minutes=15),
        "its second step",
        "refused; the person proves it again",
        "identity.domain.merges",
        "D-17",
    ),
    "merge_undo": Period(
        "Merge of two IDs that can be undone",
        timedelta(days=30),
        "the merge",
        "refused; the page says how support helps",
        "identity.domain.merges",
        "D-17",
    ),
}
