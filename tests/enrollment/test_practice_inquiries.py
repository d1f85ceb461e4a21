""" "Ask my practice": the administrators are told, whoever asks is told nothing (C14, D-25)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from enrollment.domain import practice_inquiries
from enrollment.models import PracticeInquiry
from identity.models import OutboxMessage
from identity.policy import lifecycle
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps.invitations import PORTAL, practice_administrator, practice_user

pytestmark = pytest.mark.django_db
ASK, SENT = (reverse(name, args=[PORTAL]) for name in ("ask_my_practice", "asked_my_practice"))
TYPED = {"name": "Nora Office", "email": "nora@example.org", "tin": "12-3456789"}


@pytest.fixture
def practice(db):
    practice = PracticeFactory(name="Lakeside Clinic")
    TinFactory(practice=practice, digits="123456789", kind="EIN")
    return practice


def ask(now=NOW, **facts) -> None:
    typed = {"name": "Nora Office", "email": "nora@example.org", "digits": "123456789", "kind": "EIN", **facts}
    practice_inquiries.ask(portal_key=PORTAL, now=now, **typed)


def told() -> list[int]:
    rows = OutboxMessage.objects.filter(kind="enrollment.PracticeInquiryMail").order_by("pk")
    return [row.ids["account_id"] for row in rows]


def test_every_administrator_and_nobody_else_is_told(practice, inbox):
    first, second = (practice_administrator(practice, name) for name in ("olga.admin", "sam.admin"))
    practice_user(practice, "uma.user")
    ask()
    assert practice_inquiries.pass_on_all(now=NOW) == 2
    assert sorted(told()) == sorted([first.pk, second.pk])
    mail = inbox.newest("mail", "olga.admin@example.org")
    assert "Nora Office (nora@example.org) asks to be invited to Lakeside Clinic." in mail.text
    assert reverse("people_new", args=[PORTAL, practice.pk]) in mail.text
    assert practice_inquiries.pass_on_all(now=NOW) == 0


@pytest.mark.parametrize("why", ["unknown", "another kind", "not attested", "no administrator"])
def test_what_nobody_is_told_goes_at_once(practice, why):
    """D-25: a tax ID that nobody attested reaches nobody."""
    if why != "no administrator":
        practice_administrator(practice, "olga.admin")
    if why == "not attested":
        practice.tins.update(attested_at=None, attested_by=None)
    ask(**{"unknown": {"digits": "987654321"}, "another kind": {"kind": "SSN"}}.get(why, {}))
    assert practice_inquiries.pass_on_all(now=NOW) == 0
    assert not PracticeInquiry.objects.exists()
    assert told() == []


def test_the_page_answers_everybody_alike(practice, django_assert_num_queries):
    """A tax ID is never confirmed: the same address, bytes and statements, and nothing is looked up."""
    practice_administrator(practice, "olga.admin")
    pages = []
    for number, tin in enumerate(("12-3456789", "98-7654321")):
        browser = Client()
        with django_assert_num_queries(3):
            answer = browser.post(ASK, {**TYPED, "email": f"n{number}@example.org", "tin": tin})
        assert answer.url == SENT
        pages.append(re.sub(rb"(nonce|csrfmiddlewaretoken)[^>]*", b"", browser.get(SENT).content))
    assert pages[0] == pages[1]
    assert told() == []


def test_who_asks_often_waits_and_a_practice_is_not_flooded(practice):
    practice_administrator(practice, "olga.admin")
    for _ in range(3):
        ask()
    assert practice_inquiries.pass_on_all(now=NOW) == 1
    for number in range(20):
        ask(email=f"n{number}@example.org")
    assert practice_inquiries.pass_on_all(now=NOW) == practice_inquiries.MAX_OF_A_PRACTICE - 1
    browser = Client()
    answers = [browser.post(ASK, TYPED).status_code for _ in range(11)]
    assert answers == [302] * 10 + [200]


def test_nothing_that_was_typed_stands_in_clear(practice):
    ask()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM enrollment_practiceinquiry")
        row = str(cursor.fetchone())
    assert [one in row for one in ("Nora", "nora@", "123456789")] == [False] * 3


def test_it_is_deleted_after_its_days(practice):
    """lifecycle practice_inquiry, to the second."""
    practice_administrator(practice, "olga.admin")
    ask()
    practice_inquiries.pass_on_all(now=NOW)
    end = NOW + lifecycle.after("practice_inquiry")
    assert practice_inquiries.forget_old(now=end - timedelta(seconds=1)) == 0
    assert practice_inquiries.forget_old(now=end) == 1
    assert not PracticeInquiry.objects.exists()


@pytest.mark.parametrize(("typed", "says"), [({"tin": "12345"}, "This is not a tax ID"), ({"name": ""}, "Fill in")])
def test_what_is_wrong_is_said_and_kept(client, typed, says):
    page = client.post(ASK, {**TYPED, **typed}).content.decode()
    assert says in page
    assert 'value="nora@example.org"' in page
    assert not PracticeInquiry.objects.exists()


def test_a_portal_without_practices_has_no_such_page(client):
    assert client.get(reverse("ask_my_practice", args=["claims"])).status_code == 404
