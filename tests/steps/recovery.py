"""A forgotten password: asked for, begun by its link, confirmed by text."""

from django.test import Client

from identity.accounts import passwords
from identity.models import (
    Account,
)

FORGOT_ID, FORGOT, RESET = "/id/forgot-id/", "/id/forgot-password/", "/id/reset/"

NEW = "Another-Pass-7-fresh"

PHONE = "+13105550123"


def ask(client: Client, account: Account, **changes):
    return client.post(FORGOT, {"login_name": account.login_name, "email": account.email, **changes})


def begin(client: Client, account: Account, inbox) -> str:
    """Ask for the link, open it, press its button."""
    ask(client, account)
    link = inbox.newest("mail", account.email).link
    assert client.get(link).status_code == 200
    assert client.post(link).url == RESET
    return link


def by_text(client: Client, inbox):
    client.post(RESET, {"send": "text"})
    return client.post(RESET, {"otp_token": inbox.newest("text", PHONE).code})


def set_password(client: Client, password: str = NEW):
    return client.post(RESET, {"password": password, "password_again": password})


def now_is(account: Account, password: str) -> bool:
    account.refresh_from_db()
    return passwords.is_current(account=account, password=password)
