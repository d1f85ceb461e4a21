"""Education and Training in a real browser: written by one, published by another, taken, passed, and confirmed to a
stranger by its number."""

import pytest
from django.utils import timezone

from portals.inside import printing
from portals.inside.domain import certificates
from portals.models import Attempt, Certificate, CourseVersion
from tests.journeys.conftest import EVERY
from tests.steps import courses, news
from tests.steps.browser import arrive, spoken

PHONE = "+13105550141"
LIST = "/p/optum-pro/courses/"


@pytest.mark.parametrize("language", ["en", "es"])
def test_from_the_tile_to_the_certificate(visit, monkeypatch, language):
    """S2-27, S3-06: list, lessons in order, questions, a first try that fails, a second one that passes."""

    def say(text: str, **values: object) -> str:
        return spoken(language, text, **values)

    title, lesson = ("Hand hygiene", "Lesson") if language == "en" else ("Higiene de manos", "Lección")
    monkeypatch.setattr(certificates.QUEUE, "nudge", lambda _pk: None)  # the worker is busy
    version = courses.published(now=timezone.now())
    account = courses.learner(first_name="Fay", last_name="Front", phone=PHONE, language=language)
    fay = visit(views=EVERY, language=language)
    arrive(fay, account)
    fay.go("/p/optum-pro/home/")
    fay.page.locator("main").get_by_role("link", name=say("Education and Training")).first.click()
    fay.look(say("Education and Training"))
    fay.picture(f"list-{language}")
    fay.follow(title)
    fay.look(title)
    fay.picture(f"course-{language}")
    fay.page.get_by_role("link", name=say("Read the first lesson")).click()
    for number in (1, 2, 3):
        fay.look(f"{lesson} {number}")
        fay.picture(f"lesson-{number}-{language}")
        if number < 3:
            fay.page.get_by_role("link", name=say("Next lesson")).click()
    fay.press(say("Begin the questions"))
    fay.look()
    fay.press(say("Send my answers"))  # nothing chosen
    fay.told()
    fay.look()
    fay.picture(f"questions-wrong-{language}")
    _choose(fay, version, wrong=2)
    fay.press(say("Keep them and go on later"))
    fay.told(say("Your answers are kept. Nothing was sent yet."))
    fay.look()
    fay.picture(f"questions-{language}")
    fay.press(say("Send my answers"))
    fay.look(say("Not passed this time"))
    fay.picture(f"failed-{language}")
    fay.page.go_back()  # to the questions, and sent again: it was one attempt
    fay.go(f"{LIST}{version.course_id}/1/lessons/3/")
    fay.press(say("Begin the questions"))
    _choose(fay, version)
    fay.press(say("Send my answers"))
    fay.look(say("You have passed"))
    fay.picture(f"passed-{language}")
    assert Attempt.objects.of(account).count() == 2
    certificate = Certificate.objects.get()
    fay.page.get_by_role("link", name=say("Open your certificate")).click()
    fay.told(say("Your certificate is being made. This takes a few seconds."))
    fay.look()
    fay.picture(f"certificate-waiting-{language}")
    printing.make_waiting(clock=timezone.now)
    fay.page.get_by_role("link", name=say("Open the certificate (PDF)")).wait_for()  # the page looks by itself
    fay.look()
    fay.picture(f"certificate-{language}")
    fay.go(LIST)
    fay.look()
    fay.picture(f"list-passed-{language}")
    stranger = visit(views=EVERY, language=language)
    stranger.go("/p/optum-pro/certificates/")
    stranger.look(say("Confirm a certificate"))
    stranger.fill(number="C-2222-2222")
    stranger.press(say("Confirm"))
    stranger.told()
    stranger.look()
    stranger.picture(f"confirm-wrong-{language}")
    stranger.fill(number=certificate.number.lower())
    stranger.press(say("Confirm"))
    stranger.told("F. F.")
    stranger.look()
    stranger.picture(f"confirm-{language}")


def _choose(visitor, version, *, wrong: int = 0) -> None:
    for key, places in courses.right(version, wrong=wrong).items():
        for place in places:
            visitor.page.check(f"#id_question-{key}_{place}")


@pytest.mark.parametrize("language", ["en", "es"])
def test_written_at_the_desk_and_published_by_another(visit, language):
    """S3-06: both languages, a lesson, a question, and the second of two."""

    def say(text: str, **values: object) -> str:
        return spoken(language, text, **values)

    first, second = courses.staff()
    author = visit(views=EVERY, language=language)
    arrive(author, first)
    author.go("/admin/portals/courseversion/add/")
    author.look(say("Write a course"))
    author.press(say("Save"))  # nothing typed
    author.told()
    author.look()
    author.picture(f"write-wrong-{language}")
    author.fill(title_en="Hand hygiene", title_es="Higiene de manos", summary_en="When.", summary_es="Cuándo.")
    author.press(say("Save"))
    author.told(say("Now write its lessons, and questions about them."))
    author.look()
    version = CourseVersion.objects.get()
    author.page.get_by_role("link", name=say("Add a lesson")).click()
    author.look(say("A new lesson"))
    author.fill(title_en="Why", title_es="Por qué", text_en="It **helps**.", text_es="**Ayuda**.")
    author.press(say("Save"))
    author.told(say("Saved. Another person publishes it; nobody reads it yet."))
    author.page.get_by_role("link", name=say("Add a question")).click()
    author.look(say("A new question"))
    author.fill(text_en="Does it help?", text_es="¿Ayuda?", choice_1_en="Yes", choice_1_es="Sí")
    author.fill(choice_2_en="No", choice_2_es="No")
    author.press(say("Save"))  # no choice is right
    author.told()
    author.look()
    author.picture(f"question-wrong-{language}")
    author.page.check("#id_right_1")
    author.press(say("Save"))
    author.look()
    author.picture(f"version-{language}")
    colleague = visit(views=EVERY, language=language)
    arrive(colleague, second)
    colleague.go("/admin/")
    colleague.page.get_by_role("link", name=say("Courses to publish")).click()
    colleague.look()
    colleague.picture(f"desk-list-{language}")
    colleague.go(f"/admin/portals/courseversion/{version.pk}/change/")
    colleague.press(say("Publish it"))
    colleague.look()
    colleague.picture(f"asked-{language}")
    colleague.press(say("Publish it"))
    colleague.told(say("Published."))
    colleague.look()


@pytest.mark.parametrize("language", ["en", "es"])
def test_who_of_a_practice_has_passed(visit, language):
    """S3-06: for whoever answers for the people of a practice; and what stands there where there is nothing."""

    def say(text: str, **values: object) -> str:
        return spoken(language, text, **values)

    office = news.practice()
    manager = news.account_of(news.works(office, "practice_manager", first_name="Mona", last_name="Ager", phone=PHONE))
    front = news.account_of(news.works(office, first_name="Fay", last_name="Front", phone=PHONE))
    mona = visit(views=EVERY, language=language)
    arrive(mona, manager)
    for page in (LIST, f"{LIST}practice/{office.pk}/"):
        mona.go(page)
        mona.look()
    version = courses.published(now=timezone.now())
    courses.passed(version, front, now=timezone.now())
    mona.go(LIST)
    mona.picture(f"list-manager-{language}")
    mona.page.get_by_role("link", name=office.name).click()
    mona.look(say("Who of your practice has passed"))
    mona.picture(f"practice-{language}")
    mona.page.locator("main table a").first.click()
    mona.look()
    mona.picture(f"report-{language}")
