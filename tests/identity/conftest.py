"""Whom the tests of identity meet more than once."""

import pytest

from identity.models import Account
from tests.steps.sign_up import sign_up


@pytest.fixture
def newcomer(client, inbox) -> Account:
    """Somebody whose address is proved and whose phone comes next."""
    sign_up(client)
    client.post("/id/verify-email/", {"code": inbox.newest("mail").code})
    client.post("/id/verify-email/")
    return Account.objects.get()
