"""What the demo has of documents in Provider OnLine: five of Lakeside Clinic, one of them held, one with three
versions, one shared with a colleague; and one of the plan. All of it is made up."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from identity.models import Account
    from portals.models import Document
    from rbac.models import Practice

PORTAL, PRACTICE = "provider-online", "Lakeside Clinic"
OWNER, COLLEAGUE, STAFF = "kim", "ruth", "desk.one"
PLAN = ("Fee schedule 2027", "The fees of the coming year, by code. They hold from January 1 on.")
# Title, labels, and what each version says, the oldest first.
DOCUMENTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Fire plan", ("Safety",), ("Leave by the stairs and meet at gate seven, beside the pharmacy.",)),
    (
        "Opening hours and duty roster",
        ("Office", "2026"),
        (
            "Monday to Friday from eight to five. Duty on Saturdays: nobody yet.",
            "Monday to Friday from eight to six. Duty on Saturdays: Ruth.",
            "Monday to Friday from eight to six. Duty on Saturdays: Ruth and Gus in turn.",
        ),
    ),
    (
        "Lease of the rooms at Lake Drive",
        ("Contracts",),
        ("The lease runs for ten years. Notice is given in writing.",),
    ),
    (
        "How we answer the telephone",
        ("Office",),
        ("Say the name of the clinic, then yours, and ask how you can help.",),
    ),
    ("Checklist for new colleagues", ("Office", "Staff"), ("Keys, a badge, an ID, and an hour with the fire plan.",)),
)
HELD, HELD_BECAUSE = "Lease of the rooms at Lake Drive", "The landlord disputes the heating costs"
SHARED, SHARED_WITH_ALL = "How we answer the telephone", "Fire plan"


def seed(accounts: dict[str, "Account"], now: datetime) -> None:
    """Make all of it by the same calls as the pages do, and have each file looked at as a worker does."""
    from identity.files import stored
    from portals.inside.domain import document_shares, document_trash, plan_documents
    from rbac.models import Practice

    practice, owner = Practice.objects.get(name=PRACTICE), accounts[OWNER]
    made = {told[0]: _add(*told, practice=practice, by=owner, now=now) for told in DOCUMENTS}
    staff, (title, said) = accounts[STAFF], PLAN
    file = _file(title, said, by=staff, now=now)
    plan = plan_documents.add(portal_key=PORTAL, file=file, title=title, by=staff, now=now)
    while stored.inspect_next(now=now):
        pass
    document_trash.hold(document=made[HELD], reason=HELD_BECAUSE, by=owner, now=now)
    document_shares.share_with_person(document=made[SHARED], person=accounts[COLLEAGUE], by=owner, now=now)
    document_shares.share_with_practice(document=made[SHARED_WITH_ALL], practice=practice, by=owner, now=now)
    document_shares.share_with_practice(document=plan, practice=practice, by=staff, now=now)


def _add(
    title: str,
    labels: tuple[str, ...],
    versions: tuple[str, ...],
    *,
    practice: "Practice",
    by: "Account",
    now: datetime,
) -> "Document":
    from portals.inside.domain import documents

    since = now - timedelta(days=len(versions) * 20)
    first, *later = versions
    document = documents.add(
        portal_key=PORTAL, practice=practice, file=_file(title, first, by=by, now=since), title=title, labels=labels,
        by=by, now=since,
    )  # fmt: skip
    for number, said in enumerate(later, start=1):
        moment = since + timedelta(days=number * 20)
        file = _file(title, said, by=by, now=moment)
        documents.add_version(document=document, file=file, seen=number, by=by, now=moment)
    return document


def _file(title: str, said: str, *, by: "Account", now: datetime) -> UUID:
    """A PDF of one page, handed in."""
    from django.core.files.base import ContentFile

    from identity.files import stored
    from identity.files.doors import DOCUMENT

    content = ContentFile(_pdf(title, said))
    return stored.receive(door=DOCUMENT, name=f"{title}.pdf", content=content, by=by, now=now).pk


def _pdf(title: str, said: str) -> bytes:
    import io

    import pikepdf

    document, out = pikepdf.new(), io.BytesIO()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = document.add_blank_page(page_size=(612, 792))
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=document.make_indirect(font)))
    lines = f"BT /F1 22 Tf 60 700 Td ({title}) Tj /F1 13 Tf 0 -40 Td ({said}) Tj ET"
    page.Contents = document.make_stream(lines.encode("latin-1"))
    document.save(out)
    return out.getvalue()
