"""Where the policy differs from NIST SP 800-63B-4 and OWASP ASVS 5: what they ask, what we do, why, what compensates.

What is said of our side is computed (identity.governance.live_policy), so it cannot fall behind the numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from identity.codes.codes import KINDS
from identity.governance import live_policy
from identity.governance.live_policy import Policy

# The standards' own numbers.
SHORTEST_ALONE, COMMON = 15, 3000
SESSION_HOURS, IDLE_HOURS, CODE_MINUTES = 24, 1, 10


class Verdict(TextChoices):
    FOLLOWS = "follows", _("follows")
    PARTLY = "partly", _("differs in part")
    DIFFERS = "differs", _("differs")


@dataclass(frozen=True, slots=True)
class Standard:
    """One thing that the standards ask. `does` and `verdict` look at the live policy."""

    name: str
    what: Any
    clauses: str
    asks: Any
    does: Callable[[Policy], str]
    verdict: Callable[[Policy], Verdict]
    why: Any
    rows: str
    instead: Any


def _differs(condition: bool) -> Verdict:
    return Verdict.DIFFERS if condition else Verdict.FOLLOWS


def _under_source(policy: Policy) -> Verdict:
    return _differs(policy.profile == "source")


def _shortest_verdict(policy: Policy) -> Verdict:
    if policy.password.shortest < SHORTEST_ALONE:
        return Verdict.DIFFERS
    return Verdict.PARTLY  # for passwords of the time before


def _session_verdict(policy: Policy) -> Verdict:
    session, idle = policy.after("session").total_seconds(), policy.after("session_idle").total_seconds()
    return _differs(session > SESSION_HOURS * 3600 or idle > IDLE_HOURS * 3600)


def _list_verdict(policy: Policy) -> Verdict:
    _count, fitting = live_policy.common_passwords(policy)
    return Verdict.DIFFERS if fitting < COMMON else Verdict.PARTLY  # words of the service are in no list


def _phone_verdict(policy: Policy) -> Verdict:
    life = policy.after(KINDS["second_factor"].life).total_seconds()
    return Verdict.PARTLY if life <= CODE_MINUTES * 60 else Verdict.DIFFERS  # nobody is told of the risk


STANDARDS: tuple[Standard, ...] = (
    Standard(
        "password-rotation",
        _("Changing passwords by age"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.2.10",
        _("No change is asked for unless there is evidence that the password is known to somebody."),
        live_policy.rotation,
        lambda policy: _differs(bool(policy.after("password_age"))),
        _("The source documents ask for it."),
        "S3-18, D-19",
        _(
            "Reminders before, the second step is kept, the current password is refused; “this was not me” asks at "
            "once."
        ),
    ),
    Standard(
        "password-composition",
        _("Kinds of characters in a password"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.2.5",
        _("No rules about kinds of characters; spaces and all symbols are accepted."),
        live_policy.composition,
        lambda policy: _differs(bool(policy.password.composition)),
        _("The source documents list these rules."),
        "S0-16, D-19",
        _("The page says which rules are met while somebody types. Other letters and symbols are accepted."),
    ),
    Standard(
        "password-length",
        _("Shortest password"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.2.1",
        _("15 characters where the password is the only factor, 8 beside a second one."),
        live_policy.shortest,
        _shortest_verdict,
        _("The source documents say 8; a mailed code is no second factor for NIST."),
        "S0-16, D-19",
        _("Attempts are slowed down, a hundred wrong ones in a row ask for a new password, and hashes are Argon2id."),
    ),
    Standard(
        "password-list",
        _("Common and breached passwords"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.2.4, 6.2.11, 6.2.12",
        _(
            "A list of common, expected and breached passwords is refused: for ASVS at least 3,000 that the other "
            "rules would let through, and words of the service."
        ),
        live_policy.common,
        _list_verdict,
        _(
            "The list ships in a package, because nothing may be asked over the network; it holds few long ones, "
            "and no words of the service."
        ),
        "policy, D-19",
        _("The length itself, and the limits on attempts."),
    ),
    Standard(
        "password-normalisation",
        _("Accented letters typed on different keyboards"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.2.8",
        _("NIST advises to normalise Unicode before hashing; ASVS asks to check a password exactly as it was sent."),
        live_policy.normalisation,
        lambda policy: Verdict.PARTLY,
        _("The two cannot both be followed; passwords that are already stored were hashed as sent."),
        "policy",
        _("“Show” lets people see what they type."),
    ),
    Standard(
        "security-questions",
        _("Security questions"),
        "NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5, 6.4.2",
        _("None."),
        live_policy.questions,
        _under_source,
        _("The source documents ask for them."),
        "S2-04, D-05, D-19",
        _("They never open an account alone, answers are hashed, tries are few, and staff cannot read them."),
    ),
    Standard(
        "mailed-code",
        _("Codes by email as a second step"),
        "NIST SP 800-63B-4, 3.1.3; OWASP ASVS 5, 6.3.6",
        _("Email is not used to sign in, for it does not prove that somebody holds a device."),
        live_policy.mailed_code,
        _under_source,
        _("The source documents describe it, and the phone may be skipped."),
        "S0-29, S0-30, S1-47",
        _("Such an account is asked at each sign-in to add a method; portals can refuse mailed codes."),
    ),
    Standard(
        "phone-code",
        _("Codes by text and call"),
        "NIST SP 800-63B-4, 3.1.3.3 and 3.2.9; OWASP ASVS 5, 6.6.1",
        _(
            "A restricted method: only with a stronger one beside it, to a proved number, for at most 10 minutes, and "
            "people are told of the risk."
        ),
        live_policy.phone_code,
        _phone_verdict,
        _("The source documents ask for texts and calls."),
        "S1-41, S1-47, S4-10",
        _("Passkeys are offered first, numbers are limited and proved, changes are told to the old number."),
    ),
    Standard(
        "remembered-device",
        _("Remembered devices"),
        "NIST SP 800-63B-4, 5.1",
        _("“Remember my browser” is not used instead of authentication."),
        live_policy.remembered_device,
        lambda policy: _differs(bool(policy.after("remembered_device"))),
        _("The source documents describe the box “Skip this step”."),
        "S0-30",
        _("The cookie changes at each sign-in, a copy ends it and alerts the owner, and portals can refuse it."),
    ),
    Standard(
        "mailbox-only",
        _("Accounts with nothing but a mailbox"),
        "NIST SP 800-63B-4, 2.2.1 and 4.2; OWASP ASVS 5, 6.3.3",
        _("Two factors, of which the mailbox is none; recovery needs more than one of them where two are set up."),
        live_policy.mailbox_only,
        lambda policy: Verdict.PARTLY if policy.profile == "nist" else Verdict.DIFFERS,
        _(
            "The phone may be skipped, and a forgotten password must be recoverable. This is the one way to take an "
            "account over that is known and accepted."
        ),
        "D-22, S1-47, S2-07",
        _("Such an account holds no staff, administrator or service-desk role; every change is told."),
    ),
    Standard(
        "password-reset",
        _("Resetting a password"),
        "NIST SP 800-63B-4, 4.2; OWASP ASVS 5, 6.4.3",
        _("A code or link to a proved address, and no way around the second factor."),
        live_policy.reset,
        lambda policy: Verdict.FOLLOWS,
        _(
            "Here we differ from the source documents instead: they describe a reset without the mailed link, and "
            "a phone with a few personal facts would then take an account."
        ),
        "S4-33, S4-34, S4-35, C27",
        _("One more step for people who reset their password."),
    ),
    Standard(
        "session-length",
        _("Length of a session"),
        "NIST SP 800-63B-4, 2.2.3; OWASP ASVS 5, 7.1.1, 7.3.1, 7.3.2",
        _("At most 24 hours, and at most one hour without activity, where two factors are used."),
        live_policy.session,
        _session_verdict,
        _("Shorter than asked: the source documents say half an hour."),
        "S3-17",
        _("A sensitive act asks again for a proof that is fresh."),
    ),
)
