"""Documents: whose they are, who sees them, versions, labels, search, who opened what (S3-03, S3-07, S4-16)."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from identity.files import stored
from identity.governance import closing
from identity.models import FileText, JournalEntry, OutboxMessage, StoredFile
from identity.record import journal
from portals import registry
from portals.entry import rights
from portals.events import DocumentOpened
from portals.inside.domain import document_search, document_shares, document_trash, documents, due
from portals.models import Document, DocumentLabel, DocumentOpening, DocumentUserObjectPermission
from rbac.domain import memberships
from rbac.roles import ADMINISTRATOR
from tests.factories import NOW, AccountFactory, PracticeFactory
from tests.steps import files
from tests.steps.documents import PORTAL, added, behind, handed_in, looked_after, seen, worker
from tests.steps.grid import publish, works_as
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return PracticeFactory(name="Lakeside Clinic")


@pytest.fixture
def kim(practice):
    return worker(practice, "kim.office")


@pytest.fixture
def lee(practice):
    return worker(practice, "lee.office")


class TestWhoSees:
    def test_a_document_is_its_owners_and_the_administrators(self, practice, kim, lee):
        """S3-07: nobody else of the practice sees it before it is shared."""
        boss = worker(practice, "gus.admin", ADMINISTRATOR)
        elsewhere = worker(PracticeFactory(), "uma.admin", ADMINISTRATOR)
        added(kim, practice)
        assert [seen(one) for one in (kim, boss, lee, elsewhere)] == [{"Fire plan"}, {"Fire plan"}, set(), set()]
        assert [looked_after(one) for one in (kim, boss, lee)] == [{"Fire plan"}, {"Fire plan"}, set()]

    def test_shared_with_one_person_it_is_read_by_that_person_alone(self, practice, kim, lee):
        document, other = added(kim, practice), worker(practice, "ann.office")
        document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        assert lee.has_perm("portals.read_document", document)
        assert (seen(lee), looked_after(lee), seen(other)) == ({"Fire plan"}, set(), set())
        document_shares.unshare_with_person(document=document, person=lee, by=kim, now=NOW)
        assert seen(lee) == set()

    def test_shared_with_the_practice_everybody_reads_it(self, practice, kim, lee):
        document = added(kim, practice)
        document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW)
        assert (seen(lee), looked_after(lee)) == ({"Fire plan"}, set())
        document_shares.unshare_with_practice(document=document, practice=practice, by=kim, now=NOW)
        assert seen(lee) == set()

    def test_it_is_shared_with_nobody_outside_the_practice(self, practice, kim):
        """D-29: not with a stranger, another practice, or its own owner."""
        document, other = added(kim, practice), PracticeFactory()
        for person in (AccountFactory(), worker(other, "uma.office"), kim):
            with pytest.raises(document_shares.NotInPractice):
                document_shares.share_with_person(document=document, person=person, by=kim, now=NOW)
        with pytest.raises(document_shares.NotInPractice):
            document_shares.share_with_practice(document=document, practice=other, by=kim, now=NOW)

    def test_a_share_counts_while_its_reader_works_there(self, practice, kim, lee):
        """D-29: a right in a practice ends with the membership."""
        document = added(kim, practice)
        document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        worker(PracticeFactory(), "third.office")
        (membership,) = behind(lee)
        memberships.end(membership=membership, by=None, now=NOW)
        assert seen(lee) == set()

    def test_who_leaves_leaves_the_documents_to_the_practice(self, practice, kim, lee):
        """inside: it passes to the practice, never to nobody; a rest is no leaving."""
        added(kim, practice)
        (membership,) = behind(kim)
        memberships.suspend(membership=membership, by=None, now=NOW)
        assert (seen(kim), seen(lee)) == (set(), set())
        memberships.restore(membership=membership, by=None, now=NOW)
        memberships.end(membership=membership, by=None, now=NOW)
        assert (seen(kim), seen(lee), looked_after(lee)) == (set(), {"Fire plan"}, {"Fire plan"})

    def test_who_closes_the_account_leaves_them_too(self, practice, kim, lee):
        added(kim, practice)
        closing.close(account=kim, reason="left", now=NOW)
        assert seen(lee) == {"Fire plan"}

    def test_another_portal_of_the_same_practice_has_its_own(self, practice, kim):
        document = added(kim, practice)
        assert not Document.objects.in_portal("optum-pro").filter(pk=document.pk).exists()


class TestShares:
    def test_a_person_is_told_by_mail_what_nobody_else_reads(self, practice, kim, lee, inbox):
        """inside, messages: the mail says that there is a document, never which."""
        document = added(kim, practice, "Salaries 2026")
        for _ in range(2):
            document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        mail = inbox.newest("mail", lee.email)
        assert str(document.pk) in mail.text
        assert practice.name in mail.text
        assert "Salaries" not in mail.text + mail.html + mail.subject
        assert OutboxMessage.objects.filter(kind="portals.DocumentSharedMail").count() == 1
        assert DocumentUserObjectPermission.objects.count() == 1

    def test_a_share_that_ended_before_the_mail_left_is_told_to_nobody(self, practice, kim, lee, inbox):
        document = added(kim, practice)
        document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        document_shares.unshare_with_person(document=document, person=lee, by=kim, now=NOW)
        assert [one for one in inbox.all() if one.to == lee.email] == []

    def test_history_says_with_whom_and_by_whom(self, practice, kim, lee):
        document = added(kim, practice)
        document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW)
        document_shares.unshare_with_person(document=document, person=lee, by=kim, now=NOW)
        told = [(entry.kind.partition(".")[2], entry.account) for entry in journal.history(of=document)]
        assert told == [
            ("DocumentUnshared", lee), ("DocumentShared", None), ("DocumentShared", lee), ("DocumentAdded", kim),
        ]  # fmt: skip


class TestVersions:
    def test_versions_are_added_and_none_is_changed(self, practice, kim):
        document = added(kim, practice)
        second = documents.add_version(document=document, file=handed_in(kim).pk, seen=1, by=kim, now=NOW)
        assert list(document.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
        assert documents.newest_of(document) == second

    def test_of_two_tabs_one_is_told_of_the_other(self, practice, kim):
        """issue 15: two tabs add a version at once: nothing is lost, and the second one looks first."""
        document, one, two = added(kim, practice), handed_in(kim), handed_in(kim)
        documents.add_version(document=document, file=one.pk, seen=1, by=kim, now=NOW)
        with pytest.raises(documents.NewerVersion):
            documents.add_version(document=document, file=two.pk, seen=1, by=kim, now=NOW)
        two.refresh_from_db()
        assert two.attached_at is None, "the file is not lost"
        documents.add_version(document=document, file=two.pk, seen=2, by=kim, now=NOW)

    def test_a_file_stands_in_one_document_and_is_ones_own(self, practice, kim, lee):
        file = handed_in(kim)
        added(kim, practice, file=file)
        for by, other in ((kim, file), (lee, handed_in(kim))):
            with pytest.raises(stored.NotAttachable):
                documents.add(portal_key=PORTAL, practice=practice, file=other.pk, title="x", by=by, now=NOW)

    def test_a_file_of_a_message_is_no_document(self, practice, kim):
        with pytest.raises(stored.NotAttachable):
            documents.add(
                portal_key=PORTAL, practice=practice, file=files.looked_at(kim).pk, title="x", by=kim, now=NOW
            )


class TestLabels:
    def test_a_practice_has_its_own_set(self, practice, kim):
        """S3-07 "organize": labels, not a tree; one that nothing carries is gone."""
        first = added(kim, practice, labels=["Safety", "2026"])
        second = added(kim, practice, "Handbook", labels=["safety", "Staff"])
        assert [str(label) for label in documents.labels_of([practice], PORTAL)] == ["2026", "Safety", "Staff"]
        assert documents.labels_of([PracticeFactory()], PORTAL) == []
        changed = documents.describe(
            document=first, title=first.title, labels=["Safety"], kept_until=None, by=kim, now=NOW
        )
        assert changed == ["labels"]
        assert {label.name for label in second.labels.all()} == {"Safety", "Staff"}
        assert not DocumentLabel.objects.filter(name="2026").exists()

    def test_a_document_takes_so_many(self, practice, kim):
        with pytest.raises(documents.TooManyLabels):
            added(kim, practice, labels=[f"label {number}" for number in range(documents.MAX_LABELS + 1)])


def found(typed):
    return set(document_search.found(Document.objects.all(), typed).values_list("title", flat=True))


class TestSearch:
    """S3-07 "search": one function, on both databases."""

    def test_title_labels_and_text_are_found_without_case_and_accents(self, practice, kim):
        added(
            kim,
            practice,
            "Plan de evacuación",
            labels=["Seguridad"],
            content=files.pdf_saying("The assembly point", "is behind gate seven"),
        )
        added(kim, practice, "Holidays", content=files.pdf_saying("Nothing of the kind"))
        for typed in ("evacuacion", "SEGURIDAD", "assembly", "gate seven", "evac gate", "  ", "Evacuación: plan!"):
            assert "Plan de evacuación" in found(typed), typed
            assert ("Holidays" in found(typed)) == (not typed.strip()), typed
        for typed in ("gate eight", "zzz", "'; DROP", "plan & !gate | x:*y"):
            assert found(typed) == set(), typed

    @pytest.mark.parametrize("typed", ["a" * 3000, "ﷺ" * 3000, "가" * 3000, "x " * 3000, "\0", "\\", "a:*&!()<->'"])
    def test_whatever_is_typed_finds_or_finds_nothing(self, practice, kim, typed):
        added(kim, practice)
        assert found(typed) <= {"Fire plan"}
        answer = signed_in(kim, verified=True).get(reverse("documents", args=[PORTAL]), {"q": typed})
        assert answer.status_code == 200

    def test_a_document_of_very_many_words_is_added_and_found(self, practice, kim):
        """PostgreSQL refuses a row whose words are larger than a mebibyte; a letter of Korean is nine bytes, taken
        apart. What a PDF says has 200,000 characters at most."""
        file = handed_in(kim)
        letters = [chr(0xAC00 + number % 11_000) for number in range(180_000)]
        said = " ".join("".join(letters[at : at + 9]) + str(at) for at in range(0, len(letters), 9))
        FileText.objects.update_or_create(file=file, defaults={"text": "first " + said[:199_990]})
        added(kim, practice, file=file)
        assert (found("first"), found("fire")) == ({"Fire plan"}, {"Fire plan"})

    def test_the_newest_version_is_what_is_searched(self, practice, kim):
        document = added(kim, practice, content=files.pdf_saying("alpha"))
        file = handed_in(kim, content=files.pdf_saying("omega"))
        documents.add_version(document=document, file=file.pk, seen=1, by=kim, now=NOW)
        assert (found("alpha"), found("omega")) == (set(), {"Fire plan"})

    def test_a_file_that_is_looked_at_later_is_found_later(self, practice, kim):
        file = handed_in(kim, content=files.pdf_saying("later"), looked_at=False)
        added(kim, practice, file=file)
        assert found("later") == set()
        assert stored.inspect_next(now=NOW)
        assert found("later") == {"Fire plan"}

    def test_what_a_title_was_is_found_no_longer(self, practice, kim):
        document = added(kim, practice)
        documents.describe(document=document, title="Escape", labels=[], kept_until=None, by=kim, now=NOW)
        assert (found("fire"), found("escape")) == (set(), {"Escape"})


def test_who_opened_which_version_is_asked_of_practices(practice, kim, lee):
    """inside: the first time is an event, and a row says it without the journal."""
    document = added(kim, practice)
    first = documents.newest_of(document)
    for later in range(2):
        documents.note_opened(version=first, by=lee, now=NOW + timedelta(hours=later))
    second = documents.add_version(document=document, file=handed_in(kim).pk, seen=1, by=kim, now=NOW)
    documents.note_opened(version=second, by=lee, now=NOW)
    assert set(DocumentOpening.objects.values_list("version__number", "account", "created_at")) == {
        (1, lee.pk, NOW), (2, lee.pk, NOW),
    }  # fmt: skip
    assert JournalEntry.objects.filter(kind=DocumentOpened.stored_as, account=lee).count() == 2


def test_a_file_of_a_document_has_no_page_beside_its_document(practice, kim):
    """S3-07: a share that ends, or a membership, ends every way to the file."""
    added(kim, practice)
    assert not StoredFile.objects.seen_by(kim).from_door("message").exists()


class TestFirstScreen:
    """S3-05: what waits for this person, and what is new since the sign-in before this one."""

    def visit(self, account, *, since=None):
        grant = behind(account)[0].grant
        own = memberships.behind(grant, now=NOW)
        return due.Visit(
            portal=registry.get(PORTAL),
            account=account,
            memberships=own,
            capabilities=frozenset(),
            since=since,
            now=NOW,
        )

    def items(self, account, **more):
        listed = reverse("documents", args=[PORTAL])
        return [
            [one for one in items if one.address.startswith(listed)] for items in due.of(self.visit(account, **more))
        ]

    def said(self, account, **more):
        return [[one.text for one in items] for items in self.items(account, **more)]

    def test_what_was_shared_with_one_waits_until_it_is_opened(self, practice, kim, lee):
        first, second = added(kim, practice), added(kim, practice, "Handbook")
        assert self.said(lee) == [[], []]
        for document in (first, second):
            document_shares.share_with_person(document=document, person=lee, by=kim, now=NOW)
        assert self.said(lee)[0] == ["Colleagues shared 2 documents with you that you have not opened."]
        documents.note_opened(version=documents.newest_of(second), by=lee, now=NOW)
        assert self.said(lee)[0] == ["A colleague shared “Fire plan” with you."]
        document_trash.delete(document=first, by=kim, now=NOW)
        assert self.said(lee)[0] == []

    def test_one_leads_to_itself_and_several_to_their_list(self, practice, kim, lee):
        """S3-05: the button does what it says ("Read it"), and so does what is new."""
        first, second = added(kim, practice, "Zoning"), added(kim, practice, "Handbook")
        before, listed = NOW - timedelta(hours=1), reverse("documents", args=[PORTAL])
        for shared, address in ((first, reverse("document", args=[PORTAL, first.pk])), (second, listed)):
            document_shares.share_with_person(document=shared, person=lee, by=kim, now=NOW)
            document_shares.share_with_practice(document=shared, practice=practice, by=kim, now=NOW)
            told = self.items(lee, since=before)
            assert [[one.address for one in items] for items in told] == [[address], [address]]

    def test_what_came_to_the_practice_is_new_once(self, practice, kim, lee):
        document = added(kim, practice)
        document_shares.share_with_practice(document=document, practice=practice, by=kim, now=NOW)
        before, after = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
        assert self.said(lee, since=before)[1] == ["“Fire plan” was shared with Lakeside Clinic."]
        assert [self.said(lee, since=since)[1] for since in (None, after)] == [[], []]
        assert self.said(kim, since=before)[1] == [], "one's own is no news"

    def test_nothing_of_another_practice_stands_there(self, practice, kim):
        stranger = worker(PracticeFactory(), "uma.office")
        document_shares.share_with_practice(document=added(kim, practice), practice=practice, by=kim, now=NOW)
        assert self.said(stranger, since=NOW - timedelta(hours=1)) == [[], []]


class TestClosedByTheGrid:
    """C26: where the page is closed to somebody, nothing else tells them of what stands behind it."""

    @pytest.fixture
    def shared(self, operator, second_operator):
        row = works_as("front_office", market="CO", portal_key="optum-pro")
        boss = works_as("site_admin", market="TX", portal_key="optum-pro", practice=row.practice)
        document = added(boss.grant.account, row.practice, "Salaries 2026", portal_key="optum-pro")
        by = boss.grant.account
        document_shares.share_with_person(document=document, person=row.grant.account, by=by, now=NOW)
        document_shares.share_with_practice(document=document, practice=row.practice, by=by, now=NOW)
        begin = NOW + timedelta(days=1)
        publish(by=operator, second=second_operator, off=[("CO", "document_mgmt")], effective_from=begin)
        return row, document

    def said(self, row, now):
        grant, since = row.grant, NOW - timedelta(hours=1)
        own = memberships.behind(grant, now=now)
        held = rights.held(registry.get("optum-pro"), grant, behind=own, now=now)
        visit = due.Visit(
            portal=registry.get("optum-pro"), account=grant.account, memberships=own, capabilities=held, since=since,
            now=now,
        )  # fmt: skip
        return " ".join(item.text for items in due.of(visit) for item in items)

    def test_the_first_screen_says_no_title(self, shared):
        row, _document = shared
        assert "Salaries 2026" in self.said(row, NOW)
        assert "Salaries 2026" not in self.said(row, NOW + timedelta(days=2))

    def test_a_mail_that_is_late_leads_to_no_closed_page(self, shared, inbox):
        row, _document = shared
        with time_machine.travel(NOW + timedelta(days=2), tick=False):
            mails = [mail.text for mail in inbox.all() if mail.to == row.grant.account.email]
        assert not any("/documents/" in mail for mail in mails)
