"""Requests for access: how long they wait for somebody, and how many count together."""

from datetime import timedelta

from identity.policy.lifecycle.period import Period

ROWS: dict[str, Period] = {
    "unfaxed_request": Period(
        "Submitted request without a fax",
        timedelta(days=30),
        "the request was submitted, or returned",
        "expired; the person can fill the form again",
        "accessforms.domain.submissions",
        "D-08",
    ),
    "uncorrected_request": Period(
        "Request that was returned and that nobody corrects, where nothing is faxed",
        timedelta(days=30),
        "it was returned",
        "expired; the applicant may begin a new one",
        "accessforms.domain.submissions",
        "D-08",
    ),
    "optum_pro_decision": Period(
        "Decision on a registration of Optum Pro",
        timedelta(days=2),
        "it was submitted",
        "late: first in the queue; the applicant is told once",
        "accessforms.domain.late",
        "S2-20",
        business_days=2,
    ),
    "register_stale": Period(
        "What a public register said",
        timedelta(days=40),
        "the import of the file that said it was begun",
        "the desk and the applicant read “old data” beside it",
        "accessforms.registers.register_imports",
        "S2-15",
    ),
    "request_count": Period(
        "Requests for access of one person that are counted together",
        timedelta(hours=24),
        "each was sent in",
        "one more may be sent in",
        "accessforms.domain.submissions",
        "policy",
    ),
}
