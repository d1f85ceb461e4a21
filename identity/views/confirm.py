"""Step-up: a fresh or a stronger proof within a session, and the forms that were kept for afterwards."""

from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import passwords
from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors import second_factor
from identity.factors.forms.codes import wait_text
from identity.forms.sign_in import PasswordForm
from identity.keys.hash_pool import pool
from identity.models import Account, AccountRequest, Factor, SavedPost
from identity.sessions import saved_posts
from identity.sessions.idle import is_poll
from identity.sign_in import authentication_records, login_intent, step_up
from identity.tenancy import tenancy
from identity.views import code_prompt, factor_prompt
from identity.views.page import page


@page(sensitive=("password",))
def confirm(request: AccountRequest) -> HttpResponse:
    """Ask for the strongest method there is, or for one that the portal in `for` takes; then go on (C7)."""
    account = request.user
    tenant = tenancy().tenant(request.GET.get("for", ""))
    devices = second_factor.devices_of(account)
    request.portal_key = tenant.key  # type: ignore[attr-defined]
    if (only := request.GET.get("by", "")) and not tenant.key:
        wanted = {kind: device for kind, device in devices.items() if kind == only}
        return _ask(request, account, wanted) if wanted else render(request, "identity/confirm/no_such_method.html")
    if not tenant.key:
        return _ask(request, account, devices) if devices else _ask_password(request, account)
    needs = tenancy().needs(account, tenant.key)
    if authentication_records.satisfy(request, account, needs):
        return _go_on(request)
    taken = authentication_records.taken(account, needs)
    fitting = {kind: device for kind, device in devices.items() if kind in taken | {"recovery"}}
    if fitting:
        return _ask(request, account, fitting)
    if authentication_records.MAILBOX in taken and not account.is_staff and not devices:
        return _ask_mailbox(request, account)
    if login_intent.is_ours(path := request.GET.get("next", "")):
        login_intent.go_to(request, path)  # where "Continue" leads once a method is set up
    return render(request, "identity/confirm/set_up_first.html", {"factors": taken})


def _ask(request: AccountRequest, account: Account, devices: dict[str, Factor]) -> HttpResponse:
    def passed(device: Factor, kind: str) -> HttpResponse:
        step_up.raised(request, device=device, kind=kind)
        if kind == "recovery":
            factor_prompt.say_what_is_left(request, account)
        return _go_on(request)

    def keep() -> None:
        request.session.modified = True

    prompt = factor_prompt.FactorPrompt(
        account=account,
        url=_here(request),
        template="identity/confirm/confirm.html",
        devices=devices,
        state=request.session.setdefault("confirm", {}),
        keep=keep,
        passed=passed,
        shown={"held": request.GET.get("held", "")},
    )
    return factor_prompt.respond(request, prompt)


def _ask_password(request: AccountRequest, account: Account) -> HttpResponse:
    """For accounts with nothing stronger. The limits of sign-in hold here too."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        series = attempts.series_of(realm=account.realm, typed=account.login_name, device=f"own {account.pk}")
        try:
            with pool.admit():
                attempts.begin(series=series, address=get_client_ip(request), now=timezone.now())
                right = passwords.is_current(account=account, password=form.cleaned_data["password"])
        except attempts.TooManyAttempts as refused:
            form.add_error("password", _("Too many attempts.") + " " + wait_text(refused.wait))
        except attempts.ResetNeeded:
            form.add_error("password", _("Too many wrong passwords in a row."))
        else:
            if right:
                attempts.succeeded(series)
                step_up.raised(request, device=None, kind="password")
                return _go_on(request)
            form.add_error("password", _("The password is not correct."))
    return render(request, "identity/confirm/password.html", {"form": form, "held": request.GET.get("held", "")})


def _ask_mailbox(request: AccountRequest, account: Account) -> HttpResponse:
    """The e-mailed code, where a tenant takes it and the session has not shown it. A press sends it, never a GET."""

    def passed() -> HttpResponse:
        step_up.raised(request, device=None, kind=authentication_records.MAILBOX)
        return _go_on(request)

    return code_prompt.access_code(
        request,
        account,
        url=_here(request),
        template="identity/confirm/mailbox.html",
        on_success=passed,
        held=request.GET.get("held", ""),
    )


def _here(request: HttpRequest) -> str:
    kept = {name: request.GET[name] for name in ("next", "for", "by", "held") if request.GET.get(name)}
    return f"{reverse('confirm')}?{urlencode(kept)}"


def _go_on(request: AccountRequest) -> HttpResponse:
    """Back to what the person was doing. A kept form is sent again by the browser: the same POST, its own address."""
    path = request.GET.get("next", "")
    if not login_intent.is_ours(path):
        return redirect("profile")
    held = _held(request, request.GET.get("held", ""))
    if held is not None and held.path == path and request.method == "POST" and request.POST.get("held") == str(held.pk):
        return HttpResponseRedirect(held.path, preserve_request=True)
    return HttpResponseRedirect(path)


def _held(request: AccountRequest, text: str) -> SavedPost | None:
    try:
        pk = UUID(text)
    except ValueError:
        return None
    if request.session.get(authentication_records.HELD) != str(pk):
        return None
    return saved_posts.find(account=request.user, pk=pk, now=timezone.now())


@page()
def held(request: AccountRequest, pk: UUID) -> HttpResponse:
    """After a sign-in: what had been filled in when the session ended, to go on with or to throw away (S3-17)."""
    found = _held(request, str(pk))
    if found is None:
        return redirect("profile")
    if request.method == "POST":
        saved_posts.drop(account=request.user, pk=pk)
        return redirect("profile")
    return render(request, "identity/confirm/held.html", {"held": found})


@is_poll
@page(methods="button")
def keep(request: AccountRequest) -> HttpResponse:
    """A page's script saves what is typed in a form just before the session ends by itself."""
    path = request.GET.get("path", "")
    if not login_intent.is_ours(path):
        raise Http404
    account = request.user
    held = saved_posts.keep(account_id=account.pk, path=path, body=request.POST, now=timezone.now())
    if held is not None:
        login_intent.remember_saved_post(request, str(held.pk))
    return HttpResponse(status=204)
