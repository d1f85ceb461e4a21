"""Filling an access form: the form and its draft (S1-17..31)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accessforms.domain import effects, submissions
from accessforms.forms.builder import FilledForm, as_posted
from accessforms.models import Submission
from accessforms.views import steps
from accessforms.views.requests import form_or_404, own_or_404
from identity.models import Account, AccountRequest
from identity.record import machine
from identity.views.page import page
from portals.form_spec import Effect, FormSpec, ShownAs
from portals.guards import needs_realm
from portals.spec import PortalSpec


@page(guard=needs_realm)
def fill(request: AccountRequest, portal_key: str) -> HttpResponse:
    """The form of a portal, with the own draft if there is one. Only a POST begins a draft."""
    portal, form = form_or_404(portal_key)
    if form.shown_as == ShownAs.STEPS:
        return steps.arrive(request, portal, form)
    drafts = Submission.objects.of(request.user).in_portal(portal.key)
    submission = drafts.filter(state=Submission.State.DRAFT).first()
    return _fill(request, portal, form, submission)


@page()
def edit(request: AccountRequest, reference: str) -> HttpResponse:
    """The same form for a draft or a returned request (D-08)."""
    submission = own_or_404(request, reference)
    if not submissions.can_be_sent(submission):
        return redirect("request", reference)
    portal, form = form_or_404(submission.portal_key)
    if form.shown_as == ShownAs.STEPS:
        return steps.show(request, portal, form, submission)
    return _fill(request, portal, form, submission)


def _fill(request: AccountRequest, portal: PortalSpec, form: FormSpec, submission: Submission | None) -> HttpResponse:
    kept = submission.answers if submission else _known(request.user, form)
    if request.method != "POST" and submission and "errors" in request.GET:
        return _page(request, portal, submission, FilledForm(form, answers={}, data=as_posted(form, kept)))
    if request.method != "POST":
        return _page(request, portal, submission, FilledForm(form, answers=kept))
    if "add_row" in request.POST:
        return _page(request, portal, submission, _with_a_row(request, form))
    filled = FilledForm(form, answers={}, data=request.POST, applicant=request.user)
    later = "later" in request.POST
    valid = not later and filled.is_valid() and _can_ask(request, portal, filled)
    try:
        saved = _save(request, portal, submission, filled, is_complete=valid)
    except machine.NotPossible as refused:
        return redirect("request", refused.current.reference)
    if later:  # what autosave does, for browsers without script
        messages.success(request, _("Your draft is saved. You find it here when you come back."))
        return redirect("access_form", portal.key)
    return redirect("check_answers", saved.reference) if valid else _page(request, portal, saved, filled)


def _can_ask(request: AccountRequest, portal: PortalSpec, filled: FilledForm) -> bool:
    """Whether the choices make sense for this account; if not, the form says what to choose (S1-28)."""
    form = filled.spec
    field = form.effects[0][0]
    try:
        effects.check_can_ask(form=form, portal_key=portal.key, account=request.user, answers=filled.cleaned())
    except effects.NothingAsked:
        choices = dict(form.fields()[field].choices)
        names = ", ".join(str(choices[choice]) for _field, choice, _effect in form.effects)
        problem = _("Say also what you ask for. Choose at least one of these: %(choices)s.") % {"choices": names}
    except effects.NeedsOpenAccess:
        first = next(choice for _field, choice, effect in form.effects if effect == Effect.GIVE)
        problem = _("You have no access to %(portal)s that could be changed. Choose “%(choice)s”.") % {
            "portal": portal.name,
            "choice": dict(form.fields()[field].choices)[first],
        }
    else:
        return True
    filled.answers.add_error(field, problem)
    return False


def _page(request: HttpRequest, portal: PortalSpec, submission: Submission | None, filled: FilledForm) -> HttpResponse:
    context = {
        "portal": portal,
        "form": filled.spec,
        "filled": filled,
        "submission": submission,
        "account": request.user,
        "autosave": submission is None or submission.state == Submission.State.DRAFT,
    }
    return render(request, "accessforms/fill.html", context)


def _save(
    request: AccountRequest,
    portal: PortalSpec,
    submission: Submission | None,
    filled: FilledForm,
    *,
    is_complete: bool,
) -> Submission:
    now = timezone.now()
    kept = submission or submissions.draft_of(account=request.user, portal_key=portal.key, now=now)
    answers = filled.cleaned() if is_complete else filled.typed()
    return submissions.save_answers(submission=kept, answers=answers, is_complete=is_complete, now=now)


def _known(account: Account, form: FormSpec) -> dict[str, Any]:
    """What an empty form starts with: nothing is asked that the ID already says."""
    asked = form.fields()
    own = {"contact_name": account.get_full_name()}
    return {name: value for name, value in own.items() if name in asked}


def _with_a_row(request: HttpRequest, form: FormSpec) -> FilledForm:
    """What was typed so far, not yet checked, with one more row: "Add another person" without script."""
    typed = FilledForm(form, answers={}, data=request.POST)
    rows = max((table.total_form_count() for table in typed.tables.values()), default=0)
    return FilledForm(form, answers=typed.typed(), more_rows=rows + 1)


@page(guard=needs_realm, methods="button")
def keep_draft(request: AccountRequest, portal_key: str) -> HttpResponse:
    """Keep what is being typed, checked or not, on the server: office PCs are shared."""
    portal, form = form_or_404(portal_key)
    if form.shown_as == ShownAs.STEPS:  # each step is kept by itself
        raise Http404
    drafts = Submission.objects.of(request.user).in_portal(portal.key)
    draft = drafts.filter(state=Submission.State.DRAFT).first()
    opened = request.POST.get("draft", "")
    if opened and (draft is None or draft.reference != opened):
        return JsonResponse({"saved": False}, status=409)  # the page's draft was sent in meanwhile
    try:
        kept = _save(request, portal, draft, FilledForm(form, answers={}, data=request.POST), is_complete=False)
    except machine.NotPossible:
        return JsonResponse({"saved": False}, status=409)
    return JsonResponse({"saved": True, "draft": kept.reference})


@require_safe
def instructions(request: HttpRequest, portal_key: str) -> HttpResponse:
    """The page behind "HERE": how to complete the access form (S1-26)."""
    portal, form = form_or_404(portal_key)
    if form.paper is None:
        raise Http404
    return render(request, "accessforms/instructions.html", {"portal": portal, "form": form})
