"""Documents on the first screen of a portal: those that a colleague shared with this person, who has not opened them,
and what came to a practice of theirs since the sign-in before this one (S3-05, S3-07)."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Exists, F, Max, Min, OuterRef, TextField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portals.inside.domain import due
from portals.inside.domain.due import Due, New, Row, Rows, Visit
from portals.models import DocumentOpening, DocumentPracticeShare, DocumentUserObjectPermission


def shared_with_me(visit: Visit) -> Rows | None:
    """How many wait to be opened, since when, and one of them with its title."""
    if not visit.opens("documents"):
        return None
    opened = DocumentOpening.objects.filter(version__document=OuterRef("content_object"), account=visit.account)
    waiting = DocumentUserObjectPermission.objects.filter(
        ~Exists(opened),
        user=visit.account,
        content_object__portal_key=visit.portal.key,
        content_object__deleted_at=None,
        content_object__practice__in=visit.memberships.order_by().values("practice"),
    )
    found = waiting.values("user").annotate(
        number=Count("pk"), first=Min("created_at"), title=Max("content_object__title"), one=_one("content_object")
    )
    return Rows(found=found, key="one", name="title", at="first", number="number")


def open_them(visit: Visit, rows: list[Row]) -> Iterable[Due]:
    """One item, however many there are: it leads to the document, or where there are several to their list."""
    for row in rows:
        said = ngettext(
            "A colleague shared “%(title)s” with you.",
            "Colleagues shared %(count)s documents with you that you have not opened.",
            row.number,
        )
        yield Due(
            text=said % {"title": row.name, "count": row.number},
            day=visit.day_of(row.at),
            address=_address(visit, row, row.key),
            button=_("Read it") if row.number == 1 else _("Read them"),
            waits=True,
        )


def shared_with_practice(visit: Visit) -> Rows | None:
    """How many came to a practice of theirs since the sign-in before this one, by the plan or by colleagues."""
    if not visit.opens("documents") or visit.since is None:
        return None
    shares = DocumentPracticeShare.objects.filter(
        created_at__gt=visit.since,
        document__portal_key=visit.portal.key,
        document__deleted_at=None,
        practice__in=visit.memberships.order_by().values("practice"),
    ).exclude(shared_by=visit.account)
    found = shares.values("practice").annotate(
        number=Count("pk"), last=Max("created_at"), title=Max("document__title"),
        which=Concat(
            Cast(F("practice"), TextField()), Value(" ", TextField()), _one("document"), output_field=TextField()
        ),
    )  # fmt: skip
    return Rows(found=found, key="which", name="title", at="last", number="number")


def tell_of_them(visit: Visit, rows: list[Row]) -> Iterable[New]:
    """One item a practice, which leads as above."""
    names = {str(one.practice_id): one.practice.name for one in visit.memberships}
    for row in rows:
        practice, document = row.key.split(" ")
        said = ngettext(
            "“%(title)s” was shared with %(practice)s.",
            "%(count)s documents were shared with %(practice)s.",
            row.number,
        )
        yield New(
            text=said % {"title": row.name, "count": row.number, "practice": names[practice]},
            day=visit.day_of(row.at),
            address=_address(visit, row, document),
        )


def _one(document: str) -> Min:
    """The key of one of them, as text: PostgreSQL compares no UUIDs here."""
    return Min(Cast(document, TextField()))


def _address(visit: Visit, row: Row, document: str) -> str:
    if row.number == 1:
        return reverse("document", args=[visit.portal.key, UUID(document)])
    return reverse("documents", args=[visit.portal.key])


due.register(open_them, asks=shared_with_me)
due.register(tell_of_them, asks=shared_with_practice)
