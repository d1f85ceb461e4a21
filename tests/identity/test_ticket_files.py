"""Files of a conversation: handed in before, sent with a message, read by the staff who answer, refused by them."""

import pytest
from django.urls import reverse

from identity.files import stored
from identity.models import StoredFile, Ticket, TicketMessage
from identity.notices import tickets
from tests.conftest import body
from tests.factories import NOW, AccountFactory
from tests.steps import files
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
State = StoredFile.State


@pytest.fixture
def ticket(provider):
    return tickets.open(account=provider, topic="other", text="The list is empty.", by=provider, now=NOW)


@pytest.fixture
def desk(agent):
    return signed_in(agent, verified=True)


def sent(ticket, *found, text="Here it is."):
    return tickets.write(ticket=ticket, text=text, by=ticket.account, now=NOW, files=[file.pk for file in found])


def test_the_form_carries_ids_and_the_message_the_files(provider, ticket):
    """S3-16, S4-16, ground 3 and 4."""
    clean, waiting = files.looked_at(provider), files.received(provider, name="second.pdf")
    files.looked_at(provider, content=files.pdf(script="x"), name="refused.pdf")
    browser = signed_in(provider)
    path = f"/id/tickets/{ticket.number}/"
    page = browser.get(path).content.decode()
    assert page.count('checked=""') + page.count(" checked>") + page.count(" checked ") == 2
    assert "refused.pdf" not in page
    assert f"/id/files/message/?next=%2Fid%2Ftickets%2F{ticket.number}%2F" in page
    browser.post(path, {"text": "Look.", "attachments": [str(clean.pk), str(waiting.pk)]})
    said = ticket.messages.latest("pk")
    assert set(said.files.all()) == {clean, waiting}
    page = browser.get(path).content.decode()
    assert page.count("second.pdf") == 1  # in the message, and not offered again
    assert "It is sent; it opens once it is checked." in page


def test_the_same_press_twice_is_one_message(provider, ticket):
    file = files.looked_at(provider)
    for _ in range(2):
        sent(ticket, file)
    assert ticket.messages.count() == 2  # with the first one
    browser = signed_in(provider)
    browser.post(f"/id/tickets/{ticket.number}/", {"text": "Here it is.", "attachments": [str(file.pk)]})
    assert ticket.messages.count() == 2


@pytest.mark.parametrize("whose", ["stranger's", "deleted", "refused", "nobody's"])
def test_nothing_is_said_with_a_file_that_cannot_be_sent(provider, stranger, ticket, whose):
    """Only own ones that are not refused; what was typed is kept."""
    good = files.looked_at(provider)
    if whose == "stranger's":
        key = files.looked_at(stranger).pk
    elif whose == "deleted":
        file = files.received(provider)
        stored.delete(file=file, by=provider, now=NOW)
        key = file.pk
    elif whose == "refused":
        key = files.looked_at(provider, content=files.pdf(script="x")).pk
    else:
        key = "not a key"
    answer = signed_in(provider).post(
        f"/id/tickets/{ticket.number}/", {"text": "Look.", "attachments": [str(good.pk), str(key)]}
    )
    page = answer.content.decode()
    assert page.count("One of the files was sent or deleted meanwhile.") == 2
    assert "Look.</textarea>" in page
    assert ticket.messages.count() == 1
    with pytest.raises(stored.NotAttachable):
        sent(ticket, good, files.received(stranger))
    assert ticket.messages.count() == 1
    good.refresh_from_db()
    assert good.attached_at is None


def test_a_file_goes_along_into_the_ticket_that_goes_on(provider, ticket, agent):
    """period ticket_reply: a late message is a ticket of its own, with its files."""
    from identity.policy import lifecycle

    tickets.close(ticket=ticket, answer="Mended.", by=agent, now=NOW)
    file, late = files.looked_at(provider), NOW + lifecycle.after("ticket_reply")
    reached = tickets.write(ticket=ticket, text="No.", by=provider, now=late, files=[file.pk])
    assert reached.pk != ticket.pk
    assert list(reached.messages.latest("pk").files.all()) == [file]


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


def test_messages_without_files_cost_one_query_more(provider, ticket, django_assert_max_num_queries):
    for number in range(5):
        sent(ticket, files.looked_at(provider), text=f"Message {number}")
    browser, path = signed_in(provider), f"/id/tickets/{ticket.number}/"
    browser.get(path)
    with django_assert_max_num_queries(7):
        assert browser.get(path).status_code == 200
    assert TicketMessage.objects.count() == 6
    assert Ticket.objects.count() == 1
