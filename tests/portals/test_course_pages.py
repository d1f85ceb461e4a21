"""Education and Training as its readers find it: lessons, questions, result, certificate, and who is kept out (S3-06)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from identity.policy import lifecycle
from portals import registry
from portals.inside import printing
from portals.inside.domain import certificates, course_reports, courses
from portals.models import Attempt, Certificate
from rbac.models import Membership
from tests.factories import NOW, GrantFactory
from tests.steps import courses as steps
from tests.steps import mandates, news
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LIST = "/p/optum-pro/courses/"


@pytest.fixture
def staff():
    return steps.staff()


@pytest.fixture
def account():
    return steps.learner(phone="+13105550123")


@pytest.fixture
def browser(account):
    return signed_in(account, verified=True)


def body(answer) -> str:
    return answer.content.decode()


def answers(version, *, wrong: int = 0, **more) -> dict:
    chosen = steps.right(version, wrong=wrong)
    return {f"question-{key}": places for key, places in chosen.items()} | more


def begun(browser, version) -> str:
    return browser.post(f"{LIST}{version.course_id}/{version.number}/begin/").url


class TestReading:
    def test_from_the_tile_to_the_certificate(self, staff, account, browser):
        """S3-06, S2-27: list, lessons in order, questions, result, certificate."""
        version = steps.published(pair=staff, now=timezone.now())
        assert f'href="{LIST}"' in body(browser.get("/p/optum-pro/home/"))
        assert "Hand hygiene" in body(browser.get(LIST))
        course = f"{LIST}{version.course_id}/"
        assert "There are 3 questions. You pass with 75 % right answers." in body(browser.get(course))
        second = body(browser.get(f"{course}1/lessons/2/"))
        assert "Lesson 2 of 3" in second
        assert "<p>Text <strong>2</strong>.</p>" in second
        assert "Begin the questions" not in second
        assert "Begin the questions" in body(browser.get(f"{course}1/lessons/3/"))
        where = begun(browser, version)
        assert begun(browser, version) == where
        assert browser.post(where, answers(version)).url == where
        assert "You have passed" in body(browser.get(where))
        certificate = Certificate.objects.get()
        page = f"/p/optum-pro/certificates/{certificate.pk}/"
        assert f'href="{page}"' in body(browser.get(where))
        assert "Your certificate is being made." in body(browser.get(page))
        assert browser.get(page + "certificate.pdf").status_code == 404
        printing.make_waiting(clock=timezone.now)
        assert browser.get(page + "progress.json").json() == {"state": "ready"}
        pdf = browser.get(page + "certificate.pdf")
        assert pdf.content.startswith(b"%PDF-1.7")
        assert certificate.number in pdf["Content-Disposition"]
        assert {"private", "no-store"} <= set(pdf["Cache-Control"].split(", "))
        assert "Passed" in body(browser.get(LIST))

    def test_in_spanish(self, staff, account, browser):
        version = steps.published(pair=staff, now=timezone.now())
        browser.cookies["language"] = "es"
        page = browser.get(f"{LIST}{version.course_id}/1/lessons/1/", headers={"accept-language": "es"})
        assert "<h1>Lección 1</h1>" in body(page)
        assert "<strong>1</strong>" in body(page)

    def test_script_in_a_lesson_stays_text(self, staff, browser):
        """Bad input: Markdown with script."""
        first, second = staff
        version = steps.written(first)
        from portals.inside.domain import course_texts

        course_texts.save_lesson(
            version=version, lesson=version.lessons.first(), seen=version.version, by=first, now=timezone.now(),
            texts={"text_en": "<script>alert(1)</script>\n\n[x](javascript:alert(1)) ![p](https://example.org/p.png)"},
        )  # fmt: skip
        version.refresh_from_db()
        courses.publish(version=version, seen=version.version, by=second, now=timezone.now())
        page = body(browser.get(f"{LIST}{version.course_id}/1/lessons/1/")).partition("<article")[2]
        assert "&lt;script&gt;" in page
        for bad in ("javascript:alert", "<img", "<script>alert"):
            assert bad not in page.replace("(javascript:alert(1))", "")

    def test_an_empty_list_says_what_comes(self, browser):
        assert "There is no course for your role now." in body(browser.get(LIST))

    def test_a_course_for_others_is_not_found(self, staff, account, browser):
        steps.learner("registered_nurse", "CA")
        version = steps.published(pair=staff, audience={("registered_nurse", "CA")}, now=timezone.now())
        assert "Hand hygiene" not in body(browser.get(LIST))
        missing = browser.get(f"{LIST}999/")
        for path in ("", "1/lessons/1/"):
            answer = browser.get(f"{LIST}{version.course_id}/{path}")
            assert answer.status_code == 404
            masked = [re.sub(r"courses%2F\S+|value=\S+", "", body(one)) for one in (answer, missing)]
            assert masked[0] == masked[1]
        assert browser.post(f"{LIST}{version.course_id}/1/begin/").status_code == 404

    def test_whoever_a_course_is_not_for_any_more_does_not_renew_it(self, staff, account, browser):
        """S3-06: also by the address of the button, which the page has no more."""
        now = timezone.now()
        version = steps.published(pair=staff, audience={("front_office", "")}, valid_for=10, now=now)
        steps.passed(version, account, now=now)
        course = f"{LIST}{version.course_id}/"
        assert browser.post(f"{course}1/begin/").url.startswith("/p/optum-pro/attempts/"), "it ends soon"
        Attempt.objects.filter(state="open").delete()
        Membership.objects.update(role="site_admin")
        assert browser.post(f"{course}1/begin/").url == course
        assert not Attempt.objects.filter(state="open").exists()
        assert "This course is not offered any more." in body(browser.get(course))

    @pytest.mark.parametrize("number", ["9" * 18, "9" * 19, "9" * 40])
    def test_numbers_that_no_row_can_have_are_not_found(self, staff, account, browser, number):
        version = steps.published(pair=staff, now=timezone.now())
        course = f"{LIST}{version.course_id}/"
        for path in (f"{LIST}{number}/", f"{LIST}{number}/1/lessons/1/", f"{course}1/lessons/{number}/",
                     f"/p/optum-pro/attempts/{number}/", f"/p/optum-pro/certificates/{number}/",
                     f"{LIST}practice/{number}/", f"/p/optum-pro/news/{number}/",
                     f"/p/optum-pro/news/practice/{number}/{number}/"):  # fmt: skip
            assert browser.get(path).status_code == 404, path
        assert browser.post(f"{LIST}{number}/1/begin/").status_code == 404
        assert browser.post(f"{course}{number}/begin/").status_code == 404

    def test_whoever_changes_role_sees_other_courses_at_once(self, staff, account, browser):
        steps.published(pair=staff, audience={("front_office", "")}, now=timezone.now())
        assert "Hand hygiene" in body(browser.get(LIST))
        Membership.objects.filter(grant__account=account).update(role="registered_nurse")
        assert "Hand hygiene" not in body(browser.get(LIST))

    def test_without_the_grid_it_is_not_open(self):
        """S2-27 is the grid's: somebody without a membership reads who opens it."""
        from tests.factories import AccountFactory

        stranger = AccountFactory()
        GrantFactory(account=stranger, portal_key="optum-pro")
        assert signed_in(stranger).get(LIST).status_code == 403
        assert Client().get(LIST).status_code == 302


