"""Files that go with what somebody writes: their own, once, and seen by whoever answers (S3-16, S4-16)."""

import re

import pytest
from django.urls import reverse

from identity.models import Contact, StoredFile, Ticket
from identity.notices import tickets
from tests.conftest import body, make_staff
from tests.factories import NOW, AccountFactory
from tests.steps import files
from tests.steps.files import looked_at, received
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
State = StoredFile.State


@pytest.fixture
def ticket(provider):
    about = {"portal_key": "claims", "queue": "claims"}
    return tickets.open(account=provider, topic="other", text="The list is empty.", by=provider, now=NOW, **about)


@pytest.fixture
def desk(agent):
    return signed_in(agent, verified=True)


def sent(ticket, *found, text="Here it is."):
    return tickets.write(ticket=ticket, text=text, by=ticket.account, now=NOW, files=[file.pk for file in found])


def page_of(ticket) -> str:
    return f"/id/tickets/{ticket.number}/"


def files_of(ticket) -> list[StoredFile]:
    return list(StoredFile.objects.filter(ticket_messages__ticket=ticket))


def test_a_file_goes_with_a_reply_once(ticket, provider):
    file = looked_at(provider)
    browser = signed_in(provider)
    page = browser.get(page_of(ticket)).content.decode()
    assert 'name="add_files"' in page
    assert f'value="{file.pk}"' in page
    browser.post(page_of(ticket), {"text": "Look at this.", "own_files": [str(file.pk)]})
    assert files_of(ticket) == [file]
    after = browser.get(page_of(ticket)).content.decode()
    assert "scan.pdf" in after
    assert f'value="{file.pk}"' not in after


class TestNotSentYet:
    """What was typed waits while its writer adds files."""

    def test_a_question_is_kept_and_filled_in_again(self, provider):
        left_out, browser, contact = received(provider), signed_in(provider), "/p/claims/contact/"
        assert 'name="add_files"' in browser.get(contact).content.decode()
        typed = {"topic": "trouble", "subject": "A list", "text": "See\nthe <file>.", "phone": "", "add_files": "yes"}
        answer = browser.post(contact, typed)
        assert (answer.status_code, answer.url) == (302, f"/id/files/message/?next={contact.replace('/', '%2F')}")
        assert not Ticket.objects.exists()
        assert f'href="{contact}"' in browser.get(answer.url).content.decode()
        added = received(provider, name="added.pdf")
        page = browser.get(contact).content.decode()
        assert 'value="A list"' in page
        assert "See\nthe &lt;file&gt;.</textarea>" in page
        assert '<option value="trouble" selected>' in page
        boxes = re.findall(r'<input type="checkbox"[^>]*>', page)
        ticked = [box for box in boxes if "checked" in box]
        assert (len(boxes), len(ticked)) == (2, 1)
        assert str(added.pk) in ticked[0], "what was left out stays so"
        assert str(left_out.pk) not in ticked[0]
        del typed["add_files"]
        browser.post(contact, {**typed, "own_files": [str(added.pk)]})
        assert files_of(Ticket.objects.get()) == [added]
        assert "the &lt;file&gt;" not in browser.get(contact).content.decode(), "what is sent is forgotten"

    def test_a_reply_is_kept_for_its_own_page_and_person(self, ticket, provider, stranger):
        browser = signed_in(provider)
        other = tickets.open(account=provider, topic="other", text="Another.", by=provider, now=NOW)
        assert browser.post(page_of(ticket), {"text": "Half a thought", "add_files": "yes"}).status_code == 302
        assert words_of(ticket) == ["The list is empty."]
        assert "Half a thought" not in browser.get(page_of(other)).content.decode()
        assert "Half a thought</textarea>" in browser.get(page_of(ticket)).content.decode()
        assert "Half a thought" not in signed_in(stranger).get("/id/files/message/").content.decode()

    def test_what_is_not_right_yet_is_kept_too(self, provider):
        browser = signed_in(provider)
        assert browser.post("/p/claims/contact/", {"text": "No subject", "add_files": "yes"}).status_code == 302
        assert "No subject</textarea>" in browser.get("/p/claims/contact/").content.decode()

    def test_a_stranger_has_no_such_button(self, client):
        assert "add_files" not in client.get("/p/claims/contact/").content.decode()


class TestAnswers:
    """Staff send files with their answers, and the person opens them."""

    def test_an_answer_is_kept_while_files_are_added_and_takes_them(self, ticket, provider, stranger, agent, desk):
        page = f"/admin/identity/ticket/{ticket.pk}/change/"
        answer = desk.post(page, {"answer": "Here is the", "add_files": "yes"})
        assert answer.url.startswith("/id/files/message/?next=%2Fadmin%2F")
        file = looked_at(agent, name="how to.pdf")
        shown = desk.get(page).content.decode()
        assert "Here is the</textarea>" in shown
        assert f'value="{file.pk}"' in shown
        assert desk.post(page, {"answer": " ", "step": "close", "own_files": [str(file.pk)]}).status_code == 422
        desk.post(page, {"answer": "Here is the guide.", "step": "reply", "own_files": [str(file.pk)]})
        assert files_of(ticket) == [file]
        assert "Here is the" not in desk.get(page).content.decode().partition('class="desk__steps"')[2]
        browser = signed_in(provider)
        assert f'href="/id/files/{file.pk}/' in browser.get(page_of(ticket)).content.decode()
        for path in ("", "download/", "pages/1/"):
            assert browser.get(f"/id/files/{file.pk}/{path}").status_code == 200
            assert signed_in(stranger).get(f"/id/files/{file.pk}/{path}").status_code == 404
        assert browser.post(f"/id/files/{file.pk}/delete/").status_code == 404, "it is not theirs"

    def test_a_colleagues_file_goes_with_nothing(self, ticket, provider, operator, desk):
        theirs = looked_at(operator)
        page = f"/admin/identity/ticket/{ticket.pk}/change/"
        desk.post(page, {"answer": "See.", "step": "reply", "own_files": [str(theirs.pk)]})
        assert files_of(ticket) == []

    def test_whoever_has_no_account_gets_no_file(self, desk, agent):
        contact = Contact(name="Sam", email="sam@example.org")
        about = {"portal_key": "claims", "queue": "claims", "contact": contact}
        ticket = tickets.open(account=None, topic="other", text="Help", by=None, now=NOW, **about)
        file = looked_at(agent)
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert "add_files" not in page
        assert str(file.pk) not in page


