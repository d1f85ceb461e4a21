"""The own e-mail addresses: add, prove, make primary, remove (S1-54)."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from identity.accounts import addresses
from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors.forms.codes import ActivationForm, AddressForm, wait_text
from identity.models import AccountRequest, SuppressedAddress
from identity.record import outbox
from identity.sign_in import login_intent
from identity.tenancy import tenancy
from identity.views import code_prompt
from identity.views.page import page


def _one(request: HttpRequest, pk: int) -> EmailAddress:
    return get_object_or_404(EmailAddress.objects.select_related("user"), user=request.user, pk=pk)


@page(methods="read")
def overview(request: AccountRequest) -> HttpResponse:
    """Each address with what it is for: messages, signing in, getting back in."""
    account = request.user
    rows = addresses.for_account(account)
    stopped = addresses.stopped(rows)
    shared = {address for address, _others in addresses.shared_with(account)}
    shown = {
        "account": account,
        "addresses": [(row, row.email in shared, stopped.get(row.email, "")) for row in rows],
        "stopped": stopped,
        "causes": SuppressedAddress.Cause,
        "shared": bool(shared),
        "needs_own": tenancy().needs_own_address(account) if shared else [],
    }
    return render(request, "identity/addresses/overview.html", shown)


@page(fresh=True)
def add(request: AccountRequest) -> HttpResponse:
    """Another address; nothing tells whether somebody else uses it."""
    form = AddressForm(request.POST or None).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        try:
            attempts.check_can_send(address=get_client_ip(request), now=timezone.now())
            row = addresses.add(
                account=request.user,
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


@page()
def verify(request: AccountRequest, pk: int) -> HttpResponse:
    """The 10-digit code of the mail, or another mail."""
    row = _one(request, pk)
    if addresses.counts(row):
        return redirect("addresses")

    def passed() -> HttpResponse:
        messages.success(request, _("%(address)s is verified.") % {"address": row.email})
        return redirect("addresses")

    prompt = code_prompt.CodePrompt(
        account=request.user,
        purpose="address",
        target=row.email,
        url=reverse("verify_address", args=[row.pk]),
        template="identity/addresses/verify.html",
        form=ActivationForm,
        send=lambda tenant: addresses.send_mail(row=row, tenant=tenant, now=timezone.now()),
        said=code_prompt.LINK_AND_CODE,
        accept=lambda typed: addresses.verify_by_code(row=row, typed=typed, now=timezone.now()),
        on_success=passed,
        shown={"address": row.email},
    )
    return code_prompt.respond(request, prompt)


@page(login=False, mailed=True)
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the mail's link, in whichever browser it opens. Its button proves the address (C24)."""
    challenge, now = codes.find(token, "address"), timezone.now()
    if challenge is None or not codes.is_alive(challenge, now=now) or codes.is_superseded(challenge):
        return render(request, "identity/addresses/link_ended.html", status=410)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(challenge.account.language)
    # Scanners press buttons too: where nobody is signed in, a stranger's ID must not win somebody's address by one.
    own = request.user == challenge.account

    def typed_in(code: str) -> None:
        codes.check_this(challenge, typed=code, now=now)

    form = ActivationForm(request.POST or None)
    if request.method == "POST" and (own or (form.is_valid() and code_prompt.is_right(form, typed_in))):
        try:
            row = addresses.verify_by_link(challenge=challenge, now=now)
        except codes.CodeEnded:
            return render(request, "identity/addresses/link_ended.html", status=410)
        return render(request, "identity/addresses/link_used.html", {"address": row.email})
    shown = {"login_name": challenge.account.login_name, "form": None if own else form}
    return render(request, "identity/addresses/link.html", shown)


@page(methods="button")
def send_again(request: AccountRequest, pk: int) -> HttpResponse:
    """Try a mailbox that bounced once more, with the mails that did not reach it."""
    row = _one(request, pk)
    if outbox.give_again_to(account=request.user, address=row.email, now=timezone.now()):
        messages.success(
            request, _("We try %(address)s again, with the messages that did not reach you.") % {"address": row.email}
        )
    else:
        messages.warning(
            request,
            _("We tried %(address)s a short while ago, and it bounced. Is the mailbox full? Or use another address.")
            % {"address": row.email},
        )
    return redirect("addresses")


@page(fresh=True, methods="button")
def make_primary(request: AccountRequest, pk: int) -> HttpResponse:
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


@page(fresh=True, methods="button")
def remove(request: AccountRequest, pk: int) -> HttpResponse:
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
