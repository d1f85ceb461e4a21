"""Staff who are invited and enrol."""

import re
from io import StringIO

from django.core.management import call_command
from django.test import Client

from identity.models import Account
from tests.steps.sign_up import GOOD


def invite(*arguments: str) -> str:
    out = StringIO()
    call_command("invite_staff", "boss@example.org", *arguments, stdout=out)
    return re.search(r"http://testserver(/enroll/staff/\S+)", out.getvalue())[1]


def enrol(client: Client, link: str, inbox) -> Account:
    """The whole way in a browser: form, address, phone."""
    assert client.post(link, {**GOOD, "login_name": "the.boss"}).url == "/id/verify-email/"
    client.post("/id/verify-email/", {"code": inbox.newest("mail", "boss@example.org").code})
    assert client.post("/id/verify-email/").url == "/id/verify-phone/"
    client.post("/id/verify-phone/", {"method": "text"})
    client.post("/id/verify-phone/text/", {"code": inbox.newest("text").code})
    client.post("/id/verify-phone/")
    return Account.objects.get(login_name="the.boss")
