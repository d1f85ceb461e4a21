"""How each page or mail that the documents quote is reached, by the names of documents.toml."""

from collections.abc import Callable

from django.test import Client
from django.utils import timezone

from enrollment.models import Kind
from identity.accounts import agreements
from portals.spec import Phase
from tests.factories import OLD_PASSWORD, AccountFactory, GrantFactory, LegacyAccountFactory, PracticeFactory
from tests.inbox import Inbox
from tests.steps.invitations import path_of, user_invited
from tests.steps.phases import put
from tests.steps.provider_online import ENTER, PHONE, log_in
from tests.steps.sign_in import signed_in
from tests.steps.sign_up import GOOD, sign_up

type Page = Callable[[Client, Inbox], str]
VERIFY, CHOOSE, TEXT, UPDATE = (
    "/id/verify-email/",
    "/id/verify-phone/",
    "/id/verify-phone/text/",
    "/id/verify-phone/update/",
)
PAGES: dict[str, Page] = {}


def page(name: str) -> Callable[[Page], Page]:
    """Decorator: this opens the page of that name."""

    def keep(opens: Page) -> Page:
        PAGES[name] = opens
        return opens

    return keep


def shown(client: Client, path: str) -> str:
    return client.get(path, follow=True).content.decode()


def _signed_up(client: Client, portal: str) -> None:
    client.get(f"/id/create/?next=/p/{portal}/enter/")
    sign_up(client)


def _verified(client: Client, inbox: Inbox, portal: str) -> None:
    _signed_up(client, portal)
    client.post(VERIFY, {"code": inbox.newest("mail").code})


for _name, _key in (("TruCase", "trucase"), ("Optum Connect", "optum-connect")):

    @page(f"{_name} verify email")
    def _verify(client: Client, inbox: Inbox, key: str = _key) -> str:
        _signed_up(client, key)
        return shown(client, VERIFY)

    @page(f"{_name} activation mail")
    def _mail(client: Client, inbox: Inbox, key: str = _key) -> str:
        _signed_up(client, key)
        return inbox.newest("mail").html


@page("TruCase before the day")
def _before(client: Client, inbox: Inbox) -> str:
    put(Phase.PRE_REGISTRATION)
    return shown(client, "/p/trucase/")


@page("TruCase home")
def _home(client: Client, inbox: Inbox) -> str:
    return shown(signed_in(GrantFactory(portal_key="trucase", since=timezone.now()).account), "/p/trucase/home/")


@page("TruCase password")
def _password(client: Client, inbox: Inbox) -> str:
    client.get("/id/sign-in/?next=/p/trucase/enter/")
    client.post("/id/sign-in/", {"login": "x"})
    return shown(client, "/id/sign-in/password/")


@page("TruCase email verified")
def _email_verified(client: Client, inbox: Inbox) -> str:
    _verified(client, inbox, "trucase")
    return shown(client, VERIFY)


@page("TruCase access code")
def _access_code(client: Client, inbox: Inbox) -> str:
    _verified(client, inbox, "trucase")
    client.post(VERIFY)
    client.post("/id/sign-in/", {"login": GOOD["login_name"]})
    return client.post("/id/sign-in/password/", {"password": GOOD["password"]}, follow=True).content.decode()


@page("TruCase last log-in")
def _last_log_in(client: Client, inbox: Inbox) -> str:
    put(Phase.BOTH_WAYS)
    return shown(signed_in(AccountFactory()), "/p/trucase/last-log-in/")


@page("Optum Connect register")
def _register(client: Client, inbox: Inbox) -> str:
    return shown(signed_in(AccountFactory()), "/p/optum-connect/register/")


@page("verify phone")
def _choose(client: Client, inbox: Inbox) -> str:
    _verified(client, inbox, "optum-connect")
    return client.post(VERIFY, follow=True).content.decode()


@page("verify phone by text")
def _text(client: Client, inbox: Inbox) -> str:
    _choose(client, inbox)
    client.post(CHOOSE, {"method": "text"})
    return shown(client, TEXT)


@page("update phone")
def _update(client: Client, inbox: Inbox) -> str:
    _choose(client, inbox)
    return shown(client, UPDATE)


@page("faster sign-in")
def _methods(client: Client, inbox: Inbox) -> str:
    return shown(signed_in(AccountFactory()), "/id/faster-sign-in/")


@page("profile")
def _profile(client: Client, inbox: Inbox) -> str:
    return shown(signed_in(AccountFactory()), "/id/profile/")


@page("Provider OnLine registration")
def _registration(client: Client, inbox: Inbox) -> str:
    invitation = user_invited(practice=PracticeFactory())
    return shown(client, path_of(invitation, "new/"))


@page("Provider OnLine administrators' mail")
def _administrators(client: Client, inbox: Inbox) -> str:
    user_invited(practice=PracticeFactory(), kind=Kind.ADMINISTRATOR, role="administrator", officer="primary")
    return inbox.newest("mail").html


@page("Provider OnLine phone")
def _their_phone(client: Client, inbox: Inbox) -> str:
    AccountFactory(login_name="k", realm="provider-online", terms_version=0)
    log_in(client)
    client.post("/id/sign-in/access-code/", {"code": inbox.newest("mail").code})
    return client.post(UPDATE, {"country": "US", "phone": "123", "method": "text"}).content.decode()


@page("Provider OnLine phone code")
def _their_code(client: Client, inbox: Inbox) -> str:
    _their_phone(client, inbox)
    client.post(UPDATE, {"country": "US", "phone": "414 555 0123", "method": "text"})
    return shown(client, TEXT)


def _registered() -> str:
    account = AccountFactory(login_name="k", realm="provider-online", phone=PHONE)
    agreements.sign(account=account, typed_name=account.get_full_name(), language="en", now=timezone.now())
    return account.email


for _name in ("home", "guide"):

    @page(f"Provider OnLine {_name}")
    def _inside(client: Client, inbox: Inbox, name: str = _name) -> str:
        account = AccountFactory(realm="provider-online", phone=PHONE)
        GrantFactory(account=account, portal_key="provider-online")
        return shown(signed_in(account, verified=True), f"/p/provider-online/{name}/")


@page("Provider OnLine email sent")
def _sent(client: Client, inbox: Inbox) -> str:
    client.get("/id/forgot-id/?portal=provider-online")
    return client.post("/id/forgot-id/", {"email": _registered()}, follow=True).content.decode()


@page("Provider OnLine user names mail")
def _names(client: Client, inbox: Inbox) -> str:
    _sent(client, inbox)
    return inbox.newest("mail").html


@page("Provider OnLine two-step of a reset")
def _two_step(client: Client, inbox: Inbox) -> str:
    client.get("/id/forgot-password/?portal=provider-online")
    client.post("/id/forgot-password/", {"login_name": "k", "email": _registered()})
    client.post(inbox.newest("mail").link)
    return client.post("/id/reset/", {"send": "text"}, follow=True).content.decode()


@page("Provider OnLine new password")
def _new_password(client: Client, inbox: Inbox) -> str:
    _two_step(client, inbox)
    return client.post("/id/reset/", {"otp_token": inbox.newest("text").code}, follow=True).content.decode()


@page("Provider OnLine first password")
def _first_password(client: Client, inbox: Inbox) -> str:
    LegacyAccountFactory(source="provider-online", login_name="moved", email="moved@example.org")
    client.get(f"/id/sign-in/?next={ENTER}")
    client.post("/id/sign-in/", {"login": "moved", "password": OLD_PASSWORD})
    client.post(VERIFY, {"code": inbox.newest("mail").code})
    return client.post(VERIFY, follow=True).content.decode()
