"""The first log-in to Provider OnLine, page by page."""

from django.test import Client

from tests.factories import PASSWORD
from tests.steps.sign_in import SIGN_IN

ENTER, HOME = "/p/provider-online/enter/", "/p/provider-online/home/"

UPDATE, TEXT, CHOOSE = "/id/verify-phone/update/", "/id/verify-phone/text/", "/id/verify-phone/"

AGREE = "/id/sign-in/agreement/"

PHONE = "+14145550123"


def log_in(client: Client, name: str = "k", password: str = PASSWORD):
    client.get(f"{SIGN_IN}?next={ENTER}")
    return client.post(SIGN_IN, {"login": name, "password": password})
