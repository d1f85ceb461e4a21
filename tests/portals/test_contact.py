"""Contact Us gives a ticket number, signed in or not; "Messages" shows what one wrote and what is new (S3-16, S4-16)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from identity.models import Contact, Ticket
from identity.notices import ticket_links, tickets
from identity.policy import lifecycle
from portals import checks, registry
from portals.spec import ContactTopic
from rbac.domain import memberships
from rbac.models import Origin, Practice
from rbac.roles import USER
from tests.factories import NOW, AccountFactory, GrantFactory
from tests.steps.sign_in import signed_in
from tests.steps.tickets import words_of

pytestmark = pytest.mark.django_db
PAGE = "/p/claims/contact/"
ASKED = {"topic": "trouble", "subject": "An empty list", "text": "The list of claims is empty.", "phone": ""}
STRANGER = {**ASKED, "name": "Ann Field", "email": "ann@example.org", "phone": "310-555-0123"}


def number_on(page: str) -> str:
    return re.search(r"T-[2-9A-Z]{4}-[2-9A-Z]{4}", page).group()


class TestSignedIn:
    def test_it_gives_a_number_and_a_conversation(self, provider, inbox):
        """S3-16: issue, question, contact information; upon submission a ticket number for tracking."""
        browser = signed_in(provider)
        page = browser.get(PAGE).content.decode()
        for label in ("Issue", "Question", "Contact information", provider.email):
            assert label in page, label
        shown = browser.post(PAGE, {**ASKED, "phone": "310-555-0123"}, follow=True)
        ticket = Ticket.objects.get()
        assert shown.redirect_chain == [(f"/id/tickets/{ticket.number}/", 302)]
        assert f"Your ticket number is {ticket.number}." in shown.content.decode()
        assert 'data-portal="claims"' in shown.content.decode()
        assert (ticket.account, ticket.portal_key, ticket.queue, ticket.topic) == (
            provider, "claims", "claims", "trouble",
        )  # fmt: skip
        assert (ticket.subject, words_of(ticket)) == (ASKED["subject"], [ASKED["text"]])
        assert ticket.contact == Contact(phone="310-555-0123", language="en")
        mail = inbox.newest("mail", provider.email)
        assert mail.subject == f"Your ticket {ticket.number}"
        assert "empty" not in mail.text + mail.html

    def test_a_doubled_press_is_one_ticket(self, provider):
        browser = signed_in(provider)
        for _ in range(2):
            browser.post(PAGE, ASKED)
        assert Ticket.objects.count() == 1
        browser.post(PAGE, {**ASKED, "text": "Another list is empty, too."})
        assert Ticket.objects.count() == 2

    def test_messages_are_those_of_the_portal_and_say_what_is_new(self, provider, stranger, agent):
        """S4-16 "Messages": an empty page says what to do."""
        GrantFactory(account=provider)
        browser = signed_in(provider)
        empty = browser.get("/p/claims/messages/").content.decode()
        assert "You have no messages." in empty
        assert f'href="{PAGE}"' in empty
        browser.post(PAGE, ASKED)
        mine = Ticket.objects.get()
        about = {"portal_key": "claims", "subject": "Not mine"}
        tickets.open(account=stranger, topic="other", text="x", by=stranger, now=NOW, **about)
        tickets.open(account=provider, topic="other", text="x", by=provider, now=NOW, portal_key="physician")
        tickets.reply(ticket=mine, text="Which list?", by=agent, now=NOW)
        page = browser.get("/p/claims/messages/").content.decode()
        assert re.findall(r"T-[2-9A-Z]{4}-[2-9A-Z]{4}(?=<)", page) == [mine.number]
        assert "New answer" in page
        assert "1 new answer<" in browser.get("/p/claims/home/").content.decode()

    @pytest.mark.parametrize(
        ("page", "kept"),
        [
            ("/id/reset/00000000000000000000000000000007-secret/", ""),
            ("/enroll/invitation/00000000000000000000000000000007-secret/join/", ""),
            ("/p/claims/home/", "/p/claims/home/"),
        ],
    )
    def test_no_key_of_a_mailed_link_stands_in_a_ticket(self, provider, page, kept):
        """S3-16: staff read from which page somebody wrote, and the dialog stands on each page."""
        GrantFactory(account=provider)
        browser = signed_in(provider)
        assert ("secret" in browser.get(PAGE, {"page": page}).content.decode().partition("<form")[2]) is False
        browser.post(PAGE, ASKED | {"page": page})
        assert Ticket.objects.get().page == kept

    def test_it_names_the_practice_that_it_is_about(self, agent):
        """D-29: the chosen one, and never somebody else's; none is chosen for anybody, for others read it then."""
        account = AccountFactory(realm="provider-online", login_name="kim.office", phone="+13105550123")
        grant = GrantFactory(account=account, portal_key="provider-online")
        north, south, other = (Practice.objects.create(name=name) for name in ("North", "South", "Other"))
        page, asked = "/p/provider-online/contact/", {**ASKED, "topic": "practice"}
        browser = signed_in(account, verified=True)
        for practice in (north, south):
            memberships.open(
                grant=grant, practice=practice, role=USER, origin=Origin.STAFF, reason="call", by=None, now=NOW
            )
            if practice == north:
                browser.post(page, {**asked, "text": "By itself."})
                browser.post(page, {**asked, "text": "The only one.", "practice": str(north.pk)})
        assert "Which practice is it about?" in browser.get(page).content.decode()
        for chosen in (str(other.pk), ""):
            browser.post(page, {**asked, "text": "Not mine.", "practice": chosen})
        browser.post(page, {**asked, "text": "Chosen.", "practice": str(south.pk)})
        browser.post(page, {**asked, "text": "Of none.", "practice": "none"})
        found = Ticket.objects.order_by("pk")
        assert [(words_of(one)[0], one.practice_id) for one in found] == [
            ("The only one.", north.pk), ("Chosen.", south.pk), ("Of none.", None),
        ]  # fmt: skip

    def test_a_conversation_stands_under_its_own_portal_and_person_only(self, provider, stranger):
        """The bytes of a missing one."""
        for account in (provider, stranger):
            GrantFactory(account=account)
        theirs = tickets.open(account=stranger, topic="other", text="x", by=stranger, now=NOW, portal_key="claims")
        elsewhere = tickets.open(account=provider, topic="other", text="x", by=provider, now=NOW)
        browser = signed_in(provider)
        for number in (theirs.number, elsewhere.number, "T-2222-2222"):
            for answer in (
                browser.get(f"/p/claims/messages/{number}/"),
                browser.post(f"/p/claims/messages/{number}/", {"text": "x"}),
            ):
                assert answer.status_code == 404

    def test_people_of_another_realm_are_led_to_their_own(self, provider):
        answer = signed_in(provider).get("/p/provider-online/messages/")
        assert answer.url == "/p/provider-online/other-account/"

    def test_provider_online_has_messages_of_its_own(self):
        """S4-16: its tile leads there, and Provider Services answer."""
        account = AccountFactory(realm="provider-online", login_name="kim.office", phone="+13105550123")
        GrantFactory(account=account, portal_key="provider-online")
        browser = signed_in(account, verified=True)
        asked = browser.get("/p/provider-online/contact/").content.decode()
        assert "inside__menu" in asked
        assert "Have your username, and" in asked
        sent = browser.post("/p/provider-online/contact/", {**ASKED, "topic": "practice"}, follow=True)
        ticket = Ticket.objects.get()
        page = f"/p/provider-online/messages/{ticket.number}/"
        assert (ticket.queue, sent.redirect_chain) == ("provider-online", [(page, 302)])
        listed = browser.get("/p/provider-online/messages/").content.decode()
        assert ASKED["subject"] in listed
        assert f'href="{page}"' in listed
        said = browser.post(page, {"text": "And this."}, follow=True)
        assert said.redirect_chain == [(page, 302)]
        assert words_of(ticket) == [ASKED["text"], "And this."]
        tiles = registry.get("provider-online").tiles
        assert [tile.page for tile in tiles if tile.name == "Messages"] == ["portal_messages"]


