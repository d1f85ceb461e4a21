"""A conversation about a practice is its writer's and the practice's: who reads it, who is told, who no more (decision
0057; design: it passes to the practice, never to nobody)."""

import pytest
from django.test import Client
from django.utils import timezone

from identity.models import Account, OutboxMessage, Ticket
from identity.notices import tickets
from portals.inside.messages.contact import PracticeAnsweredMail
from rbac.domain import memberships
from rbac.models import Origin
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps import files, mandates
from tests.steps.grid import works_as
from tests.steps.invitations import practice_administrator, practice_user
from tests.steps.practices import membership
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
CONTACT, MESSAGES = "/p/provider-online/contact/", "/p/provider-online/messages/"
ASKED = {"topic": "trouble", "subject": "An empty list", "text": "The list is empty.", "phone": "", "page": ""}


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def writer(practice) -> Account:
    return practice_user(practice, "uma.user", first_name="Uma", last_name="Writer", phone="+14145550112")


@pytest.fixture
def administrator(practice) -> Account:
    return practice_administrator(practice, "olga.admin")


@pytest.fixture
def about_practice(writer, practice) -> Ticket:
    signed_in(writer, verified=True).post(CONTACT, {**ASKED, "practice": str(practice.pk)})
    return Ticket.objects.get()


def browser_of(account: Account) -> Client:
    return signed_in(account, verified=True)


def replied(ticket: Ticket, agent: Account) -> None:
    tickets.reply(ticket=ticket, text="Which list?", by=agent, now=timezone.now())


def leaves(account: Account, practice, by: Account) -> None:
    memberships.end(membership=membership(account, practice), reason="gone", by=by, now=timezone.now())


def test_it_is_said_before_anybody_writes(writer):
    page = browser_of(writer).get(CONTACT).content.decode()
    assert "The administrators of the practice read the conversation too" in page
    assert "Choose “None of them” for what only you and we are to read." in page
    assert 'aria-describedby="contact_practice_helptext"' in page


def test_the_administrator_reads_it_and_goes_on_with_it(about_practice, writer, administrator):
    """Design: with what is unread by me and by my practice."""
    browser = browser_of(administrator)
    page = browser.get(MESSAGES).content.decode()
    for text in (about_practice.number, "Lakeside Clinic", "Uma Writer", ASKED["subject"]):
        assert text in page, text
    path = f"{MESSAGES}{about_practice.number}/"
    said = browser.get(path).content.decode()
    assert "Uma Writer wrote" in said
    assert "You wrote" not in said
    browser.post(path, {"text": "It is the list of May."})
    assert words_of(about_practice) == [ASKED["text"], "It is the list of May."]
    assert "Olga Adams wrote" in browser_of(writer).get(path).content.decode()


def test_unread_is_ones_own_and_the_practices(about_practice, writer, administrator, agent):
    """Design: one colleague's reading hides an item from nobody, and the practice sees whether anybody has read it."""
    replied(about_practice, agent)
    hers, theirs = browser_of(administrator), browser_of(writer)
    path = f"{MESSAGES}{about_practice.number}/"
    for browser in (hers, theirs):
        page = browser.get(MESSAGES).content.decode()
        assert "New answer" in page
        assert "Nobody of your practice has read it" in page
        assert "1 new answer<" in browser.get("/p/provider-online/home/").content.decode()
    hers.get(path)
    assert "New answer" not in hers.get(MESSAGES).content.decode()
    page = theirs.get(MESSAGES).content.decode()
    assert "New answer" in page
    assert "Nobody of your practice has read it" not in page


def test_what_is_about_no_practice_is_ones_own(writer, administrator):
    browser_of(writer).post(CONTACT, {**ASKED, "practice": "none"})
    number = Ticket.objects.get().number
    browser = browser_of(administrator)
    assert number not in browser.get(MESSAGES).content.decode()
    assert browser.get(f"{MESSAGES}{number}/").status_code == 404


def test_colleagues_and_other_practices_find_nothing(about_practice, practice):
    """policy, Always: the 404 of what does not exist."""
    elsewhere = PracticeFactory()
    for account in (practice_user(practice, "col.league"), practice_administrator(elsewhere, "other.admin")):
        browser = browser_of(account)
        assert about_practice.number not in browser.get(MESSAGES).content.decode()
        for answer in (
            browser.get(f"{MESSAGES}{about_practice.number}/"),
            browser.post(f"{MESSAGES}{about_practice.number}/", {"text": "injected"}),
        ):
            assert answer.status_code == 404
    assert words_of(about_practice) == [ASKED["text"]]


