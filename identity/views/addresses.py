"""The own e-mail addresses: add, prove, make primary, remove (S1-54)."""

from typing import cast

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from identity.accounts import addresses
from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors.forms.codes import ActivationForm, AddressForm, refusal, wait_text
from identity.models import Account, Challenge
from identity.sign_in import login_intent, step_up
from identity.tenancy import tenancy


def _own(request: HttpRequest) -> Account:
    return cast(Account, request.user)


def _one(request: HttpRequest, pk: int) -> EmailAddress:
    return get_object_or_404(EmailAddress.objects.select_related("user"), user=_own(request), pk=pk)


@never_cache
@login_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Each address with what it is for: messages, signing in, getting back in."""
    account = _own(request)
    shared = {address for address, _others in addresses.shared_with(account)}
    shown = {
        "account": account,
        "addresses": [(row, row.email in shared) for row in addresses.for_account(account)],
        "shared": bool(shared),
        "needs_own": tenancy().needs_own_address(account) if shared else [],
    }
    return render(request, "identity/addresses/overview.html", shown)


@step_up.needs_fresh
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Another address; nothing tells whether somebody else uses it."""
    form = AddressForm(request.POST or None).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        try:
            attempts.check_can_send(address=get_client_ip(request), now=timezone.now())
            row = addresses.add(
                account=_own(request),
                address=form.cleaned_data["email"],
                tenant=login_intent.tenant(request).key,
                now=timezone.now(),
            )
        except addresses.KnownAddress:
            form.add_error("email", _("This is one of your addresses already."))
        except addresses.TooManyAddresses:
            form.add_error("email", _("You have five addresses. Remove one first."))
        except (codes.TooManySendings, attempts.TooManyAttempts) as refused:
            form.add_error("email", _("The address was not added.") + " " + wait_text(refused.wait))
        else:
            return redirect("verify_address", row.pk)
    return render(request, "identity/addresses/add.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The 10-digit code of the mail, or another mail."""
    row = _one(request, pk)
    if row.verified:
        return redirect("addresses")
    if request.method == "POST" and "resend" in request.POST:
        try:
            attempts.check_can_send(address=get_client_ip(request), now=timezone.now())
            addresses.send_mail(row=row, tenant=login_intent.tenant(request).key, now=timezone.now())
        except (codes.TooManySendings, attempts.TooManyAttempts) as refused:
            messages.warning(request, _("No further message was sent yet.") + " " + wait_text(refused.wait))
        else:
            messages.info(request, _("We sent another message. Only its code and link work now."))
        return redirect("verify_address", row.pk)
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.verify_by_code(row=row, typed=form.cleaned_data["code"], now=timezone.now())
        except codes.CodeRefused as error:
            form.add_error("code", refusal(error))
        else:
            messages.success(request, _("%(address)s is verified.") % {"address": row.email})
            return redirect("addresses")
    return render(request, "identity/addresses/verify.html", {"form": form, "address": row.email})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mail's link, in whichever browser it opens. Its button proves the address (C24)."""
    challenge, now = codes.find(token, "address"), timezone.now()
    if challenge is None or not codes.is_alive(challenge, now=now) or codes.is_superseded(challenge):
        return render(request, "identity/addresses/link_ended.html", status=410)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(challenge.account.language)
    # Scanners press buttons too: where nobody is signed in, a stranger's ID must not win somebody's address by one.
    own = request.user == challenge.account
    form = ActivationForm(request.POST or None)
    if request.method == "POST" and (own or (form.is_valid() and _is_right(challenge, form))):
        try:
            row = addresses.verify_by_link(challenge=challenge, now=now)
        except codes.CodeEnded:
            return render(request, "identity/addresses/link_ended.html", status=410)
        return render(request, "identity/addresses/link_used.html", {"address": row.email})
    shown = {"login_name": challenge.account.login_name, "form": None if own else form}
    return render(request, "identity/addresses/link.html", shown)


def _is_right(challenge: Challenge, form: ActivationForm) -> bool:
    """Whether the code of the same mail was typed."""
    try:
        codes.check_this(challenge, typed=form.cleaned_data["code"], now=timezone.now())
    except codes.CodeRefused as error:
        form.add_error("code", refusal(error))
        return False
    return True


@step_up.needs_fresh
@require_POST
def make_primary(request: HttpRequest, pk: int) -> HttpResponse:
    """Messages go to this address from now on; the one before is told."""
    row = _one(request, pk)
    try:
        addresses.make_primary(row=row, now=timezone.now())
    except addresses.NotThisAddress:
        messages.warning(request, _("Verify this address first."))
    except addresses.AddressFixed:
        messages.warning(request, _("Staff keep the address that was invited. An operator can change it."))
    else:
        messages.success(request, _("Messages now go to %(address)s.") % {"address": row.email})
    return redirect("addresses")


@step_up.needs_fresh
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an address; never the primary one."""
    row = _one(request, pk)
    try:
        addresses.remove(row=row, now=timezone.now())
    except addresses.IsTheName:
        messages.warning(request, _("This address is your ID. Change your ID first."))
    except addresses.NotThisAddress:
        messages.warning(request, _("Messages go to this address. Make another one primary first."))
    else:
        messages.success(request, _("%(address)s is removed.") % {"address": row.email})
    return redirect("addresses")
