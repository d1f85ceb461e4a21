"""Changing a document: what is said of it, whom it is shared with, the trash, a hold (S3-07).

Whoever may not change one finds nothing here, as where there is none.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.models import Account
from identity.policy import lifecycle, text
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from portals.inside.domain import document_shares, document_trash, documents
from portals.inside.forms.documents import WHOLE_PRACTICE, DocumentForm, HoldForm, ShareForm
from portals.inside.views.documents import TILE, looked_after, show
from portals.models import Document
from portals.models.documents import DocumentQuerySet


def _kept(request: PortalRequest, pk: UUID) -> Document:
    return get_object_or_404(_rows(request).kept(), pk=pk)


def _rows(request: PortalRequest) -> DocumentQuerySet:
    return looked_after(request, now=timezone.now()).select_related("owner", "practice", "held_by")


def _to(request: PortalRequest, document: Document) -> HttpResponse:
    return redirect("document", request.portal.key, document.pk)


@portal_page(tile=TILE)
def edit(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Another title, other labels, another day until which it is kept."""
    document = _kept(request, pk)
    own, practices = document.labels.order_by("key"), [document.practice] if document.practice else []
    labels = documents.labels_of(practices, request.portal.key)
    form = DocumentForm(request.POST or None, labels=labels, initial=DocumentForm.of(document, own))
    if request.method == "POST" and form.is_valid():
        try:
            said = form.details()
            documents.describe(document=document, by=request.user, now=timezone.now(), **said)
        except documents.TooManyLabels:
            form.too_many_labels()
        except documents.InTrash:
            raise Http404 from None
        else:
            messages.success(request, _("Your changes are saved."))
            return _to(request, document)
    return show(request, "edit", document=document, form=form, status=422 if form.errors else 200)


@portal_page(tile=TILE)
def share(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Share it with a person of its practice, or with everybody there."""
    document, now = _kept(request, pk), timezone.now()
    shared = {row.grant.account_id for row, _since in document_shares.readers_of(document, now=now)}
    people = [row for row in document_shares.people_of(document, now=now) if row.grant.account_id not in shared]
    practice = None if document.practice_shares.exists() else document.practice
    form = ShareForm(request.POST or None, practice=practice, people=people)
    if request.method == "POST" and form.is_valid():
        by_key = {row.grant.account_id: row for row in people}
        try:
            name = _share(request, document, by_key[form.person].grant.account if form.person else None)
        except (document_shares.NotInPractice, documents.InTrash):
            form.add_error("receiver", _("This person does not work for the practice any more."))
        else:
            told = {"title": document.title, "name": by_key[form.person].person_name if form.person else name}
            messages.success(request, _("“%(title)s” is shared with %(name)s.") % told)
            return _to(request, document)
    context = {"document": document, "form": form, "is_anybody_left": bool(people or practice)}
    return show(request, "share", status=422 if form.errors else 200, **context)


def _share(request: PortalRequest, document: Document, person: Account | None) -> str:
    """Share it; answers the name of the practice where it is shared with all of it."""
    now, practice = timezone.now(), document.practice
    if person is not None:
        document_shares.share_with_person(document=document, person=person, by=request.user, now=now)
        return ""
    assert practice is not None
    document_shares.share_with_practice(document=document, practice=practice, by=request.user, now=now)
    return practice.name


@portal_page(methods="button", tile=TILE)
def unshare(request: PortalRequest, pk: UUID) -> HttpResponse:
    """A person, or the practice, reads it no longer."""
    document, now = _kept(request, pk), timezone.now()
    receiver = request.POST.get("receiver", "")
    person = document_shares.given_to(document).filter(pk=receiver).first() if text.is_number(receiver) else None
    if receiver == WHOLE_PRACTICE and document.practice is not None:
        document_shares.unshare_with_practice(document=document, practice=document.practice, by=request.user, now=now)
    elif person is not None:
        document_shares.unshare_with_person(document=document, person=person, by=request.user, now=now)
    messages.success(request, _("It is no longer shared."))
    return _to(request, document)


@portal_page(methods="button", tile=TILE)
def delete(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Move it to the trash."""
    document, now = _kept(request, pk), timezone.now()
    try:
        document_trash.delete(document=document, by=request.user, now=now)
    except (document_trash.Held, document_trash.StillKept):
        messages.error(request, _("The document was not deleted: it must stay. The page says why."))
        return _to(request, document)
    except documents.InTrash:
        raise Http404 from None
    last = date_format(timezone.localtime(now + lifecycle.after("document_trash")), "DATE_FORMAT")
    told = {"title": document.title, "day": last}
    messages.success(request, _("“%(title)s” is in the trash. You can take it back until %(day)s.") % told)
    return redirect("document_trash", request.portal.key)


@portal_page(methods="button", tile=TILE)
def restore(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Take it from the trash."""
    document = get_object_or_404(_rows(request), pk=pk)
    document_trash.restore(document=document, by=request.user, now=timezone.now())
    messages.success(request, _("“%(title)s” is back, with its versions and shares.") % {"title": document.title})
    return _to(request, document)


@portal_page(tile=TILE)
def hold(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Say that it must stay, and why."""
    document = _kept(request, pk)
    form = HoldForm(request.POST or None, initial={"reason": document.hold_reason})
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            document_trash.hold(document=document, reason=reason, by=request.user, now=timezone.now())
        except document_trash.MayNotLift:
            form.add_error(None, _("Somebody else holds it, with another reason. It stays as it is."))
        except documents.InTrash:
            raise Http404 from None
        else:
            messages.success(request, _("The document is held: nobody can delete it."))
            return _to(request, document)
    return show(request, "hold", document=document, form=form, status=422 if form.errors else 200)


@portal_page(methods="button", tile=TILE)
def lift(request: PortalRequest, pk: UUID) -> HttpResponse:
    """It need not stay any more."""
    document = _kept(request, pk)
    try:
        document_trash.lift(document=document, by=request.user, now=timezone.now())
    except document_trash.MayNotLift:
        messages.error(request, _("Whoever set the hold lifts it, or an administrator of the practice."))
    except documents.InTrash:
        raise Http404 from None
    else:
        messages.success(request, _("The document is no longer held."))
    return _to(request, document)
