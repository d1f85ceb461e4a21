"""The demo's people. The list loads no Django, so that the runner can print it; `seed` makes them, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

PASSWORD = "Demo-Password-2026"  # good under both profiles


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try a story with. `portals` are open to them, `role` is a staff role."""

    login_name: str
    first_name: str
    last_name: str
    phone: str
    story: str
    portals: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()  # given with each of them
    role: str = ""
    language: str = "en"
    realm: str = "ohid"
    email: str = ""  # else one of their own
    second_email: str = ""
    unused_days: int = 0  # how long ago access was given and last used
    password_days: int = 0  # how old the password is


PEOPLE = (
    DemoPerson("maria.alvarez", "María", "Álvarez Núñez", "+13105550111", "provider without access: fill in a form"),
    DemoPerson("tom.becker", "Tom", "Becker", "+13105550112", "billing office: Claims only, straight in", ("claims",)),
    DemoPerson(
        "grace.lin",
        "Grace",
        "Lin",
        "+13105550113",
        "physician: Claims and Physician, the chooser",
        ("claims", "physician"),
    ),
    DemoPerson("nina.cole", "Nina", "Cole", "", "no phone: signs in with a code by mail", ("claims",)),
    DemoPerson("maria.old", "María", "Álvarez Núñez", "", "her second ID, same address: merge the two",
               email="maria.alvarez@example.org"),
    DemoPerson("ivan.rest", "Ivan", "Restrepo", "+13105550114", "did not use Claims for 100 days: the way back",
               ("claims",), unused_days=100),
    DemoPerson("rosa.soon", "Rosa", "Delgado", "+13105550115", "access rests in 10 days, password ends in 5",
               ("claims", "physician"), second_email="rosa.home@example.org", unused_days=80, password_days=85),
    DemoPerson("paul.aged", "Paul", "Nguyen", "+13105550116", "password older than 90 days: a new one at sign-in",
               password_days=91),
    DemoPerson("kim", "Kim", "O'Neill", "+14145550117", "Provider OnLine: administrator, hands over to ruth",
               ("provider-online",), realm="provider-online", unused_days=200),
    DemoPerson("gus", "Gus", "Halvorsen", "+14145550141", "Provider OnLine: the other administrator, away for long",
               ("provider-online",), realm="provider-online", unused_days=80),
    DemoPerson("ruth", "Ruth", "Mendez", "+14145550142", "Provider OnLine: office user, takes over with one signature",
               realm="provider-online"),
    DemoPerson("sara", "Sara", "Quist", "+14145550143", "Provider OnLine: office user, deactivated",
               realm="provider-online"),
    DemoPerson("theo", "Theo", "Banks", "+14145550144", "Provider OnLine: office user with a last day",
               realm="provider-online"),
    DemoPerson("wes", "Wes", "Ibarra", "+14145550145", "Provider OnLine: office user who never came",
               realm="provider-online"),
    DemoPerson("uma", "Uma", "Patel", "+14145550146", "Provider OnLine: runs two practices, works for a third one",
               ("provider-online",), realm="provider-online", unused_days=200),
    DemoPerson("una", "Una", "Fischer", "+14145550148", "Provider OnLine: office user, not there for long",
               ("provider-online",), realm="provider-online", unused_days=200),
    DemoPerson("jon", "Jon", "Reyes", "+14145550149", "Provider OnLine: office user of a review, let in by a form",
               ("provider-online",), realm="provider-online", unused_days=200),
    DemoPerson("sol", "Sol", "Abrams", "+14145550147", "Provider OnLine: sole practitioner, the last administrator",
               ("provider-online",), realm="provider-online", unused_days=200),
    DemoPerson("lee", "Lee", "Park", "", "Provider OnLine, first log-in: sets up the phone, signs the terms",
               ("provider-online",), realm="provider-online"),
    DemoPerson("joan.smith", "Joan", "Smith", "", "TruCase: ties her old account jsmith.old by one last log-in"),
    DemoPerson("tess.baker", "Tess", "Baker", "+13105550118", "TruCase with Bill Tracker; her old account is tied"),
    DemoPerson("cal.vega", "Cal", "Vega", "+13105550161", "Optum Pro in California: is asked for clinicians first",
               ("optum-pro",), unused_days=1),
    DemoPerson("pia.stone", "Pia", "Stone", "+15125550162", "Optum Pro in Texas: Practice manager"),
    DemoPerson("ben.ortiz", "Ben", "Ortiz", "+15125550163", "Optum Pro in Texas: Billing Specialist"),
    DemoPerson("hal.quinn", "Hal", "Quinn", "+13105550164", "Optum Pro: Specialist in California and in Texas"),
    DemoPerson("lara.boyd", "Lara", "Boyd", "+15125550165", "Optum Pro: her registration is late"),
    DemoPerson("wade.finch", "Wade", "Finch", "+17025550166", "Optum Pro: his registration waits"),
    DemoPerson("rita.gomez", "Rita", "Gómez", "+13105550167", "Optum Pro: her registration came back to be corrected",
               language="es"),
    DemoPerson("vic.tran", "Vic", "Tran", "+13105550168", "Optum Pro: a Business Vendor whose registration waits"),
    DemoPerson("vera.cho", "Vera", "Cho", "+13105550169", "Optum Pro: a vendor's Billing Specialist, for one practice"),
    DemoPerson("desk.one", "Dana", "Whitfield", "+13105550121", "service desk", role="service desk"),
    DemoPerson("desk.two", "Luis", "Ortega", "+13105550122", "service desk, the colleague", role="service desk"),
    DemoPerson("operator.one", "Olga", "Petrov", "+13105550131", "operator", role="operator"),
    DemoPerson("operator.two", "Omar", "Haddad", "+13105550132", "operator, the colleague", role="operator"),
)  # fmt: skip


