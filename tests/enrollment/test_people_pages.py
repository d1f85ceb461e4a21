"""Security Management, page by page (S4-16..24): own practice alone, every answer said, nothing told to strangers."""

import re
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from enrollment.domain.invitations import Invitee
from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.models import Account, OutboxMessage
from rbac.domain import grants, memberships
from rbac.models import Membership, Origin, Practice
from rbac.roles import ADMINISTRATOR
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps.invitations import PORTAL, path_of, practice_administrator, practice_user, user_invited
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
TYPED = {
    "first_name": "Nora", "last_name": "Office", "email": "nora@example.org", "email_again": "NORA@example.org ",
    "address_1": "1 Lake St", "address_2": "", "city": "Milwaukee", "state": "WI", "zip": "53202",
    "work_phone": "414-555-0100", "ends_on": "",
}  # fmt: skip


@pytest.fixture
def practice(db) -> Practice:
    return Practice.objects.create(name="Lakeside Clinic", address_1="1 Lake St", city="Milwaukee", state="WI")


@pytest.fixture
def oaa(practice) -> Account:
    return practice_administrator(practice, "olga.admin")


@pytest.fixture
def user(practice) -> Account:
    return practice_user(practice, "uma.user", first_name="Uma", last_name="Miller")


@pytest.fixture
def browser(oaa) -> Client:
    return signed_in(oaa, verified=True)


def path(name: str, practice: Practice, *more: object) -> str:
    return reverse(name, args=[PORTAL, practice.pk, *more])


def text(answer) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def key_of(account: Account) -> int:
    return Membership.objects.current().get(grant__account=account).pk


class TestStart:
    def test_the_menu_leads_to_the_own_practice(self, browser, practice):
        """S4-16, S4-20."""
        home = browser.get(f"/p/{PORTAL}/home/").content.decode()
        assert f'href="/p/{PORTAL}/security/"' in home
        assert browser.get(f"/p/{PORTAL}/security/").url == path("people", practice)

    def test_a_user_reads_who_can(self, user):
        other = signed_in(user, verified=True)
        assert "Security Management" not in text(other.get(f"/p/{PORTAL}/home/"))
        assert other.get(f"/p/{PORTAL}/security/").status_code == 403

    def test_people_and_invitations_are_one_list(self, browser, practice, oaa, user):
        """Kept in two they disagree; the last use and the end date stand beside each."""
        user_invited("nora@example.org", practice=practice, by=oaa)
        Membership.objects.filter(pk=key_of(user)).update(last_used_at=NOW, ends_on=date(2027, 3, 1))
        page = text(browser.get(path("people", practice)))
        for words in ("Nora Office", "Not registered yet", "Uma Miller", "November 20, 2026", "March 1, 2027", "(you)"):
            assert words in page

    def test_several_practices_are_switched_between(self, browser, practice, oaa):
        other = Practice.objects.create(name="Harbor Family")
        grant = grants.current(account=oaa, portal_key=PORTAL)
        memberships.open(grant=grant, practice=other, role=ADMINISTRATOR, origin=Origin.STAFF, by=None, now=NOW)
        assert browser.get(f"/p/{PORTAL}/security/").url == path("people", other)
        assert f'href="{path("people", practice)}"' in browser.get(path("people", other)).content.decode()

    def test_long_lists_have_pages(self, browser, practice):
        for number in range(55):
            account = AccountFactory(login_name=f"u{number}", realm=PORTAL, last_name=f"Z{number:02}")
            grant = grants.give(account=account, portal_key=PORTAL, origin=Origin.STAFF, by=None, now=NOW)
            memberships.open(grant=grant, practice=practice, role="user", origin=Origin.STAFF, by=None, now=NOW)
        first, second = (text(browser.get(path("people", practice) + f"?page={n}")) for n in (1, 2))
        assert "Page 1 of 2" in first
        assert ("Z00" in first, "Z54" in first, "Z54" in second) == (True, False, True)


