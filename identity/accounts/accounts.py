"""Making accounts, and looking them up by what a person types at a door."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from identity.accounts import agreements
from identity.keys.hash_pool import pool
from identity.models import Account, Person, PhoneDevice
from identity.policy.realms import email_key, login_key
from identity.record import events, journal


class LoginNameTaken(Exception):
    """The realm already has this login name (compared as C1 asks)."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody gives to create an ID (S0-13, S0-14, S1-41). `phone` is E.164 or empty."""

    realm: str
    login_name: str
    first_name: str
    last_name: str
    year_of_birth: int | None
    email: str
    password: str
    phone: str
    language: str


def create(*, sign_up: SignUp, now: datetime) -> Account:
    """Create an account with its person, unverified address and unconfirmed phone (S0-12..17, S1-41).

    Raises LoginNameTaken. The password is hashed before the transaction: nothing slow stands inside one.
    """
    return add(sign_up=sign_up, password_hash=hashed(sign_up.password), now=now)


def hashed(password: str) -> str:
    """The hash to store: about 20 ms of work, so it is made before any transaction begins. Raises hash_pool.Busy."""
    return pool.run(make_password, password)


def rehash(*, account: Account, password: str) -> None:
    """Store a right password anew with today's parameters; the sessions it opened go on to hold."""
    Account.objects.filter(pk=account.pk, password=account.password).update(password=hashed(password))
    account.refresh_from_db(fields=["password"])


def add(
    *,
    sign_up: SignUp,
    password_hash: str,
    now: datetime,
    is_staff: bool = False,
    is_superuser: bool = False,
    agrees: bool = True,
    is_proved: bool = False,
) -> Account:
    """Write the rows of a new account, within the caller's transaction if there is one. Raises LoginNameTaken.

    `agrees`: the form that leads here asked for agreement, where a check box is how one agrees. `is_proved`: a code to
    the address was just used up.
    """
    try:
        with transaction.atomic():
            account = _add(sign_up, password_hash, now=now, is_staff=is_staff, is_superuser=is_superuser)
            if is_proved:
                EmailAddress.objects.filter(user=account).update(verified=True)
                journal.record(events.EmailVerified(account=account, by=account), now=now)
            if agrees and agreements.for_account(account).current.mode == "check box":  # it stands on the form (S1-41)
                agreements.sign(account=account, language=sign_up.language, now=now)
            return account
    except IntegrityError as error:
        if not is_free(realm=sign_up.realm, login_name=sign_up.login_name):
            raise LoginNameTaken(sign_up.login_name) from error
        raise


def _add(sign_up: SignUp, password_hash: str, *, now: datetime, is_staff: bool, is_superuser: bool) -> Account:
    account = Account.objects.create(
        person=Person.objects.create(created_at=now),
        realm=sign_up.realm,
        login_name=sign_up.login_name,
        first_name=sign_up.first_name,
        last_name=sign_up.last_name,
        year_of_birth=sign_up.year_of_birth,
        email=email_key(sign_up.email),
        password=password_hash,
        language=sign_up.language,
        date_joined=now,
        password_changed_at=now,
        is_staff=is_staff,
        is_superuser=is_superuser,
    )
    EmailAddress.objects.create(user=account, email=account.email, primary=True, verified=False)
    if sign_up.phone:
        PhoneDevice.objects.create(user=account, name="phone", number=sign_up.phone, confirmed=False, created_at=now)
    journal.record(events.AccountCreated(account=account, by=account), now=now)
    return account


def is_free(*, realm: str, login_name: str) -> bool:
    """Whether nobody in the realm has this login name."""
    return not Account.objects.named(realm, login_name).exists()


def is_no_other_address(*, login_name: str, own: str) -> bool:
    """Whether the name is no e-mail address, or the `own` one: nobody is called as somebody else's mailbox (C2)."""
    try:
        validate_email(email_key(login_name))
    except ValidationError:
        return True
    return email_key(login_name) == email_key(own)


def has_proved_address(*, realm: str, login_name: str) -> bool:
    """Whether somebody of the realm has proved the address that this name is: then nobody else takes it (C2)."""
    return EmailAddress.objects.filter(email=email_key(login_name), verified=True, user__realm=realm).exists()


def suggest(*, realm: str, login_name: str) -> list[str]:
    """Up to three free login names close to a taken one, in two queries."""
    stem = login_name[:44]
    candidates = [f"{stem}{number}" for number in (2, 3, 7, 10, 24, 365)]
    keys = {login_key(realm, name): name for name in candidates}
    taken = set(Account.objects.filter(login_key__in=keys).values_list("login_key", flat=True))
    return [name for key, name in keys.items() if key not in taken][:3]


# Written by hand: building it anew costs more than running it, and every attempt at a password asks it.
_BY_NAME_OR_ADDRESS = """
SELECT a.*, found.how, EXISTS (
    SELECT 1 FROM account_emailaddress e WHERE e.user_id = a.id AND e.email = a.email AND e.verified
) AS email_is_proved
FROM (
    SELECT id, 'name' AS how FROM identity_account WHERE login_key = %(key)s
    UNION ALL
    SELECT user_id, 'address' FROM account_emailaddress WHERE email = %(address)s AND verified
) AS found JOIN identity_account a ON a.id = found.id
WHERE found.how = 'name' OR (a.realm = %(realm)s AND a.is_active)
"""


def find_for_sign_in(*, realm: str, typed: str) -> Account | None:
    """The account that a login name, else an address, means in this realm (S1-15, C5).

    An address counts only while exactly one active account of the realm has verified it. Both look-ups are exact
    matches on indexed columns, and both are always made, in one question, so that the answer takes the same time for
    everybody.
    """
    asked = {"key": login_key(realm, typed), "address": email_key(typed), "realm": realm}
    found = list(Account.objects.raw(_BY_NAME_OR_ADDRESS, asked))
    named = [account for account in found if account.how == "name"]  # type: ignore[attr-defined]
    addressed = [account for account in found if account.how == "address"]  # type: ignore[attr-defined]
    if named and (named[0].is_active or len(addressed) != 1):
        return named[0]
    return addressed[0] if len(addressed) == 1 else None
