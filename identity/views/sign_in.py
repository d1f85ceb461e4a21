"""Signing in: identifier first, then the password; or a passkey at once; and signing out (S1-14, S1-15)."""

from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth import authenticate, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.accounts import accounts
from identity.allauth_seam import get_client_ip, perform_login, perform_password_login
from identity.codes import attempts
from identity.factors import passkey_challenges, webauthn
from identity.factors.forms.codes import wait_text
from identity.factors.forms.second_factor import PasskeyForm
from identity.forms.sign_in import IdentifierAndPasswordForm, IdentifierForm, PasswordForm
from identity.keys import hash_pool
from identity.models import Account
from identity.record import events, journal
from identity.sessions import idle, sessions
from identity.sign_in import anonymous_page_cache, authentication_records, device_cookies, login_intent
from identity.tenancy import Brand, NotComplete, OldPassword, tenancy
from identity.views.page import page


@page(login=False, sensitive=("password",))
def identify(request: HttpRequest) -> HttpResponse:
    """The sign-in page. Every name is let through to the password page, so nobody learns which exist."""
    login_intent.remember_next(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(login_intent.forget_next(request))
    brand = login_intent.tenant(request).brand
    if brand.password_on_first_page:
        return _both(request, brand)
    form = IdentifierForm(request.POST or None, initial={"login": login_intent.identifier(request)}, brand=brand)
    if request.method == "POST" and form.is_valid():
        login_intent.remember_identifier(request, form.cleaned_data["login"])
        return redirect("password")
    rested = "rested" in request.GET  # a tab whose session ended by itself
    if form.is_bound or form.initial["login"] or rested:
        context = {"form": form, "rested": rested, "kept": login_intent.holds_form(request)}
        return render(request, brand.sign_in_page, context)
    return anonymous_page_cache.render(request, brand.sign_in_page, {"form": form})


def _both(request: HttpRequest, brand: Brand) -> HttpResponse:
    """User name and password on one page (S4-29)."""
    form = IdentifierAndPasswordForm(
        request.POST or None, initial={"login": login_intent.identifier(request)}, brand=brand
    )
    if request.method == "POST" and form.is_valid():
        login_intent.remember_identifier(request, form.cleaned_data["login"])
        with hash_pool.pool.admit():
            response = _attempt(request, typed=form.cleaned_data["login"], form=form)
        if response is not None:
            return response
    context = {
        "form": form,
        "rested": "rested" in request.GET,
        "kept": login_intent.holds_form(request),
        "moving": tenancy().changes_over(login_intent.tenant(request).realm, now=timezone.now()),
        "for_profile": login_intent.next_path(request) == reverse("profile") and "next" in request.GET,  # S4-36
    }
    return render(request, brand.sign_in_page, context)


@page(login=False, sensitive=("password",))
def password(request: HttpRequest) -> HttpResponse:
    """The password page: one neutral sentence for every way an attempt can fail. Raises hash_pool.Busy."""
    typed = login_intent.identifier(request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(login_intent.forget_next(request))
    if login_intent.tenant(request).brand.password_on_first_page or not typed:
        return redirect("account_login")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with hash_pool.pool.admit():
            response = _attempt(request, typed=typed, form=form)
        if response is not None:
            return response
    if form.is_bound:
        return render(request, "identity/sign_in/password.html", {"form": form, "typed": typed})
    return anonymous_page_cache.render(request, "identity/sign_in/password.html", {"form": form}, typed=typed)


def _attempt(request: HttpRequest, *, typed: str, form: PasswordForm) -> HttpResponse | None:
    """Try the password; None when the page is to be shown again with its error."""
    tenant = login_intent.tenant(request)
    try:
        account = check_password(request, realm=tenant.realm, typed=typed, form=form, comes_over=True)
    except NotComplete:
        return render(request, "identity/sign_in/not_complete.html", status=409)
    if account is None:
        return None
    authentication_records.begin_anew(request)
    if not account.has_usable_password():  # an old password is no proof, and the steps ask for a new one
        login_intent.remember_realm(request, tenant.realm)
        if not login_intent.tenant_asked(request):
            login_intent.go_to(request, tenant.enter)
        return perform_login(request, Login(user=account))
    return perform_password_login(request, {"username": typed}, Login(user=account))


def check_password(
    request: HttpRequest, *, realm: str, typed: str, form: PasswordForm, comes_over: bool = False
) -> Account | None:
    """The account of this name whose password was typed; else None, and the form says no more than it may. Where
    `comes_over`, an old password counts too (C34).

    Its limits, its hash and its time are the same for every name. Raises hash_pool.Busy, or NotComplete.
    """
    candidate = accounts.find_for_sign_in(realm=realm, typed=typed)
    series = _series(request, candidate, realm=realm, typed=typed)
    try:
        attempts.begin(series=series, address=get_client_ip(request), now=timezone.now())
    except attempts.TooManyAttempts as refused:
        form.add_error("password", _("Too many attempts.") + " " + wait_text(refused.wait))
        return None
    except attempts.ResetNeeded:
        form.add_error(
            "password",
            _("Too many wrong passwords in a row. Reset your password, or use a device you have used before."),
        )
        return None
    try:
        password = form.cleaned_data["password"]
        old = tenancy().old_password(realm, typed, now=timezone.now()) if comes_over else None
        account = _authenticate(request, candidate=candidate, old=old, password=password)
    except hash_pool.Busy:
        attempts.take_back(series)
        raise
    if account is None:
        form.add_error("password", str(login_intent.tenant(request).brand.failed))
        return None
    attempts.succeeded(series)
    return account


def _authenticate(
    request: HttpRequest, *, candidate: Account | None, old: OldPassword | None, password: str
) -> Account | None:
    """The candidate; or, while a realm changes over, who has an old password and none of their own yet (C34). Every
    attempt costs one Argon2id, and there the work of the slowest old hash as well.

    Raises hash_pool.Busy, or NotComplete.
    """
    if old is not None and (candidate is None or not candidate.has_usable_password()):
        return old.account(password=password, language=get_language() or "en", now=timezone.now())
    besides = old.spend if old else None
    return authenticate(request, password=password, candidate=candidate, besides=besides)


def _series(request: HttpRequest, account: Account | None, *, realm: str, typed: str) -> str:
    """Where wrong passwords count: on what was typed; on a device that has signed in to the account before, apart from
    strangers' (D-04)."""
    device_cookies.known(request)  # asked for every name, or the question would tell which exist
    device = device_cookies.find(request, account) if account else None
    return attempts.series_of(realm=realm, typed=typed, device=device.pk.hex if device else "")


@page(login=False)
def passkey(request: HttpRequest) -> HttpResponse:
    """Signing in without a password (S1-51): the page's script asks for a challenge, then sends what the passkey says.

    The challenge is asked for only where a browser can answer it, so that the sign-in page itself costs nothing.
    """
    if request.user.is_authenticated:
        return HttpResponseRedirect(login_intent.forget_next(request))
    if request.method != "POST":
        return _challenge(request)
    response = _passkey_shown(request)
    passkey_challenges.forget(response)
    return response


def _passkey_shown(request: HttpRequest) -> HttpResponse:
    """Sign in whose passkey it is; or say that it was not taken."""
    form, now = PasskeyForm(request.POST), timezone.now()
    try:
        attempts.check_can_show_passkey(address=get_client_ip(request), now=now)
        credential = form.cleaned_data["credential"] if form.is_valid() else {}
        device = webauthn.check_signs_in(request, credential, now=now)
    except attempts.TooManyAttempts as refused:
        messages.warning(request, _("Too many attempts.") + " " + wait_text(refused.wait))
    except webauthn.PasskeyRefused:
        messages.warning(request, _("The passkey was not taken. Try again, or sign in with your password."))
    else:
        authentication_records.begin_anew(request)
        authentication_records.record_device(request, device.user, device, "passkey")
        return perform_login(request, Login(user=device.user))
    return redirect("account_login")


def _challenge(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        attempts.check_can_ask_challenge(address=get_client_ip(request), now=now)
    except attempts.TooManyAttempts:
        return JsonResponse({}, status=429)
    return webauthn.ask(now=now)


@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    leave(request)
    return redirect("signed_out")


def leave(request: HttpRequest) -> None:
    """End the session of this browser, with its record."""
    account, key = request.user, request.session.session_key
    logout(request)  # a sign-in that was only begun ends too
    idle.stop(key)
    if account.is_authenticated:
        with transaction.atomic():
            sessions.close(key)
            journal.record(events.SignedOut(account=account, by=account), now=timezone.now())
    login_intent.close(request)


@require_safe
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say so."""
    return render(request, "identity/sign_in/signed_out.html")