def test_a_question_takes_files_too(provider):
    file = received(provider)
    asked = {"topic": "trouble", "subject": "A list", "text": "See the file.", "own_files": [str(file.pk)]}
    signed_in(provider).post("/p/claims/contact/", asked)
    assert files_of(Ticket.objects.get()) == [file]


def test_somebody_elses_file_goes_with_nothing(ticket, provider, stranger):
    received(provider)
    theirs = received(stranger)
    refused = signed_in(provider).post(page_of(ticket), {"text": "Mine.", "own_files": [str(theirs.pk)]})
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
    refused = browser.post(page_of(ticket), {"text": "Mine.", "own_files": [str(file.pk)]}).content.decode()
    assert "Choose among the files that are here now, at most 5." in refused
    assert "Mine.</textarea>" in refused
    assert words_of(ticket) == ["The list is empty."]


def test_what_is_not_clean_not_in_it_or_not_theirs_is_not_there(ticket, provider, agent):
    loose = looked_at(provider, name="other.pdf")  # a worker takes whatever waits
    waiting = received(provider)
    tickets.write(ticket=ticket, text="See.", files=[waiting.pk], by=provider, now=NOW)
    page = f"/admin/identity/ticket/{ticket.pk}/files"
    desk = signed_in(agent, verified=True)
    for path in (f"{page}/{waiting.pk}/", f"{page}/{loose.pk}/", f"{page}/{waiting.pk}/pages/9/"):
        answer = desk.get(path)
        assert answer.status_code == 404, path
    other = signed_in(make_staff("desk.physician", "service desk", ("physician",)), verified=True)
    assert other.get(f"{page}/{waiting.pk}/").status_code == 404
    assert signed_in(provider).get(f"{page}/{waiting.pk}/").status_code in (302, 403, 404)


class TestDesk:
    def test_staff_look_at_it_and_save_it(self, provider, ticket, desk):
        content = files.pdf(2)
        file = files.looked_at(provider, content=content)
        sent(ticket, file)
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert "Look at its 2 pages" in page
        assert page.count("<img") - page.count("logo") >= 2
        saved = desk.get(reverse("admin:identity_ticket_file", args=[ticket.pk, file.pk]))
        assert body(saved) == content
        assert saved["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert saved["Content-Disposition"].startswith("attachment")
        assert body(desk.get(reverse("admin:identity_ticket_file_page", args=[ticket.pk, file.pk, 2]))).startswith(
            b"\x89PNG"
        )
        assert desk.get(reverse("admin:identity_ticket_file_page", args=[ticket.pk, file.pk, 3])).status_code == 404

    def test_what_is_not_clean_is_not_served_to_staff_either(self, provider, ticket, desk):
        file = files.received(provider)
        sent(ticket, file)
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        assert "It opens once it is checked." in page
        assert desk.get(reverse("admin:identity_ticket_file", args=[ticket.pk, file.pk])).status_code == 404

    def test_files_of_another_ticket_or_of_none_are_not_found(self, provider, ticket, desk):
        other = tickets.open(account=AccountFactory(), topic="other", text="x", by=None, now=NOW)
        file, loose = files.looked_at(provider), files.looked_at(provider)
        sent(ticket, file)
        for pk, key in ((other.pk, file.pk), (ticket.pk, loose.pk)):
            assert desk.get(reverse("admin:identity_ticket_file", args=[pk, key])).status_code == 404
            assert desk.post(reverse("admin:identity_ticket_file_refuse", args=[pk, key])).status_code == 404

    def test_an_operator_without_the_right_and_the_person_do_not_come_this_way(self, provider, ticket):
        file = files.looked_at(provider)
        sent(ticket, file)
        answer = signed_in(provider).get(reverse("admin:identity_ticket_file", args=[ticket.pk, file.pk]))
        assert answer.status_code == 302

    def test_harm_is_refused_after_it_was_said_what_that_does(self, provider, stranger, ticket, desk, agent):
        """ground 3: clean -> refused; C17."""
        content = files.pdf()
        file, alike = files.looked_at(provider, content=content), files.looked_at(stranger, content=content)
        sent(ticket, file)
        path = reverse("admin:identity_ticket_file_refuse", args=[ticket.pk, file.pk])
        assert desk.get(path).status_code == 405
        asked = desk.post(path)
        assert "Nobody can open the file any more" in asked.content.decode()
        file.refresh_from_db()
        assert file.state == State.CLEAN
        desk.post(path, {"read": asked.context["question"].mark})
        for one in (file, alike):
            one.refresh_from_db()
            assert one.state == State.REFUSED
        page = signed_in(provider).get(f"/id/tickets/{ticket.number}/").content.decode()
        assert "was found to be harmful" in page
        assert desk.get(reverse("admin:identity_ticket_file", args=[ticket.pk, file.pk])).status_code == 404
