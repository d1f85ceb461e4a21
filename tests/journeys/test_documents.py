"""A practice keeps a document: added, found by what it says, shared, read, held, deleted and taken back; and one of the
plan comes from the desk (S3-03, S3-07, S4-16)."""

import pytest
from django.urls import reverse

from identity.files import stored
from portals.inside.domain import plan_documents
from portals.models import Document
from tests.conftest import make_staff
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.journeys.conftest import BOTH
from tests.steps import files
from tests.steps.browser import arrive, spoken
from tests.steps.documents import PORTAL, handed_in, worker

HOME = f"/p/{PORTAL}/home/"
PLAN = ("fire plan of the whole building, floors 1 to 4.pdf", files.pdf_saying("Meet at gate seven", "Second page"))


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_document_of_a_practice_from_its_file_to_the_trash(visit, inbox, language):
    def say(text: str, **values: str) -> str:
        return spoken(language, text, **values)

    def look(person, heading: str) -> None:
        person.look(heading)
        person.picture(f"documents-{language}-{len(shown):02}")
        shown.append(heading)

    shown: list[str] = []
    practice = PracticeFactory(name="Lakeside Clinic")
    kim, lee = (worker(practice, name) for name in ("kim.office", "lee.office"))
    hers = visit(language=language, views=BOTH)
    arrive(hers, kim, verified=True)
    hers.go(HOME)
    hers.page.locator(f"nav a:text-is('{say('Documents')}')").first.click()
    look(hers, say("Documents"))
    hers.follow(say("Add a document"))
    hand_in(hers, "program.exe", b"MZ\x90\x00")
    hers.told()
    look(hers, say("Add a document"))
    hand_in(hers, *PLAN)
    look(hers, say("What is it?"))
    hers.fill(title="", new_labels="Safety, 2026")
    hers.press_main()
    hers.told()
    look(hers, say("What is it?"))
    hers.fill(title="Fire plan")
    hers.press_main()
    look(hers, "Fire plan")
    while stored.inspect_next(now=Document.objects.get().created_at):
        pass
    hers.page.reload()
    hers.follow(say("Share it"))
    look(hers, say("Share “%(title)s”", title="Fire plan"))
    hers.page.select_option("#id_receiver", str(lee.pk))
    hers.press_main()
    look(hers, "Fire plan")

    his = visit(language=language, views=BOTH)
    arrive(his, lee, verified=True)
    his.go(HOME)
    his.page.locator(f"main a:text-is('{say('Read it')}')").click()
    look(his, "Fire plan")
    his.go(reverse("documents", args=[PORTAL]))
    look(his, say("Documents"))
    his.page.fill("#q", "gate seven")
    his.page.keyboard.press("Enter")
    his.page.wait_for_url("**q=gate*")
    look(his, say("Documents"))
    his.follow("Fire plan")
    look(his, "Fire plan")
    his.page.locator("a[href$='/1/']").first.click()
    look(his, say("%(title)s, version %(number)s", title="Fire plan", number="1"))

    hers.page.reload()
    look(hers, "Fire plan")
    assert lee.get_full_name() in hers.page.locator("main").inner_text()
    hers.follow(say("Add a version"))
    look(hers, say("Add a version"))
    hand_in(hers, "fire plan 2.pdf", files.pdf())
    look(hers, say("Add as version %(number)s", number="2"))
    hers.press_main()
    look(hers, "Fire plan")
    hers.follow(say("Hold it"))
    hers.press_main()
    hers.told()
    look(hers, say("Hold it"))
    hers.fill(reason="Audit of 2026")
    hers.press_main()
    look(hers, "Fire plan")
    assert hers.page.locator("main button[disabled]").count() == 1
    hers.press(say("Lift the hold"))
    hers.page.locator(f"main button:text-is('{say('Delete')}'):not([disabled])").wait_for()
    hers.press(say("Delete"))
    look(hers, say("Trash"))
    his.page.reload()
    assert "404" in his.page.title() or his.page.locator("h1").inner_text() == say("Page not found")
    hers.page.locator("main table button").click()
    look(hers, "Fire plan")


def test_the_desk_shares_a_document_of_the_plan(visit):
    """S4-16 "Documents"."""
    practice = PracticeFactory(name="Lakeside Clinic")
    TinFactory(practice=practice, digits="391234567")
    kim, agent = worker(practice, "kim.office"), make_staff("provider.services", "service desk", (PORTAL,))
    made = plan_documents.add(portal_key=PORTAL, file=handed_in(agent).pk, title="Fee schedule 2027", by=agent, now=NOW)
    desk = visit(views=BOTH)
    arrive(desk, agent)
    desk.go("/admin/portals/document/")
    desk.look()
    desk.picture("plan-documents-list")
    desk.go(f"/admin/portals/document/{made.pk}/change/")
    desk.look("Fee schedule 2027")
    desk.picture("plan-document")
    desk.page.fill("#id_tin", "39-1234567")
    desk.page.locator("button[value=share]").click()
    desk.look()
    desk.picture("plan-document-asked")
    desk.press("Share it")
    desk.page.locator("li:has-text('Lakeside Clinic')").wait_for()
    desk.look("Fee schedule 2027")
    person = visit(views=BOTH)
    arrive(person, kim, verified=True)
    person.go(reverse("documents", args=[PORTAL]))
    person.look("Documents")
    person.picture("plan-documents-read")
    assert "Fee schedule 2027" in person.page.locator("main").inner_text()


def hand_in(person, name: str, content: bytes) -> None:
    person.page.set_input_files("#id_file", {"name": name, "mimeType": "application/pdf", "buffer": content})
    person.press_main()
    person.page.wait_for_load_state()
