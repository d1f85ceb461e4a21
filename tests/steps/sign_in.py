"""Signing in: a browser that already did, and the pages of it one by one."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.factors import factors
from identity.models import Account, Factor, RememberedDevice
from identity.policy.realms import realm_profile
from identity.sessions import idle, sessions
from tests.factories import PASSWORD
from tests.inbox import Inbox

SIGN_IN, PASSWORD_PAGE, FACTOR = "/id/sign-in/", "/id/sign-in/password/", "/id/sign-in/second-factor/"

ACCESS = "/id/sign-in/access-code/"


def sign_in(client: Client, name: str, password: str = PASSWORD, nxt: str = ""):
    client.post(SIGN_IN + (f"?next={nxt}" if nxt else ""), {"login": name})
    return client.post(PASSWORD_PAGE, {"password": password})


def without_method() -> str:
    """Where the right password leads an account with nothing stronger: the code of the mail, or in."""
    return reverse("profile") if realm_profile("ohid") == "nist" else ACCESS


def sign_in_by_mail(client: Client, name: str, password: str = PASSWORD, nxt: str = "", **data):
    """The whole way of an account with nothing stronger: ID, password, and the code of the mail, where one is sent."""
    answer = sign_in(client, name, password, nxt)
    if realm_profile("ohid") == "nist":
        return answer
    assert answer.url == ACCESS
    return client.post(ACCESS, {"code": Inbox().newest("mail").code, **data})


def signed_in(account: Account, *, verified: bool = False, device: Factor | None = None) -> Client:
    """A browser with a session of the account; `verified` says that its phone was shown, `device` another factor."""
    client = Client()
    client.force_login(account, backend="identity.accounts.backend.RealmBackend")
    session, now = client.session, timezone.now()
    proofs = [{"method": "password"}, {"method": "mailbox"}]
    if verified or device:
        shown = device or account.phonedevice_set.get()
        session["otp_device_id"] = shown.persistent_id
        proofs.append({"method": "mfa", "type": factors.kind_of(shown), "id": shown.persistent_id})
    session["account_authentication_methods"] = [{**proof, "at": now.timestamp()} for proof in proofs]
    session["account_authentication_methods_user"] = str(account.pk)
    session.save()
    idle.start(session, now=now)
    Account.objects.filter(pk=account.pk).update(last_login=now)
    device = RememberedDevice.objects.create(
        account=account, browser="Test", place="here", first_seen_at=now, last_seen_at=now
    )
    sessions.begin(account=account, session_key=session.session_key, device=device, now=now)
    return client
