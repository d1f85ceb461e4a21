"""Setting up, naming and removing sign-in methods (S1-51..53): passkeys, authenticator, recovery codes, phone."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from identity.factors import authenticators, factors, passkeys, recovery_codes, second_factor, webauthn
from identity.forms.factors import AuthenticatorSetupForm, PasskeySetupForm, RemoveForm, RenameForm
from identity.keys import qr
from identity.models import Account, AccountRequest, Factor, PasskeyDevice
from identity.policy import lifecycle
from identity.sign_in import login_intent, step_up
from identity.sign_in.authentication_records import STRONG
from identity.templatetags.page import quartered
from identity.views.page import page

_BEGUN, _CODES = "passkey_begun", "new_recovery_codes"  # in the session


@page()
def overview(request: AccountRequest) -> HttpResponse:
    """ "Switch to faster and more secure sign-in methods" (S1-51): what is set up, and "Setup" for what is not.

    "Continue" goes where sign-up was begun for. With one method and nothing to fall back on it first says so.
    """
    account = request.user
    found = second_factor.set_up_by(account)
    request.session.pop(_CODES, None)
    if request.method == "POST":
        alone = len(found) == 1 and not found.keys() & {"recovery", "phone"}
        if alone and "anyway" not in request.POST:
            return render(request, "identity/factors/one_method.html")
        return HttpResponseRedirect(login_intent.forget_next(request))
    context: dict[str, Any] = {
        "passkeys": PasskeyDevice.objects.filter(user=account).order_by("created_at") if "passkey" in found else [],
        "authenticator": found.get("authenticator"),
        "phone": found.get("phone"),
        "recovery": found.get("recovery"),
        "recovery_left": recovery_codes.left(account) if "recovery" in found else 0,
        "none": not found.keys() - {"recovery"},
    }
    return render(request, "identity/factors/overview.html", context)


@page(fresh=True, methods="read")
def passkey_options(request: AccountRequest) -> HttpResponse:
    """What the browser needs to make a passkey: asked for at the press of the button, so that none is made in vain."""
    request.session[_BEGUN] = timezone.now().timestamp()
    return JsonResponse(webauthn.options_to_make(request.user))


def add_passkey(request: HttpRequest) -> HttpResponse:
    """Name a passkey, then let the browser make it. Whoever was fresh when it was begun may finish."""
    length = lifecycle.after("fresh_sign_in").total_seconds()
    begun = timezone.now().timestamp() - request.session.get(_BEGUN, 0.0) < length
    finishing = request.method == "POST" and request.user.is_authenticated and begun
    return _add_passkey(request) if finishing else step_up.needs_fresh(_add_passkey)(request)


@page(login=False)
def _add_passkey(request: AccountRequest) -> HttpResponse:
    account = request.user
    sent = request.POST if "credential" in request.POST else None
    if request.method == "POST" and sent is None:  # a proof came between: what the browser made is not kept over it
        messages.info(request, _("Nothing is set up yet. Press the button once more to make the passkey."))
    form = PasskeySetupForm(sent, initial={"name": request.POST.get("name") or _("My passkey")})
    if form.is_valid():
        try:
            webauthn.check_made(form.cleaned_data["credential"])
            device = passkeys.add(
                account=account,
                name=form.cleaned_data["name"],
                credential=form.cleaned_data["credential"],
                now=timezone.now(),
            )
        except webauthn.PasskeyRefused:
            form.add_error(None, _("The passkey could not be made. Try again."))
        except passkeys.KnownPasskey:
            form.add_error(None, _("This passkey is set up already."))
        except passkeys.TooManyPasskeys:
            form.add_error(None, _("Ten passkeys are set up. Remove one first."))
        else:
            del request.session[_BEGUN]
            step_up.raised(request, device=device, kind="passkey")
            messages.success(request, _("Your passkey is set up. Next time, sign in with it."))
            return redirect("faster_sign_in")
    return render(request, "identity/factors/passkey.html", {"form": form})


@page()
def rename_passkey(request: AccountRequest, pk: int) -> HttpResponse:
    """Give a passkey another name."""
    device = PasskeyDevice.objects.select_related("user", "credential").filter(user=request.user, pk=pk).first()
    if device is None:
        raise Http404
    form = RenameForm(request.POST or None, initial={"name": device.name})
    if request.method == "POST" and form.is_valid():
        passkeys.rename(device=device, name=form.cleaned_data["name"], now=timezone.now())
        messages.success(request, _("The passkey has its new name."))
        return redirect("faster_sign_in")
    return render(request, "identity/factors/rename.html", {"form": form, "device": device})


@page(fresh=True)
def set_up_authenticator(request: AccountRequest) -> HttpResponse:
    """QR and typed key of a new secret, and the first code that proves the app has it (S1-52, S1-53)."""
    account, now = request.user, timezone.now()
    secret = login_intent.secret_begun(request, account, now=now)
    if request.method == "POST" and not secret:
        messages.warning(request, _("This took too long. Delete the entry in your app, and scan the new picture."))
    elif request.method == "POST" and "code" not in request.POST:  # a proof came between: codes are not kept over it
        messages.info(request, _("What your app has is still right. Enter the code that it shows now."))
    form = AuthenticatorSetupForm(request.POST if secret and "code" in request.POST else None)
    if not secret:
        secret = authenticators.new_secret()
        login_intent.remember_secret(request, account, secret, now=now)
    if form.is_valid():
        try:
            device = authenticators.set_up(account=account, secret=secret, typed=form.cleaned_data["code"], now=now)
        except authenticators.WrongCode:
            form.add_error("code", _("This is not the code of the moment. Wait for the next one and try it."))
        else:
            login_intent.forget_secret(request)
            step_up.raised(request, device=device, kind="authenticator")
            messages.success(request, _("Your authenticator is set up. It shows a code for signing in."))
            return redirect("faster_sign_in")
    issuer = str(login_intent.tenant(request).brand.name)
    context = {
        "form": form,
        "picture": qr.svg(authenticators.address_of(secret, account=account, issuer=issuer)),
        "key": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "replaces": "authenticator" in second_factor.devices_of(account),
    }
    return render(request, "identity/factors/authenticator.html", context)


@page(fresh=True)
def make_recovery_codes(request: AccountRequest) -> HttpResponse:
    """Make ten codes and show them, this once."""
    account = request.user
    if request.method != "POST":
        return render(request, "identity/factors/recovery.html", {"left": recovery_codes.left(account)})
    request.session[_CODES] = recovery_codes.make(account=account, now=timezone.now())
    return redirect("new_recovery_codes")


@page()
def new_recovery_codes(request: AccountRequest) -> HttpResponse:
    """The codes that were just made, until the person says to have saved them, or looks at another of these pages."""
    made = request.session.get(_CODES)
    if request.method == "POST" or not made:
        request.session.pop(_CODES, None)
        return redirect("faster_sign_in")
    return render(request, "identity/factors/recovery_codes.html", {"codes": made, "account": request.user})


@page(methods="button")
def download_recovery_codes(request: AccountRequest) -> HttpResponse:
    """The codes that the page shows, as a file: they come back from the page, for we cannot read them any more."""
    account = request.user
    shown = request.POST.getlist("shown")
    if not recovery_codes.are_of(account, shown):
        raise Http404
    title = _("Recovery codes of %(name)s, made on %(day)s for %(site)s. Each works once.") % {
        "name": account.login_name,
        "day": date_format(timezone.localdate()),
        "site": settings.PUBLIC_URL,
    }
    lines = [title, "", *(quartered(code) for code in shown), ""]
    response = HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    return response


@page(fresh=True)
def remove(request: AccountRequest, kind: str, pk: int) -> HttpResponse:
    """Say what the removal means, then remove; the last method only by somebody who says to know that."""
    account = request.user
    device = _device(account, kind, pk)
    is_last = factors.is_last(device)
    form = RemoveForm(request.POST if request.method == "POST" else None, is_last=is_last)
    if request.method == "POST" and form.is_valid():
        try:
            factors.remove(device=device, knows=form.cleaned_data.get("knows", False), now=timezone.now())
        except factors.NeedsFactor:
            pass  # the page says so
        except factors.LastFactor:
            return redirect(request.path)  # another one was removed meanwhile: now this is the last
        else:
            messages.success(request, _("The method was removed."))
            return redirect("faster_sign_in")
    context = {
        "device": device,
        "kind": kind,
        "method": second_factor.method_of(device),
        "is_last": is_last,
        "must_stay": is_last and account.is_staff,
        "needs_phone": factors.needs_phone(device),
        "form": form,
    }
    return render(request, "identity/factors/remove.html", context)


def _device(account: Account, kind: str, pk: int) -> Factor:
    """A method of the own account; anybody else's is a 404."""
    method: Any = next((one for one in second_factor.METHODS if one.code == kind and kind in STRONG), None)
    device: Factor | None = method.get_devices(account).filter(pk=pk).first() if method else None
    if device is None:
        raise Http404
    return device
