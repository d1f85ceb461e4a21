"""The cast, and what every test may count on: an empty cache, an empty inbox, its own folder of files."""

import gc
from itertools import count
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test.utils import teardown_databases
from django.utils import timezone, translation

from enrollment.domain import acceptance, invitations
from enrollment.domain.invitations import Invitee
from enrollment.models import Kind
from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.models import Account, OutboxMessage, PhoneDevice
from identity.policy.realms import realm_profile
from rbac.domain import grid
from tests import emptied, migrated
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory, SubmissionFactory
from tests.inbox import Inbox

_NUMBERS = count(1)


def pytest_runtest_setup(item):
    """A test of a rule that one profile alone has is left out under the other (tests.run runs identity's under both)."""
    for profile in ("source", "nist"):
        if item.get_closest_marker(f"{profile}_profile") and realm_profile("ohid") != profile:
            pytest.skip(f"a rule of the {profile} profile only")


def pytest_collection_finish():
    """What is loaded by now stays to the end: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """pytest-django's, on a clone of a database that was migrated once."""
    with django_db_blocker.unblock():
        made = migrated.set_up()
        emptied.by_deleting()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def media(tmp_path_factory) -> Path:
    """Where each test has a folder of files, made by the first file: few tests keep one, and tmp_path reads the names of
    all folders before it makes the next."""
    return tmp_path_factory.mktemp("media")


@pytest.fixture(autouse=True)
def _fresh(settings, media):
    cache.clear()
    grid.of.cache_clear()  # a number that was rolled back is another version's in the next test
    translation.activate("en")  # a page in another language must not reach the next test
    timezone.deactivate()  # nor one that was rendered without the request that ends its zone
    settings.MEDIA_ROOT = media / str(next(_NUMBERS))
    settings.TEXT_AND_VOICE_GATEWAY = "tests.inbox.MemoryGateway"


@pytest.fixture
def inbox() -> Inbox:
    box = Inbox()
    box.clear()
    return box


@pytest.fixture
def provider(db) -> Account:
    """A provider with a verified address and no phone."""
    return AccountFactory(login_name="dr.provider", first_name="Zoë", last_name="O'Brien Ñuñez")


@pytest.fixture
def office_user(db) -> Account:
    """Somebody of an office who may enter the Claims Online Portal."""
    return GrantFactory(account=AccountFactory(login_name="office.user")).account


@pytest.fixture
def stranger(db) -> Account:
    """An account that nothing here belongs to."""
    return AccountFactory(login_name="a.stranger")


def make_staff(name: str, role: str, portals: tuple[str, ...] = ()) -> Account:
    """A member of staff with a verified phone, made as the product makes them."""
    sign_up = SignUp("ohid", name, "Dana", name.title(), 1980, f"{name}@example.org", PASSWORD, "+13105550121", "en")
    invitee = Invitee(email=sign_up.email)
    invitation = invitations.invite(kind=Kind.STAFF, invitee=invitee, role=role, portals=portals, by=None, now=NOW)
    encoded = accounts.hashed(PASSWORD)
    account = acceptance.accept_as_new(
        invitation=invitation, sign_up=sign_up, password_hash=encoded, proof=None, now=NOW
    )
    OutboxMessage.objects.filter(kind="enrollment.InvitationMail").delete()  # the mail was read
    account.emailaddress_set.update(verified=True)
    PhoneDevice.objects.filter(user=account).update(confirmed=True)
    return account


@pytest.fixture
def agent(db) -> Account:
    """A service-desk agent who decides for both portals with forms."""
    return make_staff("desk.agent", "service desk")


@pytest.fixture
def operator(db) -> Account:
    return make_staff("the.operator", "operator")


@pytest.fixture
def second_operator(db) -> Account:
    return make_staff("second.operator", "operator")


@pytest.fixture
def submitted(db, provider):
    """A Claims request that waits for its fax."""
    return SubmissionFactory(account=provider, submitted=True)


def body(response) -> bytes:
    """The bytes of a streamed file, with the file closed, but not the database (which response.close would)."""
    content = b"".join(response.streaming_content)
    for close in response._resource_closers:
        close()
    return content