class TestCreating:
    def test_the_labels_are_the_documents(self, browser, practice):
        """S4-17, S4-18: no user name is asked for."""
        page = browser.get(path("people_new", practice)).content.decode()
        labels = [re.sub(r"<.*", "", one).strip() for one in re.findall(r"<label[^>]*>(.*?)</label>", page, re.S)]
        assert labels == [
            "First Name", "Last Name", "E-mail", "Confirm E-mail", "End date", "Office Address 1", "Office Address 2",
            "City", "State", "Zip", "Work Phone",
        ]  # fmt: skip
        assert [one in page for one in ("User Information", "Office Information", ">Submit<", ">Clear<")] == [True] * 4
        assert "<h1>Create New Account for Provider OnLine</h1>" in page
        assert 'value="1 Lake St"' in page

    def test_somebody_is_invited(self, browser, practice, oaa):
        """S4-19: confirmed with what happens next."""
        answer = browser.post(path("people_new", practice), TYPED, follow=True)
        assert "We sent an invitation to Nora Office at nora@example.org." in text(answer)
        assert "chooses a username and password with the link in it, which works for 72 hours" in text(answer)
        row = Invitation.objects.get()
        assert (row.owner, row.kind, row.office_state, row.work_phone) == (oaa, "office user", "WI", "4145550100")
        assert OutboxMessage.objects.filter(kind="enrollment.InvitationMail").count() == 1

    @pytest.mark.parametrize(
        ("typed", "field", "says"),
        [
            ({"email_again": "other@example.org"}, "email_again", "The two addresses differ."),
            ({"email": "OLGA.admin@example.org", "email_again": "olga.admin@example.org"}, "email", "your own address"),
            ({"email": "uma.user@example.org", "email_again": "uma.user@example.org"}, "email", "Uma Miller"),
            ({"email": "nora@exаmple.org", "email_again": "nora@exаmple.org"}, "email", "look like other ones"),
            ({"email": "nоra@example.org", "email_again": "nоra@example.org"}, "email", "Enter a valid email address."),
            ({"email": "", "email_again": ""}, "email", "Fill in"),
            ({"zip": "5320"}, "zip", "Enter a zip code"),
            ({"work_phone": "555"}, "work_phone", "Enter a telephone number"),
            ({"ends_on": "2020-01-01"}, "ends_on", "This day has passed."),
            ({"ends_on": "soon"}, "ends_on", "Enter a date as month/day/year"),
        ],
    )
    def test_what_is_wrong_is_said_at_the_field_and_kept(self, browser, practice, user, typed, field, says):
        """Bad input: confirm fields, other case, look-alike letters, the inviter's own address."""
        answer = browser.post(path("people_new", practice), {**TYPED, **typed})
        page = answer.content.decode()
        error = re.search(rf'id="id_{field}_error">(.*?)</p>', page, re.S)
        assert error
        assert says in error[1]
        assert f'<a href="#id_{field}">' in page
        assert 'value="Milwaukee"' in page
        assert not Invitation.objects.exists()

    def test_an_address_is_invited_once(self, browser, practice):
        browser.post(path("people_new", practice), TYPED)
        typed = {**TYPED, "email": " Nora@EXAMPLE.org", "email_again": "nora@example.org"}
        assert "has invited this address already" in text(browser.post(path("people_new", practice), typed))
        assert Invitation.objects.count() == 1

    @pytest.mark.parametrize(("count", "by_owner", "says"), [(20, True, "20 invitations open"), (50, False, "50 inv")])
    def test_the_limits_are_said(self, browser, practice, oaa, count, by_owner, says):
        """policy: invitation. The 21st open one, and the 51st of the day."""
        for number in range(count):
            user_invited(f"u{number}@example.org", practice=practice, by=oaa if by_owner else None)
        assert says in text(browser.post(path("people_new", practice), TYPED))
        assert Invitation.objects.count() == count


