"""The people of a measurement, made in a process of its own, in our database or a peer's.

`python -m tests.bench.people person=50 closed=20` makes 50 accounts that may sign in, and 20 deactivated ones. It
prints the cookie of each one's remembered device as a line of name, cookie, value.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.models import Account

PASSWORD = "Bench-Pass-1"
# Kinds: `person` may sign in, `known` may too but never does it right, `closed` is deactivated, `passless` has none.
KINDS = ("person", "known", "closed", "passless")


def name(kind: str, number: int) -> str:
    """The login name of one of them, counted from 0."""
    return f"{kind}.{number:09}"


def main() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    make = make_ours if settings.AUTH_USER_MODEL == "identity.Account" else make_of_peer
    for kind, _, count in (argument.partition("=") for argument in sys.argv[1:]):
        assert kind in KINDS
        for number in range(int(count)):
            account = make(kind, number)
            if kind == "person" and account is not None:
                print(*remember(account))


def make_ours(kind: str, number: int) -> "Account":
    from allauth.account.models import EmailAddress
    from django.utils import timezone

    from identity.accounts import accounts

    login_name = name(kind, number)
    sign_up = accounts.SignUp("ohid", login_name, "Ana", "Núñez", 1980, f"{login_name}@x.invalid", PASSWORD, "", "en")
    account = accounts.create(sign_up=sign_up, now=timezone.now())
    EmailAddress.objects.filter(user=account).update(verified=True)
    if kind == "passless":
        account.set_unusable_password()
    account.is_active = kind != "closed"
    account.last_login = timezone.now()  # a first sign-in would ask for security questions
    account.save()
    return account


def remember(account: "Account") -> tuple[str, str, str]:
    """Somebody who works here: a phone, a grant, a browser that skips the second step. Name, cookie and its value."""
    from django.utils import timezone

    from identity.models import PhoneDevice
    from identity.sessions import devices
    from identity.sign_in import device_cookies
    from rbac.domain import grants
    from rbac.models import Origin

    now = timezone.now()
    PhoneDevice.objects.create(user=account, name="phone", number="+13105550100", confirmed=True)
    grants.give(account=account, portal_key="claims", origin=Origin.STAFF, reason="bench", by=None, now=now)
    device = devices.seen(account=account, device=None, browser="", place="", is_new_account=True, now=now)
    devices.skip_next_time(device=device, proved_by="phone", now=now)
    return account.login_name, device_cookies.name_of(account), devices.value_of(device)


def make_of_peer(kind: str, number: int) -> None:
    from django.apps import apps
    from django.contrib.auth.models import User

    login_name = name(kind, number)
    user = User.objects.create_user(login_name, f"{login_name}@x.invalid", PASSWORD)
    if apps.is_installed("allauth.account"):  # a proved address: no mails are sent at sign-in
        from allauth.account.models import EmailAddress

        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)


if __name__ == "__main__":
    main()
