"""The outside application of a measurement, registered in a process of its own, in our database or a peer's.

`python -m tests.bench.applications` prints its client id and secret. For the views written by hand it prints tokens
instead, whose hashes it keeps where those views look.
"""

import secrets
from hashlib import sha256

CALLBACK = "https://bills.invalid/callback"
SCOPES = ["openid", "profile", "email"]


def main() -> None:
    import django

    django.setup()
    from django.apps import apps
    from django.conf import settings

    if settings.AUTH_USER_MODEL == "identity.Account":
        print(*_ours())
    elif apps.is_installed("allauth.idp.oidc"):
        print(*_stock())
    else:
        print(*(_bare(number) for number in range(5)))


def _ours() -> tuple[str, str]:
    from django.utils import timezone

    from portals.oidc import applications

    asked = applications.Registration(
        key="bills",
        name="Bills",
        portal_key="claims",
        redirect_uris=[CALLBACK],
        asks_consent=False,
        scopes=[*SCOPES, "portal_access"],
    )
    application, secret = applications.register(asked, by=None, now=timezone.now())
    return application.pk, secret


def _stock() -> tuple[str, str]:
    from allauth.idp.oidc.models import Client

    client, secret = Client(name="Bills", skip_consent=True), secrets.token_urlsafe(32)
    client.set_redirect_uris([CALLBACK])
    client.set_scopes(SCOPES)
    client.set_grant_types(["authorization_code", "refresh_token"])
    client.set_secret(secret)
    client.save()
    return client.pk, secret


def _bare(number: int) -> str:
    from django.contrib.auth.models import Group, User

    token = secrets.token_urlsafe(32)
    user = User.objects.create_user(sha256(token.encode()).hexdigest(), f"ana{number}@x.invalid", first_name="Ana")
    user.groups.add(Group.objects.get_or_create(name="claims")[0])
    return token


if __name__ == "__main__":
    main()