class TestPending:
    def test_an_empty_list_says_what_to_do(self, browser, practice):
        page = browser.get(path("people_pending", practice))
        assert "Nobody whom you have invited is waiting." in text(page)
        assert path("people_new", practice) in page.content.decode()

    def test_each_state_has_its_badge_and_both_clocks(self, browser, practice, oaa):
        """S4-20..23, C10."""
        now = timezone.now()
        rows = [
            user_invited(f"{name}@example.org", practice=practice, by=oaa) for name in ("sent", "opened", "bounced")
        ]
        ended = user_invited("ended@example.org", practice=practice, by=oaa, now=now - timedelta(hours=73))
        user_invited("lapsed@example.org", practice=practice, by=oaa, now=now - timedelta(days=7))
        mails = {row.pk: OutboxMessage.objects.filter(ids__invitation=str(row.pk)) for row in rows}
        mails[rows[1].pk].update(first_opened_at=now)
        mails[rows[2].pk].update(state="sent", delivery="bounced")
        page = text(browser.get(path("people_pending", practice)))
        for name, badge in (("sent", "Sent"), ("opened", "Opened"), ("bounced", "Bounced"), ("ended", "Link ended")):
            assert re.search(rf"{name}@example.org .*? {badge} Send again", page), name
        assert "lapsed@example.org" not in page
        for length in (timedelta(hours=72), timedelta(days=7)):  # the link, the list
            until = timezone.localtime(ended.last_sent_at + length)
            assert f"{until:%B} {until.day}, {until.year}" in page

    def test_sent_again_and_canceled(self, browser, practice, oaa):
        """S4-21."""
        row = user_invited(practice=practice, by=oaa, now=timezone.now() - timedelta(hours=80))
        answer = browser.post(path("people_resend", practice, row.pk), follow=True)
        assert "We sent the invitation to nora@example.org again." in text(answer)
        row.refresh_from_db()
        assert row.sendings == 2
        assert "a moment ago" in text(browser.post(path("people_resend", practice, row.pk), follow=True))
        assert "is canceled" in text(browser.post(path("people_cancel", practice, row.pk), follow=True))
        row.refresh_from_db()
        assert row.state == "canceled"
        for name in ("people_resend", "people_cancel"):
            assert "has ended meanwhile" in text(browser.post(path(name, practice, row.pk), follow=True))

    def test_nothing_is_changed_by_looking(self, browser, practice, oaa):
        row = user_invited(practice=practice, by=oaa)
        for name in ("people_resend", "people_cancel"):
            assert browser.get(path(name, practice, row.pk)).status_code == 405
        row.refresh_from_db()
        assert (row.state, row.sendings) == ("sent", 1)

    def test_what_another_one_invited_is_not_found(self, browser, practice):
        """S4-22: the bytes of a missing one."""
        other = practice_administrator(practice, "sam.admin")
        row = user_invited(practice=practice, by=other)
        for name in ("people_resend", "people_cancel"):
            answers = [browser.post(path(name, practice, key)) for key in (row.pk, uuid.uuid4())]
            assert [one.status_code for one in answers] == [404, 404]
            assert same(answers[0]) == same(answers[1])
        row.refresh_from_db()
        assert row.state == "sent"

    def test_the_list_goes_on_page_by_page(self, browser, practice, oaa):
        now = timezone.now()
        for number in range(20):
            user_invited(f"u{number:02}@example.org", practice=practice, by=oaa, now=now - timedelta(minutes=number))
        copies = list(Invitation.objects.all())
        for number, copy in enumerate(copies * 4):
            copy.pk, copy.email = uuid.uuid4(), f"more{number:02}@example.org"
            copy.save(force_insert=True)
        seen: list[str] = []
        url = path("people_pending", practice)
        while url:
            page = browser.get(url).content.decode()
            seen += re.findall(r"[a-z0-9]+@example\.org(?=</td>)", page)
            more = re.search(r'href="(\?after=[^"]+)"', page)
            url = path("people_pending", practice) + more[1] if more else ""
        assert len(seen) == len(set(seen)) == 100
        for place in (
            "nonsense",
            "1_2",
            f"2026-11-30T08:00_{uuid.uuid4()}",
            f"0001-01-01T00:00+14:00_{uuid.uuid4()}",
            "١_x",
        ):
            assert browser.get(path("people_pending", practice), {"after": place}).status_code == 200


