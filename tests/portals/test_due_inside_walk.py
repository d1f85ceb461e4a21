"""The same walk over what stands inside Optum Pro: news, documents and courses, for a thousand people made by chance
(S3-05). It says their rules once more, row by row, and calls no source."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission

from identity.policy import zones
from portals.inside.domain import due
from portals.models import (
    Attempt,
    Certificate,
    Course,
    CourseAudience,
    CourseVersion,
    Document,
    DocumentOpening,
    DocumentPracticeShare,
    DocumentUserObjectPermission,
    DocumentVersion,
    NewsAudience,
    NewsItem,
    NewsRead,
)
from rbac.models import AccessGrant, Membership, Practice
from tests.enrollment.test_due_walk import Chance, by
from tests.factories import NOW, people
from tests.portals.test_due import visit
from tests.steps import documents

pytestmark = pytest.mark.django_db
PEOPLE, DAY, PRO = 1000, timedelta(days=1), "optum-pro"
SINCE = NOW - 3 * DAY  # everybody signed in then before
PATHS = re.compile(r"^/p/optum-pro/(news|documents|courses|attempts)/")
COUNT = re.compile(r"\b(\d+) (?:regulatory|new items|documents)")
PAIRS = [("front_office", "TX"), ("front_office", "CO"), ("practice_manager", "TX"), ("site_admin", "CO")]


@pytest.fixture
def world():
    chance = Chance(7)
    accounts = people(PEOPLE, password_changed_at=NOW)
    practices = Practice.objects.bulk_create(Practice(name=f"Practice {number}") for number in range(60))
    grants = AccessGrant.objects.bulk_create(
        AccessGrant(account=one, portal_key=PRO, since=NOW, last_used_at=NOW, origin="form") for one in accounts
    )
    for grant in grants:
        grant.refresh_from_db(fields=["idle_from"])
    rows = []
    for grant in grants:
        for practice in chance.sample(practices, chance.choice([0, 1, 1, 2])):
            role, market = chance.choice(PAIRS)
            row = Membership(
                grant=grant, practice=practice, role=role, market=market, since=NOW - DAY, origin="staff",
                suspended_at=NOW if chance.random() < 0.1 else None,
            )  # fmt: skip
            rows.append(row)
    Membership.objects.bulk_create(rows)
    _news(chance, accounts)
    _documents(chance, accounts, practices)
    _courses(chance, accounts)
    return grants


def _audience(chance: Chance) -> list[tuple[str, str]]:
    pair = chance.choice(PAIRS)
    return chance.choice([[], [], [pair], [(pair[0], "")], [("", pair[1]), chance.choice(PAIRS)]])


def _news(chance: Chance, accounts) -> None:
    for number in range(25):
        state, since = chance.choice(["published", "published", "withdrawn", "proposed"]), chance.before(3)
        item = NewsItem.objects.create(
            portal_key=chance.choice([PRO, PRO, PRO, "claims"]), title_en=f"Item {number}.", title_es="x", text_en="x",
            text_es="x", is_regulatory=chance.random() < 0.4, since=since, state=state, proposed_at=NOW,
            until=chance.choice([None, None, since + 2 * DAY]), proposed_by=accounts[0],
            published_by=accounts[1] if state != "proposed" else None, published_at=NOW if state != "proposed" else None,
            withdrawn_by=accounts[1] if state == "withdrawn" else None, reason="x" if state == "withdrawn" else "",
            withdrawn_at=NOW if state == "withdrawn" else None,
        )  # fmt: skip
        NewsAudience.objects.bulk_create(
            NewsAudience(item=item, role=role, market=market) for role, market in set(_audience(chance))
        )
        NewsRead.objects.bulk_create(
            NewsRead(item=item, account=one, seen_at=NOW, acknowledged_at=chance.choice([None, NOW]))
            for one in chance.sample(accounts, 400)
        )


def _documents(chance: Chance, accounts, practices) -> None:
    right = Permission.objects.filter(content_type__model="document").first()
    made = []
    for practice in practices:
        made += documents.crowd(practice, accounts[0], 4, now=NOW)
    for row in made:
        row.portal_key = chance.choice([PRO, PRO, PRO, "provider-online"])
        row.deleted_at = NOW if chance.random() < 0.2 else None
        row.deleted_by = accounts[0] if row.deleted_at else None
    Document.objects.bulk_update(made, ["portal_key", "deleted_at", "deleted_by"])
    DocumentPracticeShare.objects.bulk_create(
        DocumentPracticeShare(
            document=row, practice=one, shared_by=chance.choice(accounts), created_at=chance.before(3)
        )
        for row in made
        for one in chance.sample(practices, 2)
    )
    works_for = by("account", _with_account(Membership.objects.select_related("grant")))
    for account in chance.sample(accounts, 500):
        own = [one.practice_id for one in works_for[account.pk]]
        near = [row for row in made if row.practice_id in own] + chance.sample(made, 1)
        for row in near[: chance.randint(1, 4)]:
            known = {"shared_by": accounts[0], "created_at": chance.before(3)}
            DocumentUserObjectPermission.objects.create(content_object=row, user=account, permission=right, **known)
            if chance.random() < 0.4:
                version = DocumentVersion.objects.get(document=row)
                DocumentOpening.objects.create(version=version, account=account, created_at=NOW)


def _with_account(rows):
    return [SimpleNamespace(account=row.grant.account_id, practice_id=row.practice_id) for row in rows]


def _courses(chance: Chance, accounts) -> None:
    versions = []
    for number in range(12):
        course = Course.objects.create(portal_key=chance.choice([PRO, PRO, PRO, "claims"]), created_at=NOW)
        state = chance.choice(["published", "published", "retired"])
        version = CourseVersion.objects.create(
            course=course, number=1, state="proposed", title_en=f"Course {number}", title_es="x", summary_en="x",
            summary_es="x", created_at=NOW, proposed_by=accounts[0], proposed_at=NOW,
        )  # fmt: skip
        CourseAudience.objects.bulk_create(
            CourseAudience(version=version, role=role, market=market) for role, market in set(_audience(chance))
        )
        published = {"state": state, "published_by": accounts[1], "published_at": NOW}
        CourseVersion.objects.filter(pk=version.pk).update(**published)
        versions.append(version)
    number = 0
    for account in chance.sample(accounts, 700):
        for version in chance.sample(versions, 2):
            state = chance.choice(["open", "failed", "passed", "passed"])
            for _ in range(2 if state == "passed" and chance.random() < 0.2 else 1):  # earned again: the later counts
                attempt = Attempt.objects.create(
                    version=version, account=account, state=state, created_at=chance.before(1),
                    sent_at=NOW if state == "passed" else None,
                )  # fmt: skip
                if state == "passed":
                    number += 1
                    Certificate.objects.create(
                        attempt=attempt, number=f"C-{number:05d}", passed_at=NOW - 300 * DAY, created_at=NOW, due_at=NOW,
                        valid_until=chance.choice([None, NOW, NOW + 30 * DAY, NOW + 31 * DAY, NOW + 9 * DAY]),
                    )  # fmt: skip


class Walk:
    def __init__(self) -> None:
        counting = Membership.objects.filter(suspended_at=None)
        self.memberships = by("grant_id", counting)
        self.news = list(NewsItem.objects.prefetch_related("audience"))
        self.reads = {(row.item_id, row.account_id): row for row in NewsRead.objects.all()}
        self.documents = {row.pk: row for row in Document.objects.all()}
        self.given = by("user_id", DocumentUserObjectPermission.objects.all())
        opened = DocumentOpening.objects.select_related("version")
        self.opened = {(row.version.document_id, row.account_id) for row in opened}
        self.shares = by("practice_id", DocumentPracticeShare.objects.all())
        self.attempts = by("account_id", Attempt.objects.select_related("version__course"))
        self.certificates = {row.attempt_id: row for row in Certificate.objects.all()}
        self.versions = by("course_id", CourseVersion.objects.filter(state="published").prefetch_related("audience"))

    def of(self, grant: AccessGrant):
        """Due and new: day and number of each, with the noun that its address names."""
        self.account, self.held = grant.account_id, self.memberships[grant.pk]
        self.pairs, self.practices = {row.pair for row in self.held}, {row.practice_id for row in self.held}
        return sorted([*self._news(True), *self._given(), *self._courses()]), sorted(
            [*self._news(False), *self._came()]
        )

    def _admits(self, rows) -> bool:
        told = [(row.role, row.market) for row in rows]
        fits = any(r in ("", role) and m in ("", market) for r, m in told for role, market in self.pairs)
        return bool(self.pairs) and (not told or fits)

    def _news(self, is_regulatory: bool):
        found = []
        for row in self.news:
            shown = row.state == "published" and row.since <= NOW and (row.until is None or row.until > NOW)
            read = self.reads.get((row.pk, self.account))
            open_ = read is None or (is_regulatory and read.acknowledged_at is None)
            fresh = is_regulatory or row.since > SINCE
            is_here = row.portal_key == PRO and row.is_regulatory == is_regulatory
            if is_here and shown and open_ and fresh and self._admits(row.audience.all()):
                found.append(row.since)
        if found:
            yield _day(min(found) if is_regulatory else max(found)), "news", len(found)

    def _given(self):
        found = [
            row.created_at
            for row in self.given[self.account]
            if self._is_kept(row.content_object_id)
            and self.documents[row.content_object_id].practice_id in self.practices
            and (row.content_object_id, self.account) not in self.opened
        ]
        if found:
            yield _day(min(found)), "documents", len(found)

    def _is_kept(self, key) -> bool:
        return self.documents[key].portal_key == PRO and self.documents[key].deleted_at is None

    def _came(self):
        for practice in self.practices:
            found = [
                row.created_at
                for row in self.shares[practice]
                if row.created_at > SINCE and row.shared_by_id != self.account and self._is_kept(row.document_id)
            ]
            if found:
                yield _day(max(found)), "documents", len(found)

    def _courses(self):
        if not self.pairs:  # each of these roles opens the courses, and nothing else does
            return
        own = [row for row in self.attempts[self.account] if row.version.course.portal_key == PRO]
        for row in own:
            if row.state == "open" and NOW - row.created_at < DAY:
                yield _day(row.created_at + DAY), "courses", 1
        last = {row.version.course_id: row for row in sorted(own, key=lambda one: one.pk) if row.state == "passed"}
        for course, row in last.items():
            end = self.certificates[row.pk].valid_until
            renewable = any(self._admits(one.audience.all()) for one in self.versions[course])
            if end and NOW < end <= NOW + 30 * DAY and renewable:
                yield _day(end), "courses", 1


def _day(moment):
    return zones.today("ohid", now=moment)


def _told(items):
    found = []
    for item in items:
        noun = PATHS.match(item.address)
        number = COUNT.search(item.text)
        if noun:
            found.append((item.day, noun[1].replace("attempts", "courses"), int(number[1]) if number else 1))
    return sorted(found)


def test_the_list_equals_a_walk_over_all_rows(world):
    walk, met = Walk(), set()
    for grant in world:
        found, new = due.of(visit(grant, since=SINCE))
        assert (_told(found), _told(new)) == walk.of(grant), grant.pk
        met |= {("due", noun) for _day, noun, _number in _told(found)}
        met |= {("new", noun) for _day, noun, _number in _told(new)}
    assert met == {("due", "news"), ("due", "documents"), ("due", "courses"), ("new", "news"), ("new", "documents")}
