"""Files of one's own: handing one in, what became of it, looking at it, saving it, deleting it.

A page that takes files with a message sends people here first and names the way back in `next`: a form carries the ids.
"""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.codes import attempts
from identity.factors.forms.codes import wait_text
from identity.files import doors, naming, scanner, serving, stored
from identity.files.doors import Door
from identity.forms.files import UploadForm
from identity.models import AccountRequest, StoredFile
from identity.sign_in import login_intent
from identity.views.page import page


@doors.takes_file(doors.MESSAGE.max_bytes)
@page()
def message(request: AccountRequest) -> HttpResponse:
    """Files for a message (S3-16, S4-16): those that stand in none yet, and one more."""
    return _hand_in(request, doors.MESSAGE)


def _hand_in(request: AccountRequest, door: Door) -> HttpResponse:
    sent = request.method == "POST"
    form = UploadForm(request.POST if sent else None, request.FILES if sent else None, door=door)
    way_back = _way_back(request)
    if sent and form.is_valid() and receive(request, form, door):
        messages.success(request, _("The file is here. We check it before anybody can open it."))
        return redirect(_with_way_back(request.path, way_back))
    shown = {
        "form": form,
        "files": StoredFile.objects.of(request.user).loose().from_door(door.key).order_by("-created_at", "pk"),
        "door": door,
        "is_scanned": scanner.is_connected(),
        "way_back": way_back,
    }
    return render(request, "identity/files/hand_in.html", shown, status=422 if form.errors else 200)


def receive(request: AccountRequest, form: UploadForm, door: Door) -> StoredFile | None:
    """Take the file of a form in; what speaks against it is said at the field."""
    file = form.cleaned_data["file"]
    try:
        attempts.check_can_hand_in(who=str(request.user.pk), now=timezone.now())
        return stored.receive(door=door, name=file.name, content=file, by=request.user, now=timezone.now())
    except naming.Refused as refused:
        form.add_error("file", refused.refusal.label)
    except attempts.TooManyAttempts as refused:
        form.add_error("file", _("You have sent many files.") + " " + wait_text(refused.wait))
    except stored.TooManyFiles:
        form.add_error("file", _("Send or delete one of the files below first: there is no room for another one."))
    return None


@page(methods="read")
def show(request: AccountRequest, pk: UUID) -> HttpResponse:
    """What became of one file, with pictures of its pages; somebody else's and a missing one are the same 404."""
    file = _seen(request, pk)
    shown = {"file": file, "way_back": _way_back(request)}
    return render(request, "identity/files/file.html", shown)


@login_required
@require_safe
def download(request: AccountRequest, pk: UUID) -> HttpResponseBase:
    """The file, to be saved."""
    try:
        return serving.open_for(file=_seen(request, pk))
    except stored.NotServed:
        raise Http404 from None


@login_required
@require_safe
def picture(request: AccountRequest, pk: UUID, number: int) -> HttpResponseBase:
    """The picture of one page."""
    try:
        return serving.picture_for(file=_seen(request, pk), page=number)
    except stored.NotServed:
        raise Http404 from None


@page(methods="button")
def delete(request: AccountRequest, pk: UUID) -> HttpResponse:
    """Delete a file that stands in no message."""
    file = _mine(request, pk)
    try:
        stored.delete(file=file, by=request.user, now=timezone.now())
    except stored.InUse:
        messages.error(request, _("The file was not deleted: it is part of a message."))
    else:
        messages.success(request, _("“%(name)s” is deleted.") % {"name": file.shown_name})
    return redirect(_with_way_back(reverse(f"{file.door}_files"), _way_back(request)))


def _seen(request: AccountRequest, pk: UUID) -> StoredFile:
    """One's own of a message, or one that staff sent with an answer."""
    return get_object_or_404(StoredFile.objects.seen_by(request.user).from_door(doors.MESSAGE.key), pk=pk)


def _mine(request: AccountRequest, pk: UUID) -> StoredFile:
    return get_object_or_404(StoredFile.objects.of(request.user).from_door(doors.MESSAGE.key), pk=pk)


def _way_back(request: HttpRequest) -> str:
    """The page that asked for files, or none."""
    asked: str = request.POST.get("next", "") or request.GET.get("next", "")
    return asked if asked and login_intent.is_ours(asked) else ""


def _with_way_back(path: str, way_back: str) -> str:
    return f"{path}?{urlencode({'next': way_back})}" if way_back else path
