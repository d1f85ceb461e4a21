"""Asking to be a practice's administrator: the form, the mailbox, and the request by its link (S4-01..04, D-25)."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from enrollment.domain import administrator_decisions, administrator_requests
from enrollment.domain.administrator_requests import RequestEnded
from enrollment.models import AdministratorRequest, Applicant
from identity.codes import codes
from identity.models import Challenge, MassAct
from identity.policy import lifecycle
from identity.record import journal
from identity.record.machine import NotPossible, Stale
from tests.conftest import make_staff
from tests.factories import NOW, PracticeFactory, TinFactory
from tests.steps.administrator_requests import (
    ASK,
    CODE,
    PORTAL,
    PRIMARY,
    TIN,
    TYPED,
    application,
    asked,
    decided,
    fill,
    path_of,
    sole,
    submitted,
)
from tests.steps.enumeration import masked
from tests.steps.invitations import practice_user
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
MAIL = "paula@example.org"


@pytest.fixture
def agent(db):
    return make_staff("pat.services", "service desk", (PORTAL,))


def text(response) -> str:
    return response.content.decode()


def only() -> AdministratorRequest:
    return AdministratorRequest.objects.get()


class TestForm:
    def test_it_is_linked_from_the_landing_page_and_says_what_the_document_says(self, client):
        """S4-01, S4-02, S4-03, S4-04, C37: labels word for word; each group a fieldset."""
        landing = text(client.get("/p/provider-online/"))
        assert f'href="{ASK}"' in landing
        assert "Provider OnLine Security Officer Application" in landing
        page = text(client.get(ASK))
        for said in (
            "Provider OnLine Account Request", "Required Information for Account Administrator: Primary",
            "Required Information for Account Administrator: Secondary", "Practice Information:", "First Name",
            "Last Name", "Phone Number", "E-mail", "Confirm E-mail", "Practice Name", "Address 1", "Address 2", "City",
            "State", "Zip Code", "Fax Number", "9-Digit Tax ID", "Confirm 9-Digit Tax ID",
            "(no spaces, dashes, or letters)", "Submit",
            "This Tax ID is associated with additional practice locations. [Note: Only one practice address needs to "
            "be entered for each Tax ID.]",
        ):  # fmt: skip
            assert said in page, said
        assert page.count("<fieldset") == 3

    def test_other_portals_have_no_such_page(self, client):
        for page in ("", "code/"):
            assert client.get(f"/p/claims/administrators/{page}").status_code == 404

    @pytest.mark.parametrize("tin", ["391234567", "39-1234567", "39 1234567", " 39–1234567 ", "39−1234567"])
    def test_every_dash_style_is_accepted(self, client, inbox, tin):
        """C11."""
        assert fill(client, tin=tin, tin_again="391234567").url == CODE
        assert (only().tin, only().tin_kind) == (TIN, "EIN")

    def test_an_ssn_is_told_by_its_dashes(self, client, inbox):
        """C11: the same digits may be either."""
        fill(client, tin="391-23-4567", tin_again="391-23-4567")
        assert (only().tin, only().tin_kind) == (TIN, "SSN")

    @pytest.mark.parametrize(
        ("changes", "field", "said"),
        [
            ({"primary_email_again": "other@example.org"}, "primary_email_again", "not alike"),
            ({"secondary_email_again": "other@example.org"}, "secondary_email_again", "not alike"),
            ({"tin_again": "39-1234568"}, "tin_again", "The two tax IDs are not alike"),
            ({"tin": "39-123456"}, "tin", "This is not a tax ID"),
            ({"tin": "39-1234567, 39-1234568"}, "tin", "Enter one tax ID"),
            ({"secondary_email": MAIL, "secondary_email_again": MAIL}, "secondary_email", "somebody else"),
            ({"secondary_email": "PAULA@Example.ORG ", "secondary_email_again": MAIL}, "secondary_email", "somebody"),
            ({"secondary_first_name": ""}, "secondary_first_name", "First Name"),
            ({"sole_practitioner": "on"}, "sole_practitioner", "Leave the boxes"),
            ({"primary_email": "раula@example.org"}, "primary_email", "valid"),  # a Cyrillic letter
            ({"practice_state": "XX"}, "practice_state", "valid choice"),
        ],
    )
    def test_what_is_wrong_stands_at_the_field_and_in_the_summary(self, client, changes, field, said):
        """Bad input; what was typed is kept."""
        answer = fill(client, **changes)
        page = text(answer)
        assert answer.status_code == 200
        assert said in " ".join(answer.context["form"].errors[field])
        assert f'href="#id_{field}"' in page
        assert 'value="Lakeside Clinic"' in page
        assert not AdministratorRequest.objects.exists()

    def test_the_summary_names_the_group(self, client):
        """C37: a label that stands three times."""
        page = text(fill(client, primary_phone="", secondary_phone="", phone=""))
        for group in ("Primary administrator", "Secondary administrator", "Practice Information"):
            assert f"{group}: Fill in “Phone Number”." in page

    def test_a_sole_practitioner_names_nobody_else(self, client, inbox):
        """S4-02: the box says so."""
        assert client.post(ASK, sole()).url == CODE
        assert only().secondary is None

    def test_the_limits_of_an_address_and_a_network(self, client, inbox):
        """Bad input: ten an hour of one address, thirty from one network."""
        for number in range(10):
            assert fill(client, practice_name=f"Clinic {number}").status_code == 302
        assert "Too many requests were sent." in text(fill(client, practice_name="One more"))
        for number in range(19):
            mail = f"p{number}@example.org"
            assert fill(Client(), primary_email=mail, primary_email_again=mail).status_code == 302
        mail = "one.more@example.org"
        assert "Too many requests were sent." in text(fill(client, primary_email=mail, primary_email_again=mail))

    def test_a_stranger_uses_up_nobodys_mailbox(self, inbox):
        """Policy: resend. Whoever types somebody's address at one network gets half of the ten codes that a mailbox may
        get in a day, and their requests are counted apart: its owner, elsewhere, is still asked for theirs."""
        now = timezone.now()
        for number in range(10):
            with time_machine.travel(now + number * timedelta(minutes=20), tick=False):
                fill(Client(REMOTE_ADDR="192.0.2.9"), practice_name=f"Clinic {number}")
        assert Challenge.objects.count() == 5
        owner = Client(REMOTE_ADDR="198.51.100.7")
        with time_machine.travel(now + timedelta(hours=4), tick=False):
            assert fill(owner).url == CODE
            assert Challenge.objects.count() == 6
            prove = owner.post(CODE, {"code": inbox.newest("mail", MAIL).code})
        assert AdministratorRequest.objects.get(state="submitted").practice_name == TYPED["practice_name"]
        assert prove.status_code == 302

    def _used_up(self, inbox, now, *networks):
        """What strangers at these networks can do within a day: they ask in turn, an hour apart, as often as they may."""
        for turn, network in enumerate(networks * 6):
            with time_machine.travel(now + turn * timedelta(minutes=61), tick=False):
                fill(Client(REMOTE_ADDR=network), practice_name=f"Clinic {turn}")
                inbox.all()  # delivered, each in its time

    def test_many_strangers_use_up_nothing_of_an_owner_who_opened_a_link(self, inbox):
        """Decision 0061: whoever opens a link that was mailed reads the mailbox, and has codes of their own."""
        now = timezone.now()
        self._used_up(inbox, now, "192.0.2.9", "198.51.100.8", "203.0.113.7")
        sent = Challenge.objects.count()
        assert sent == 10
        owner = Client(REMOTE_ADDR="198.51.100.77")
        with time_machine.travel(now + timedelta(hours=19), tick=False):
            fill(owner, practice_name="Without the link")
            assert Challenge.objects.count() == sent, "nobody knows whose browser this is"
            assert owner.get(inbox.newest("mail", MAIL).link).status_code == 200
            assert fill(owner).url == CODE
            assert Challenge.objects.count() == sent + 1
            fill(Client(REMOTE_ADDR="203.0.113.200"), practice_name="Another stranger")
            prove = owner.post(CODE, {"code": inbox.newest("mail", MAIL).code})
        assert prove.status_code == 302
        assert AdministratorRequest.objects.get(state="submitted").practice_name == TYPED["practice_name"]

    def test_nor_of_one_who_is_signed_in_with_the_mailbox(self, inbox):
        now = timezone.now()
        self._used_up(inbox, now, "192.0.2.9", "198.51.100.8", "203.0.113.7")
        account = practice_user(PracticeFactory(), "paula.prime", email=MAIL)
        with time_machine.travel(now + timedelta(hours=19), tick=False):
            owner, other = signed_in(account), signed_in(practice_user(PracticeFactory(), "mal.ory"))
            fill(other)
            assert Challenge.objects.filter(purpose="mailbox").count() == 0
            fill(owner)
        assert Challenge.objects.filter(purpose="mailbox").count() == 1

    def test_nor_of_an_invitation_to_the_same_mailbox(self, inbox):
        """D-26: the code of an invitation, which a stranger could use up, or end by wrong tries."""
        now = timezone.now()
        self._used_up(inbox, now, "192.0.2.9", "198.51.100.8", "203.0.113.7")
        own = codes.issue(account=None, purpose="mailbox", target=MAIL, channel="mail", now=now + timedelta(hours=19))
        assert codes.newest(account=None, purpose="mailbox", target=MAIL) == own

    def test_pressed_twice_it_is_one_request(self, client, inbox):
        for _ in range(2):
            assert fill(client).url == CODE
        assert AdministratorRequest.objects.count() == 1

    def test_what_people_typed_lies_encrypted(self, client, inbox):
        """rooms: personal data and tax ID; the tax ID is found by its key."""
        fill(client)
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM enrollment_administratorrequest")
            row = " ".join(str(cell) for cell in cursor.fetchone())
        for typed in ("Paula", "Prime", MAIL, "sam@example.org", TIN, "4145550101"):
            assert typed not in row
        assert only().primary == Applicant(**PRIMARY)


class TestProof:
    def test_nobody_is_told_anything_before(self, client, inbox, agent):
        """The machine's unproved: no queue, no mail but the one to the address itself."""
        practice = TinFactory(digits=TIN).practice
        oaa = practice_user(practice, "olga.admin", role="administrator")
        assert inbox.all()  # her own mails
        inbox.clear()
        fill(client)
        administrator_decisions.tell_administrators(now=timezone.now())
        assert {mail.to for mail in inbox.all()} == {MAIL}
        assert oaa.email != MAIL
        assert only().state == "unproved"

    def test_by_code(self, client, inbox):
        fill(client)
        mail = inbox.newest("mail", MAIL)
        answer = client.post(CODE, {"code": mail.code})
        assert answer.url == path_of(only())
        page = text(client.get(answer.url))
        assert only().number in page
        assert "Your request is with Provider Services." in page
        assert "What happens next" in page
        received = inbox.newest("mail", MAIL)
        assert only().number in received.text
        assert received.link == path_of(only())

    def test_by_the_link_of_the_same_mail_in_another_browser(self, client, inbox):
        fill(client)
        link = inbox.newest("mail", MAIL).link
        other = Client()
        page = text(other.get(link))
        assert "Confirm and send the request" in page
        assert "Paula Prime" in page
        assert "39-1234567" not in page
        assert other.post(link).url == path_of(only())
        assert only().state == "submitted"

    def test_whoever_only_typed_the_address_never_gets_the_link(self, client, inbox):
        """Bad input: a stranger types somebody's address, and the owner confirms by the mailed link."""
        fill(client)
        Client().post(inbox.newest("mail", MAIL).link)
        for answer in (client.get(CODE), client.post(CODE, {"code": "AAAA-AAAA"}), fill(client)):
            assert path_of(only()) not in text(answer) + answer.headers.get("Location", "")
        assert "Your email address is confirmed" in text(client.get(CODE))

    def test_a_code_that_is_sent_twice_leads_to_the_same_page(self, client, inbox):
        fill(client)
        code = inbox.newest("mail", MAIL).code
        for _ in range(2):
            assert client.post(CODE, {"code": code}).url == path_of(only())

    def test_looking_uses_nothing_up(self, client, inbox):
        """policy, Always: HEAD, GET, GET five times of every link; then the person succeeds."""
        fill(client)
        link = inbox.newest("mail", MAIL).link
        before = (AdministratorRequest.objects.values().get(), Challenge.objects.count())
        for _ in range(5):
            for robot in (Client().head, Client().get):
                assert robot(link).status_code == 200
                assert robot(f"{link}correct/").status_code == 302
                assert robot(f"{link}withdraw/").status_code == 302
        assert before == (AdministratorRequest.objects.values().get(), Challenge.objects.count())
        Client().post(link)
        assert only().state == "submitted"

    def test_a_wrong_code_and_a_new_one(self, client, inbox):
        fill(client)
        assert client.post(CODE, {"code": "AAAA-AAAA"}).status_code == 200
        assert only().state == "unproved"
        client.post(CODE, {"resend": "1"})
        assert "No further message was sent yet" in text(client.get(CODE))  # a moment after the first

    def test_a_browser_that_began_none_is_led_to_the_form(self, client):
        assert client.get(CODE).url == ASK

    @pytest.mark.parametrize(("off", "works"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
    def test_24_hours_to_the_second(self, client, inbox, off, works):
        """lifecycle administrator_request_proof, however late the job is."""
        row = asked(now=NOW)
        end = NOW + lifecycle.after("administrator_request_proof")
        with time_machine.travel(end + off, tick=False):
            assert client.get(path_of(row)).status_code == (200 if works else 410)
            assert client.post(path_of(row)).status_code == (302 if works else 410)
            assert administrator_requests.delete_unproved(now=end + off) == (0 if works else 1)
        assert AdministratorRequest.objects.exists() is works
        if not works:
            assert client.get(path_of(row)).status_code == 404

    def test_the_page_and_its_queries_are_the_same_whatever_the_tax_id_is(self, inbox):
        """D-25: a tax ID is never confirmed to a stranger, at the form and at the proof."""
        practice_user(TinFactory(digits=TIN).practice, "olga.admin", role="administrator")
        TinFactory(digits="391234568")
        pages, counts = set(), set()
        for number, tin in enumerate(("391234567", "391234568", "391234569")):
            mail = f"asker{number}@example.org"
            browser = Client()
            browser.get(ASK)
            with CaptureQueriesContext(connection) as seen:
                fill(browser, tin=tin, tin_again=tin, primary_email=mail, primary_email_again=mail)
            code_page = masked(browser.get(CODE))
            code = inbox.newest("mail", mail).code
            with CaptureQueriesContext(connection) as proving:
                browser.post(CODE, {"code": code})
            pages.add(code_page)
            counts.add((len(seen), len(proving)))
        assert len(pages) == 1
        assert len(counts) == 1


class TestByItsLink:
    def test_a_link_that_was_cut_or_made_up(self, client):
        row = submitted()
        for link in (path_of(row)[:-3] + "/", "/enroll/administrators/x/", path_of(row).replace("-", "-A", 1)):
            answer = client.get(link)
            assert answer.status_code == 404
            assert "This link leads nowhere" in text(answer)

    def test_a_returned_request_is_corrected(self, client, inbox, agent):
        """returned ⇄ submitted: the reason, what was typed, the proved address stays, the tax ID is typed anew."""
        row = decided(submitted(), "returned", by=agent, reason="The address is missing its suite.")
        mail = inbox.newest("mail", MAIL)
        assert "The address is missing its suite." in mail.text
        page = text(client.get(mail.link))
        assert "The address is missing its suite." in page
        form = client.get(f"{mail.link}correct/")
        assert 'value="Lakeside Clinic"' in text(form)
        assert "1234567" not in text(form)
        sent = {**TYPED, "address_2": "Suite 4", "primary_email": "mallory@example.org", "version": row.version}
        assert client.post(f"{mail.link}correct/", sent).url == mail.link
        row.refresh_from_db()
        assert (row.state, row.address_2, row.primary.email) == ("submitted", "Suite 4", MAIL)
        assert "sent again" in text(client.get(mail.link))
        kinds = [journal.title_of(entry) for entry in journal.history(of=row)]
        assert kinds[0] == "Administrator request corrected and sent again"

    def test_a_sole_practitioner_corrects_too(self, client, agent):
        row = decided(submitted(secondary=None), "returned", by=agent)
        form = client.get(path_of(row, "correct/")).context["form"]
        assert form["sole_practitioner"].value() is True
        typed = sole(version=row.version, city="Madison")
        assert client.post(path_of(row, "correct/"), typed).status_code == 302
        assert only().city == "Madison"

    def test_an_older_page_corrects_nothing(self, agent):
        row = decided(submitted(), "returned", by=agent)
        with pytest.raises(Stale):
            administrator_requests.correct(
                request=row, application=application(), seen=row.version - 1, now=timezone.now()
            )

    def test_it_is_withdrawn_after_a_question(self, client, inbox, agent):
        row = submitted()
        assert "Withdraw this request?" in text(client.get(path_of(row, "withdraw/")))
        assert client.post(path_of(row, "withdraw/")).url == path_of(row)
        assert "You have withdrawn this request." in text(client.get(path_of(row)))
        with pytest.raises(NotPossible):
            decided(row, "approved", by=agent)
        assert client.post(path_of(row, "withdraw/")).status_code == 302  # a second press: the same page
        assert client.get(path_of(row, "withdraw/")).url == path_of(row)

    @pytest.mark.parametrize(("off", "open_"), [(-SECOND, True), (0 * SECOND, False), (SECOND, False)])
    def test_30_days_to_the_second(self, client, inbox, agent, off, open_):
        """lifecycle administrator_request_open, however late the job is."""
        row = decided(submitted(now=NOW), "returned", by=agent, now=NOW)
        end = NOW + lifecycle.after("administrator_request_open")
        with time_machine.travel(end + off, tick=False):
            assert client.get(path_of(row, "correct/")).status_code == (200 if open_ else 410)
            assert administrator_requests.expire_returned(now=end + off) == (0 if open_ else 1)
            assert ("This request has expired." in text(client.get(path_of(row)))) is not open_
            assert ("has expired" in inbox.newest("mail", MAIL).subject) is not open_

    def test_each_state_has_a_page_that_says_what_is_next(self, client, agent):
        denied = decided(submitted(), "denied", by=agent, reason="No contract.")
        page = text(client.get(path_of(denied)))
        assert "Your request was denied." in page
        assert "No contract." in page
        assert "Fill in a new request" in page
        approved = decided(submitted(tin="391234599"), "approved", by=agent)
        assert "Your request was approved." in text(client.get(path_of(approved)))


class TestJobs:
    def test_many_unconfirmed_at_once_wait_for_two_people(self):
        """policy, mass acts: more than a thousand of them are no ordinary day."""
        row = asked(now=NOW)
        facts = {f.attname: getattr(row, f.attname) for f in row._meta.fields if f.attname not in ("id", "number")}
        AdministratorRequest.objects.bulk_create(
            AdministratorRequest(number=f"A-{number:09}", **facts) for number in range(1000)
        )
        late = NOW + timedelta(days=2)
        assert administrator_requests.delete_unproved(now=late) == 0
        assert MassAct.objects.get().state == "frozen"
        AdministratorRequest.objects.filter(number="A-000000001").delete()
        assert administrator_requests.delete_unproved(now=late) == 1000

    def test_many_returned_at_once_wait_for_two_people(self, agent):
        """policy, mass acts."""
        row = decided(submitted(now=NOW), "returned", by=agent, now=NOW)
        facts = {f.attname: getattr(row, f.attname) for f in row._meta.fields if f.attname not in ("id", "number")}
        AdministratorRequest.objects.bulk_create(
            AdministratorRequest(number=f"A-{number:09}", **facts) for number in range(50)
        )
        assert administrator_requests.expire_returned(now=NOW + timedelta(days=31)) == 0
        assert MassAct.objects.get().state == "frozen"


@pytest.mark.parametrize(
    "facts",
    [{"state": "submitted"}, {"state": "denied", "proved_at": NOW, "submitted_at": NOW}, {"claimed_until": NOW}],
    ids=["proved first", "decided by staff", "claimed by somebody"],
)
def test_the_database_keeps_the_promise(facts):
    row = asked()
    with pytest.raises(IntegrityError), transaction.atomic():
        AdministratorRequest.objects.filter(pk=row.pk).update(**facts)


@pytest.mark.parametrize(("page", "budget"), [("", 1), ("correct/", 1), ("withdraw/", 1)])
def test_the_pages_keep_their_query_budget(client, agent, page, budget, django_assert_max_num_queries):
    """speed."""
    row = decided(submitted(), "returned", by=agent)
    client.get(path_of(row, page))
    with django_assert_max_num_queries(budget + 1):  # the first opening of a mailed page is kept
        assert client.get(path_of(row, page)).status_code == 200


def test_the_form_asks_the_database_nothing(client, django_assert_num_queries):
    """speed."""
    client.get(ASK)
    with django_assert_num_queries(0):
        assert client.get(ASK).status_code == 200


def test_a_request_without_its_row_is_no_mail(inbox):
    """A job deletes what was never confirmed: its mail is not sent any more."""
    row = asked()
    with transaction.atomic():
        administrator_requests.send_code(request=row, purpose="typed_mailbox", now=timezone.now())
    row.delete()
    assert not [mail for mail in inbox.all() if mail.to == MAIL]


def test_a_proved_request_cannot_be_proved_again():
    row = submitted()
    with pytest.raises(NotPossible):
        administrator_requests.prove(request=row, proof=None, now=timezone.now())
    late = asked(now=NOW)
    with pytest.raises(RequestEnded):
        administrator_requests.send_code(request=late, purpose="typed_mailbox", now=NOW + timedelta(days=1))
