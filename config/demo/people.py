"""The demo's people. The list loads no Django, so that the runner can print it; `seed` makes them, once."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

PASSWORD = "Demo-Pass-2026"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try a story with. `portals` are open to them, `role` is a staff role."""

    login_name: str
    first_name: str
    last_name: str
    phone: str
    story: str
    portals: tuple[str, ...] = ()
    role: str = ""
    language: str = "en"


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
    DemoPerson("desk.one", "Dana", "Whitfield", "+13105550121", "service desk", role="service desk"),
    DemoPerson("desk.two", "Luis", "Ortega", "+13105550122", "service desk, the colleague", role="service desk"),
    DemoPerson("operator.one", "Olga", "Petrov", "+13105550131", "operator", role="operator"),
)


def seed() -> None:
    """Make whoever is missing, and a few requests for the service desk to work on."""
    from django.utils import timezone

    from identity.models import Account

    if Account.objects.exists():
        return
    now = timezone.now()
    accounts = {person.login_name: _make(person, now) for person in PEOPLE}
    _requests(accounts, now)


def _make(person: DemoPerson, now: datetime) -> "Account":
    from allauth.account.models import EmailAddress

    from enrollment.domain import staff
    from identity.domain import accounts
    from identity.domain.accounts import SignUp
    from identity.models import PhoneDevice
    from rbac.domain import grants

    email = f"{person.login_name}@example.org"
    sign_up = SignUp(
        realm="ohid",
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
        invitation = staff.invite(email=email, role=person.role, portals=[], now=now)
        account = staff.accept(invitation=invitation, sign_up=sign_up, now=now)
    else:
        account = accounts.create(sign_up=sign_up, now=now)
    # What a real person proves by code is taken as proved for the demo's people.
    EmailAddress.objects.filter(user=account).update(verified=True)
    PhoneDevice.objects.filter(user=account).update(confirmed=True, confirmed_at=now)
    for key in person.portals:
        grants.give(account=account, portal_key=key, attributes={}, practices=[], because_of="demo", by=None, now=now)
    return account


def _requests(accounts: dict[str, "Account"], now: datetime) -> None:
    """Two requests that wait, so that the service desk's queue is not empty."""
    from accessforms.domain import submissions

    for login_name, portal_key, answers in (
        ("tom.becker", "physician", PHYSICIAN_ANSWERS),
        ("grace.lin", "claims", CLAIMS_ANSWERS),
    ):
        account = accounts[login_name]
        draft = submissions.draft_of(account=account, portal_key=portal_key, now=now)
        submissions.save_answers(submission=draft, answers=answers, is_complete=True, now=now)
        submissions.submit(submission=draft, seen_version=draft.version, by=account, now=now)


CLAIMS_ANSWERS = {
    "request_type": "add_tin",
    "contact_name": "Grace Lin",
    "contact_phone": "3105550113",
    "practice_name": "Harbor Family Medicine",
    "tins": [{"digits": "954501234", "kind": "EIN"}, {"digits": "330876543", "kind": "EIN"}],
    "address": "1200 Pacific Coast Highway",
    "suite": "210",
    "city": "Long Beach",
    "state": "CA",
    "zip": "90806",
    "telephone": "5625550180",
    "front_office_email": "frontoffice@example.org",
    "fax": "5625550181",
    "officer_name": "Ruth Adeyemi",
    "officer_email": "ruth.adeyemi@example.org",
    "officer_title": "Practice Administrator",
    "user_name": "Grace Lin",
    "user_email": "grace.lin@example.org",
    "submit_claims": "yes",
    "user_title": "Physician",
    "login_user_id": "glin01",
}
PHYSICIAN_ANSWERS = {
    "physician_name": "Dr. Amélie O'Connor",
    "practice_name": "Becker & Associates Billing",
    "address": "455 E Orange Grove Blvd",
    "city": "Pasadena",
    "zip": "91104",
    "telephone": "6265550144",
    "fax": "6265550145",
    "regions": ["r1", "r2"],
    "request_type": ["staff", "new_access"],
    "staff": [
        {"name": "Tom Becker", "email": "tom.becker@example.org", "npi": "", "username": "",
         "cap_report": "yes", "add_terms": "no"},
        {"name": "Amélie O'Connor", "email": "a.oconnor@example.org", "npi": "1234567893",
         "username": "aoconnor", "cap_report": "no", "add_terms": "no"},
    ],
}  # fmt: skip
