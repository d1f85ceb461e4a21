"""Where a merge of two IDs ends that did not succeed: a reason in words, and a ticket; never a dead end (S2-25)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.merging import merge_consents
from identity.merging.merges import Reason
from identity.models import Account, AccountRequest, Ticket
from identity.notices import tickets
from identity.views.page import page

REASONS = {
    Reason.SAME: gettext_lazy("Both are the same ID."),
    Reason.REALM: gettext_lazy("The two IDs belong to different sign-ins."),
    Reason.STAFF: gettext_lazy("One of the IDs belongs to a member of staff."),
    Reason.INACTIVE: gettext_lazy("One of the IDs is not active."),
    Reason.MERGED: gettext_lazy("One of the IDs was merged already."),
    Reason.SECURED: gettext_lazy("One of the IDs was secured. Sign in to it once and set a new password."),
    Reason.UNVERIFIED: gettext_lazy("The email address of one of the IDs was never verified. Sign in to it once."),
    Reason.PROOF: gettext_lazy("Too much time has passed, or a password was changed meanwhile."),
    Reason.CLASH: gettext_lazy("Something about the two IDs changed meanwhile."),
    Reason.UNDONE: gettext_lazy("The two IDs were separated already."),
    Reason.LATE: gettext_lazy("The time in which a merge can be undone is over."),
    Reason.LATER_MERGE: gettext_lazy("One of the IDs was merged again since. Undo that first."),
}


@page(methods="button")
def ask_for_help(request: AccountRequest) -> HttpResponse:
    """Somebody cannot prove the other ID, or gets no further: a person looks at it."""
    ticket = _open_ticket(request, str(_("The person asks for help.")))
    messages.success(request, _("We look at it. This is your ticket; you get an email when it is answered."))
    return redirect("ticket", ticket.number)


def failed(request: AccountRequest, reason: Reason, *, other: Account | None = None) -> HttpResponse:
    """Never a dead end (S2-25): a ticket that says what was tried, and its number."""
    said = str(REASONS[reason])
    context = {"ticket": _open_ticket(request, said, other=other), "reason": said}
    return render(request, "identity/merges/failed.html", context, status=409)


def _open_ticket(request: AccountRequest, said: str, *, other: Account | None = None) -> Ticket:
    own, name = request.user, other.login_name if other else merge_consents.typed(request)
    params = {"own": own.login_name, "other": name or _("not named"), "reason": said}
    text = _("Two IDs of one person: %(own)s (signed in) and %(other)s. %(reason)s") % params
    ticket = tickets.open_or_add(account=own, topic=Ticket.Topic.MERGE, text=text, now=timezone.now())
    merge_consents.forget(request)
    return ticket


def again(request: HttpRequest) -> HttpResponse:
    """What this session had proved has ended, or was never begun."""
    if merge_consents.typed(request):
        messages.info(request, _("Too much time has passed, or something changed meanwhile. Please start again."))
    merge_consents.forget(request)
    return redirect("merge")
