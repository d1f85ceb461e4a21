"""Courses at the desk: written in both languages, previewed, published by another; who passed, as a list (S3-06)."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from portals.inside import printing
from portals.inside.domain import certificates
from portals.models import Certificate, CourseVersion
from tests.conftest import make_staff
from tests.steps import courses as steps
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
ADD = "/admin/portals/courseversion/add/"
CERTIFICATES = "/admin/portals/certificate/"
TEXTS = {**steps.TEXTS, "roles": [], "markets": []}
LESSON = {"title_en": "Why", "title_es": "Por qué", "text_en": "Because **it** helps.", "text_es": "Porque **ayuda**."}
QUESTION = {
    "text_en": "Does it help?", "text_es": "¿Ayuda?",
    "choice_1_en": "Yes", "choice_1_es": "Sí", "right_1": "on", "choice_2_en": "No", "choice_2_es": "No",
}  # fmt: skip


@pytest.fixture
def staff():
    return steps.staff()


@pytest.fixture
def writer(staff):
    return signed_in(staff[0], verified=True)


@pytest.fixture
def publisher(staff):
    return signed_in(staff[1], verified=True)


def body(answer) -> str:
    return answer.content.decode()


def page_of(version: CourseVersion, name: str = "change", *more: str) -> str:
    return reverse(f"admin:portals_courseversion_{name}", args=[version.pk, *more])


def test_one_writes_a_course_and_another_publishes_it(writer, publisher):
    """Both languages, preview, the page before the press, and what never changes afterwards."""
    writer.post(ADD, TEXTS)
    version = CourseVersion.objects.get()
    assert "No lesson yet: begin with the first one." in body(writer.get(page_of(version)))
    writer.post(page_of(version, "lesson", "new"), {**LESSON, "seen": "0"})
    asked = {**QUESTION, "lesson": str(version.lessons.get().pk), "seen": "1"}
    writer.post(page_of(version, "question", "new"), asked)
    assert version.questions.get().right == {0}
    page = body(writer.get(page_of(version)))
    assert "You wrote the last change: another person publishes it." in page
    for read in ("<strong>it</strong>", "<strong>ayuda</strong>", "Porque"):
        assert read in page
    pressed = {"step": "publish", "seen": "2"}
    question = publisher.post(page_of(version), pressed)
    assert "What is published never changes" in body(question)
    assert CourseVersion.objects.get().state == "proposed"
    read = body(question).partition('name="read" value="')[2].partition('"')[0]
    publisher.post(page_of(version), {**pressed, "read": read})
    assert CourseVersion.objects.get().state == "published"
    for name, more in (("texts", ()), ("lesson", ("1",)), ("question", ("1",))):
        frozen = publisher.post(page_of(version, name, *more), {**TEXTS, **LESSON, **asked, "seen": "2"})
        assert frozen.status_code == 422, name
        assert "This version is published: it never changes." in body(frozen)
    publisher.post(page_of(version, "parts"), {"part": "lesson-1", "do": "out", "seen": "2"})
    assert version.lessons.count() == 1


def test_what_is_wrong_is_said_at_the_field_and_kept(writer, staff):
    """Bad input: pass marks of 0 and 101, an audience that fits nobody, choices of which none is right."""
    for mark in ("0", "101", "x"):
        page = writer.post(ADD, {**TEXTS, "pass_mark": mark})
        assert (page.status_code, 'id="id_pass_mark_error"' in body(page)) == (422, True)
        assert "Hand hygiene" in body(page)
    nobody = body(writer.post(ADD, {**TEXTS, "roles": ["registered_nurse"], "markets": ["CA"]}))
    assert "Nobody in the portal has such a role in such a market" in nobody
    assert CourseVersion.objects.count() == 0
    version = steps.written(staff[0], lessons=1)
    asked = {**QUESTION, "lesson": str(version.lessons.get().pk), "seen": str(version.version)}
    for change, field in (
        ({"right_1": ""}, "right_1"),
        ({"right_2": "on"}, "right_1"),
        ({"choice_3_en": "Perhaps"}, "choice_3_es"),
        ({"choice_2_en": ""}, "choice_2_en"),
    ):
        page = writer.post(page_of(version, "question", "new"), asked | change)
        assert (page.status_code, f'id="id_{field}_error"' in body(page)) == (422, True), change
    assert version.questions.count() == 1
    assert "Nothing was done" in body(
        writer.post(page_of(version, "parts"), {"part": "lesson-1", "do": "out", "seen": "0"}, follow=True)
    )


def test_what_was_changed_meanwhile_is_neither_overwritten_nor_published(writer, publisher, staff):
    version = steps.written(staff[0])
    old = str(version.version - 1)
    page = writer.post(page_of(version, "lesson", "1"), {**LESSON, "seen": old})
    assert "Somebody has changed it since you opened the page." in body(page)
    pressed = {"step": "publish", "seen": old}
    read = body(publisher.post(page_of(version), pressed)).partition('name="read" value="')[2].partition('"')[0]
    assert "Look at it once more." in body(publisher.post(page_of(version), {**pressed, "read": read}))
    assert CourseVersion.objects.get().state == "proposed"


def test_the_next_version_is_a_copy_and_retiring_says_why(writer, staff):
    version = steps.published(pair=staff)
    writer.post(page_of(version), {"step": "copy"})
    assert CourseVersion.objects.get(number=2).lessons.count() == 3
    again = body(writer.post(page_of(version), {"step": "copy"}))
    assert "The next version is being written already" in again
    assert "Enter a reason" in body(writer.post(page_of(version), {"step": "retire", "reason": " "}))
    writer.post(page_of(version), {"step": "retire", "reason": "Out of date"})
    assert "Out of date" in body(writer.get(page_of(version)))
    assert writer.post(page_of(version), {"step": "melt"}).status_code == 404


def test_staff_of_another_portal_find_nothing(staff):
    """D-28: lists, pages, acts and the CSV."""
    version = steps.published(pair=staff)
    certificate = steps.passed(version, steps.learner()).certificate
    elsewhere = signed_in(make_staff("other.desk", "service desk", portals=("claims",)), verified=True)
    assert "Hand hygiene" not in body(elsewhere.get("/admin/portals/courseversion/"))
    for path in (page_of(version), page_of(version, "texts"), page_of(version, "lesson", "1")):
        assert elsewhere.get(path).status_code == 404
    assert certificate.number not in body(elsewhere.get(CERTIFICATES))
    assert certificate.number not in b"".join(elsewhere.get(f"{CERTIFICATES}export/")).decode()
    assert elsewhere.get(ADD).status_code == 404, "nobody writes courses of a portal that has none"


def test_who_passed_is_a_list_and_a_csv_without_formulas(writer, staff):
    """policy, Always: a cell that begins with a sign is text."""
    account = steps.learner(first_name="=cmd()", last_name="Lin")
    certificate = steps.passed(steps.published(pair=staff), account).certificate
    assert certificate.number in body(writer.get(CERTIFICATES))
    assert certificate.number in body(writer.get(CERTIFICATES, {"q": certificate.number.lower()}))
    lines = b"".join(writer.get(f"{CERTIFICATES}export/")).decode().splitlines()
    assert lines[0].startswith("number,id,first_name")
    assert lines[1].startswith(f"{certificate.number},{account.login_name},'=cmd(),Lin,optum-pro,Hand hygiene,1,100,")
    assert account.login_name in body(writer.get(f"{CERTIFICATES}{certificate.pk}/change/"))


def test_a_certificate_that_was_not_printed_is_printed_again(writer, staff):
    certificate = steps.passed(steps.published(pair=staff), steps.learner()).certificate
    page = f"{CERTIFICATES}{certificate.pk}/change/"
    assert "Print it again" not in body(writer.get(page))
    Certificate.objects.update(state="failed", problem="OSError")
    assert "Print it again" in body(writer.get(page))
    writer.post(page, {"print_again": "1"})
    printing.make_waiting(clock=timezone.now)
    assert Certificate.objects.get().state == "ready"
    assert certificates.QUEUE.claim(now=timezone.now()) is None


def test_without_the_right_there_is_nothing_to_write(staff):
    group = staff[0].groups.get()
    group.permissions.remove(*Permission.objects.filter(codename__in=["change_courses", "view_certificates"]))
    browser = signed_in(staff[0], verified=True)
    assert browser.get(ADD).status_code in (403, 404)
    for path in ("/admin/portals/courseversion/", CERTIFICATES, f"{CERTIFICATES}export/"):
        assert browser.get(path).status_code in (403, 404), path
