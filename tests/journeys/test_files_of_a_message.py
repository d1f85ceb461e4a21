"""A file for a message: handed in, checked, sent, looked at by the desk; one is refused, one deleted."""

import pytest

from identity.models import StoredFile
from identity.notices import tickets
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.journeys.conftest import BOTH
from tests.steps import files
from tests.steps.browser import arrive

HEADINGS = {"en": ("Files for a message", "My profile does not open."), "es": ("Archivos para un mensaje", "My profile does not open.")}  # fmt: skip
SENT = ("scan of my card, both sides, made on Monday.pdf", files.pdf(2))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_person_sends_a_file_and_the_desk_looks_at_it(visit, inbox, language):
    """S3-16, S4-16, ground 3: a step of its own, then the message."""
    owner = AccountFactory(login_name="ana.nunez", language=language)
    ticket = tickets.open(account=owner, portal_key="claims", queue="claims", topic="other", subject="My profile does not open.", text="Why?", by=owner, now=NOW)  # fmt: skip
    title, heading = HEADINGS[language]
    person = visit(views=BOTH, language=language)
    arrive(person, owner, verified=False)
    person.go(f"/id/tickets/{ticket.number}/")
    person.look(heading)
    person.fill(text="Here are both sides.")
    person.page.locator("button[name=add_files]").click()
    person.look(title)
    person.picture(f"empty-{language}")
    hand_in(person, "malware.pdf", b"MZ")
    person.told()
    person.look(title)
    person.picture(f"refused-at-once-{language}")
    hand_in(person, *SENT)
    hand_in(person, "with a script.pdf", files.pdf(script="app.alert(1)"))
    hand_in(person, "letter.docx", files.document())
    person.page.locator("text=letter.docx").first.wait_for()
    person.look(title)
    person.picture(f"list-{language}")
    person.page.locator(f"a:text-is('{SENT[0]}')").click()
    person.look(SENT[0])
    person.picture(f"file-{language}")
    person.page.go_back()
    person.page.locator("main a.ds-c-button--solid").click()
    person.look(heading)
    assert person.page.input_value("#id_text") == "Here are both sides.", "what was typed waited"
    person.picture(f"before-sending-{language}")
    person.press_main()
    person.page.locator(".said__one:has-text('Here are both sides.')").wait_for()
    person.look(heading)
    person.picture(f"sent-{language}")
    assert StoredFile.objects.filter(ticket_messages__ticket=ticket).count() == 2

    if language == "en":
        agent = visit(views=BOTH)
        arrive(agent, make_staff("desk.agent", "service desk"))
        agent.go(f"/admin/identity/ticket/{ticket.pk}/change/")
        agent.page.locator("summary").first.click()
        agent.look()
        agent.picture("desk")
        agent.page.fill("#id_answer", "Thank you. Here is the")
        agent.page.locator("button[name=add_files]").click()
        hand_in(agent, "guide.pdf", files.pdf(1))
        agent.page.locator("main a.ds-c-button--solid").click()
        agent.look()
        assert agent.page.input_value("#id_answer") == "Thank you. Here is the"
        agent.picture("desk-answer")
        agent.page.locator("button:text-is('Refuse this file')").first.click()
        agent.look("Refuse a file")
        agent.picture("desk-refuse")


def hand_in(person, name: str, content: bytes) -> None:
    person.page.set_input_files("#id_file", {"name": name, "mimeType": "application/pdf", "buffer": content})
    person.press_main()
    person.page.wait_for_load_state()