class TestAnswering:
    def test_what_is_missing_is_said_at_the_question_and_what_was_chosen_is_kept(self, staff, browser):
        version = steps.published(pair=staff, now=timezone.now())
        where, sent = begun(browser, version), answers(version)
        first = version.questions.first()
        del sent[f"question-{first.pk}"]
        page = body(browser.post(where, sent))
        assert "There is a problem" in page
        assert "?:" not in page, "a question is no label before a colon"
        assert f'id="id_question-{first.pk}_error"' in page
        assert page.count(" checked") == 3, "one answer, and the two of the last question"
        assert Attempt.objects.get().state == "open"

    def test_an_answer_that_is_not_offered_is_refused(self, staff, browser):
        version = steps.published(pair=staff, now=timezone.now())
        where, sent = begun(browser, version), answers(version)
        sent[f"question-{version.questions.first().pk}"] = ["7"]
        assert "There is a problem" in body(browser.post(where, sent))
        assert Attempt.objects.get().state == "open"

    def test_answers_are_kept_for_later(self, staff, browser):
        version = steps.published(pair=staff, now=timezone.now())
        where, question = begun(browser, version), version.questions.last()
        assert browser.post(where, {f"question-{question.pk}": ["0", "1"], "keep": "1"}).url == where
        page = body(browser.get(where))
        assert "Your answers are kept. Nothing was sent yet." in page
        assert page.count(" checked") == 2
        assert Attempt.objects.get().state == "open"

    def test_sent_twice_it_is_one_attempt_and_the_second_sees_the_result(self, staff, browser):
        """S3-06: a double click, the back button, another tab."""
        version = steps.published(pair=staff, now=timezone.now())
        where = begun(browser, version)
        browser.post(where, answers(version, wrong=3))
        again = browser.post(where, answers(version), follow=True)
        assert "These answers were sent already" in body(again)
        assert "Not passed this time" in body(again)
        assert "Read these lessons again" in body(again)
        assert (Attempt.objects.count(), Certificate.objects.count()) == (1, 0)
        for right in ("Sí", "Before"):
            assert right not in body(again), "which answers would have been right stays untold"

    def test_a_course_that_changed_while_it_was_read(self, staff, browser):
        """The lessons of the new version are read before its questions are answered."""
        old = steps.published(pair=staff, now=timezone.now())
        steps.next_version(old, staff, now=timezone.now())
        course = f"{LIST}{old.course_id}/"
        for answer in (
            browser.get(f"{course}1/lessons/2/", follow=True),
            browser.post(f"{course}1/begin/", follow=True),
        ):
            assert "This course has changed since you opened the page." in body(answer)
        assert Attempt.objects.count() == 0

    def test_a_course_that_changed_while_its_questions_are_open(self, staff, browser):
        """Whoever began the old version reads and finishes it, and learns of the new one afterwards."""
        old = steps.published(pair=staff, now=timezone.now())
        where = begun(browser, old)
        new = steps.next_version(old, staff, now=timezone.now())
        assert "Lesson 1 of 3" in body(browser.get(f"{LIST}{old.course_id}/1/lessons/1/"))
        assert begun(browser, new) == where
        browser.post(where, answers(old))
        assert Attempt.objects.get().state == "passed"
        assert "There is a new version of this course." in body(browser.get(LIST))

    def test_retired_while_open(self, staff, browser):
        version = steps.published(pair=staff, now=timezone.now())
        where = begun(browser, version)
        courses.retire(version=version, reason="Out of date", by=staff[0], now=timezone.now())
        browser.post(where, answers(version))
        page = body(browser.get(f"{LIST}{version.course_id}/"))
        assert "What you earned by it stays yours." in page
        assert "Begin the questions" not in page

    def test_after_a_day_the_page_says_so(self, staff, browser):
        version = steps.published(pair=staff, now=timezone.now())
        where = begun(browser, version)
        Attempt.objects.update(created_at=timezone.now() - lifecycle.after("attempt_open"))
        assert "The time for these questions was over" in body(browser.get(where))
        browser.post(where, answers(version))
        assert Certificate.objects.count() == 0

    def test_attempts_and_certificates_of_others_are_not_found(self, staff, account, browser):
        version = steps.published(pair=staff, now=timezone.now())
        other = steps.passed(version, steps.learner(), now=timezone.now())
        printing.make_waiting(clock=timezone.now)
        pages = [f"/p/optum-pro/attempts/{other.pk}/", *(
            f"/p/optum-pro/certificates/{other.certificate.pk}/{name}" for name in ("", "progress.json", "certificate.pdf")
        )]  # fmt: skip
        for page in pages:
            assert browser.get(page).status_code == 404, page
        assert browser.post(pages[0], answers(version)).status_code == 404


