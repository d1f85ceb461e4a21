"""Filling an access form: the form, its draft, check answers, and sending it in (S1-17..31)."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accessforms.domain import submissions
from accessforms.forms.builder import FilledForm, as_posted, in_words
from accessforms.models import Submission
from accessforms.views.requests import own_or_404
from identity import text
from identity.models import Account
from portals.entry import portal_or_404
from portals.spec import AccessFormSpec, Kind, PortalSpec


def _account(request: HttpRequest) -> Account:
    return cast(Account, request.user)


def _form_or_404(portal_key: str) -> tuple[PortalSpec, AccessFormSpec]:
    portal = portal_or_404(portal_key)
    if portal.access_form is None:
        raise Http404
    return portal, portal.access_form


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The form of a portal, with the own draft if there is one. Only a POST begins a draft."""
    portal, form = _form_or_404(portal_key)
    drafts = Submission.objects.of(_account(request)).in_portal(portal.key)
    submission = drafts.filter(state=Submission.State.DRAFT).first()
    return _fill(request, portal, form, submission)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """The same form for a draft or a returned request (D-08)."""
    submission = own_or_404(request, reference)
    if Submission.State.SUBMITTED not in submissions.TRANSITIONS[submission.state]:
        return redirect("request", reference)
    portal, form = _form_or_404(submission.portal_key)
    return _fill(request, portal, form, submission)


def _fill(
    request: HttpRequest, portal: PortalSpec, form: AccessFormSpec, submission: Submission | None
) -> HttpResponse:
    kept = submission.answers if submission else _known(_account(request), form)
    if request.method != "POST" and submission and "errors" in request.GET:
        return _page(request, portal, submission, FilledForm(form, answers={}, data=as_posted(form, kept)))
    if request.method != "POST":
        return _page(request, portal, submission, FilledForm(form, answers=kept))
    if "add_row" in request.POST:
        return _page(request, portal, submission, _with_a_row(request, form))
    filled = FilledForm(form, answers={}, data=request.POST)
    valid = filled.is_valid()
    try:
        saved = _save(request, portal, submission, filled, is_complete=valid)
    except submissions.NotPossible as refused:
        return redirect("request", refused.current.reference)
    return redirect("check_answers", saved.reference) if valid else _page(request, portal, saved, filled)


def _page(request: HttpRequest, portal: PortalSpec, submission: Submission | None, filled: FilledForm) -> HttpResponse:
    shown = {
        "portal": portal,
        "form": filled.spec,
        "filled": filled,
        "submission": submission,
        "account": request.user,
        "autosave": submission is None or submission.state == Submission.State.DRAFT,
    }
    return render(request, "accessforms/fill.html", shown)


def _save(
    request: HttpRequest,
    portal: PortalSpec,
    submission: Submission | None,
    filled: FilledForm,
    *,
    is_complete: bool,
) -> Submission:
    now = timezone.now()
    kept = submission or submissions.draft_of(account=_account(request), portal_key=portal.key, now=now)
    answers = filled.cleaned() if is_complete else filled.typed()
    return submissions.save_answers(submission=kept, answers=answers, is_complete=is_complete, now=now)


def _known(account: Account, form: AccessFormSpec) -> dict[str, Any]:
    """What an empty form starts with: nothing is asked that the ID already says."""
    asked = form.fields()
    own = {"contact_name": account.get_full_name()}
    return {name: value for name, value in own.items() if name in asked}


def _with_a_row(request: HttpRequest, form: AccessFormSpec) -> FilledForm:
    """What was typed so far, not yet checked, with one more row: "Add another person" without script."""
    typed = FilledForm(form, answers={}, data=request.POST)
    rows = max((table.total_form_count() for table in typed.tables.values()), default=0)
    return FilledForm(form, answers=typed.typed(), more_rows=rows + 1)


@login_required
@require_POST
def keep_draft(request: HttpRequest, portal_key: str) -> HttpResponse:
    """Keep what is being typed, checked or not, on the server: office PCs are shared."""
    portal, form = _form_or_404(portal_key)
    drafts = Submission.objects.of(_account(request)).in_portal(portal.key)
    draft = drafts.filter(state=Submission.State.DRAFT).first()
    opened = request.POST.get("draft", "")
    if opened and (draft is None or draft.reference != opened):
        return JsonResponse({"saved": False}, status=409)  # the page's draft was sent in meanwhile
    try:
        kept = _save(request, portal, draft, FilledForm(form, answers={}, data=request.POST), is_complete=False)
    except submissions.NotPossible:
        return JsonResponse({"saved": False}, status=409)
    return JsonResponse({"saved": True, "draft": kept.reference})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, reference: str) -> HttpResponse:
    """Check answers, then "Submit" or "Print Portal Access Form". A second press leads to the same request."""
    account = _account(request)
    submission = own_or_404(request, reference)
    problem = ""
    if request.method == "POST":
        seen = request.POST.get("version", "")
        try:
            submissions.submit(
                submission=submission,
                seen_version=int(seen) if text.is_number(seen) else -1,
                by=account,
                now=timezone.now(),
            )
        except submissions.StalePage:
            problem = _("Your answers changed in another window. Check them again before you send them.")
            submission.refresh_from_db()
        except submissions.Incomplete:
            messages.warning(request, _("Nothing was sent: some answers are missing or need a correction."))
            return _to_errors(reference)
        except submissions.NotPossible:
            return redirect("request", reference)
        else:
            return redirect("request", reference)
    if Submission.State.SUBMITTED not in submissions.TRANSITIONS[submission.state]:
        return redirect("request", reference)
    if not submission.is_complete:
        return _to_errors(reference)
    portal, form = _form_or_404(submission.portal_key)
    shown = {
        "portal": portal,
        "form": form,
        "submission": submission,
        "sections": sections_in_words(form, submission, answers=submission.answers),
        "problem": problem,
    }
    return render(request, "accessforms/check.html", shown, status=409 if problem else 200)


def _to_errors(reference: str) -> HttpResponse:
    return redirect(f"{reverse('edit_request', args=[reference])}?errors=1")


def sections_in_words(form: AccessFormSpec, submission: Submission, *, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """Complete answers section by section, as words: for check answers and the service desk."""
    answers = {**answers, "ohid": submission.account.login_name}
    shown = []
    for section in form.sections:
        lines = [
            (field, answers["ohid"] if field.kind == Kind.OHID else in_words(field, answers.get(field.name)))
            for field in section.fields
        ]
        rows = answers.get(section.rows.name, []) if section.rows else []
        table = [
            [(column, in_words(column, row.get(column.name))) for column in section.rows.columns]
            if section.rows
            else []
            for row in rows
        ]
        shown.append({"section": section, "lines": lines, "table": table})
    return shown


@require_safe
def instructions(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The page behind "HERE": how to complete the access form (S1-26)."""
    portal, form = _form_or_404(portal_key)
    return render(request, "accessforms/instructions.html", {"portal": portal, "form": form})