class TestStrangers:
    def test_whoever_has_no_account_gets_a_number_too(self, client):
        page = client.post(PAGE, STRANGER, follow=True)
        ticket = Ticket.objects.get()
        assert page.redirect_chain == [(f"{PAGE}sent/", 302)]
        assert number_on(page.content.decode()) == ticket.number
        assert (ticket.account, ticket.status, ticket.queue) == (None, "open", "claims")
        assert ticket.contact == Contact(name="Ann Field", email="ann@example.org", phone="310-555-0123", language="en")

    def test_nothing_that_was_typed_lies_in_clear(self, client):
        client.post(PAGE, STRANGER)
        with connection.cursor() as cursor:
            cursor.execute("SELECT subject, contact FROM identity_ticket")
            lying = "".join(cursor.fetchone())
        assert not [word for word in ("Ann", "ann@", "0123", "empty") if word in lying]

    def test_an_address_that_somebody_has_changes_nothing(self, client, provider):
        """policy, Always: the same answer, and the ticket is nobody's but the writer's."""
        pages = []
        for email in (provider.email, "nobody@example.org"):
            client.cookies.clear()
            page = client.post(PAGE, {**STRANGER, "email": email}, follow=True).content.decode()
            pages.append(re.sub(r"T-[2-9A-Z]{4}-[2-9A-Z]{4}|nonce=\"[^\"]*\"|value=\"[^\"]{60,}\"", "", page))
        assert pages[0] == pages[1]
        assert not Ticket.objects.of(provider).exists()

    def test_a_ticket_of_nobody_is_opened_by_its_link_alone(self, client, provider):
        """Neither signed out nor signed in, not even with the address that was given: read, listed or written into."""
        client.post(PAGE, {**STRANGER, "email": provider.email})
        number = Ticket.objects.get().number
        GrantFactory(account=provider)
        hers = signed_in(provider)
        for path in (f"/id/tickets/{number}/", f"/p/claims/messages/{number}/"):
            assert Client().get(path).url.startswith("/id/sign-in/")
            assert Client().post(path, {"text": "injected"}).url.startswith("/id/sign-in/")
            assert hers.get(path).status_code == hers.post(path, {"text": "injected"}).status_code == 404
        for path in ("/id/tickets/", "/p/claims/messages/"):
            assert number not in hers.get(path).content.decode()
        assert words_of(Ticket.objects.get()) == [STRANGER["text"]]

    def test_a_doubled_press_is_one_ticket(self, client):
        for _ in range(2):
            client.post(PAGE, STRANGER)
        assert Ticket.objects.count() == 1

    def test_the_page_of_the_number_shows_only_ones_own(self, client):
        assert client.get(f"{PAGE}sent/").url == PAGE

    @pytest.mark.parametrize("varied", ["name", "email"])
    def test_ten_an_hour_of_one_writer_thirty_of_one_network(self, client, varied):
        """Spam: limits as elsewhere; what was typed is kept."""
        allowed = 10 if varied == "name" else 30
        for number in range(allowed):
            typed = {**STRANGER, "text": f"Text {number}", varied: f"a{number}@example.org"}
            assert client.post(PAGE, typed).status_code == 302
        last = {**STRANGER, "text": "One too many", varied: "z@example.org"}
        refused = client.post(PAGE, last).content.decode()
        assert "You have sent many messages." in refused
        assert "One too many</textarea>" in refused
        assert Ticket.objects.count() == allowed

    @pytest.mark.parametrize(
        ("field", "typed", "said"),
        [
            ("topic", "", "What is it about?"),
            ("topic", "everything", "everything"),
            ("subject", "", "Fill in “Issue”."),
            ("subject", "x" * 121, "at most 120 characters"),
            ("text", "\0", "Fill in “Question”."),
            ("text", "x" * 4001, "at most 4000 characters"),
            ("name", "", "Fill in “Your name”."),
            ("email", "not an address", "Email Address"),
        ],
    )
    def test_a_mistake_is_named_at_its_field_and_the_rest_is_kept(self, client, field, typed, said):
        page = client.post(PAGE, {**STRANGER, field: typed}).content.decode()
        assert "There is a problem" in page
        assert said in page
        assert f'id="contact_{field}_error"' in page
        assert 'value="Ann Field"' in page or field == "name"
        assert not Ticket.objects.exists()

    def test_looking_asks_the_database_nothing(self, client, django_assert_num_queries):
        client.get(PAGE)
        with django_assert_num_queries(0):
            assert client.get(PAGE).status_code == 200

    def test_each_answer_is_told_by_mail_and_read_behind_its_link(self, client, agent, inbox):
        """ground 4: that there is one, never what it is; nothing is used up by looking. Nothing that was typed, the
        name neither, is sent to an address that nobody proved: we carry no advertisement."""
        client.post(PAGE, STRANGER)
        ticket = Ticket.objects.get()
        opened = inbox.newest("mail", "ann@example.org")
        assert opened.subject == f"Your ticket {ticket.number}"
        assert not [word for word in ("Ann", "empty", "0123") if word in opened.subject + opened.text + opened.html]
        tickets.reply(ticket=ticket, text="Which list?", by=agent, now=timezone.now())
        mail = inbox.newest("mail", "ann@example.org")
        assert mail.subject == f"A reply to your ticket {ticket.number}"
        assert "Which list" not in mail.text + mail.html
        elsewhere = Client()
        for _ in range(2):
            page = elsewhere.get(mail.link).content.decode()
            assert "Which list?" in page
            assert 'data-portal="claims"' in page
        sent = elsewhere.post(mail.link, {"text": "That of claims."}, follow=True)
        assert "Your message was added" in sent.content.decode()
        ticket.refresh_from_db()
        assert (ticket.status, words_of(ticket)[-1]) == ("in progress", "That of claims.")

    def test_the_mail_speaks_the_language_of_the_writer(self, client, inbox):
        client.cookies["django_language"] = "es"
        client.post(PAGE, STRANGER)
        assert Ticket.objects.get().contact.language == "es"
        assert "Hola" in inbox.newest("mail", "ann@example.org").text

    def test_a_link_is_bound_to_its_ticket_and_its_address(self, client, provider, inbox):
        """Guessed, cut, of another ticket, of one that has an account: nothing of ours."""
        client.post(PAGE, STRANGER)
        link = inbox.newest("mail", "ann@example.org").link
        ticket = Ticket.objects.get()
        of_account = tickets.open(account=provider, topic="other", text="x", by=provider, now=NOW)
        for wrong in (
            link[:-2] + "/",
            link.replace(f"{ticket.pk:032x}", f"{of_account.pk:032x}"),
            "/id/tickets/by-mail/x/",
            f"/id/tickets/by-mail/{'f' * 32}-x/",
        ):
            answer = Client().get(wrong)
            assert answer.status_code == 410, wrong
            assert ticket.number not in answer.content.decode()
        Ticket.objects.filter(pk=ticket.pk).update(contact=Contact(name="Ann", email="other@example.org"))
        assert Client().get(link).status_code == 410

    def test_the_link_ends_with_the_time_in_which_a_reply_belongs_to_it(self, client, agent):
        client.post(PAGE, STRANGER)
        ticket = Ticket.objects.get()
        tickets.close(ticket=ticket, answer="Done.", by=agent, now=NOW)
        token = ticket_links.path_of(ticket).split("/")[-2]
        end = NOW + lifecycle.after("ticket_reply")
        assert ticket_links.find(token, now=end - timedelta(seconds=1)) == ticket
        with pytest.raises(ticket_links.LinkEnded):
            ticket_links.find(token, now=end)