class TestPractice:
    """Who answers for the people of a practice sees who of them has passed, as for news (D-25, S3-06)."""

    def test_people_of_a_vendor_stand_in_the_vendors_report(self, staff):
        """S3-10: they work for the practice under a mandate, and are not its own."""
        signs, person = mandates.signer(), mandates.vendor_person()
        mandates.agreed(person, signs)
        version = steps.published(pair=staff)
        portal, now = registry.get(steps.PRO), NOW + timedelta(seconds=1)
        told = [
            [row.grant_id for row in course_reports.people(version, portal=portal, practice=one.practice, now=now)]
            for one in (signs, person)
        ]
        assert told == [[signs.grant_id], [person.grant_id]]

    def test_a_manager_sees_theirs(self, staff):
        office, other = news.practice(), news.practice()
        manager = news.account_of(news.works(office, "practice_manager"))
        member, elsewhere = news.works(office), news.works(other)
        version = steps.published(pair=staff, now=timezone.now())
        for one in (member, elsewhere):
            steps.passed(version, news.account_of(one), now=timezone.now())
        browser = signed_in(manager)
        page = f"{LIST}practice/{office.pk}/"
        assert f'href="{page}"' in body(browser.get(LIST))
        assert "1 of 2" in body(browser.get(page))
        listed = body(browser.get(f"{page}{version.course_id}/"))
        assert "not passed yet" in listed
        assert member.person_name in listed
        lines = body(browser.get(f"{page}{version.course_id}/people.csv")).splitlines()
        assert (lines[0], len(lines)) == ("first_name,last_name,email,role,market,passed,valid_until", 3)
        assert elsewhere.person_email not in listed + "".join(lines)
        for path in (f"{LIST}practice/{other.pk}/", f"{LIST}practice/{other.pk}/{version.course_id}/", f"{page}999/"):
            assert browser.get(path).status_code == 404
        assert signed_in(news.account_of(member)).get(page).status_code == 404

    def test_what_has_ended_does_not_count(self, staff):
        office, then = news.practice(), timezone.now() - timedelta(days=400)
        manager = news.account_of(news.works(office, "practice_manager"))
        version = steps.published(pair=staff, now=then)
        steps.passed(version, manager, now=then)
        browser = signed_in(manager)
        assert "0 of 1" in body(browser.get(f"{LIST}practice/{office.pk}/"))
        assert "ended on" in body(browser.get(f"{LIST}practice/{office.pk}/{version.course_id}/"))

    def test_a_course_for_nobody_there_is_not_listed(self, staff):
        office = news.practice()
        manager = news.account_of(news.works(office, "practice_manager"))
        steps.learner("registered_nurse", "CA")
        version = steps.published(pair=staff, audience={("registered_nurse", "CA")}, now=timezone.now())
        browser = signed_in(manager)
        assert "No course is for the people of this practice" in body(browser.get(f"{LIST}practice/{office.pk}/"))
        assert browser.get(f"{LIST}practice/{office.pk}/{version.course_id}/").status_code == 404


