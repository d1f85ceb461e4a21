"""Proving the address: by the 10-digit code, or by the button of the page that the mail's link opens (S0-21..27)."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.accounts import emails
from identity.allauth_seam import get_pending_stage
from identity.codes import codes
from identity.factors.forms.codes import ActivationForm, AddressForm, wait_text
from identity.models import Account
from identity.sign_in import authentication_records, login_intent
from identity.sign_in.first_password import steps_left
from identity.sign_in.stages import VerifyEmailStage, in_stage
from identity.views import code_prompt
from identity.views.code_prompt import masked
from identity.views.page import page


def _stage(request: HttpRequest) -> VerifyEmailStage:
    return cast(VerifyEmailStage, request._login_stage)  # type: ignore[attr-defined]


@page(guard=in_stage(VerifyEmailStage))
def verify(request: HttpRequest) -> HttpResponse:
    """ "Verify Your Email Address": type the code, ask for another mail, or go on once the address is proved."""
    stage = _stage(request)
    account: Account = stage.login.user
    if emails.is_verified(account):
        if request.method != "POST":
            return render(request, "identity/verify_email/verified.html", _shown(account))
        # C22, S0-28: one brand's sign-up goes on, another's ends here, and the person signs in.
        # Who has no password yet has nothing to sign in with.
        if login_intent.tenant(request).brand.goes_on_after_verifying or not account.has_usable_password():
            return stage.exit()
        login_intent.remember_identifier(request, account.login_name)
        return stage.abort()

    def passed() -> HttpResponse:
        authentication_records.record_mailbox(request, account)
        return redirect("verify_email")

    prompt = code_prompt.CodePrompt(
        account=account,
        purpose="email",
        target=account.email,
        url=reverse("verify_email"),
        template="identity/verify_email/verify.html",
        form=ActivationForm,
        send=lambda tenant: emails.send_activation(account=account, tenant=tenant, now=timezone.now()),
        said=code_prompt.LINK_AND_CODE,
        accept=lambda typed: emails.verify_by_code(account=account, typed=typed, now=timezone.now()),
        on_success=passed,
        shown={"may_change": emails.may_change_unverified(account), **_shown(account)},
    )
    return code_prompt.respond(request, prompt)


def _shown(account: Account) -> dict[str, Any]:
    """Who came over with an old password has more to do before the account is ready (S4-26)."""
    return {"came_over": not account.has_usable_password(), "steps": steps_left(account)}


@page(guard=in_stage(VerifyEmailStage))
def change_address(request: HttpRequest) -> HttpResponse:
    """ "update email address" (S0-22), as long as the address is not proved."""
    account: Account = _stage(request).login.user
    if emails.is_verified(account) or account.is_staff:
        return redirect("verify_email")
    form = AddressForm(request.POST or None, initial={"email": account.email})
    form.spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        try:
            emails.change_unverified(
                account=account,
                address=form.cleaned_data["email"],
                tenant=login_intent.tenant(request).key,
                now=timezone.now(),
            )
        except codes.TooManySendings as refused:
            form.add_error("email", _("The address was not changed.") + " " + wait_text(refused.wait))
        except emails.AddressFixed:
            return redirect("verify_email")
        else:
            messages.success(request, _("We sent a message to %(address)s.") % {"address": masked(account.email)})
            return redirect("verify_email")
    return render(request, "identity/verify_email/change_address.html", {"form": form})


@page(login=False, mailed=True)
def activate(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mail's link. Opening it changes nothing; its button proves the address (C24)."""
    challenge = codes.find(token, "email")
    if challenge is None:
        return render(request, "identity/verify_email/link_unknown.html", status=404)
    request.portal_key = request.GET.get("portal", "")  # type: ignore[attr-defined]  # the tenant that asked
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(challenge.account.language)
    here = get_pending_stage(request)
    own = here is not None and here.login.user.pk == challenge.account_id
    told = _shown(challenge.account) | {"elsewhere": not own}
    if request.method == "POST":
        try:
            emails.verify_by_link(challenge=challenge, here=own, now=timezone.now())
        except codes.CodeEnded:
            pass  # the page below says whether the address is proved already
        else:
            if own:
                authentication_records.record_mailbox(request, challenge.account)
            return render(request, "identity/verify_email/verified.html", told)
    if emails.is_verified(challenge.account):
        return render(request, "identity/verify_email/verified.html", told | {"already": True})
    alive = codes.is_alive(challenge, now=timezone.now()) and not codes.is_superseded(challenge)
    shown = {
        "alive": alive,
        "login_name": challenge.account.login_name,
        "counts": emails.link_counts(challenge.account, here=own),
    }
    return render(request, "identity/verify_email/activate.html", shown, status=200 if alive else 410)
