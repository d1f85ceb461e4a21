"""Documents: the list with its labels and search, one document, its versions to look at and to save, the trash
(S3-03, S3-07, S4-16)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from identity.files import serving, stored
from identity.models import StoredFile
from identity.policy import lifecycle, text
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout, portal_page
from portals.inside.domain import document_search, document_shares, document_trash, documents
from portals.models import Document, DocumentLabel, DocumentOpening, DocumentVersion
from portals.models.documents import DocumentQuerySet
from rbac.models import Practice

MAX_PAGES = 40  # whoever looks for an older one searches
TILE = "documents"


def practices_of(request: PortalRequest) -> list[Practice]:
    """The practices that the reader works for behind this door, by name."""
    return [row.practice for row in request.memberships]


def seen(request: PortalRequest, *, now: datetime) -> DocumentQuerySet:
    """What the reader may read here, the trash aside."""
    rows = Document.objects.in_portal(request.portal.key).kept()
    return rows.seen_by(request.user, memberships=request.memberships, now=now)


def looked_after(request: PortalRequest, *, now: datetime) -> DocumentQuerySet:
    """What the reader may change here, the trash too."""
    rows = Document.objects.in_portal(request.portal.key)
    return rows.looked_after_by(request.user, memberships=request.memberships, now=now)


def show(request: PortalRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page about documents."""
    shown = {"portal": request.portal, "layout": layout(request.portal, is_inside=True), **context}
    return render(request, f"portals/documents/{template}.html", shown, status=status)


@portal_page(methods="read", tile=TILE)
def overview(request: PortalRequest) -> HttpResponse:
    """Those that the reader may read, the last changed first; those with a label, or that hold what was typed."""
    now, practices = timezone.now(), practices_of(request)
    labels = documents.labels_of(practices, request.portal.key)
    label, wanted, number = _label(request, labels), text.line(request.GET.get("q", "")), _number(request)
    rows = document_search.found(Document.objects.in_portal(request.portal.key).kept(), wanted)
    if label is not None:
        rows = rows.filter(labels=label)
    parts = rows.seen_apart(request.user, memberships=request.memberships, now=now)
    shown, has_more = document_search.page(parts, number=number, reader=request.user)
    return show(
        request,
        "list",
        documents=shown,
        labels=labels,
        label=label,
        wanted=wanted,
        practices=practices,
        previous=number - 1,
        next=number + 1 if has_more and number < MAX_PAGES else 0,
    )


def _label(request: PortalRequest, labels: Sequence[DocumentLabel]) -> DocumentLabel | None:
    """The label of the address; one of another practice is not found, as one that does not exist."""
    asked = request.GET.get("label", "")
    found = next((one for one in labels if str(one.pk) == asked), None)
    if asked and found is None:
        raise Http404
    return found


def _number(request: PortalRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), MAX_PAGES) if text.is_number(asked) else 1


@portal_page(methods="read", tile=TILE)
def document(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One document: its versions; for whoever looks after it, with whom it is shared and who opened what."""
    now = timezone.now()
    found = get_object_or_404(seen(request, now=now).select_related("owner", "practice", "held_by"), pk=pk)
    context: dict[str, Any] = {"document": found, "labels": found.labels.order_by("key")}
    context["versions"] = list(found.versions.select_related("file", "uploaded_by").order_by("-number"))
    if looked_after(request, now=now).filter(pk=pk).exists():
        context |= _for_its_keeper(request, found, now=now)
    return show(request, "document", **context)


def _for_its_keeper(request: PortalRequest, found: Document, *, now: datetime) -> dict[str, Any]:
    openings = DocumentOpening.objects.filter(version__document=found).select_related("version", "account")
    return {
        "may_change": True,
        "may_lift": found.is_held and document_trash.can_lift(found, by=request.user, now=now),
        "is_kept": found.is_kept_on(document_trash.today_of(found, now=now)),
        "people": document_shares.readers_of(found, now=now),
        "is_shared_with_practice": found.practice_shares.exists(),
        "openings": list(openings.order_by("-created_at")[:200]),
    }


@portal_page(methods="read", tile=TILE)
def version(request: PortalRequest, pk: UUID, number: int) -> HttpResponse:
    """One version to look at: pictures of its pages. That is to open it."""
    found = _version(request, pk, number)
    if found.file.state == StoredFile.State.CLEAN:
        _note(request, found)
    return show(request, "version", document=found.document, version=found, file=found.file)


@portal_page(methods="read", tile=TILE)
def download(request: PortalRequest, pk: UUID, number: int) -> HttpResponse:
    """One version, to be saved. That is to open it, too."""
    found = _version(request, pk, number)
    return _served(request, found, lambda: serving.open_for(file=found.file))


@portal_page(methods="read", tile=TILE)
def picture(request: PortalRequest, pk: UUID, number: int, page: int) -> HttpResponse:
    """The picture of one page of a version; whoever asks for it alone has opened the version as well."""
    found = _version(request, pk, number)
    return _served(request, found, lambda: serving.picture_for(file=found.file, page=page))


def _served(request: PortalRequest, found: DocumentVersion, serve: Callable[[], HttpResponseBase]) -> HttpResponse:
    """A stream of bytes, as a page of the portal is answered; 404 where they are not to be had."""
    try:
        answer = serve()
    except stored.NotServed:
        raise Http404 from None
    _note(request, found)
    return cast(HttpResponse, answer)


def _version(request: PortalRequest, pk: UUID, number: int) -> DocumentVersion:
    readable = seen(request, now=timezone.now())
    versions = DocumentVersion.objects.filter(document__in=readable, document=pk, number=number)
    return get_object_or_404(versions.select_related("file", "document"))


def _note(request: PortalRequest, found: DocumentVersion) -> None:
    if request.method == "GET":
        documents.note_opened(version=found, by=request.user, now=timezone.now())


@portal_page(methods="read", tile=TILE)
def trash(request: PortalRequest) -> HttpResponse:
    """What the reader looked after and somebody deleted: until its period is over it can be taken back."""
    now = timezone.now()
    rows = looked_after(request, now=now).deleted().select_related("deleted_by")
    kept = lifecycle.after("document_trash")
    gone = [(row, row.deleted_at + kept) for row in rows.order_by("-deleted_at")[:200] if row.deleted_at]
    return show(request, "trash", documents=gone)
