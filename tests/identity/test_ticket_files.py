"""Files that go with what somebody writes: their own, once, and seen by whoever answers (S3-16, S4-16)."""

import pytest

from identity.models import StoredFile, Ticket
from identity.notices import tickets
from tests.conftest import body, make_staff
from tests.factories import NOW
from tests.steps.files import looked_at, pdf, received
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(provider):
    about = {"portal_key": "claims", "queue": "claims"}
    return tickets.open(account=provider, topic="other", text="The list is empty.", by=provider, now=NOW, **about)


def page_of(ticket) -> str:
    return f"/id/tickets/{ticket.number}/"


def files_of(ticket) -> list[StoredFile]:
    return list(StoredFile.objects.filter(ticket_messages__ticket=ticket))


def test_a_file_goes_with_a_reply_once(ticket, provider):
    file = looked_at(provider)
    browser = signed_in(provider)
    page = browser.get(page_of(ticket)).content.decode()
    assert f'href="/id/files/message/?next={page_of(ticket)}"'.replace("/?next=/", "/?next=%2F").split("?")[0] in page
    assert f'value="{file.pk}"' in page
    browser.post(page_of(ticket), {"text": "Look at this.", "files": [str(file.pk)]})
    assert files_of(ticket) == [file]
    after = browser.get(page_of(ticket)).content.decode()
    assert "scan.pdf" in after
    assert f'value="{file.pk}"' not in after


def test_a_question_takes_files_too(provider):
    file = received(provider)
    asked = {"topic": "trouble", "subject": "A list", "text": "See the file.", "files": [str(file.pk)]}
    signed_in(provider).post("/p/claims/contact/", asked)
    assert files_of(Ticket.objects.get()) == [file]


def test_somebody_elses_file_goes_with_nothing(ticket, provider, stranger):
    received(provider)
    theirs = received(stranger)
    refused = signed_in(provider).post(page_of(ticket), {"text": "Mine.", "files": [str(theirs.pk)]})
    assert refused.status_code == 200
    assert "There is a problem" in refused.content.decode()
    assert "Mine.</textarea>" in refused.content.decode()
    assert words_of(ticket) == ["The list is empty."]


def test_a_file_that_went_meanwhile_keeps_what_was_typed(ticket, provider, monkeypatch):
    """Sent from another tab between the form's look and ours: nothing is written by halves."""
    file = received(provider)
    browser, send = signed_in(provider), tickets.write

    def write(**given):
        StoredFile.objects.filter(pk=file.pk).update(attached_at=NOW)
        return send(**given)

    monkeypatch.setattr(tickets, "write", write)
    refused = browser.post(page_of(ticket), {"text": "Mine.", "files": [str(file.pk)]}).content.decode()
    assert "Choose among the files that are here now, at most 5." in refused
    assert "Mine.</textarea>" in refused
    assert words_of(ticket) == ["The list is empty."]


def test_the_desk_saves_it_and_looks_at_its_pages(ticket, provider, agent):
    content = pdf(2)
    file = looked_at(provider, content=content)
    tickets.write(ticket=ticket, text="See.", files=[file.pk], by=provider, now=NOW)
    desk = signed_in(agent, verified=True)
    page = f"/admin/identity/ticket/{ticket.pk}"
    assert f'href="{page}/files/{file.pk}/pages/2/"' in desk.get(f"{page}/change/").content.decode()
    saved = desk.get(f"{page}/files/{file.pk}/")
    assert body(saved) == content
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert body(desk.get(f"{page}/files/{file.pk}/pages/2/")).startswith(b"\x89PNG")


def test_what_is_not_clean_not_in_it_or_not_theirs_is_not_there(ticket, provider, agent):
    waiting, loose = received(provider), looked_at(provider, name="other.pdf")
    tickets.write(ticket=ticket, text="See.", files=[waiting.pk], by=provider, now=NOW)
    page = f"/admin/identity/ticket/{ticket.pk}/files"
    desk = signed_in(agent, verified=True)
    for path in (f"{page}/{waiting.pk}/", f"{page}/{loose.pk}/", f"{page}/{waiting.pk}/pages/9/"):
        answer = desk.get(path)
        assert answer.status_code == 404, path
    other = signed_in(make_staff("desk.physician", "service desk", ("physician",)), verified=True)
    assert other.get(f"{page}/{waiting.pk}/").status_code == 404
    assert signed_in(provider).get(f"{page}/{waiting.pk}/").status_code in (302, 403, 404)
