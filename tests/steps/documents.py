"""Documents of a practice of Provider OnLine and the people around them, made as the pages make them."""

from datetime import timedelta

from django.core.files.base import ContentFile

from identity.files import stored
from identity.files.doors import DOCUMENT
from identity.models import Account, StoredFile
from portals.inside.domain import documents
from portals.models import Document, DocumentVersion
from rbac.models import Membership, Practice
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory
from tests.steps import files

PORTAL = "provider-online"


def worker(practice: Practice, name: str, role: str = "user", portal_key: str = PORTAL) -> Account:
    """Somebody who works for a practice behind a portal's door."""
    realm = "provider-online" if portal_key == PORTAL else "ohid"
    account = AccountFactory(realm=realm, login_name=name, phone="+13105550123")
    grant = GrantFactory(account=account, portal_key=portal_key)
    MembershipFactory(grant=grant, practice=practice, role=role)
    return account


def handed_in(
    by: Account, *, content: bytes | None = None, name: str = "plan.pdf", now=NOW, looked_at=True
) -> StoredFile:
    """A file at the door of documents; a worker has looked at it unless it says otherwise."""
    file = stored.receive(
        door=DOCUMENT, name=name, content=ContentFile(files.pdf() if content is None else content), by=by, now=now
    )
    if looked_at:
        while stored.inspect_next(now=now):
            pass  # on a live server a worker was quicker
        file.refresh_from_db()
        assert file.state != "waiting"
    return file


def added(by: Account, practice: Practice | None, title: str = "Fire plan", *, labels=(), now=NOW, **more) -> Document:
    """A document whose file was looked at."""
    file = more.pop("file", None) or handed_in(by, content=more.pop("content", None), now=now)
    portal_key = more.pop("portal_key", PORTAL)
    return documents.add(
        portal_key=portal_key, practice=practice, file=file.pk, title=title, labels=labels, by=by, now=now, **more
    )


def behind(account: Account, *, now=NOW) -> list[Membership]:
    """The memberships that count for somebody."""
    return list(Membership.objects.open_at(now).filter(grant__account=account))


def seen(account: Account, *, now=NOW) -> set[str]:
    """The titles that somebody may read."""
    found = Document.objects.kept().seen_by(account, memberships=behind(account, now=now), now=now)
    return set(found.values_list("title", flat=True))


def looked_after(account: Account, *, now=NOW) -> set[str]:
    """The titles that somebody may change."""
    found = Document.objects.kept().looked_after_by(account, memberships=behind(account, now=now), now=now)
    return set(found.values_list("title", flat=True))


def crowd(practice: Practice, owner: Account, count: int, *, titles=None, words=None, now=NOW) -> list[Document]:
    """So many documents with a file each, in a few statements; `titles` and `words` are asked for each number."""
    about = {"portal_key": PORTAL, "practice": practice, "owner": owner, "created_at": now}
    title, word = titles or "Paper {}".format, words or "paper {}".format
    rows = [
        Document(**about, title=title(number), words=word(number), changed_at=now - timedelta(seconds=number))
        for number in range(count)
    ]
    Document.objects.bulk_create(rows, batch_size=2_000)
    known = {"uploaded_by": owner, "created_at": now, "due_at": now, "done_at": now, "attached_at": now}
    known |= {"door": DOCUMENT.key, "kind": "pdf", "size": 1, "sha256": "0" * 64, "state": "clean", "page_count": 1}
    kept = [StoredFile(**known, shown_name="x.pdf") for _ in rows]
    StoredFile.objects.bulk_create(kept, batch_size=2_000)
    versions = [
        DocumentVersion(document=row, file=file, number=1, uploaded_by=owner, created_at=now)
        for row, file in zip(rows, kept, strict=True)
    ]
    DocumentVersion.objects.bulk_create(versions, batch_size=2_000)
    return rows
