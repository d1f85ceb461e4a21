"""Courses: written by one, published by another, never changed afterwards; attempts and certificates (S3-06)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from identity.accounts import staff_rights
from identity.models import JournalEntry, OutboxMessage
from identity.policy import lifecycle
from identity.record.machine import NotPossible, ReasonMissing, SamePerson, Stale
from portals import registry
from portals.entry import rights
from portals.inside.domain import attempts, certificate_ends, certificates, course_texts, courses, due
from portals.inside.messages.courses import CertificateEndsMail
from portals.models import Attempt, Certificate, CourseVersion, Lesson, Question
from portals.models.courses import Published
from rbac.domain import memberships
from rbac.models import AccessGrant, Membership
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory
from tests.steps import courses as steps
from tests.together import together, turn_by_turn

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
State = CourseVersion.State


@pytest.fixture
def staff():
    return steps.staff()


class TestVersions:
    def test_one_writes_and_another_publishes(self, staff):
        """S3-06: by two; the journal names both."""
        first, second = staff
        version = steps.written(first)
        with pytest.raises(SamePerson):
            courses.publish(version=version, seen=version.version, by=first, now=NOW)
        courses.publish(version=version, seen=version.version, by=second, now=NOW)
        assert CourseVersion.objects.get().state == State.PUBLISHED
        entry = JournalEntry.objects.get(kind="portals.CourseVersionPublished")
        assert (entry.by, entry.facts["number"]) == (second, 1)

    def test_what_was_changed_since_it_was_read_is_not_published(self, staff):
        """The publisher has seen the last word, and whoever wrote it is not the publisher."""
        first, second = staff
        version = steps.written(first)
        seen = version.version
        course_texts.change(version=version, texts=steps.TEXTS, audience=(), seen=seen, by=second, now=NOW)
        with pytest.raises(Stale):
            courses.publish(version=version, seen=seen, by=first, now=NOW)
        with pytest.raises(SamePerson):
            courses.publish(version=version, seen=seen + 1, by=second, now=NOW)
        courses.publish(version=version, seen=seen + 1, by=first, now=NOW)

    def test_two_who_write_at_once_do_not_overwrite_each_other(self, staff):
        version = steps.written(staff[0])
        seen = version.version
        course_texts.change(version=version, texts=steps.TEXTS, audience=(), seen=seen, by=staff[0], now=NOW)
        with pytest.raises(Stale):
            course_texts.change(
                version=version, texts=steps.TEXTS | {"title_en": "x"}, audience=(), seen=seen, by=staff[1], now=NOW
            )

    def test_what_is_published_never_changes_by_any_way(self, staff):
        """By the domain, by save(), by update(), delete() and bulk statements, moved in from elsewhere."""
        version = steps.published(pair=staff)
        other = steps.written(staff[0])
        lesson, question = version.lessons.first(), version.questions.first()
        before = list(version.lessons.values()), list(version.questions.values())
        given = {"version": version, "by": staff[0], "now": NOW, "seen": version.version}

        def moved_in():
            stray = other.lessons.first()
            stray.version, stray.number = version, 99
            stray.save()

        def moved_out():
            lesson.version = other
            lesson.save()

        def renamed():
            version.title_en = "x"
            version.save(update_fields=["title_en"])

        attacks = (
            lambda: course_texts.change(texts=steps.TEXTS, audience=(), **given),
            lambda: course_texts.save_lesson(lesson=lesson, texts={"title_en": "x"}, **given),
            lambda: course_texts.remove(part=lesson, **given),
            lambda: course_texts.move_up(part=version.lessons.last(), **given),
            lambda: lesson.save(),
            lambda: lesson.delete(),
            lambda: question.save(update_fields=["choices"]),
            lambda: question.delete(),
            lambda: Question.objects.filter(pk=question.pk).update(choices=[]),
            lambda: Lesson.objects.filter(version=version).delete(),
            lambda: Lesson.objects.create(version=version, number=9),
            lambda: version.lessons.create(number=9),
            lambda: Lesson.objects.bulk_create([Lesson(version=version, number=9)]),
            lambda: version.audience.create(role="front_office"),
            moved_in,
            moved_out,
            renamed,
            lambda: version.delete(),
        )
        for number, attack in enumerate(attacks):
            with pytest.raises(Published), transaction.atomic():
                attack()
            assert (list(version.lessons.values()), list(version.questions.values())) == before, number
        assert CourseVersion.objects.get(pk=version.pk).title_en == steps.TEXTS["title_en"]

    def test_a_new_version_is_a_copy_and_retires_the_old_one(self, staff):
        old = steps.published(pair=staff, audience=())
        new = steps.next_version(old, staff)
        old.refresh_from_db()
        assert (old.state, new.state, new.number) == (State.RETIRED, State.PUBLISHED, 2)
        assert (old.lessons.count(), new.lessons.count()) == (3, 4)
        assert {one.lesson.version_id for one in new.questions.all()} == {new.pk}
        with pytest.raises(courses.ProposedAlready):
            for _ in range(2):
                courses.copy(version=new, by=staff[0], now=NOW)

    @pytest.mark.parametrize("mark", [0, 101])
    def test_a_pass_mark_is_a_percentage(self, staff, mark):
        """Bad input: 0 and 101 are refused by the database too."""
        with pytest.raises(IntegrityError), transaction.atomic():
            steps.written(staff[0], pass_mark=mark)

    def test_a_course_without_questions_is_not_published(self, staff):
        first, second = staff
        version = courses.begin(portal_key=steps.PRO, texts=steps.TEXTS, audience=(), by=first, now=NOW)
        with pytest.raises(courses.NotComplete):
            courses.publish(version=version, seen=version.version, by=second, now=NOW)

    def test_an_audience_that_fits_nobody_is_refused(self, staff):
        steps.learner("front_office", "CO")
        with pytest.raises(courses.FitsNobody):
            steps.written(staff[0], audience={("front_office", "CA")})
        assert steps.written(staff[0], audience={("front_office", "CO")}).audience.count() == 1

    @pytest.mark.parametrize(
        ("rows", "several"),
        [
            ([("Yes", "Sí", True)], False),
            ([("Yes", "Sí", False), ("No", "No", False)], False),
            ([("Yes", "Sí", True), ("No", "No", True)], False),
            ([("Yes", "", True), ("No", "No", False)], False),
            ([("Yes", "Sí", True)] * 7, True),
        ],
    )
    def test_a_question_can_be_answered(self, rows, several):
        with pytest.raises(course_texts.Unanswerable):
            course_texts.check_answerable(steps.choices(rows), has_several=several)

    def test_staff_of_another_portal_and_others_write_nothing(self, staff):
        """D-28."""
        version = steps.written(staff[0])
        elsewhere = make_staff("other.desk", "service desk", portals=("provider-online",))
        for by in (elsewhere, AccountFactory()):
            with pytest.raises(staff_rights.MayNotHandle):
                courses.publish(version=version, seen=version.version, by=by, now=NOW)
            with pytest.raises(staff_rights.MayNotHandle):
                courses.begin(portal_key=steps.PRO, texts=steps.TEXTS, audience=(), by=by, now=NOW)

    def test_lessons_change_places_and_go(self, staff):
        version = steps.written(staff[0])
        second = version.lessons.get(number=2)
        course_texts.move_up(version=version, part=second, seen=version.version, by=staff[0], now=NOW)
        assert [one.title_en for one in version.lessons.all()] == ["Lesson 2", "Lesson 1", "Lesson 3"]
        course_texts.remove(version=version, part=second, seen=version.version + 1, by=staff[0], now=NOW)
        assert list(version.lessons.values_list("number", "title_en")) == [(1, "Lesson 1"), (2, "Lesson 3")]
        assert list(version.questions.values_list("number", "text_en")) == [(1, "Question 1?"), (2, "Question 3?")]

    def test_retiring_says_why(self, staff):
        version = steps.published(pair=staff)
        with pytest.raises(ReasonMissing):
            courses.retire(version=version, reason=" ", by=staff[0], now=NOW)
        courses.retire(version=version, reason="Out of date", by=staff[0], now=NOW)
        assert CourseVersion.objects.get().state == State.RETIRED


class TestAttempts:
    def test_right_answers_give_a_certificate(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        attempt = steps.passed(version, account)
        certificate = Certificate.objects.get()
        assert (attempt.state, attempt.score) == ("passed", 100)
        assert certificate.passed_at == NOW + timedelta(minutes=5)
        assert certificate.valid_until == certificate.passed_at + timedelta(days=365)
        kinds = set(JournalEntry.objects.filter(account=account).values_list("kind", flat=True))
        assert {"portals.CourseBegun", "portals.CoursePassed", "portals.CertificateIssued"} <= kinds

    @pytest.mark.parametrize(("wrong", "state"), [(0, "passed"), (1, "passed"), (2, "failed")])
    def test_the_pass_mark_counts_exactly(self, staff, wrong, state):
        """Of four questions three are 75 percent, which is enough."""
        version, account = steps.published(pair=staff, lessons=4), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        sent = attempts.send(attempt=attempt, answers=steps.right(version, wrong=wrong), by=account, now=NOW)
        assert (sent.state, sent.score) == (state, 100 - 25 * wrong)
        assert Certificate.objects.count() == (state == "passed")

    def test_a_failed_attempt_names_the_lessons_and_not_the_answers(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        answers = steps.right(version)
        last = version.questions.last()
        answers[last.pk] = answers[last.pk][:1]  # one of the two right ones is wrong
        answers[version.questions.first().pk] = [1]
        sent = attempts.send(attempt=attempt, answers=answers, by=account, now=NOW)
        assert [lesson.number for lesson in attempts.lessons_to_read(sent)] == [1, 3]

    def test_what_is_sent_twice_counts_once(self, staff):
        """By double click, back button, or in two tabs."""
        version, account = steps.published(pair=staff), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        assert attempts.begin(version=version, by=account, now=NOW) == attempt
        attempts.send(attempt=attempt, answers=steps.right(version, wrong=3), by=account, now=NOW)
        with pytest.raises(NotPossible) as refused:
            attempts.send(attempt=attempt, answers=steps.right(version), by=account, now=NOW)
        assert refused.value.current.state == "failed"
        with pytest.raises(NotPossible):
            attempts.keep(attempt=attempt, answers={}, now=NOW)
        assert (Attempt.objects.count(), Certificate.objects.count()) == (1, 0)

    def test_two_open_attempts_are_refused_by_the_database(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        attempts.begin(version=version, by=account, now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Attempt.objects.create(version=version, account=account, created_at=NOW)

    def test_who_began_the_old_version_finishes_it(self, staff):
        """A course changed, or retired, while somebody is in it."""
        old, account = steps.published(pair=staff), steps.learner()
        attempt = attempts.begin(version=old, by=account, now=NOW)
        new = steps.next_version(old, staff)
        courses.retire(version=new, reason="Out of date", by=staff[0], now=NOW)
        assert attempts.begin(version=new, by=account, now=NOW) == attempt
        sent = attempts.send(attempt=attempt, answers=steps.right(old), by=account, now=NOW)
        assert sent.state == "passed"
        assert Certificate.objects.get().attempt.version == old
        for version in (old, new):
            with pytest.raises(attempts.NotOffered):
                attempts.begin(version=version, by=account, now=NOW)

    def test_an_answer_is_one_that_the_question_offers(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        other = steps.published(pair=staff)
        attempt = attempts.begin(version=version, by=account, now=NOW)
        answers = steps.right(version)
        first = version.questions.first().pk
        for bad in ({first: [9]}, {first: [-1]}, {first: [0, 1]}, {first: []}, {other.questions.first().pk: [0]}):
            with pytest.raises(attempts.Incomplete):
                attempts.send(attempt=attempt, answers=answers | bad, by=account, now=NOW)
        attempt.refresh_from_db()
        assert (attempt.state, attempt.answers) == ("open", {})

    def test_after_a_day_it_is_over_and_keeps_its_answers(self, staff):
        """Period attempt_open: a second before it counts, at the moment no more, however late the job is."""
        version, account = steps.published(pair=staff), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        end = NOW + lifecycle.after("attempt_open")
        chosen = {version.questions.first().pk: [0]}
        attempts.keep(attempt=attempt, answers=chosen, now=end - SECOND)
        with pytest.raises(NotPossible):
            attempts.send(attempt=attempt, answers=steps.right(version), by=account, now=end)
        assert attempts.close_over(now=end - SECOND) == 0
        assert attempts.close_over(now=end) == 1
        attempt.refresh_from_db()
        assert (attempt.state, attempt.score, attempt.sent_at) == ("failed", None, None)
        assert attempt.answers == {str(next(iter(chosen))): [0]}
        assert attempts.begin(version=version, by=account, now=end) != attempt

    def test_a_new_one_begins_where_the_job_has_not_closed_the_old_one(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        old = attempts.begin(version=version, by=account, now=NOW)
        new = attempts.begin(version=version, by=account, now=NOW + lifecycle.after("attempt_open"))
        old.refresh_from_db()
        assert (old.state, new.state) == ("failed", "open")

    def test_many_that_are_over_wait_for_two_people(self, staff):
        """policy, mass acts."""
        version = steps.published(pair=staff)
        for _ in range(51):
            Attempt.objects.create(version=version, account=AccountFactory(), created_at=NOW)
        assert attempts.close_over(now=NOW + lifecycle.after("attempt_open")) == 0
        assert Attempt.objects.filter(state="open").count() == 51


class TestRenewal:
    def test_a_certificate_is_renewed_by_a_new_one_and_keeps_its_date(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        old = steps.passed(version, account).certificate
        notice = old.valid_until - lifecycle.after("certificate_notice")
        with pytest.raises(attempts.HasCertificate):
            attempts.begin(version=version, by=account, now=notice - SECOND)
        new = steps.passed(version, account, now=notice).certificate
        kept = Certificate.objects.get(pk=old.pk)
        assert (kept.number, kept.passed_at, kept.valid_until) == (old.number, old.passed_at, old.valid_until)
        assert new.number != old.number
        assert new.valid_until > old.valid_until
        assert certificates.newest(course=version.course_id, account=account) == new

    def test_a_new_version_issues_nothing_and_can_be_passed_at_once(self, staff):
        """Nobody gets a certificate of what they have not read."""
        old, account = steps.published(pair=staff), steps.learner()
        steps.passed(old, account)
        new = steps.next_version(old, staff)
        assert Certificate.objects.count() == 1
        assert steps.passed(new, account).certificate.attempt.version == new

    def test_its_holder_is_told_once_to_the_second(self, staff):
        """Period certificate_notice; by mail, which can be turned off, and on the first screen."""
        version, account = steps.published(pair=staff), steps.learner(language="es")
        certificate = steps.passed(version, account).certificate
        notice = certificate.valid_until - lifecycle.after("certificate_notice")
        assert certificate_ends.tell(now=notice - SECOND) == 0
        assert [certificate_ends.tell(now=notice) for _ in range(2)] == [1, 0]
        mail = OutboxMessage.objects.get(kind="portals.CertificateEndsMail")
        assert mail.ids == {"account_id": account.pk, "certificate": certificate.pk}
        assert CertificateEndsMail.optional

    @pytest.mark.parametrize("why", ["renewed", "retired", "role", "access", "ended"])
    def test_nobody_is_told_who_has_nothing_to_renew(self, staff, why):
        version, account = steps.published(pair=staff, audience=()), steps.learner()
        certificate = steps.passed(version, account).certificate
        now = certificate.valid_until - lifecycle.after("certificate_notice")
        if why == "renewed":
            steps.passed(version, account, now=now)
        elif why == "retired":
            courses.retire(version=version, reason="x", by=staff[0], now=now)
        elif why == "role":
            Membership.objects.filter(grant__account=account).update(until=now)
        elif why == "access":
            AccessGrant.objects.filter(account=account).update(until=now)
        else:
            now = certificate.valid_until
        assert certificate_ends.tell(now=now) == 0
        assert not OutboxMessage.objects.filter(kind="portals.CertificateEndsMail").exists()

    def test_one_that_does_not_end_is_earned_once(self, staff):
        version, account = steps.published(pair=staff, valid_for=None), steps.learner()
        assert steps.passed(version, account).certificate.valid_until is None
        with pytest.raises(attempts.HasCertificate):
            attempts.begin(version=version, by=account, now=NOW + timedelta(days=5000))


def test_an_attempt_has_one_certificate(staff):
    """By the database too."""
    attempt = steps.passed(steps.published(pair=staff), steps.learner())
    with pytest.raises(IntegrityError), transaction.atomic():
        certificates.issue(attempt=attempt, now=NOW)


class TestFirstScreen:
    """What there is to do, each with its day and one button (S3-05)."""

    def said(self, account, now):
        grant = AccessGrant.objects.get(account=account)
        portal, behind = registry.get(steps.PRO), memberships.behind(grant, now=now)
        held = rights.held(portal, grant, now=now)
        visit = due.Visit(portal=portal, account=account, memberships=behind, capabilities=held, since=None, now=now)
        return [(one.text, one.button) for one in due.of(visit)[0] if "Hand hygiene" in one.text]

    def test_answers_that_are_under_way_stand_there_until_they_are_sent(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        told = [("You have begun the questions of “Hand hygiene”.", "Go on with the questions")]
        end = NOW + lifecycle.after("attempt_open")
        assert (self.said(account, end - SECOND), self.said(account, end)) == (told, [])
        attempts.send(attempt=attempt, answers=steps.right(version), by=account, now=NOW)
        assert self.said(account, NOW) == []

    def test_a_certificate_stands_there_until_it_is_renewed(self, staff):
        version, account = steps.published(pair=staff), steps.learner()
        certificate = steps.passed(version, account).certificate
        notice = certificate.valid_until - lifecycle.after("certificate_notice")
        told = [("Your certificate for “Hand hygiene” ends.", "Renew it")]
        assert (self.said(account, notice - SECOND), self.said(account, notice)) == ([], told)
        assert self.said(steps.learner(), notice) == []
        steps.passed(version, account, now=notice)
        assert self.said(account, notice) == []

    def test_a_course_that_is_not_for_somebody_any_more_asks_nothing(self, staff):
        account = steps.learner()
        version = steps.published(pair=staff, audience={("front_office", "")})
        certificate = steps.passed(version, account).certificate
        Membership.objects.filter(grant__account=account).update(role="registered_nurse")
        assert self.said(account, certificate.valid_until - lifecycle.after("certificate_notice")) == []


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """With real commits, at the same moment: one of them counts."""

    def test_two_tabs_begin_one_attempt(self):
        version, account = steps.published(), steps.learner()
        begun = together(lambda: attempts.begin(version=version, by=account, now=NOW).pk, threads=4)
        assert len(set(begun)) == 1
        assert Attempt.objects.count() == 1

    def test_two_tabs_send_one_attempt_and_earn_one_certificate(self):
        version, account = steps.published(), steps.learner()
        attempt = attempts.begin(version=version, by=account, now=NOW)
        answers = steps.right(version)

        def send() -> bool:
            try:
                attempts.send(attempt=attempt, answers=answers, by=account, now=NOW)
            except NotPossible:
                return False
            return True

        assert sorted(together(send, threads=4)) == [False, False, False, True]
        assert Certificate.objects.count() == 1

    def test_what_is_changed_while_it_is_published_is_in_it_or_refused(self):
        """A writer and a publisher at once: what was published is what the publisher has seen."""
        first, second = steps.staff()
        version = steps.written(first)
        seen = version.version

        def attempt(act) -> str:
            try:
                act()
            except (NotPossible, Published, SamePerson) as refused:
                return type(refused).__name__
            return "done"

        texts = steps.TEXTS | {"title_en": "Changed"}
        told = turn_by_turn(
            lambda: attempt(lambda: courses.publish(version=version, seen=seen, by=second, now=NOW)),
            lambda: attempt(
                lambda: course_texts.change(version=version, texts=texts, audience=(), seen=seen, by=first, now=NOW)
            ),
        )
        version.refresh_from_db()
        assert told.count("done") == 1
        assert (version.state, version.title_en) in {("published", "Hand hygiene"), ("proposed", "Changed")}

    def test_two_who_publish_at_once_publish_once(self):
        first, second = steps.staff()
        third = make_staff("course.three", "service desk", portals=(steps.PRO,))
        version = steps.written(first)

        def publish(by) -> bool:
            try:
                courses.publish(version=version, seen=version.version, by=by, now=NOW)
            except NotPossible:
                return False
            return True

        assert sorted(turn_by_turn(lambda: publish(second), lambda: publish(third))) == [False, True]
        assert JournalEntry.objects.filter(kind="portals.CourseVersionPublished").count() == 1
