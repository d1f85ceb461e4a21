"""Signing in: identifier first, then the password; and signing out (S1-14, S1-15)."""

from allauth.account.internal.flows.login import clear_authentication_records, perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.core.internal.httpkit import get_client_ip
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from identity import door, events
from identity.domain import attempts, journal
from identity.forms.codes import wait_text
from identity.forms.sign_in import IdentifierForm, PasswordForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def identify(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Every name is let through to the password page, so nobody learns which exist."""
    door.remember_next(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(door.forget_next(request))
    form = IdentifierForm(request.POST or None, initial={"login": door.identifier(request)})
    if request.method == "POST" and form.is_valid():
        door.remember_identifier(request, form.cleaned_data["login"])
        return redirect("password")
    return render(request, "identity/sign_in/identify.html", {"form": form})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The password page: one neutral sentence for every way an attempt can fail."""
    typed = door.identifier(request)
    if not typed or request.user.is_authenticated:
        return redirect("account_login")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _attempt(request, typed=typed, form=form)
        if response is not None:
            return response
    return render(request, "identity/sign_in/password.html", {"form": form, "typed": typed})


def _attempt(request: HttpRequest, *, typed: str, form: PasswordForm) -> HttpResponse | None:
    """Try the password; None when the page is to be shown again with its error."""
    realm, now = door.place(request).realm, timezone.now()
    try:
        attempts.begin(realm=realm, typed=typed, address=get_client_ip(request), now=now)
    except attempts.TooManyAttempts as refused:
        form.add_error("password", _("Too many attempts.") + " " + wait_text(refused.wait))
        return None
    account = authenticate(request, username=typed, password=form.cleaned_data["password"], realm=realm)
    if account is None:
        form.add_error("password", _("The One Healthcare ID or the password is not correct. Check both and try again."))
        return None
    attempts.succeeded(realm=realm, typed=typed)
    clear_login(request)
    clear_authentication_records(request)
    return perform_password_login(request, {"username": typed}, Login(user=account))


@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session and say so."""
    if request.user.is_authenticated:
        with transaction.atomic():
            journal.record(events.SignedOut(account=request.user, by=request.user), now=timezone.now())
    logout(request)  # a sign-in that was only begun ends too
    return render(request, "identity/sign_in/signed_out.html")
