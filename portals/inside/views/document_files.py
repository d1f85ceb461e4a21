"""Adding documents and versions of them: the file first, in a step of its own, then what it is (S3-07)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.files import doors, stored
from identity.files.doors import DOCUMENT
from identity.forms.files import UploadForm
from identity.models import StoredFile
from identity.models.files import StoredFileQuerySet
from identity.policy import text
from identity.views import files
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.inside.domain import documents
from portals.inside.forms.documents import DocumentForm
from portals.inside.views.documents import TILE, looked_after, practices_of, show
from portals.models import Document
from portals.models.documents import MAX_TITLE


def loose(request: PortalRequest) -> StoredFileQuerySet:
    """The reader's files that are no document yet."""
    return StoredFile.objects.of(request.user).loose().from_door(DOCUMENT.key)


@doors.takes_file(DOCUMENT.max_bytes)
@portal_page(tile=TILE)
def add(request: PortalRequest) -> HttpResponse:
    """The file of a new document, and those that one has begun with."""
    if not practices_of(request):
        return show(request, "no_practice")
    form = upload_form(request)
    if request.method == "POST" and form.is_valid() and (file := files.receive(request, form, DOCUMENT)):
        return redirect("document_describe", request.portal.key, file.pk)
    waiting = loose(request).attachable().order_by("-created_at", "pk")
    return show(request, "add", form=form, files=waiting, status=422 if form.errors else 200)


@portal_page(tile=TILE)
def describe(request: PortalRequest, file_pk: UUID) -> HttpResponse:
    """What a file that was handed in is: title, labels, practice. Then it is a document."""
    file = get_object_or_404(loose(request), pk=file_pk)
    practices = practices_of(request)
    if not practices:
        return show(request, "no_practice")
    if file.state == StoredFile.State.REFUSED:
        return show(request, "refused", file=file)
    labels = documents.labels_of(practices, request.portal.key)
    begun = {"title": file.shown_name.rpartition(".")[0][:MAX_TITLE]}
    form = DocumentForm(request.POST or None, practices=practices, labels=labels, initial=begun)
    if request.method == "POST" and form.is_valid() and (added := _add(request, form, file)):
        told = {"title": added.title}
        messages.success(request, _("“%(title)s” is added. Now you can share it.") % told)
        return redirect("document", request.portal.key, added.pk)
    return show(request, "describe", form=form, file=file, status=422 if form.errors else 200)


def _add(request: PortalRequest, form: DocumentForm, file: StoredFile) -> Document | None:
    try:
        return documents.add(
            portal_key=request.portal.key,
            practice=form.chosen_practice,
            file=file.pk,
            by=request.user,
            now=timezone.now(),
            **form.details(),
        )
    except documents.TooManyLabels:
        form.too_many_labels()
    except stored.NotAttachable:
        form.add_error(None, _("The file cannot be added any more: it was refused, deleted, or added already."))
    return None


@portal_page(methods="button", tile=TILE)
def drop(request: PortalRequest, file_pk: UUID) -> HttpResponse:
    """Delete a file that is to become no document."""
    file = get_object_or_404(loose(request), pk=file_pk)
    try:
        stored.delete(file=file, by=request.user, now=timezone.now())
    except stored.InUse:
        messages.error(request, _("The file was not deleted: it is part of a document."))
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": file.shown_name})
    return redirect("document_add", request.portal.key)


@doors.takes_file(DOCUMENT.max_bytes)
@portal_page(tile=TILE)
def add_version(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The file of the next version of a document."""
    document = get_object_or_404(looked_after(request, now=timezone.now()).kept(), pk=pk)
    form = upload_form(request)
    if request.method == "POST" and form.is_valid() and (file := files.receive(request, form, DOCUMENT)):
        return redirect("document_version_confirm", request.portal.key, document.pk, file.pk)
    return show(request, "add_version", document=document, form=form, status=422 if form.errors else 200)


@portal_page(tile=TILE)
def confirm_version(request: PortalRequest, pk: UUID, file_pk: UUID) -> HttpResponse:
    """Say which number the file gets, then add it; whoever was overtaken reads that and presses again (two tabs)."""
    now = timezone.now()
    document = get_object_or_404(looked_after(request, now=now).kept(), pk=pk)
    file = get_object_or_404(loose(request), pk=file_pk)
    if file.state == StoredFile.State.REFUSED:
        return show(request, "refused", file=file, document=document)
    problem, newest = "", documents.newest_of(document)
    seen = request.POST.get("seen", "")
    if request.method == "POST" and text.is_number(seen):
        try:
            added = documents.add_version(document=document, file=file.pk, seen=int(seen), by=request.user, now=now)
        except documents.NewerVersion:
            problem = _("Somebody added a version meanwhile. Look at it first, then add yours as the next one.")
        except (documents.InTrash, stored.NotAttachable):
            problem = _("The file cannot be added any more: it was refused, deleted, or added already.")
        else:
            messages.success(request, _("Version %(number)s is added.") % {"number": added.number})
            return redirect("document", request.portal.key, document.pk)
    context = {"document": document, "file": file, "newest": newest, "number": newest.number + 1, "problem": problem}
    return show(request, "confirm_version", status=409 if problem else 200, **context)


def upload_form(request: PortalRequest) -> UploadForm:
    """One file to the door of documents."""
    sent = request.method == "POST"
    return UploadForm(request.POST if sent else None, request.FILES if sent else None, door=DOCUMENT)
