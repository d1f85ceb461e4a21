"""What the policy of a realm does now, in words: computed from the table of periods and the realm's rules."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.password_validation import CommonPasswordValidator, get_default_password_validators
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.codes.codes import KINDS
from identity.policy import lifecycle
from identity.policy.lifecycle import Profile, humanize_duration
from identity.policy.realms import REALMS, PasswordPolicy, Realm, realm_profile

PROFILES: tuple[Profile, ...] = ("source", "nist")


@dataclass(frozen=True, slots=True)
class Policy:
    """The live policy of a realm under a profile."""

    profile: Profile
    password: PasswordPolicy

    def after(self, name: str) -> timedelta:
        """The length of a row of the table of periods."""
        return lifecycle.after(name, self.profile)


def policy_of(realm: Realm, profile: Profile) -> Policy:
    """What holds in a realm under a profile."""
    return Policy(profile, realm.passwords[profile])


def live() -> list[tuple[Realm, Policy]]:
    """Every realm with what holds in it now."""
    return [(realm, policy_of(realm, realm_profile(key))) for key, realm in REALMS.items()]


def common_passwords(policy: Policy) -> tuple[int, int]:
    """How many passwords the list of refused ones holds, and how many of them the length would let through."""
    lists = [one.passwords for one in get_default_password_validators() if isinstance(one, CommonPasswordValidator)]
    every = set[str]().union(*lists)
    return len(every), sum(policy.password.shortest <= len(one) <= policy.password.longest for one in every)


def rotation(policy: Policy) -> str:
    if age := policy.after("password_age"):
        return _("%(age)s after a password was set, the next sign-in asks for a new one.") % {
            "age": humanize_duration(age)
        }
    return _("A password has no age. A new one is asked for only after “this was not me”.")


def composition(policy: Policy) -> str:
    if policy.password.composition:
        return " · ".join(str(rule.text) for rule in policy.password.composition)
    return _("No rules beside the length: spaces and every symbol are allowed.")


def shortest(policy: Policy) -> str:
    said = ngettext("At least %(count)s character.", "At least %(count)s characters.", policy.password.shortest)
    said %= {"count": policy.password.shortest}
    if policy.profile == "nist":
        said += " " + _("A shorter password that was set before this profile was switched on goes on to work.")
    return said


def common(policy: Policy) -> str:
    count, fitting = common_passwords(policy)
    return _(
        "Django's list of %(count)s common passwords is refused, whole passwords only; %(fitting)s of them are as long "
        "as a password must be. There is no list of breached ones. What resembles the name or address of the account "
        "is refused too."
    ) % {"count": count, "fitting": fitting}


def questions(policy: Policy) -> str:
    if policy.profile == "nist":
        return _("None is asked, and answers are deleted.")
    return _("Three questions at sign-up. Their answers count only together with a code sent to a registered channel.")


def mailed_code(policy: Policy) -> str:
    if policy.profile == "nist":
        return _(
            "None is sent as a second step, and none counts at the door of a portal. Only after “this was not me” one "
            "is asked for beside the password and the second step."
        )
    return _(
        "A code of %(length)s characters by email, good for %(life)s, for accounts with nothing stronger; "
        "never for staff."
    ) % {"length": KINDS["access"].length, "life": humanize_duration(policy.after(KINDS["access"].life))}


def phone_code(policy: Policy) -> str:
    kind = KINDS["second_factor"]
    return _(
        "A code of %(length)s digits by text or call, good for %(life)s and once, beside passkey, authenticator and "
        "recovery codes. Nothing on the page says that texts and calls can be intercepted."
    ) % {"length": kind.length, "life": humanize_duration(policy.after(kind.life))}


def remembered_device(policy: Policy) -> str:
    if period := policy.after("remembered_device"):
        return _(
            "“Skip this step next time” spares the second step for %(period)s in that browser; never for staff."
        ) % {"period": humanize_duration(period)}
    return _("The second step is asked for at every sign-in.")


def mailbox_only(policy: Policy) -> str:
    if policy.profile == "nist":
        return _(
            "Somebody who skipped the phone signs in with the password alone and reaches their own profile; every "
            "portal asks to set up a method first. Whoever reads the mailbox can set a new password."
        )
    return _("Somebody who skipped the phone has nothing but the mailbox: whoever reads it can take the account.")


def normalisation(_policy: Policy) -> str:
    return _("A password is checked exactly as it was sent.")


def reset(_policy: Policy) -> str:
    return _("A link to the proved address, then the second step where one is set up, then the new password.")


def session(policy: Policy) -> str:
    return _("At most %(session)s; %(idle)s without activity end it, with a warning %(warning)s before.") % {
        "session": humanize_duration(policy.after("session")),
        "idle": humanize_duration(policy.after("session_idle")),
        "warning": humanize_duration(policy.after("idle_warning")),
    }
