"""factory-boy factories: valid rows with as little said as possible."""

import hashlib
from datetime import UTC, datetime

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory
from stdnum import luhn

from accessforms.domain import submissions
from accessforms.models import Submission
from config.demo.answers import CLAIMS_ANSWERS, PHYSICIAN_ANSWERS, REGISTRATION_ANSWERS
from enrollment.models import Clinician, ClinicianTerm
from identity.models import Account, Person, PhoneDevice, SearchTerm
from identity.record import search
from portals.models import LegacyAccount
from rbac.models import AccessGrant, Membership, Origin, Practice, PracticeTin
from rbac.roles import USER

NOW = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)
PASSWORD = "Right-Password-1"  # both profiles take it
OLD_PASSWORD = "Old-Password-1"
# The applicant is the user, and the first of the staff.
ANSWERS = {
    "claims": {**CLAIMS_ANSWERS, "request_type": "new", "user_is_applicant": True},
    "physician": {
        **PHYSICIAN_ANSWERS,
        "staff": [{**row, "is_applicant": n == 0} for n, row in enumerate(PHYSICIAN_ANSWERS["staff"])],
    },
    "optum-pro": REGISTRATION_ANSWERS,
}


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person


class AccountFactory(DjangoModelFactory):
    """An account with a verified address; `phone` adds a verified phone."""

    class Meta:
        model = Account
        skip_postgeneration_save = True

    person = factory.SubFactory(PersonFactory)
    login_name = factory.Sequence("person{}".format)
    first_name = "Ana"
    last_name = factory.Sequence("Person{}".format)
    email = factory.LazyAttribute(lambda own: f"{own.login_name}@example.org")
    password = factory.django.Password(PASSWORD)
    last_login = NOW  # somebody who has been here before
    terms_version = 1

    @factory.post_generation
    def address(self, create, extracted, **_):
        EmailAddress.objects.create(user=self, email=self.email, primary=True, verified=extracted is not False)

    @factory.post_generation
    def phone(self, create, extracted, **_):
        if extracted:
            PhoneDevice.objects.create(user=self, name="phone", number=extracted, confirmed=True, confirmed_at=NOW)

    @factory.post_generation
    def found(self, create, extracted, **_):
        """The desk finds it, as it finds whoever signed up: what is new has words of its own only, and no row yet."""
        names = (self.first_name, self.last_name, self.login_name)
        terms = search.of_email(self.email).union(*map(search.of_words, names))
        SearchTerm.objects.bulk_create(SearchTerm(account=self, realm=self.realm, term=term) for term in sorted(terms))


def people(count: int, **facts: object) -> list[Account]:
    """So many accounts, made in two statements: without addresses, and nobody finds them."""
    begin = Account.objects.count()
    names = [f"crowd{begin + number}" for number in range(count)]
    return Account.objects.bulk_create(
        Account(**{"person": person, "login_name": name, "login_key": f"ohid:{name}", "password": "!",
                   "email": f"{name}@example.org", **facts})
        for person, name in zip(Person.objects.bulk_create(Person() for _ in names), names, strict=True)
    )  # fmt: skip


class GrantFactory(DjangoModelFactory):
    class Meta:
        model = AccessGrant

    account = factory.SubFactory(AccountFactory)
    portal_key = "claims"
    since = NOW
    origin = Origin.STAFF
    reason = "test"


class PracticeFactory(DjangoModelFactory):
    class Meta:
        model = Practice

    name = factory.Sequence("Practice {}".format)
    created_at = NOW


class TinFactory(DjangoModelFactory):
    """A tax ID that staff have attested."""

    class Meta:
        model = PracticeTin

    practice = factory.SubFactory(PracticeFactory)
    digits = factory.Sequence("95{:07d}".format)
    kind = PracticeTin.Kind.EIN
    attested_at = NOW
    attested_by = factory.SubFactory(AccountFactory)


class MembershipFactory(DjangoModelFactory):
    """Somebody works for a practice, by a form that named `tins`."""

    class Meta:
        model = Membership
        skip_postgeneration_save = True

    grant = factory.SubFactory(GrantFactory)
    practice = factory.SubFactory(PracticeFactory)
    role = USER
    since = NOW
    origin = Origin.FORM

    @factory.post_generation
    def tins(self, create, extracted, **_):
        self.tins.set(extracted or ())


class ClinicianFactory(DjangoModelFactory):
    """A clinician whom the picker finds by the words of the name."""

    class Meta:
        model = Clinician
        skip_postgeneration_save = True

    npi = factory.Sequence(lambda number: npi(f"1{number:08d}"))
    name = factory.Sequence("Clinician {}".format)
    created_at = NOW

    @factory.post_generation
    def found(self, create, extracted, **_):
        terms = search.of_words(self.name)
        ClinicianTerm.objects.bulk_create(ClinicianTerm(clinician=self, term=term) for term in sorted(terms))


def npi(nine_digits: str) -> str:
    """An NPI that begins so."""
    return nine_digits + luhn.calc_check_digit(f"80840{nine_digits}")


class LegacyAccountFactory(DjangoModelFactory):
    """An old account whose password is OLD_PASSWORD, as an import has stored it."""

    class Meta:
        model = LegacyAccount

    source = "trucase"
    login_name = factory.Sequence("old.user{}".format)
    email = factory.LazyAttribute(lambda own: f"{own.login_name}@old.example.org")
    first_name, last_name = "Joan", "Smith"
    scheme, parameters = "sha1", "s4lt"
    imported_hash = f"sha1$s4lt${hashlib.sha1(b's4lt' + OLD_PASSWORD.encode()).hexdigest()}"
    imported_at = NOW


def answers_of(portal_key: str, account: Account) -> dict:
    """Answers in which the account is the user, or the first of the staff."""
    name = {"name": account.get_full_name(), "email": account.email}
    if portal_key == "claims":
        return ANSWERS["claims"] | {f"user_{key}": value for key, value in name.items()}
    if portal_key != "physician":
        return ANSWERS[portal_key]
    first, *others = ANSWERS["physician"]["staff"]
    return ANSWERS["physician"] | {"staff": [first | name, *others]}


class SubmissionFactory(DjangoModelFactory):
    """A complete draft; `submitted` moves it on through the domain."""

    class Meta:
        model = Submission
        skip_postgeneration_save = True

    account = factory.SubFactory(AccountFactory)
    reference = factory.LazyFunction(submissions.new_reference)
    portal_key = "claims"
    answers = factory.LazyAttribute(lambda own: answers_of(own.portal_key, own.account))
    is_complete = True
    created_at = NOW
    saved_at = NOW
    state_since = NOW

    @factory.post_generation
    def submitted(self, create, extracted, **_):
        if extracted:
            submissions.submit(submission=self, seen_version=self.version, by=self.account, now=NOW)
            self.refresh_from_db()
