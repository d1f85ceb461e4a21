"""Every job of the schedule under a clock that jumped, and with the clock believed: what is lost (attack H6; policy:
mass acts)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
import time_machine
from allauth.idp.oidc.models import Client
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext

from accessforms.models import Submission
from config.celery import app
from config.schedule import SCHEDULE
from enrollment.models import AdministratorRequest, Invitation, PracticeInquiry
from identity.governance import retention
from identity.jobs import clock, mass_acts
from identity.models import (
    Account,
    Challenge,
    DailySpend,
    FactorReset,
    JournalEntry,
    MassAct,
    OpenSession,
    OutboxMessage,
    PhoneDevice,
    QuestionTries,
    RememberedDevice,
    SavedPost,
    SecurityAlert,
    StoredFile,
    SuppressedAddress,
)
from portals.models import (
    Application,
    Attempt,
    Certificate,
    Course,
    CourseVersion,
    Document,
    Feedback,
    LegacyImport,
    LegacyImportRow,
    OidcSession,
)
from rbac.domain import sweeps
from rbac.models import (
    AccessGrant,
    HandOver,
    Mandate,
    MandateInquiry,
    Membership,
    Origin,
    Practice,
    Review,
    ReviewLine,
    SweepRun,
)
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, people
from tests.steps.administrator_requests import asked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AHEAD = NOW + 3650 * DAY
SWEEP = "sweep"  # its runs have a life of their own


class Doomed(NamedTuple):
    """Rows that are young now and over in ten years: how to make some, those of them that are as they were, and the act
    that stops the job when they are many (None: most of it is over each night, so that no share tells of a fault)."""

    make: Callable[[int], Any]
    left: Callable[[], QuerySet[Any]]
    act: str | None = None
    limit: mass_acts.Limit = mass_acts.PRUNING


def lists(count: int) -> None:
    LegacyImport.objects.bulk_create(
        LegacyImport(source=f"source{n}", file_name="x", digest="x", state="checked", begun_at=NOW)
        for n in range(count)
    )


def reports(count: int) -> None:
    done = LegacyImport.objects.create(
        source="trucase", file_name="x", digest="x", state="done", begun_at=NOW, ended_at=NOW
    )
    LegacyImportRow.objects.bulk_create(
        LegacyImportRow(legacy_import=done, line=n, login_name="x", outcome="accepted") for n in range(count)
    )


def signed_on(count: int) -> None:
    application = Application.objects.create(
        client=Client.objects.create(id="x", name="X"), key="x", name_key="x", portal_key="claims"
    )
    own = {"application": application, "account": AccountFactory()}
    own["grant"] = AccessGrant.objects.create(
        account=own["account"], portal_key="physician", since=NOW, until=NOW, origin=Origin.STAFF, reason="test"
    )
    OidcSession.objects.bulk_create(
        OidcSession(session="00000000-0000-0000-0000-000000000000", epoch=0, scopes=[], redirect_uri="https://x.example/",
               code_challenge="x", code_ends_at=NOW, authenticated_at=NOW, amr=[], acr="x", begun_at=NOW,
               ends_at=NOW, **own)
        for _ in range(count)
    )  # fmt: skip


def requests(count: int) -> None:
    applicant = AccountFactory()
    Submission.objects.bulk_create(
        Submission(reference=f"R{n:07}", account=applicant, portal_key="claims", state="submitted", version=1,
                   created_at=NOW, saved_at=NOW, submitted_at=NOW, state_since=NOW)
        for n in range(count)
    )  # fmt: skip


def administrator_requests(count: int, state: str) -> None:
    row = asked(now=NOW)
    facts = {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.attname != "id"}
    row.delete()
    proved = {"proved_at": NOW, "submitted_at": NOW} if state == "returned" else {}
    AdministratorRequest.objects.bulk_create(
        AdministratorRequest(**facts | {"number": f"{state[0]}-{n:09}", "state": state, **proved}) for n in range(count)
    )


def resets(count: int, state: str) -> None:
    one, two = AccountFactory(is_staff=True), AccountFactory(is_staff=True)
    confirmed = {"confirmed_by": two, "confirmed_at": NOW} if state == "confirmed" else {}
    FactorReset.objects.bulk_create(
        FactorReset(account=own, state=state, reason="x", called="", started_by=one, started_at=NOW, **confirmed)
        for own in people(count)
    )


def numbers(count: int) -> None:
    PhoneDevice.objects.bulk_create(
        PhoneDevice(user=own, name="phone", number="+13105550123", number_key="x", confirmed=confirmed, created_at=NOW)
        for own in people(count)
        for confirmed in (True, False)
    )


def invited(count: int) -> None:
    Invitation.objects.bulk_create(
        Invitation(kind="portal", portal_key="claims", role="user", email=f"invited{n}@example.org", created_at=NOW,
                   last_sent_at=NOW)
        for n in range(count)
    )  # fmt: skip


def hand_overs(count: int) -> None:
    one, two = AccountFactory(), AccountFactory()
    practices = Practice.objects.bulk_create(Practice(name=f"Practice {n}", created_at=NOW) for n in range(count))
    HandOver.objects.bulk_create(
        HandOver(
            practice=practice,
            portal_key="provider-online",
            from_account=one,
            to_account=two,
            state="asked",
            asked_at=NOW,
        )
        for practice in practices
    )


def mandates(state: str) -> Callable[[int], None]:
    """Mandates that nobody answered, or whose last day is today."""
    agreed = {"since": NOW, "ends_on": NOW.date()} if state == "agreed" else {}

    def made(count: int) -> None:
        by = AccountFactory()
        vendor = Practice.objects.create(name="Vendor", created_at=NOW)
        practices = Practice.objects.bulk_create(Practice(name=f"Practice {n}", created_at=NOW) for n in range(count))
        Mandate.objects.bulk_create(
            Mandate(
                vendor=vendor, practice=practice, portal_key="optum-pro", roles=["front_office"], state=state,
                asked_at=NOW, asked_by=by, **agreed, **({"agreed_by": by} if agreed else {}),
            )
            for practice in practices
        )  # fmt: skip

    return made


def inquiries_for_mandates(count: int) -> None:
    by, vendor = AccountFactory(), Practice.objects.create(name="Vendor", created_at=NOW)
    said = {"portal_key": "optum-pro", "digits": "x", "kind": "EIN", "asked_at": NOW, "passed_on_at": NOW}
    MandateInquiry.objects.bulk_create(MandateInquiry(vendor=vendor, asked_by=by, **said) for _ in range(count))


def reviews_of_people(count: int) -> None:
    practice = Practice.objects.create(name="Reviewed", created_at=NOW)
    grants = AccessGrant.objects.bulk_create(
        AccessGrant(account=own, portal_key="physician", since=NOW, origin=Origin.STAFF, reason="test")
        for own in people(count)
    )
    held = Membership.objects.bulk_create(
        Membership(grant=grant, practice=practice, role="user", since=NOW, origin=Origin.STAFF) for grant in grants
    )
    review = Review.objects.create(
        practice=practice, portal_key="physician", state="open", opened_at=NOW, due_at=NOW + 30 * DAY, reminded_at=NOW
    )
    ReviewLine.objects.bulk_create(ReviewLine(review=review, membership=row, cause="never used") for row in held)


def attempts(count: int, **facts: Any) -> list[Attempt]:
    course = Course.objects.create(portal_key="optum-pro", created_at=NOW)
    version = CourseVersion.objects.create(
        course=course,
        number=1,
        state="published",
        pass_mark=50,
        valid_for=365,
        created_at=NOW,
        proposed_by=AccountFactory(),
        proposed_at=NOW,
        published_by=AccountFactory(),
        published_at=NOW,
    )
    # Of one person, where several are possible: more accounts would raise what other jobs may touch.
    owners = [AccountFactory()] * count if "state" in facts else people(count)
    rows = [Attempt(version=version, account=own, created_at=NOW, **facts) for own in owners]
    return Attempt.objects.bulk_create(rows)


def certificates(count: int) -> None:
    known = {"passed_at": NOW, "created_at": NOW, "due_at": NOW, "valid_until": NOW + timedelta(days=365)}
    Certificate.objects.bulk_create(
        Certificate(attempt=one, number=f"C-{number:04}-2222", told_at=NOW, state="ready", **known)
        for number, one in enumerate(attempts(count, state="passed", sent_at=NOW))
    )


def many(model: Any, **facts: Any) -> Callable[[int], Any]:
    """Rows of one account that differ in their key alone; a callable fact is asked for each."""

    def make(count: int) -> None:
        own = AccountFactory()
        model.objects.bulk_create(
            model(**{name: value(own, n) if callable(value) else value for name, value in facts.items()})
            for n in range(count)
        )

    return make


OWN = {"account": lambda own, _n: own}
DOOMED = {
    "sessions": Doomed(
        many(Session, session_key=lambda _own, n: f"s{n}", session_data="x", expire_date=NOW + DAY),
        lambda: Session.objects.all(),
    ),
    "open sessions": Doomed(
        many(OpenSession, **OWN, session_key=lambda _own, n: f"o{n}", browser="x", place="", signed_in_at=NOW,
             last_seen_at=NOW, expires_at=NOW + DAY),
        lambda: OpenSession.objects.all(),
    ),
    "held forms": Doomed(many(SavedPost, **OWN, path="/", body="x", saved_at=NOW), lambda: SavedPost.objects.all()),
    "question tries": Doomed(
        lambda count: QuestionTries.objects.bulk_create(QuestionTries(account=a, since=NOW) for a in people(count)),
        lambda: QuestionTries.objects.all(),
    ),
    "lifted addresses": Doomed(
        many(SuppressedAddress, address_key=lambda _own, n: f"key{n}", cause="bounced", since=NOW, lifted_at=NOW),
        lambda: SuppressedAddress.objects.all(),
    ),
    "journal": Doomed(
        many(JournalEntry, at=NOW, kind="identity.SignedIn", object_kind="doomed"),
        lambda: JournalEntry.objects.filter(object_kind="doomed"),
        "prune journal",
    ),
    "outbox": Doomed(
        many(OutboxMessage, kind="doomed", ids={}, dedupe_key=lambda _own, n: f"doomed{n}", state="sent",
             created_at=NOW, due_at=NOW, done_at=NOW),
        lambda: OutboxMessage.objects.filter(kind="doomed"),
        "prune outbox",
    ),
    "codes": Doomed(
        many(Challenge, **OWN, purpose="email", target_key="x", channel="mail", sent_at=NOW, expires_at=NOW),
        lambda: Challenge.objects.all(),
        "prune codes",
    ),
    "devices": Doomed(
        many(RememberedDevice, **OWN, browser="x", place="", first_seen_at=NOW, last_seen_at=NOW),
        lambda: RememberedDevice.objects.all(),
        "prune devices",
    ),
    "alerts": Doomed(
        many(SecurityAlert, **OWN, kind="new device", at=NOW), lambda: SecurityAlert.objects.filter(at=NOW),
        "prune alerts",
    ),
    "numbers": Doomed(numbers, lambda: PhoneDevice.objects.filter(confirmed=False), "prune numbers"),
    "spending": Doomed(
        many(DailySpend, day=lambda _own, n: (NOW - n * DAY).date()), lambda: DailySpend.objects.all(),
        "prune spending",
    ),
    "sign-ons": Doomed(signed_on, lambda: OidcSession.objects.all(), "prune sign-ons"),
    "reports": Doomed(reports, lambda: LegacyImportRow.objects.all(), "prune reports of imports"),
    "lists": Doomed(
        lists, lambda: LegacyImport.objects.filter(state="checked"), "discard lists that nobody started",
        mass_acts.ENDING,
    ),
    "requests": Doomed(
        requests, lambda: Submission.objects.filter(state="submitted"), "expire unfaxed requests", mass_acts.ENDING
    ),
    "unconfirmed administrators": Doomed(
        lambda count: administrator_requests(count, "unproved"),
        lambda: AdministratorRequest.objects.filter(state="unproved"), "delete unconfirmed administrator requests",
    ),
    "returned administrators": Doomed(
        lambda count: administrator_requests(count, "returned"),
        lambda: AdministratorRequest.objects.filter(state="returned"), "expire returned administrator requests",
        mass_acts.ENDING,
    ),
    "resets": Doomed(
        lambda count: resets(count, "confirmed"), lambda: FactorReset.objects.filter(state="confirmed"),
        "do due resets of methods", mass_acts.ENDING,
    ),
    "forgotten resets": Doomed(
        lambda count: resets(count, "started"), lambda: FactorReset.objects.filter(state="started"),
        "cancel forgotten resets", mass_acts.ENDING,
    ),
    "sign-ups": Doomed(
        lambda count: people(count, password="argon2$x", first_name="Unproved", date_joined=NOW),
        lambda: Account.objects.filter(first_name="Unproved"),
        "release names of unfinished sign-ups", mass_acts.ENDING,
    ),
    "unsent files": Doomed(
        many(StoredFile, uploaded_by=lambda own, _n: own, door="message", shown_name="x", kind="pdf", size=1, sha256="0" * 64,
             created_at=NOW, due_at=NOW),
        lambda: StoredFile.objects.filter(deleted_at=None), "delete unsent files",
    ),
    "invitations": Doomed(
        invited, lambda: Invitation.objects.open(), "lapse invitations", mass_acts.ENDING
    ),
    "hand-overs": Doomed(
        hand_overs, lambda: HandOver.objects.filter(state="asked"), "lapse hand-overs", mass_acts.ENDING
    ),
    "mandates that nobody answered": Doomed(
        mandates("asked"), lambda: Mandate.objects.filter(state="asked"), "lapse mandates", mass_acts.ENDING
    ),
    "mandates past their last day": Doomed(
        mandates("agreed"), lambda: Mandate.objects.filter(state="agreed"), "end mandates", mass_acts.ENDING
    ),
    "inquiries for mandates": Doomed(
        inquiries_for_mandates, lambda: MandateInquiry.objects.all(), "delete old inquiries for mandates"
    ),
    "reviews": Doomed(
        reviews_of_people, lambda: ReviewLine.objects.filter(membership__suspended_at=None),
        "deactivate people whom no review confirmed", mass_acts.ENDING,
    ),
    "questions to practices": Doomed(
        many(PracticeInquiry, portal_key="provider-online", tin_key="x", tin_kind="EIN", name="x", email="x", email_key="x",
             asked_at=NOW, passed_on_at=NOW),
        lambda: PracticeInquiry.objects.all(), "delete old questions to practices",
    ),
    "documents in the trash": Doomed(
        many(Document, portal_key="provider-online", owner=lambda own, _n: own, title="x", created_at=NOW, changed_at=NOW,
             deleted_at=NOW, deleted_by=lambda own, _n: own),
        lambda: Document.objects.all(), "erase deleted documents",
    ),
    "attempts at courses": Doomed(
        attempts, lambda: Attempt.objects.filter(state="open"), "close attempts at courses", mass_acts.ENDING
    ),
    "attempts that failed": Doomed(
        lambda count: attempts(count, state="failed"), lambda: Attempt.objects.filter(state="failed"),
        "delete attempts that were not passed",
    ),
    "certificates": Doomed(
        certificates, lambda: Certificate.objects.all(), "delete certificates that ended long ago",
    ),
    "feedback": Doomed(
        many(Feedback, portal_key="provider-online", page="/", text="x", created_at=NOW), lambda: Feedback.objects.all(),
        "prune feedback",
    ),
    "grants": Doomed(
        lambda count: AccessGrant.objects.bulk_create(
            AccessGrant(account=own, portal_key="claims", since=NOW, origin=Origin.STAFF, reason="test") for own in people(count)
        ),
        lambda: AccessGrant.objects.active(),
        SWEEP, mass_acts.ENDING,
    ),
}  # fmt: skip
# Not of a period that a clock can jump over: see tests/identity/test_mass_acts.py.
BY_PROFILE = {"answers"}
WARNS = {  # stopped like the others, and deletes nothing
    "warn practices of administrators who leave",
    "open reviews of practices",
    "remind of reviews of practices",
    "tell of late requests",
    "remind of regulatory news",
    "tell of certificates that end",
}
ENDS_NOTHING = {
    "identity.tasks.drain_outbox": "delivers",
    "identity.tasks.answer_recovery_requests": "answers each request once, and keeps none",
    "identity.tasks.remind_of_passwords": "mails; nothing ends by it",
    "accessforms.tasks.print_waiting_forms": "prints",
    "portals.tasks.print_waiting_certificates": "prints",
    "identity.tasks.look_at_files": "says of each file what it is",
    "identity.tasks.tell_of_waiting_files": "opens one ticket for all of them",
    "enrollment.tasks.tell_administrators": "mails of what arrived; nothing ends by it",
    "enrollment.tasks.pass_on_practice_inquiries": "mails what somebody asked; nothing ends by it",
    "rbac.tasks.pass_on_mandates": "asks practices; nothing ends by it",
    "rbac.tasks.tell_of_grids": "mails of a version whose losers were counted when two people published it",
    "portals.tasks.end_sign_ons_of_the_grid": "ends what a version takes that was counted when two people published it",
    "rbac.tasks.go_on_with_sweeps": "does what a run has planned, no more and as of no later moment",
    "portals.tasks.go_on_with_imports": "stores what two people have seen",
    "portals.tasks.wrap_imported_hashes": "makes hashes stronger",
}


def test_what_every_job_does_is_said_in_spanish():
    """Kinds are stored in English; a stopped job is shown to operators in their language."""
    kinds = {kind.act for kind in DOOMED.values() if kind.act and kind.act != SWEEP} | {
        f"prune {name}" for name in BY_PROFILE
    }
    with translation.override("es"):
        assert [kind for kind in sorted(kinds | {clock.KIND}) if gettext(kind) == kind] == []


@pytest.fixture
def _filled(request):
    """Rows of every kind, young now, and a clock that was right until now: few, or one more than each job may touch."""
    with time_machine.travel(NOW, tick=False):
        for kind in DOOMED.values():
            kind.make(kind.limit.at_least + 1 if request.param and kind.act else 1)
        assert clock.is_trusted(now=NOW)
    assert all(rows_left().values())


few = pytest.mark.parametrize("_filled", [False], indirect=True, ids=["few"])
too_many = pytest.mark.parametrize("_filled", [True], indirect=True, ids=["too many"])


def run_every_job(at=AHEAD) -> None:
    app.loader.import_default_modules()
    with time_machine.travel(at, tick=False):
        for job in SCHEDULE.values():
            app.tasks[job["task"]].apply()


def two_people_say_that_the_clock_is_right(at=AHEAD) -> None:
    assert not clock.is_trusted(now=at)
    act = MassAct.objects.get()
    for name in ("the.operator", "second.operator"):
        act = mass_acts.MACHINE.release(act, by=make_staff(name, "operator"), now=at)
    assert clock.is_trusted(now=at)


def rows_left() -> dict[str, int]:
    return {name: kind.left().count() for name, kind in DOOMED.items()}


@few
@pytest.mark.usefixtures("_filled")
@pytest.mark.parametrize("jump", [timedelta(hours=72), 90 * DAY, 3650 * DAY, -2 * DAY])
def test_a_clock_that_jumped_ends_expires_and_deletes_nothing(jump):
    """attack H6: every job of the schedule, once."""
    before = rows_left()
    run_every_job(NOW + jump)
    assert rows_left() == before
    assert [act.kind for act in MassAct.objects.all()] == [clock.KIND]


@few
@pytest.mark.usefixtures("_filled")
def test_in_ten_years_each_of_these_rows_goes():
    """The rows of the other tests are rows that would be lost: with the clock believed, few of each go."""
    two_people_say_that_the_clock_is_right()
    run_every_job()
    assert rows_left() == dict.fromkeys(DOOMED, 0)
    assert [act.kind for act in MassAct.objects.all()] == [clock.KIND]


@too_many
@pytest.mark.usefixtures("_filled")
def test_with_the_clock_believed_the_limit_stops_every_job():
    """policy, mass acts: one row more than a run may touch, and two people who took the wrong clock for right."""
    before = rows_left()
    two_people_say_that_the_clock_is_right()
    run_every_job()
    assert rows_left() == {name: before[name] if kind.act else 0 for name, kind in DOOMED.items()}
    stopped = {act.kind for act in MassAct.objects.filter(state="frozen")} | {SWEEP}
    assert stopped == {kind.act for kind in DOOMED.values() if kind.act}
    assert SweepRun.objects.get().state == "frozen"


def test_every_job_asks_the_clock_and_the_limit_or_ends_nothing(monkeypatch, db):
    """A job that is new, and a kind of row that is new, come into the table above."""
    asked, kinds = [], set()
    admit, start, is_trusted = mass_acts.admit, sweeps.start, clock.is_trusted

    def admitted(*, kind: str, **facts: Any) -> Any:
        kinds.add(kind)
        return admit(kind=kind, **facts)

    def started(**facts: Any) -> Any:
        kinds.add(SWEEP)
        return start(**facts)

    monkeypatch.setattr(mass_acts, "admit", admitted)
    monkeypatch.setattr(sweeps, "start", started)
    monkeypatch.setattr(clock, "is_trusted", lambda **facts: asked.append(job["task"]) or is_trusted(**facts))
    app.loader.import_default_modules()
    ended = set()
    for job in SCHEDULE.values():
        seen = set(kinds)
        app.tasks[job["task"]].apply()
        if kinds > seen:
            ended.add(job["task"])
    tasks = {job["task"] for job in SCHEDULE.values()}
    assert ended == tasks - set(ENDS_NOTHING)
    assert ended <= set(asked)
    acts = {kind.act for kind in DOOMED.values() if kind.act}
    assert kinds == acts | {f"prune {name}" for name in BY_PROFILE} | WARNS
    assert set(retention.SHORT_LIVED) == {name for name, kind in DOOMED.items() if not kind.act}