class TestConfirming:
    PAGE = "/p/optum-pro/certificates/"

    def test_whoever_has_the_number_learns_the_initials(self, staff):
        version = steps.published(pair=staff, now=timezone.now())
        certificate = steps.passed(
            version, steps.learner(first_name="Maria", last_name="Alvarez"), now=timezone.now()
        ).certificate
        for typed in (certificate.number, certificate.number.lower().replace("-", " ")):
            page = body(Client().post(self.PAGE, {"number": typed}))
            assert "is genuine, and counts" in page
            assert "M. A." in page
            assert "Hand hygiene" in page
            assert "Alvarez" not in page

    def test_one_that_has_ended_says_so(self, staff):
        then = timezone.now() - timedelta(days=366)
        certificate = steps.passed(steps.published(pair=staff, now=then), steps.learner(), now=then).certificate
        assert "is genuine, and has ended" in body(Client().post(self.PAGE, {"number": certificate.number}))

    def test_no_wording_tells_numbers_that_exist_elsewhere_from_nothing(self, staff, monkeypatch):
        """Of a number that nobody has, of any other text, and of a certificate of another portal, the same is said."""
        certificate = steps.passed(steps.published(pair=staff), steps.learner()).certificate
        certificate.attempt.version.course.__class__.objects.update(portal_key="trucase")

        def said(typed: str) -> str:
            page = body(Client().post(self.PAGE, {"number": typed}))
            return re.sub(r'(csrfmiddlewaretoken" value|nonce|value)="[^"]*"', "", page)

        assert "There is no certificate with this number." in said("C-2222-2222")
        assert said("C-2222-2222") == said("nonsense") == said(certificate.number) == said("T-2222-2222")

    def test_it_is_limited_by_network(self, staff):
        """Period certificate_window: guesses are counted before a number is looked up."""
        certificate = steps.passed(steps.published(pair=staff), steps.learner()).certificate
        for _ in range(30):
            Client().post(self.PAGE, {"number": "C-2222-2222"})
        page = body(Client().post(self.PAGE, {"number": certificate.number}))
        assert "Many numbers were looked up from your network." in page
        assert "genuine, and" not in page

    def test_a_portal_without_courses_confirms_nothing(self):
        assert Client().get("/p/trucase/certificates/").status_code == 404
        assert Client().get(self.PAGE).status_code == 200


def test_a_certificate_that_cannot_be_printed_counts_all_the_same(staff, account, browser, monkeypatch):
    from portals.inside.printing import making

    monkeypatch.setattr(making, "html_of", lambda *_: 1 / 0)
    certificate = steps.passed(steps.published(pair=staff, now=timezone.now()), account, now=timezone.now()).certificate
    now = timezone.now()
    for number in range(len(certificates.QUEUE.pauses) + 2):
        printing.make_waiting(clock=lambda moment=now + timedelta(minutes=10 * number): moment)
    page = body(browser.get(f"/p/optum-pro/certificates/{certificate.pk}/"))
    assert "The PDF could not be made. The certificate counts all the same" in page
    monkeypatch.undo()
    certificate.refresh_from_db()
    assert certificates.print_again(certificate=certificate, by=staff[0], now=timezone.now())
    printing.make_waiting(clock=timezone.now)
    certificate.refresh_from_db()
    assert certificate.state == "ready"
