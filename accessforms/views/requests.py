"""A request after it was sent in: its reference and steps, its PDF, its status, and taking it back."""

from contextlib import suppress
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accessforms import events
from accessforms.domain import effects, limits, offered, outcomes, printouts, submissions, waiting
from accessforms.models import Printout, Submission
from accessforms.views.answers import sections_in_words
from identity.models import AccountRequest, JournalEntry
from identity.policy import lifecycle, text
from identity.record import journal, machine
from identity.sessions.idle import is_poll
from identity.views.page import page
from portals import registry
from portals.form_spec import FormSpec
from portals.guards import portal_or_404
from portals.spec import PortalSpec

State = Submission.State


def own_or_404(request: AccountRequest, reference: str) -> Submission:
    """A request of the signed-in account: somebody else's and a missing one are the same 404."""
    account = request.user
    known = Submission.objects.of(account).filter(portal_key__in=registry.portals())
    submission = get_object_or_404(known.select_related("account"), reference=reference)
    request.portal_key = submission.portal_key  # type: ignore[attr-defined]  # its page looks like its portal
    return submission


def form_or_404(portal_key: str) -> tuple[PortalSpec, FormSpec]:
    """A portal and its form, with its lists as they hold now (D-10)."""
    portal = portal_or_404(portal_key)
    form = offered.form_of(portal, now=timezone.now())
    if form is None:
        raise Http404
    return portal, form


def seen_version(request: HttpRequest) -> int:
    """The version that the page was made of, as its form says; of anything else none (M8)."""
    typed = request.POST.get("version", "")
    return int(typed) if text.is_number(typed) else -1


def history_of(submission: Submission) -> list[tuple[JournalEntry, str]]:
    """What happened so far, newest first; a form that was sent in again says so."""
    entries, found, sent = list(journal.history(of=submission)), [], 0
    for entry in reversed(entries):
        title = journal.title_of(entry)
        if entry.kind == events.RequestSubmitted.stored_as:
            sent += 1
            again = _("Request corrected and sent again, revision %(n)s") % {"n": sent}
            title = title if sent == 1 else str(again)
        found.append((entry, title))
    return found[::-1]


@page(methods="read")
def show(request: AccountRequest, reference: str) -> HttpResponse:
    """Reference number, numbered steps (download, sign, fax), and where the decision stands (S1-26, S1-32, S1-33)."""
    submission = own_or_404(request, reference)
    if submission.state == State.DRAFT:
        return redirect("edit_request", reference)
    portal = registry.get(submission.portal_key)
    is_open = submission.state in (State.SUBMITTED, State.FAX_RECEIVED)
    context = {
        "submission": submission,
        "portal": portal,
        "form": portal.access_form,
        "printout": printouts.current(submission),
        "may_withdraw": submissions.can_be_withdrawn(submission),
        "history": history_of(submission),
        "fax_by": submission.state_since + lifecycle.after("unfaxed_request"),
        "before": waiting.before(submission) if portal.access_form and portal.access_form.due and is_open else 0,
        "is_late": submission.due_at is not None and submission.due_at <= timezone.now(),
        "expected": effects.expected(submission=submission, answers=submission.answers) if is_open else [],
        "usual_days": limits.usual_days(portal.key),
        "done": outcomes.told(submission.outcomes),
        "opens": outcomes.opens_own(submission.outcomes),
        "opens_print": "print" in request.GET,
        "sections": _what_was_sent(submission, portal),
    }
    return render(request, "accessforms/request.html", context)


def _what_was_sent(submission: Submission, portal: PortalSpec) -> list[dict[str, Any]]:
    """The answers of a request that has no paper, to be read again; of the others the PDF is there."""
    form = offered.form_of(portal, now=timezone.now(), with_gone=True)
    if form is None or submission.is_on_paper:
        return []
    return sections_in_words(form, submission, answers=submission.answers)


@is_poll
@page(methods="read")
def progress(request: AccountRequest, reference: str) -> HttpResponse:
    """Whether the PDF is made: asked by the request's page every second or two."""
    printout = printouts.current(own_or_404(request, reference))
    return JsonResponse({"state": printout.state if printout else "none"})


@login_required
@require_safe
def pdf(request: AccountRequest, reference: str) -> HttpResponseBase:
    """The form as PDF, under a name that says which form it is."""
    return pdf_response(printouts.current(own_or_404(request, reference)))


def pdf_response(printout: Printout | None) -> HttpResponseBase:
    """A ready printout as a download, never cached on the way."""
    if printout is None or printout.state != Printout.State.READY:
        raise Http404
    name = f"access-form-{printout.submission.reference}.pdf"
    response = FileResponse(default_storage.open(printout.path), filename=name, content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@page()
def withdraw(request: AccountRequest, reference: str) -> HttpResponse:
    """Take an undecided request back, after a question."""
    submission = own_or_404(request, reference)
    if request.method == "POST":
        with suppress(machine.NotPossible):  # decided meanwhile: its page says so
            submissions.withdraw(submission=submission, by=request.user, now=timezone.now())
        return redirect("request", reference)
    if not submissions.can_be_withdrawn(submission):
        return redirect("request", reference)
    context = {"submission": submission, "portal": registry.get(submission.portal_key)}
    return render(request, "accessforms/withdraw.html", context)
