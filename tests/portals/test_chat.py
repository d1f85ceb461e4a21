"""The page behind "Chat with Provider Services": open or closed in words, and what is there instead (S4-16)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests.factories import GrantFactory, PracticeFactory
from tests.steps.invitations import practice_user
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
PAGE = "/p/provider-online/chat/"
CENTRAL = ZoneInfo("America/Chicago")


def shown(*moment: int, language: str = "en") -> str:
    with time_machine.travel(datetime(*moment, tzinfo=CENTRAL), tick=False):
        account = practice_user(PracticeFactory(), "kim.office", language=language)
        return signed_in(account, verified=True).get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ((2026, 11, 30, 8), "Open now, until November 30, 2026, 6 p.m. CST."),
        ((2026, 11, 26, 11), "Closed now. Opens on November 27, 2026, 8 a.m. CST."),  # Thanksgiving
        ((2026, 3, 6, 18), "Closed now. Opens on March 9, 2026, 8 a.m. CDT."),  # over the clock change of March 8
        ((2026, 10, 30, 18), "Closed now. Opens on November 2, 2026, 8 a.m. CST."),  # and back on November 1
        ((2026, 7, 6, 17, 59, 59), "Open now, until July 6, 2026, 6 p.m. CDT."),
    ],
)
def test_it_says_open_or_closed_with_the_next_change(moment, words):
    page = shown(*moment)
    assert page.count(words) == 2, "in the menu and on the page"
    assert "Provider Chat Hours: Monday - Friday 8:00am - 6:00pm CST" in page


def test_it_promises_no_chat_and_leads_to_who_helps():
    """Decision 0057: there is none, and the page says so."""
    page = shown(2026, 11, 30, 9)
    assert "No chat is connected to this site yet" in page
    assert 'href="tel:+18442020117"' in page
    assert f'href="/p/provider-online/contact/?page={PAGE}"' in page


def test_the_tile_leads_there(client):
    with time_machine.travel(datetime(2026, 11, 30, 9, tzinfo=CENTRAL), tick=False):
        account = practice_user(PracticeFactory(), "kim.office")
        home = signed_in(account, verified=True).get("/p/provider-online/home/").content.decode()
    assert f'href="{PAGE}"' in home


def test_a_portal_without_one_has_no_page(provider):
    GrantFactory(account=provider)
    assert signed_in(provider).get("/p/claims/chat/").status_code == 404
