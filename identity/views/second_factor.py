"""The pages between a right password and a session: second factor, access code, and the account that was secured."""

from typing import cast

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import passwords
from identity.allauth_seam import stash_login
from identity.codes import spending
from identity.factors import second_factor
from identity.models import Account, Factor
from identity.sign_in import authentication_records, branding, login_intent
from identity.sign_in.first_password import FirstPasswordStage, steps_left
from identity.sign_in.stages import (
    AccessCodeStage,
    NoFactorStage,
    PasswordAgeStage,
    SecondFactorStage,
    SecuredStage,
    in_stage,
)
from identity.tenancy import FactorNeeds
from identity.views import code_prompt, factor_prompt, new_password
from identity.views.page import page


@page(guard=in_stage(SecondFactorStage))
def verify(request: HttpRequest) -> HttpResponse:
    """Show a second factor; of those set up, what the tenant takes comes first (C7)."""
    stage = cast(SecondFactorStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user
    devices, needs = second_factor.devices_of(account), stage.needs()
    if not devices:
        return stage.abort()
    fitting = {kind: device for kind, device in devices.items() if kind in needs.factors | {"recovery"}}
    chosen = fitting if fitting.keys() - {"recovery"} else devices
    # The daily limit of texts is no dead end: who has only a phone may have the code by mail.
    by_mail = (
        chosen.keys() <= {"phone"}
        and not account.is_staff
        and authentication_records.MAILBOX in authentication_records.taken(account, needs)
        and not spending.is_open(now=timezone.now())
    )
    if by_mail and request.method == "POST" and "by_mail" in request.POST:
        return stage.exit()

    def passed(device: Factor, kind: str) -> HttpResponse:
        authentication_records.record_device(request, account, device, kind)
        if kind == "recovery":
            factor_prompt.say_what_is_left(request, account)
        if "skip_next" in request.POST:
            login_intent.remember_skip(request, kind)
        return stage.exit()

    prompt = factor_prompt.FactorPrompt(
        account=account,
        url=reverse("second_factor"),
        template=branding.pages(request, "sign_in/second_factor.html"),
        devices=chosen,
        state=stage.state,
        keep=lambda: stash_login(request, stage.login),
        passed=passed,
        shown={"may_skip": _may_skip_next(account, needs), "by_mail": by_mail, "lost": reverse("lost_factors")},
    )
    return factor_prompt.respond(request, prompt)


@page(guard=in_stage(AccessCodeStage))
def access_code(request: HttpRequest) -> HttpResponse:
    """ "Access Code Sign In": the code of the mail, and "Skip this step next time" (S0-30)."""
    stage = cast(AccessCodeStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user
    steps = steps_left(account)
    # The mail that stands in for a text, or comes before a phone is set up, spares nothing later.
    may_skip = not second_factor.devices_of(account) and not steps

    def passed() -> HttpResponse:
        authentication_records.record_mailbox(request, account)
        if "skip_next" in request.POST and may_skip:
            login_intent.remember_skip(request, authentication_records.MAILBOX)
        return stage.exit()

    return code_prompt.access_code(
        request,
        account,
        url=reverse("access_code"),
        template="identity/sign_in/access_code.html",
        on_success=passed,
        may_skip=may_skip,
        steps=steps,
        came_over=not account.has_usable_password(),
    )


@page(guard=in_stage(SecuredStage), sensitive=("password", "password_again"))
def secured(request: HttpRequest) -> HttpResponse:
    """After "this was not me": the code of the mail, then a new password."""
    stage = cast(SecuredStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user
    if not stage.mailbox_needed:
        return _new_password(request, stage)

    def passed() -> HttpResponse:
        authentication_records.record_mailbox(request, account)
        return redirect("secured")

    template = "identity/sign_in/secured_code.html"
    return code_prompt.access_code(request, account, url=reverse("secured"), template=template, on_success=passed)


@page(guard=in_stage(PasswordAgeStage), sensitive=("password", "password_again"))
def password_age(request: HttpRequest) -> HttpResponse:
    """The password has lived its 90 days: a new one is set, then the sign-in goes on (S3-18)."""
    return _new_password(request, request._login_stage, because_of_age=True)  # type: ignore[attr-defined]


@page(guard=in_stage(FirstPasswordStage), sensitive=("password", "password_again"))
def first_password(request: HttpRequest) -> HttpResponse:
    """An account that was made without a password gets its first one (S4-26); one that was used elsewhere may be kept
    if it meets the rules (S4-27)."""
    return _new_password(request, request._login_stage, is_first=True)  # type: ignore[attr-defined]


def _new_password(request: HttpRequest, stage: LoginStage, **shown: bool) -> HttpResponse:
    account: Account = stage.login.user

    def store(password: str) -> HttpResponse:
        passwords.change(account=account, password=password, now=timezone.now())
        stage.login.state["epoch"] = account.session_epoch
        if "is_first" in shown:
            authentication_records.record_password(request, account)
        messages.success(request, _("Your new password is set."))
        return stage.exit()

    return new_password.ask(request, account, store, **shown)


@page(guard=in_stage(NoFactorStage), methods="read")
def no_factor(request: HttpRequest) -> HttpResponse:
    """A member of staff without any second factor is not let in; an operator helps."""
    return render(request, "identity/sign_in/no_factor.html", status=403)


def _may_skip_next(account: Account, needs: FactorNeeds) -> bool:
    """Whether "Skip this step next time" would be honoured."""
    return not account.is_staff and account.secured_at is None and needs.remembers and account.profile != "nist"
