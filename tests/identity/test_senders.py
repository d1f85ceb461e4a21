"""Whom a mail comes from: the brand that the page named (C15, C39, S0-21, S4-06)."""

import pytest
from django.core import mail
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from config import env
from identity.governance import closing
from tests.factories import NOW, AccountFactory
from tests.inbox import Inbox
from tests.steps.sign_up import post, sign_up

pytestmark = pytest.mark.django_db
PLACES = [
    ("optum-connect", "One Healthcare ID", "noreply_healthid@optum.com"),
    ("trucase", "Optum ID", "noreply_healthid@optum.com"),
]


def sender_of_newest(inbox: Inbox) -> str:
    inbox.all()
    return mail.outbox[-1].from_email


@pytest.mark.parametrize(("portal", "name", "address"), PLACES)
def test_the_page_names_the_address_that_the_mail_comes_from(client, inbox, portal, name, address):
    """S0-21, C39: "a message from Optum ID (noreply_healthid@optum.com)"."""
    client.get(f"/id/create/?next=/p/{portal}/enter/")
    sign_up(client)
    assert f"for a message from {name} ({address})." in client.get("/id/verify-email/").content.decode()
    assert sender_of_newest(inbox) == f"{name} <{address}>"


@pytest.mark.parametrize(("portal", "name", "_address"), PLACES)
def test_an_installation_sends_from_its_own_address(client, inbox, settings, portal, name, _address):
    """C39: overridden by brand; then that is what the page says too."""
    settings.MAIL_SENDERS = env.mail_senders("optum-id=noreply@optum-id.example, post@id.example.org")
    used = {"Optum ID": "noreply@optum-id.example", "One Healthcare ID": "post@id.example.org"}[name]
    client.get(f"/id/create/?next=/p/{portal}/enter/")
    sign_up(client)
    assert f"({used})" in client.get("/id/verify-email/").content.decode()
    assert sender_of_newest(inbox) == f"{name} <{used}>"


def test_each_realm_writes_from_its_own(inbox):
    """S4-06, C39: no mail of Provider OnLine leaves under another plan's name, whatever the mail is about."""
    ours, theirs = AccountFactory(), AccountFactory(realm="provider-online")
    for account in (ours, theirs):
        closing.close(account=account, reason="test", by=None, now=NOW)
    inbox.all()
    assert {(m.to[0], m.from_email, m.subject) for m in mail.outbox} == {
        (ours.email, "One Healthcare ID <noreply_healthid@optum.com>", "Your One Healthcare ID was closed"),
        (
            theirs.email,
            "Provider OnLine <noreply@togetherforyourhealth.com>",
            "Your Provider OnLine account was closed",
        ),
    }


def test_a_brand_that_does_not_exist_stops_the_start(settings):
    """C39: a mistyped brand would else send from another address without a word."""
    settings.MAIL_SENDERS = {"optum": "a@example.org"}
    assert [one.id for one in run_checks()] == ["portals.E002"]


@pytest.mark.parametrize("text", ["noreply", "optum-id=", "Optum ID <a@example.org>", "a@example.org b@example.org"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match="MAIL_FROM holds"):
        env.mail_senders(text)


def test_a_taken_name_is_said_in_the_words_of_the_brand(client):
    """C39: "This One Healthcare ID is taken." stood on Optum ID's page."""
    AccountFactory(login_name="ana.nunez")
    client.get("/id/create/?next=/p/trucase/enter/")
    page = post(client).content.decode()
    assert "This Optum ID is taken." in page
    assert "One Healthcare ID" not in page
