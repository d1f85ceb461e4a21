"""The pages of a practice's health and of handing over: what its people read, and nobody else (D-15)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from identity.models import Account
from rbac.domain import hand_overs, memberships
from rbac.models import AccessGrant, HandOver, Practice
from tests.steps.invitations import PORTAL
from tests.steps.practices import administrator, asked, in_duty, lakeside, membership, user
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
HERE = f"/p/{PORTAL}"


@pytest.fixture
def practice(db):
    return lakeside()


@pytest.fixture
def olga(practice) -> Account:
    return in_duty(administrator(practice))


@pytest.fixture
def nora(practice) -> Account:
    return user(practice)


@pytest.fixture
def browser(olga) -> Client:
    return signed_in(olga, verified=True)


def health(practice) -> str:
    return f"{HERE}/security/{practice.pk}/health/"


def start(practice) -> str:
    return f"{HERE}/security/{practice.pk}/hand-over/"


def page_of(row) -> str:
    return f"{HERE}/hand-over/{row.pk}/"


def text_of(answer) -> str:
    return " ".join(answer.content.decode().split())


class TestHealth:
    def test_says_how_the_practice_stands_and_what_to_do(self, practice, browser, nora):
        shown = text_of(browser.get(health(practice)))
        assert "one administrator is left" in shown
        assert "Ask Provider Services for a second one." in shown
        assert "They look after 1 user." in shown
        assert "Provider Services call (414) 555-0100" in shown
        in_duty(administrator(practice, "second.admin"))
        assert "Whatever happens to one of them, somebody is left" in text_of(browser.get(health(practice)))

    def test_draws_how_long_each_lasts(self, practice, browser, olga):
        """The picture and the words say the same: a sixth of the 90 days is a sixth of the bar."""
        now = timezone.now()
        second = administrator(practice, "second.admin", first_name="Paul", last_name="Near")
        AccessGrant.objects.filter(account=second).update(since=now - timedelta(days=75), last_used_at=None)
        shown = text_of(browser.get(health(practice)))
        assert "one administrator will be left" in shown
        assert 'class="clocks__left" width="50"' in shown
        assert "15 days, until" in shown
        assert 'class="clocks__left" width="300"' in shown, "whoever looks at the page has just used the portal"
        assert 'class="clocks__line" x="100"' in shown

    def test_a_practice_without_a_number_is_told_so(self, practice, browser):
        Practice.objects.filter(pk=practice.pk).update(phone="")
        assert "Tell Provider Services a number" in text_of(browser.get(health(practice)))

    def test_asks_few_queries(self, practice, browser, nora, django_assert_max_num_queries):
        for number in range(5):
            administrator(practice, f"admin{number}")
        browser.get(health(practice))
        with django_assert_max_num_queries(12):
            assert browser.get(health(practice)).status_code == 200


class TestHandingOver:
    def sign_away(self, browser, practice, to, name="Olga Adams", **data):
        typed = {"to": str(membership(to, practice).pk), "stays": "leave", "typed_name": name, **data}
        return browser.post(start(practice), typed)

    def test_the_whole_way(self, practice, browser, olga, nora, inbox):
        assert "Nora Office" in text_of(browser.get(start(practice)))
        answer = self.sign_away(browser, practice, nora)
        row = HandOver.objects.get()
        assert answer.url == page_of(row)
        assert "was asked by mail and can sign until" in text_of(browser.get(answer.url))
        assert browser.get(start(practice)).url == page_of(row)
        assert inbox.newest("mail", nora.email).link == page_of(row)
        other = signed_in(nora, verified=True)
        shown = text_of(other.get(page_of(row)))
        assert "If you sign, you let people into Lakeside Clinic" in shown
        answer = other.post(page_of(row), {"typed_name": "nora office"})
        assert answer.url == health(practice)
        assert other.get(health(practice)).url.startswith(f"{HERE}/duties/"), "the first act asks for the duties"
        assert memberships.administrators(practice, now=timezone.now()) == [nora]
        assert browser.get(health(practice)).status_code in (302, 403), "whoever left is out"

    def test_a_wrong_name_is_named_at_the_field_and_what_was_chosen_is_kept(self, practice, browser, nora):
        shown = self.sign_away(browser, practice, nora, name="Somebody", stays="stay").content.decode()
        assert "Type the name “Olga Adams” as it is shown." in shown
        assert f'<option value="{membership(nora, practice).pk}" selected>' in shown
        assert not HandOver.objects.exists()
        row = asked(practice, in_duty(administrator(practice, "second.admin")), nora, now=timezone.now())
        other = signed_in(nora, verified=True)
        wrong = other.post(page_of(row), {"typed_name": "Olga Adams"}).content.decode()
        assert "Type the name “Nora Office” as it is shown." in wrong

    def test_an_empty_form_names_what_is_missing(self, practice, browser, nora):
        shown = text_of(browser.post(start(practice), {}))
        assert "Choose an answer to “Who takes over”." in shown
        assert "Fill in “Type your first and last name to sign”." in shown

    def test_without_a_user_there_is_a_way_too(self, practice, browser):
        shown = text_of(browser.get(start(practice)))
        assert "The practice has no user who could take over." in shown
        assert "Contact us" in shown

    def test_somebody_elses_hand_over_is_waited_for(self, practice, browser, nora):
        second = in_duty(administrator(practice, "second.admin"))
        asked(practice, second, nora, now=timezone.now())
        assert "A hand-over to Nora Office waits for a signature." in text_of(browser.get(start(practice)))

    @pytest.mark.parametrize("presser", ["olga", "nora"])
    def test_either_ends_it(self, practice, browser, olga, nora, presser):
        row = asked(practice, olga, nora, now=timezone.now())
        with_page = browser if presser == "olga" else signed_in(nora, verified=True)
        button = "Take it back" if presser == "olga" else "Decline"
        assert button in text_of(with_page.get(page_of(row)))
        assert "Nothing was handed over" in text_of(with_page.post(page_of(row), {"decline": "1"}, follow=True))
        row.refresh_from_db()
        assert row.state == "declined"

    def test_a_page_that_was_open_too_long_says_so(self, practice, olga, nora):
        row = asked(practice, olga, nora, now=timezone.now())
        other = signed_in(nora, verified=True)
        other.get(page_of(row))
        hand_overs.decline(hand_over=row, by=olga, now=timezone.now())
        shown = text_of(other.post(page_of(row), {"typed_name": "Nora Office"}, follow=True))
        assert "This hand-over is over" in shown

    def test_whoever_hands_over_does_not_sign_for_the_other(self, practice, browser, olga, nora):
        row = asked(practice, olga, nora, now=timezone.now())
        assert browser.post(page_of(row), {"typed_name": "Olga Adams"}).status_code == 404
        row.refresh_from_db()
        assert row.state == "signed"

    def test_looking_uses_nothing_up(self, practice, olga, nora):
        row = asked(practice, olga, nora, now=timezone.now())
        other = signed_in(nora, verified=True)
        for method in (other.head, other.get, other.get, other.get):
            assert method(page_of(row)).status_code == 200
        row.refresh_from_db()
        assert row.state == "signed"

    def test_its_pages_ask_few_queries(self, practice, browser, olga, nora, django_assert_max_num_queries):
        for number in range(5):
            user(practice, f"user{number}")
        browser.get(start(practice))
        with django_assert_max_num_queries(10):
            assert browser.get(start(practice)).status_code == 200
        row = asked(practice, olga, nora, now=timezone.now())
        with django_assert_max_num_queries(7):
            assert browser.get(page_of(row)).status_code == 200


class TestWhoReadsThem:
    def test_guessed_ids_give_the_bytes_of_a_missing_one(self, practice, browser, olga, nora):
        elsewhere = Practice.objects.create(name="Elsewhere")
        theirs = administrator(elsewhere, "elsewhere.admin")
        row = asked(elsewhere, theirs, user(elsewhere, "elsewhere.user"), now=timezone.now())
        for foreign, missing in (
            (health(elsewhere), f"{HERE}/security/987654/health/"),
            (start(elsewhere), f"{HERE}/security/987654/hand-over/"),
            (page_of(row), f"{HERE}/hand-over/987654/"),
        ):
            answers = [browser.get(path) for path in (foreign, missing)]
            assert [answer.status_code for answer in answers] == [404, 404], foreign
            # The token of a form and the address itself differ from page to page.
            changes = rb'((security|hand-over)(/|%2F)\d+|name="csrfmiddlewaretoken" value="[^"]+")'
            shown = [re.sub(changes, b"", answer.content) for answer in answers]
            assert shown[0] == shown[1]

    def test_a_user_of_the_practice_reads_neither(self, practice, nora):
        other = signed_in(nora, verified=True)
        for path in (health(practice), start(practice)):
            assert other.get(path).status_code == 403

    def test_an_administrator_whose_own_membership_ended_meanwhile(self, practice, browser, olga, nora):
        """Bad input of the design: the page was open, the role is gone."""
        in_duty(administrator(practice, "second.admin"))
        browser.get(start(practice))
        memberships.suspend(membership=membership(olga, practice), by=None, now=timezone.now())
        typed = {"to": str(membership(nora, practice).pk), "stays": "leave", "typed_name": "Olga Adams"}
        assert browser.post(start(practice), typed).status_code == 403
        assert not HandOver.objects.exists()
