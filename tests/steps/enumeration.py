"""An ID that exists and those that do not, and answers without what differs by chance."""

import re

from django.utils import timezone

from identity.factors import recovery_codes
from tests.factories import PASSWORD, AccountFactory


def masked(response, *typed: str) -> bytes:
    """The answer with the CSRF token, and what the person typed, taken out."""
    text = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"', b"", response.content)
    for one in typed:
        text = text.replace(one.encode(), b"TYPED")
    return text


def cases() -> dict[str, tuple[str, str]]:
    """ID or address, and password, of every way a sign-in can fail."""
    AccountFactory(login_name="known.one")
    AccountFactory(login_name="not.proved", address=False)
    AccountFactory(login_name="inactive.one", is_active=False)
    AccountFactory(login_name="secured.one", secured_at=timezone.now())
    AccountFactory(login_name="shared.a", email="shared@example.org")
    AccountFactory(login_name="shared.b", email="shared@example.org")
    AccountFactory(login_name="staff.one", is_staff=True)
    recovery_codes.make(account=AccountFactory(login_name="strong.one", phone="+13105550155"), now=timezone.now())
    # Invited and not yet enrolled, or imported from a legacy system: an account without a usable password.
    invited = AccountFactory(login_name="invited.one")
    invited.set_unusable_password()
    invited.save()
    return {
        "unknown": ("nobody.here", PASSWORD),
        "wrong": ("known.one", "Wrong-Pass-1"),
        "wrong, not proved": ("not.proved", "Wrong-Pass-1"),
        "deactivated": ("inactive.one", PASSWORD),
        "secured, wrong": ("secured.one", "Wrong-Pass-1"),
        "without a password": ("invited.one", PASSWORD),
        "staff, wrong": ("staff.one", "Wrong-Pass-1"),
        "with second factors, wrong": ("strong.one", "Wrong-Pass-1"),
        "unknown address": ("nobody@example.org", PASSWORD),
        "shared address": ("shared@example.org", PASSWORD),
        "address that nobody proved": ("not.proved@example.org", PASSWORD),
    }
