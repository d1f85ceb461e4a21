"""Choosing security questions: a step of the sign-up, and in the profile (S2-04)."""

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from identity.accounts import questions
from identity.forms.recovery import ChooseQuestionsForm
from identity.models import AccountRequest
from identity.sign_in.stages import QuestionsStage, in_stage
from identity.views.page import page


@page(guard=in_stage(QuestionsStage))
@sensitive_post_parameters()
def at_sign_up(request: HttpRequest) -> HttpResponse:
    """The page after the form "Create One Healthcare ID" (C3)."""
    stage = cast(QuestionsStage, request._login_stage)  # type: ignore[attr-defined]
    form = ChooseQuestionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        questions.choose(account=stage.login.user, answers=form.answers(), now=timezone.now())
        return stage.exit()
    return render(request, "identity/sign_up/questions.html", {"form": form})


@page(fresh=True)
@sensitive_post_parameters()
def change(request: AccountRequest) -> HttpResponse:
    """Other questions, or first ones; the answers that are there are never shown."""
    account = request.user
    if not questions.are_used(account):
        raise Http404
    form = ChooseQuestionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        questions.choose(account=account, answers=form.answers(), now=timezone.now())
        messages.success(request, _("Your security questions are saved."))
        return redirect("profile")
    return render(
        request, "identity/profile/questions.html", {"form": form, "chosen": bool(questions.for_account(account))}
    )