def same(answer) -> bytes:
    """The bytes without what differs between any two answers: the form token, the nonce, the path itself."""
    masked = re.sub(rb"(nonce|csrfmiddlewaretoken)[^>]*", b"", answer.content)
    return re.sub(rb"(/|%2F)security[^\"&<]*", b"", masked)


def test_ten_thousand_are_listed_by_index(browser, practice, oaa, django_assert_max_num_queries):
    """To be shown: at most eight statements and the tab's one, and the page is read along its index, from behind the last row."""
    now = timezone.now()
    first = user_invited(practice=practice, by=oaa)
    facts = {name: getattr(first, name) for name in ("kind", "portal_key", "practice", "role", "owner", "created_at")}
    Invitation.objects.bulk_create(
        Invitation(email=f"n{number}@example.org", last_sent_at=now - timedelta(seconds=number), **facts)
        for number in range(10_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE enrollment_invitation")  # as the database does by itself, a while after many rows
    url = path("people_pending", practice)
    after = re.search(r'href="(\?after=[^"]+)"', browser.get(url).content.decode())[1]
    with django_assert_max_num_queries(1 + 9):  # the account of the session
        answer = browser.get(url + after)
    assert answer.content.decode().count("@example.org</td>") == 50
    office = Office(practice=practice, portal_key=PORTAL)
    plan = office.pending_of(oaa, now=now).order_by("-last_sent_at", "-pk")[:51].explain()
    assert "invitation_o" in plan  # of the owner, of the practice, or of all that are open: each with the last sending
    assert "Seq Scan" not in plan


class TestModifying:
    def test_details_are_saved(self, browser, practice, user):
        """D-11."""
        page = browser.get(path("person", practice, key_of(user))).content.decode()
        assert 'value="Uma"' in page
        typed = {"first_name": "Ursula", "last_name": "Miller", "city": "Chicago", "ends_on": "12/31/2099"}
        answer = browser.post(path("person", practice, key_of(user)), typed, follow=True)
        assert "The details of Ursula Miller were saved." in text(answer)
        row = Membership.objects.get(pk=key_of(user))
        assert (row.first_name, row.city, row.ends_on) == ("Ursula", "Chicago", date(2099, 12, 31))
        user.refresh_from_db()
        assert user.first_name == "Uma"

    def test_deactivated_reactivated_removed(self, browser, practice, user):
        key = key_of(user)
        assert "is deactivated" in text(browser.post(path("person_deactivate", practice, key), follow=True))
        assert "is reactivated" in text(browser.post(path("person_reactivate", practice, key), follow=True))
        assert "no longer works for Lakeside Clinic" in text(browser.get(path("person_remove", practice, key)))
        assert "was removed" in text(browser.post(path("person_remove", practice, key), follow=True))
        assert browser.get(path("person", practice, key)).status_code == 404
        user.refresh_from_db()
        assert user.is_active

    def test_the_only_administrator_is_told_why_not(self, browser, practice, oaa):
        answer = browser.post(path("person_remove", practice, key_of(oaa)), follow=True)
        assert "You are the only administrator of this practice." in text(answer)
        page = browser.get(path("person", practice, key_of(oaa))).content.decode()
        assert "person_deactivate" not in page
        assert 'name="ends_on"' not in page
        practice_administrator(practice, "sam.admin")
        assert browser.post(path("person_remove", practice, key_of(oaa))).url == f"/p/{PORTAL}/home/"
        assert browser.get(path("people", practice)).status_code in (302, 403)

    def test_an_end_date_cannot_be_smuggled_in(self, browser, practice):
        other = practice_administrator(practice, "sam.admin")
        typed = {"first_name": "Sam", "last_name": "Adams", "ends_on": "2099-01-01"}
        browser.post(path("person", practice, key_of(other)), typed)
        assert Membership.objects.get(pk=key_of(other)).ends_on is None

    @pytest.mark.parametrize("name", ["person", "person_deactivate", "person_reactivate", "person_remove"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_people_of_others_are_not_found(self, browser, practice, name, method):
        """Attack: guessed ids; the bytes of a missing one."""
        elsewhere = practice_user(Practice.objects.create(name="Another"), "ed.user")
        keys = (key_of(elsewhere), 999_999, 10**18)
        answers = [getattr(browser, method)(path(name, practice, key)) for key in keys]
        expected = 405 if method == "get" and name in ("person_deactivate", "person_reactivate") else 404
        assert [one.status_code for one in answers] == [expected] * 3
        assert same(answers[0]) == same(answers[1])

    @pytest.mark.parametrize("name", ["people", "people_new", "people_list", "people_pending", "people_history"])
    def test_practices_of_others_are_not_found(self, browser, name):
        other = Practice.objects.create(name="Another")
        answers = [browser.get(reverse(name, args=[PORTAL, key])) for key in (other.pk, 999_999)]
        assert [one.status_code for one in answers] == [404, 404]
        assert same(answers[0]) == same(answers[1])

    def test_whoever_was_removed_while_the_page_was_open_changes_nothing(self, browser, practice, oaa, user):
        """The membership that ended is asked at every page."""
        practice_administrator(practice, "sam.admin")
        memberships.end(membership=Membership.objects.get(pk=key_of(oaa)), by=None, now=timezone.now())
        for name in ("people_new", "person_deactivate"):
            more = [key_of(user)] if name != "people_new" else []
            assert browser.post(path(name, practice, *more), TYPED).status_code in (302, 403, 404)
        assert not Invitation.objects.exists()
        assert Membership.objects.get(pk=key_of(user)).suspended_at is None


class TestCorrecting:
    """S4-21: the wrong address is put right in place."""

    def correct(self, browser, practice, row, email, again=None, **more):
        typed = {"email": email, "email_again": again or email}
        return browser.post(path("people_correct", practice, row.pk), typed, **more)

    def test_one_press_takes_it_back_and_invites_anew_and_the_old_link_says_so(self, browser, practice, oaa, inbox):
        facts = {"first_name": "Nora", "last_name": "Office", "office": {"city": "Milwaukee"}, "language": "es"}
        row = user_invited("nora@exmaple.org", practice=practice, by=oaa, invitee=Invitee(email="x", **facts))
        old = path_of(row)
        assert (
            path("people_correct", practice, row.pk) in browser.get(path("people_pending", practice)).content.decode()
        )
        answer = self.correct(browser, practice, row, "Nora@example.org", "nora@EXAMPLE.org", follow=True)
        assert "We sent a new invitation to Nora Office at nora@example.org." in text(answer)
        row.refresh_from_db()
        new = Invitation.objects.open().get()
        assert (row.state, new.email, new.owner, new.full_name) == ("canceled", "nora@example.org", oaa, "Nora Office")
        assert (new.city, new.language) == ("Milwaukee", "es")
        assert OutboxMessage.objects.filter(kind="enrollment.InvitationMail").count() == 2
        ended = Client().get(old)
        assert ended.status_code == 410
        assert "A newer one was sent on" in text(ended)
        assert "nora@example.org" not in text(ended), "whoever reads the wrong mailbox learns no address"
        assert Client().get(path_of(new)).status_code == 200

    @pytest.mark.parametrize(
        ("email", "again", "says"),
        [
            ("nora@exmaple.org", None, "the address that it was sent to"),
            ("uma.user@example.org", None, "Uma Miller"),
            ("olga.admin@example.org", None, "your own address"),
            ("sent@example.org", None, "has invited this address already"),
            ("nora@example.org", "mora@example.org", "The two addresses differ."),
            ("nora@exаmple.org", None, "look like other ones"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_invitation_stands(self, browser, practice, oaa, user, email, again, says):
        row = user_invited("nora@exmaple.org", practice=practice, by=oaa)
        user_invited("sent@example.org", practice=practice, by=oaa)
        answer = self.correct(browser, practice, row, email, again)
        assert says in text(answer)
        assert (not email.isascii()) or f'value="{email}"' in answer.content.decode()
        row.refresh_from_db()
        assert (row.state, Invitation.objects.count()) == ("sent", 2)

    def test_the_fifty_of_a_day_hold_and_what_ended_meanwhile_is_said(self, browser, practice, oaa):
        row = user_invited("nora@exmaple.org", practice=practice, by=oaa)
        for number in range(49):
            user_invited(f"u{number}@example.org", practice=practice)
        assert "50 invitations within a day" in text(self.correct(browser, practice, row, "nora@example.org"))
        row.refresh_from_db()
        assert row.state == "sent"
        browser.post(path("people_cancel", practice, row.pk))
        answer = self.correct(browser, practice, row, "nora@example.org", follow=True)
        assert "the invitation has ended meanwhile" in text(answer)

    def test_an_invitation_of_somebody_else_is_not_found(self, browser, practice):
        other = practice_administrator(practice, "sam.admin")
        row = user_invited(practice=practice, by=other)
        assert browser.get(path("people_correct", practice, row.pk)).status_code == 404
        assert self.correct(browser, practice, row, "a@example.org").status_code == 404


class TestWhatStaffSuspended:
    def test_an_administrator_reads_why_there_is_no_button_and_is_refused(self, browser, practice, user):
        """D-11: Provider Services let it rest, and let it go on."""
        agent = make_staff("pia.services", "operator")
        row = Membership.objects.get(pk=key_of(user))
        memberships.suspend(membership=row, reason="call 4711", by=agent, now=NOW)
        said = "Provider Services deactivated this user. Only they reactivate or remove the user: call 1-844-202-0117."
        page = browser.get(path("person", practice, row.pk))
        assert said in text(page)
        assert path("person_reactivate", practice, row.pk) not in page.content.decode()
        assert said in text(browser.post(path("person_reactivate", practice, row.pk), follow=True))
        row.refresh_from_db()
        assert (row.suspended_at, row.suspended_by) == (NOW, agent)


class TestReading:
    def test_a_member_reads_who_controls_their_access(self, user, oaa, practice):
        page = text(signed_in(user, verified=True).get(reverse("who_controls", args=[PORTAL])))
        assert "Lakeside Clinic" in page
        assert "Olga Adams: olga.admin@example.org" in page

    def test_what_staff_did_is_read_with_the_reason(self, browser, practice, user):
        agent = make_staff("pia.services", "operator")
        row = Membership.objects.get(pk=key_of(user))
        memberships.suspend(membership=row, reason="call 4711", by=agent, now=NOW)
        page = text(browser.get(path("people_history", practice)))
        assert "Work for a practice suspended Uma Miller call 4711" in page

    def test_the_own_users_as_a_table_hold_no_formula(self, browser, practice, user):
        """policy, Always: = + - @ are quoted."""
        Membership.objects.filter(pk=key_of(user)).update(first_name="=1+1", last_name="@x")
        answer = browser.get(path("people_export", practice))
        lines = answer.content.decode().splitlines()
        assert lines[0].startswith("first_name,last_name,email,")
        assert any(one.startswith("'=1+1,'@x,uma.user@example.org,") for one in lines)
        assert len(lines) == 3


@pytest.mark.parametrize(
    "name", ["people", "people_pending", "practice_health", "practice_hand_over", "people_history"]
)
def test_every_page_of_security_management_has_its_tabs(browser, practice, oaa, name):
    """One row of tabs and the switcher, wherever somebody is; the one they are on is marked."""
    other = Practice.objects.create(name="Harbor Family")
    grant = grants.current(account=oaa, portal_key=PORTAL)
    memberships.open(grant=grant, practice=other, role=ADMINISTRATOR, origin=Origin.STAFF, by=None, now=NOW)
    page = browser.get(path(name, practice)).content.decode()
    tabs = page.partition('<nav class="row" aria-label="Security Management">')[2].partition("</nav>")[0]
    for tab in ("people", "people_new", "people_list", "people_pending", "practice_health", "people_history"):
        assert f'href="{path(tab, practice)}"' in tabs
    assert tabs.count("aria-current") == 1
    assert "Harbor Family" in page
