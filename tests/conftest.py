"""The cast, and what every test may count on: an empty cache, an empty inbox, its own folder of files."""

import pytest
from django.core.cache import cache
from django.test import Client

from enrollment.domain import staff
from identity.domain.accounts import SignUp
from identity.models import Account, PhoneDevice
from tests.factories import NOW, PASSWORD, AccountFactory, GrantFactory, SubmissionFactory
from tests.inbox import Inbox


@pytest.fixture(autouse=True)
def _fresh(settings, tmp_path):
    cache.clear()
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.TEXT_AND_VOICE_GATEWAY = "tests.inbox.MemoryGateway"


@pytest.fixture
def movable_clock(settings):
    """A cache that follows a travelled clock: a Redis server keeps its own."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "moved"}}
    cache.clear()


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
    invitation = staff.invite(email=sign_up.email, role=role, portals=portals, now=NOW)
    account = staff.accept(invitation=invitation, sign_up=sign_up, now=NOW)
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


def signed_in(account: Account, *, verified: bool = False) -> Client:
    """A browser with a session of the account; `verified` says that a second factor was shown."""
    client = Client()
    client.force_login(account, backend="identity.backend.RealmBackend")
    if verified:
        session = client.session
        session["otp_device_id"] = account.phonedevice_set.get().persistent_id
        session.save()
    return client


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