def seed() -> None:
    """Make whoever is missing, and what the service desk finds."""
    from django.utils import timezone

    from config.demo import (
        clinicians,
        courses,
        documents,
        news,
        old_accounts,
        practices,
        registers,
        registrations,
        work,
    )
    from enrollment.tasks import warn_practices
    from identity.models import Account
    from identity.tasks import remind_of_passwords
    from portals.tasks import sweep_idle_accounts
    from rbac.tasks import go_on_with_sweeps

    if Account.objects.exists():
        return
    now = timezone.now()
    accounts = {person.login_name: _make(person, now) for person in PEOPLE}
    old_accounts.seed(accounts, now)
    work.seed(accounts, now)
    practices.seed(accounts, now)
    clinicians.seed(accounts, now)
    registers.seed(accounts, now)
    registrations.seed(accounts, now)
    news.seed(accounts, now)
    courses.seed(accounts, now)
    documents.seed(accounts, now)
    sweep_idle_accounts()
    go_on_with_sweeps()
    remind_of_passwords()
    warn_practices()


def _make(person: DemoPerson, now: datetime) -> "Account":
    from allauth.account.models import EmailAddress

    from enrollment.domain import acceptance, invitations
    from enrollment.domain.invitations import Invitee
    from enrollment.models import Kind
    from identity.accounts import accounts
    from identity.accounts.accounts import SignUp
    from identity.models import Account, PhoneDevice
    from rbac.domain import grants
    from rbac.models import Origin

    email = person.email or f"{person.login_name}@example.org"
    sign_up = SignUp(
        realm=person.realm,
        login_name=person.login_name,
        first_name=person.first_name,
        last_name=person.last_name,
        year_of_birth=1980,
        email=email,
        password=PASSWORD,
        phone=person.phone,
        language=person.language,
    )
    if person.role:
        invitee = Invitee(email=email)
        invitation = invitations.invite(kind=Kind.STAFF, invitee=invitee, role=person.role, by=None, now=now)
        encoded = accounts.hashed(PASSWORD)
        account = acceptance.accept_as_new(
            invitation=invitation, sign_up=sign_up, password_hash=encoded, proof=None, now=now
        )
    else:
        account = accounts.create(sign_up=sign_up, now=now)
    # What a real person proves by code is taken as proved for the demo's people.
    EmailAddress.objects.filter(user=account).update(verified=True)
    PhoneDevice.objects.filter(user=account).update(confirmed=True, confirmed_at=now)
    if person.second_email:
        EmailAddress.objects.create(user=account, email=person.second_email, primary=False, verified=True)
    changed = now - timedelta(days=person.password_days)
    # They have been here before: a first sign-in would ask for security questions.
    Account.objects.filter(pk=account.pk).update(password_changed_at=changed, last_login=changed)
    given = now - timedelta(days=person.unused_days)
    for key in person.portals:
        grants.give(account=account, portal_key=key, origin=Origin.STAFF, reason="demo", by=None, now=given,
                    capabilities=person.capabilities)  # fmt: skip
    return account
