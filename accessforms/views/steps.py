"""A form that is filled in steps: what is asked before them, the list of them, and one of them (S2-11..18)."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accessforms.domain import own_address, register_facts, submissions
from accessforms.forms import steps as form_steps
from accessforms.forms.builder import FilledForm, format_answer
from accessforms.forms.steps import Standing
from accessforms.models import Submission
from accessforms.views.requests import form_or_404, own_or_404
from accessforms.views.shared_address import sentence
from identity.models import Account, AccountRequest, is_signed_in
from identity.record import machine
from identity.views.page import page
from portals.form_spec import FormSpec, Section, ShownAs
from portals.spec import PortalSpec
from rbac.domain import grants

OPEN = (Submission.State.SUBMITTED, Submission.State.RETURNED)


@page(login=False)
def begin(request: HttpRequest, portal_key: str) -> HttpResponse:
    """ "Choose your category" (S2-11): asked of strangers too, who sign in afterwards (S2-12)."""
    portal, form = form_or_404(portal_key)
    if not form.asked_first:
        raise Http404
    account = request.user if is_signed_in(request) and request.user.realm == portal.realm else None
    if account and (led := _elsewhere(request, account, portal)):
        return led
    draft = _draft_of(account, portal) if account else None
    part = form_steps.part_of(form, form_steps.first_of(form))
    kept = draft.answers if draft else {}
    filled = FilledForm(part, answers=kept, data=request.POST if request.method == "POST" else None)
    if request.method == "POST" and filled.is_valid():
        if account:
            _keep(account, portal, form, filled.cleaned())
            return redirect("access_form", portal.key)
        return redirect(f"{reverse('access_form', args=[portal.key])}?{urlencode(filled.cleaned())}")
    return render(request, "accessforms/steps/begin.html", {"portal": portal, "form": form, "filled": filled})


def arrive(request: AccountRequest, portal: PortalSpec, form: FormSpec) -> HttpResponse:
    """The list of steps of the own draft. Before there is one it shows what was chosen, and only a POST begins it."""
    if led := _elsewhere(request, request.user, portal):
        return led
    draft = _draft_of(request.user, portal)
    if draft is not None:
        return show(request, portal, form, draft)
    chosen = {form.asked_first: request.GET.get(form.asked_first, "")} if form.asked_first else {}
    if form.asked_first and not form_steps.filled_from(form, form_steps.first_of(form), chosen).is_valid():
        return redirect("form_begin", portal.key)
    if request.method == "POST":
        begun = _keep(request.user, portal, form, chosen)
        return redirect("edit_step", begun.reference, form.steps_for(chosen)[0].key)
    return _list(request, portal, form, None, chosen)


def show(request: AccountRequest, portal: PortalSpec, form: FormSpec, submission: Submission) -> HttpResponse:
    """The list of steps of a draft or a returned request (D-08)."""
    if form.asked_first and not submission.answers.get(form.asked_first):
        return redirect("form_begin", portal.key)
    return _list(request, portal, form, submission, submission.answers)


def _list(
    request: AccountRequest, portal: PortalSpec, form: FormSpec, submission: Submission | None, answers: dict[str, Any]
) -> HttpResponse:
    steps = form_steps.overview(form, answers)
    context = {
        "portal": portal,
        "form": form,
        "submission": submission,
        "account": request.user,
        "steps": steps,
        "finished": sum(step.standing == Standing.FINISHED for step in steps),
        "next": next((step for step in steps if step.standing == Standing.NEXT), None),
        "problem": _problem(request.user, portal),
        "npi_facts": register_facts.register_says(form, answers, now=timezone.now()),
        **_asked_first(form, answers),
    }
    return render(request, "accessforms/steps/list.html", context)


def _asked_first(form: FormSpec, answers: dict[str, Any]) -> dict[str, Any]:
    """What was asked before the steps, with its answer in words."""
    if not form.asked_first:
        return {}
    field = form.fields()[form.asked_first]
    return {"first": form_steps.first_of(form), "first_answer": format_answer(field, answers.get(field.name))}


@page()
def step(request: AccountRequest, reference: str, key: str) -> HttpResponse:
    """One step of a draft or a returned request. Any finished one may be opened again; an unfinished one blocks those
    after it."""
    submission = own_or_404(request, reference)
    if not submissions.can_be_sent(submission):
        return redirect("request", reference)
    portal, form = form_or_404(submission.portal_key)
    section = _section_or_404(form, key)
    if section not in form.sections_for(submission.answers):
        messages.warning(request, _("Another answer was given in another window: this step is not asked any more."))
        return redirect("edit_request", reference)
    found = next((one for one in form_steps.overview(form, submission.answers) if one.section.key == key), None)
    if found is not None and found.standing == Standing.LATER:
        messages.warning(request, _("Complete the steps before this one first."))
        return redirect("edit_request", reference)
    if request.method == "POST":
        return _take(request, portal, form, submission, section)
    if form_steps.is_begun(form, section, submission.answers):
        filled = form_steps.filled_from(form, section, submission.answers)
    else:
        filled = FilledForm(form_steps.part_of(form, section), answers=submission.answers)
    return _page(request, portal, form, submission, section, filled)


def _take(
    request: AccountRequest, portal: PortalSpec, form: FormSpec, submission: Submission, section: Section
) -> HttpResponse:
    filled = FilledForm(form_steps.part_of(form, section), answers={}, data=request.POST)
    later = "later" in request.POST
    valid = not later and filled.is_valid()
    try:
        saved = submissions.save_step(
            submission=submission,
            answers=filled.cleaned() if valid else filled.typed(),
            whole=partial(form_steps.whole, form),
            now=timezone.now(),
        )
    except machine.NotPossible:
        return redirect("request", submission.reference)
    if later:
        messages.success(request, _("Your draft is saved. You find it here when you come back."))
        return redirect("edit_request", saved.reference)
    if not valid:
        return _page(request, portal, form, saved, section, filled)
    return redirect("check_answers" if saved.is_complete else "edit_request", saved.reference)


@page(methods="button")
def keep(request: AccountRequest, reference: str, key: str) -> HttpResponse:
    """Keep what is being typed into a step, checked or not, on the server: office PCs are shared."""
    submission = own_or_404(request, reference)
    _portal, form = form_or_404(submission.portal_key)
    section = _section_or_404(form, key)
    if section not in form.sections_for(submission.answers):
        return JsonResponse({"saved": False}, status=409)
    part = form_steps.part_of(form, section)
    typed = FilledForm(part, answers={}, data=request.POST).typed()
    try:
        submissions.save_step(
            submission=submission, answers=typed, whole=partial(form_steps.whole, form), now=timezone.now()
        )
    except machine.NotPossible:
        return JsonResponse({"saved": False}, status=409)
    return JsonResponse({"saved": True, "draft": submission.reference})


def _page(
    request: HttpRequest,
    portal: PortalSpec,
    form: FormSpec,
    submission: Submission,
    section: Section,
    filled: FilledForm,
) -> HttpResponse:
    keys = [one.key for one in form.steps_for(submission.answers)]
    context = {
        "portal": portal,
        "submission": submission,
        "section": section,
        "filled": filled,
        "number": keys.index(section.key) + 1 if section.key in keys else 0,
        "count": len(keys),
        "autosave": submission.state == Submission.State.DRAFT,
        # Of what is kept: what was typed a moment ago and does not pass says nothing yet.
        "npi_facts": register_facts.register_says(filled.spec, submission.answers, now=timezone.now()),
    }
    return render(request, "accessforms/steps/step.html", context)


def _section_or_404(form: FormSpec, key: str) -> Section:
    for section in form.sections:
        if section.key == key and form.shown_as == ShownAs.STEPS:
            return section
    raise Http404


def _elsewhere(request: HttpRequest, account: Account, portal: PortalSpec) -> HttpResponse | None:
    """Where somebody goes on who has access already, or whose request waits: nobody registers twice."""
    if grants.current(account=account, portal_key=portal.key):
        messages.info(request, _("You are registered for %(portal)s already.") % {"portal": portal.name})
        return redirect("portal_home", portal.key)
    waiting = Submission.objects.of(account).in_portal(portal.key).filter(state__in=OPEN).order_by("-pk").first()
    return redirect("request", waiting.reference) if waiting else None


def _draft_of(account: Account, portal: PortalSpec) -> Submission | None:
    return Submission.objects.of(account).in_portal(portal.key).filter(state=Submission.State.DRAFT).first()


def _keep(account: Account, portal: PortalSpec, form: FormSpec, answers: dict[str, Any]) -> Submission:
    now = timezone.now()
    draft = submissions.draft_of(account=account, portal_key=portal.key, now=now)
    return submissions.save_step(submission=draft, answers=answers, whole=partial(form_steps.whole, form), now=now)


def _problem(account: Account, portal: PortalSpec) -> str:
    """Told before anything is filled in: an address that several IDs share is refused (S2-05)."""
    try:
        own_address.check(account=account, portal_key=portal.key)
    except own_address.Shared as shared:
        return sentence(shared)
    return ""