def test_whoever_left_leaves_it_to_the_practice(about_practice, writer, administrator, practice, agent, inbox):
    """Design: it passes to the practice, never to nobody; its administrators are told of the answer."""
    memberships.open(
        grant=membership(writer, practice).grant,
        practice=PracticeFactory(),
        role="user",
        origin=Origin.STAFF,
        by=None,
        now=NOW,
    )  # so that the portal stays open to them
    leaves(writer, practice, administrator)
    replied(about_practice, agent)
    theirs = browser_of(writer)
    for path in (MESSAGES, "/id/tickets/"):
        assert about_practice.number not in theirs.get(path).content.decode()
    for path in (f"{MESSAGES}{about_practice.number}/", f"/id/tickets/{about_practice.number}/"):
        assert theirs.get(path).status_code == 404
    reply = f"A reply to your ticket {about_practice.number}"
    assert reply not in [one.subject for one in inbox.all()], "whoever left cannot read it"
    mail = inbox.newest("mail", administrator.email)
    assert mail.subject == f"Ticket {about_practice.number} of your practice is answered"
    assert "Which list" not in mail.text + mail.html
    assert "Which list?" in browser_of(administrator).get(mail.link.removeprefix("http://testserver")).content.decode()


def test_while_the_writer_is_there_the_writer_alone_is_told(about_practice, writer, administrator, agent, inbox):
    replied(about_practice, agent)
    assert inbox.newest("mail", writer.email).subject == f"A reply to your ticket {about_practice.number}"
    kinds = OutboxMessage.objects.values_list("kind", flat=True)
    assert PracticeAnsweredMail.stored_as not in kinds
    assert "identity.TicketRepliedMail" in kinds


def test_where_nobody_runs_the_practice_nobody_fails(about_practice, writer, practice, agent):
    """The desk has it, and whoever runs the practice next."""
    leaves(writer, practice, agent)
    replied(about_practice, agent)
    assert not OutboxMessage.objects.filter(kind=PracticeAnsweredMail.stored_as).exists()
    later = practice_administrator(practice, "later.admin")
    assert about_practice.number in browser_of(later).get(MESSAGES).content.decode()


def test_a_file_of_a_colleague_is_opened_there_and_nowhere_else(writer, administrator, practice, stranger):
    file = files.looked_at(writer)
    chosen = {**ASKED, "practice": str(practice.pk), "own_files": [str(file.pk)]}
    browser_of(writer).post(CONTACT, chosen)
    ticket = Ticket.objects.get()
    path = f"{MESSAGES}{ticket.number}/files/{file.pk}/"
    browser = browser_of(administrator)
    assert path in browser.get(f"{MESSAGES}{ticket.number}/").content.decode()
    opened = browser.get(path)
    assert opened["Content-Disposition"].startswith("attachment")
    assert browser.get(f"{MESSAGES}T-2222-2222/files/{file.pk}/").status_code == 404
    assert browser.get(f"/id/files/{file.pk}/download/").status_code == 404
    other = practice_administrator(PracticeFactory(), "other.admin")
    assert browser_of(other).get(path).status_code == 404


def test_a_ticket_from_before_it_was_said_stays_its_writers(writer, administrator, practice):
    """Nobody told its writer that others would read it."""
    about = {"portal_key": "provider-online", "practice_id": practice.pk, "subject": "Old"}
    ticket = tickets.open(account=writer, topic="other", text="x", by=writer, now=NOW, **about)
    assert ticket.number not in browser_of(administrator).get(MESSAGES).content.decode()
    assert ticket.number in browser_of(writer).get(MESSAGES).content.decode()


class TestOptumPro:
    """Where practices have no administrators, those who answer for them read (S3-10)."""

    @staticmethod
    def _asks(row) -> Ticket:
        return tickets.ask(
            account=row.grant.account, portal_key="optum-pro", queue="optum-pro", practice_id=row.practice_id,
            topic="other", subject="A list", text="Empty.", contact=tickets.Contact(), now=NOW,
        )  # fmt: skip

    @staticmethod
    def _sees(row, ticket: Ticket) -> bool:
        return ticket.number in signed_in(row.grant.account).get("/p/optum-pro/messages/").content.decode()

    def test_by_an_attested_tax_id_and_in_their_own_name(self):
        """D-25: not by a number that was only typed; nor a vendor's people, who are there under a mandate."""
        practice = PracticeFactory(name="Hill Clinic")
        tin = TinFactory(practice=practice)
        ticket = self._asks(works_as("front_office", portal_key="optum-pro", practice=practice, tins=[tin]))
        typed = TinFactory(practice=practice, attested_at=None, attested_by=None)
        assert self._sees(mandates.signer(practice=practice), ticket)
        assert self._sees(mandates.signer(practice=practice, role="site_admin"), ticket)
        assert not self._sees(
            works_as("practice_manager", portal_key="optum-pro", practice=practice, tins=[typed]), ticket
        )
        assert not self._sees(
            works_as("billing_specialist", portal_key="optum-pro", practice=practice, tins=[tin]), ticket
        )
        mandate = mandates.agreed(
            mandates.vendor_person(role="practice_manager"),
            mandates.signer(practice=practice),
            roles=("practice_manager",),
        )
        of_vendor = mandate.memberships.get()
        assert not self._sees(of_vendor, ticket)
