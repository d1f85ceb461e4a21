"""Check answers, and sending a form in (S1-26, S1-32, S1-33)."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accessforms.domain import effects, limits, own_address, register_facts, submissions
from accessforms.domain.outcomes import Outcome, Result
from accessforms.forms import steps as form_steps
from accessforms.models import Submission
from accessforms.views.answers import sections_in_words
from accessforms.views.requests import form_or_404, own_or_404, seen_version
from accessforms.views.shared_address import sentence
from identity.models import AccountRequest
from identity.record import machine
from identity.views.page import page
from portals import registry
from portals.form_spec import FormSpec, ShownAs


@page()
def check(request: AccountRequest, reference: str) -> HttpResponse:
    """Check answers, then "Submit" or "Print Portal Access Form". A second press leads to the same request."""
    account = request.user
    submission = own_or_404(request, reference)
    portal, form = form_or_404(submission.portal_key)
    problem, is_shared = "", False
    if _left_a_list(form, submission):
        messages.warning(request, _("An answer that you chose is offered no longer. Choose another one."))
        return redirect("edit_request", reference)
    if request.method == "POST":
        try:
            submissions.submit(
                submission=submission, seen_version=seen_version(request), by=account, now=timezone.now()
            )
        except machine.Stale:
            problem = _("Your answers changed in another window. Check them again before you send them.")
            submission.refresh_from_db()
        except submissions.Incomplete:
            messages.warning(request, _("Nothing was sent: some answers are missing or need a correction."))
            return _to_errors(reference)
        except limits.TooMany as refused:
            problem = _too_many(refused)
        except own_address.Shared as shared:
            problem, is_shared = sentence(shared), True
        except machine.NotPossible:
            return redirect("request", reference)
        else:
            return _to_request(submission)
    if not submissions.can_be_sent(submission):
        return redirect("request", reference)
    if not submission.is_complete:
        return _to_errors(reference)
    expected = effects.expected(submission=submission, answers=submission.answers)
    context = {
        "portal": portal,
        "form": form,
        "submission": submission,
        "sections": sections_in_words(form, submission, answers=submission.answers),
        "in_steps": form.shown_as == ShownAs.STEPS,
        "expected": expected,
        "asks": _may_be_the_applicant(expected),
        "problem": problem,
        "is_shared": is_shared,
        "npi_facts": register_facts.register_says(form, submission.answers, now=timezone.now()),
    }
    return render(request, "accessforms/check.html", context, status=409 if problem else 200)


def _left_a_list(form: FormSpec, submission: Submission) -> bool:
    """Whether complete answers pass no longer, since a list lost one of them (D-10)."""
    waits = form.shown_as == ShownAs.STEPS and submission.is_complete and submissions.can_be_sent(submission)
    return waits and form_steps.whole(form, submission.answers) is None


def _may_be_the_applicant(expected: list[Outcome]) -> bool:
    """Whether somebody is taken for another person who could be the applicant: nobody is marked as them."""
    others = any(outcome.result in (Result.ASKS, Result.INVITED) for outcome in expected)
    return others and not any(outcome.subject.is_applicant for outcome in expected)


def _to_request(submission: Submission) -> HttpResponse:
    """The page of the request; where the button says "print", the PDF opens there once it is made (S1-22)."""
    form = registry.get(submission.portal_key).access_form
    path = reverse("request", args=[submission.reference])
    return redirect(f"{path}?print=1" if form and form.paper and form.paper.opens_print else path)


def _too_many(refused: limits.TooMany) -> str:
    if refused.of_today:
        return _("Nothing was sent: you sent in %(most)s requests within a day. Send this one tomorrow.") % {
            "most": refused.most
        }
    return _(
        "Nothing was sent: %(most)s of your requests for this portal wait for a decision. Withdraw one that you do "
        "not need, or wait until one is decided. This one is kept as a draft."
    ) % {"most": refused.most}


def _to_errors(reference: str) -> HttpResponse:
    return redirect(f"{reverse('edit_request', args=[reference])}?errors=1")
