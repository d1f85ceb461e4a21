"""Somebody turns a kind of message off and on again: a story in a real browser (S4-16, decision 0057)."""

import pytest

from identity.notices.messages import TicketClosedMail
from identity.record import muted_messages
from tests.factories import AccountFactory
from tests.journeys.conftest import BOTH
from tests.steps.browser import arrive, spoken


@pytest.mark.parametrize("language", ["en", "es"])
def test_off_and_on_again(visit, language):
    her, account = visit(views=BOTH, language=language), AccountFactory(language=language)
    title = spoken(language, str(TicketClosedMail.title))
    button = spoken(language, "Save which messages you get")
    arrive(her, account, verified=False)
    her.go("/id/profile/preferences/")
    her.look(spoken(language, "Preferences"))
    her.picture(f"preferences-{language}")
    her.page.get_by_label(title, exact=True).uncheck()
    her.press(button)
    her.page.locator(".alert--good").get_by_text(title).wait_for()
    her.look(spoken(language, "Preferences"))
    assert TicketClosedMail.stored_as not in muted_messages.wanted(account)
    assert not her.page.get_by_label(title, exact=True).is_checked()
    her.page.get_by_label(title, exact=True).check()
    her.press(button)
    her.told(spoken(language, "Saved. You get all of these messages."))
    her.look(spoken(language, "Preferences"))