class TestTopics:
    """S3-16: routed to the appropriate team member."""

    def test_each_goes_to_the_queue_that_the_definition_names(self, client):
        client.post("/p/referrals/contact/", {**STRANGER, "topic": "access"})
        ticket = Ticket.objects.get()
        assert (ticket.portal_key, ticket.queue) == ("referrals", "claims")

    def test_every_portal_offers_some_and_somebody_answers_each(self):
        for portal in registry.portals().values():
            assert portal.topics, portal.key
            assert checks._topics(portal) == []

    def test_a_definition_that_names_what_nobody_answers_does_not_start(self):
        portal = registry.get("referrals")
        wrong = type(portal)(
            **{name: getattr(portal, name) for name in portal.__dataclass_fields__}
            | {"topics": (ContactTopic(key="weather", queue="claims"), ContactTopic(key="other", queue="referrals"))}
        )
        assert checks._topics(wrong) == [
            "its topic weather is unknown.",
            "its topic other goes to the queue of referrals, which has none.",
        ]

    def test_the_way_there_stands_at_the_bottom_of_every_page(self, client):
        """S3-16: "Contact Us" at the bottom of the site."""
        foot = client.get("/p/claims/help/").content.decode().split('<footer class="foot">')[1]
        assert f'<a href="{PAGE}" data-contact-us>Contact Us</a>' in foot

    def test_the_desk_sees_queue_and_contact(self, client, agent):
        client.post(PAGE, STRANGER)
        desk, ticket = signed_in(agent, verified=True), Ticket.objects.get()
        assert "Claims Online Portal" in desk.get("/admin/identity/ticket/").content.decode()
        page = desk.get(f"/admin/identity/ticket/{ticket.pk}/change/").content.decode()
        for text in ("Ann Field", "ann@example.org", "310-555-0123", "Written without signing in", ASKED["subject"]):
            assert text in page, text
