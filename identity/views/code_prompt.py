"""One page for every mailed code: a press sends it, the person types it; too often, wrong, ended, or on they go."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.allauth_seam import get_client_ip
from identity.codes import attempts, codes
from identity.factors.forms.codes import AccessCodeForm, ActivationForm, refusal, wait_text
from identity.models import Account, Challenge
from identity.notices import access_codes
from identity.record import delivery
from identity.sign_in import code_delivery, login_intent
from identity.tenancy import Text

type CodeForm = AccessCodeForm | ActivationForm

CODE = gettext_lazy("We sent a message. Only its code works now.")
LINK_AND_CODE = gettext_lazy("We sent another message. Only its code and link work now.")


@dataclass(frozen=True, kw_only=True)
class CodePrompt:
    """Whose code is asked for, sent to which address, on which page.

    `send` issues the code on behalf of a tenant, or raises codes.TooManySendings; `accept` uses up the one that was
    typed, or raises codes.CodeRefused; `on_success` answers then. The template gets `form`, `masked`, `sent` and
    `bounced`, and what stands in `shown`.
    """

    account: Account | None  # None: who has none yet proves a mailbox
    purpose: codes.Purpose
    target: str
    url: str
    template: str
    send: Callable[[str], Challenge]
    accept: Callable[[str], object]
    on_success: Callable[[], HttpResponse]
    form: type[CodeForm] = AccessCodeForm
    said: Text = CODE
    button: str = "resend"  # the name of the one that sends
    shown: dict[str, Any] = field(default_factory=dict)

    def is_sent(self) -> bool:
        """Whether a code is on its way that still counts. A template that does not ask costs no look-up."""
        newest = codes.newest(account=self.account, purpose=self.purpose, target=self.target)
        return newest is not None and codes.is_alive(newest, now=timezone.now())

    def has_bounced(self) -> bool:
        """Whether mail to the address came back, and nobody has asked for another one since."""
        return delivery.stopped([self.target]).get(self.target) == delivery.Cause.BOUNCED


def respond(request: HttpRequest, prompt: CodePrompt) -> HttpResponse:
    """Answer a request for the page. A GET sends nothing, a reload neither."""
    if request.method == "POST" and prompt.button in request.POST:
        send(request, prompt)
        return redirect(prompt.url)
    form = prompt.form(request.POST or None)
    if request.method == "POST" and form.is_valid() and is_right(form, prompt.accept):
        return prompt.on_success()
    shown = {
        "form": form,
        "masked": masked(prompt.target),
        "sent": prompt.is_sent,
        "bounced": prompt.has_bounced,
        **prompt.shown,
    }
    return render(request, prompt.template, shown)


def send(request: HttpRequest, prompt: CodePrompt) -> None:
    """Send one and say so, or say how long to wait: the limit of the network address, then the domain's own."""
    try:
        attempts.check_can_send(address=get_client_ip(request), now=timezone.now())
        prompt.send(login_intent.tenant(request).key)
    except code_delivery.Refused as refused:
        messages.warning(request, _("No further message was sent yet.") + " " + wait_text(refused.wait))
    else:
        messages.info(request, str(prompt.said))


def is_right(form: CodeForm, accept: Callable[[str], object]) -> bool:
    """Whether the code of a form that is valid was accepted; what is wrong with it stands at the field."""
    try:
        accept(form.cleaned_data["code"])
    except codes.CodeRefused as error:
        form.add_error("code", refusal(error))
        return False
    return True


def access_code(
    request: HttpRequest,
    account: Account,
    *,
    url: str,
    template: str,
    on_success: Callable[[], HttpResponse],
    **shown: Any,
) -> HttpResponse:
    """The page of the access code (S0-29, S0-30): at sign-in, within a session, and for another ID that is merged."""
    prompt = CodePrompt(
        account=account,
        purpose="access",
        target=account.email,
        url=url,
        template=template,
        send=lambda tenant: access_codes.send(account=account, tenant=tenant, now=timezone.now()),
        accept=lambda typed: access_codes.accept(account=account, typed=typed, now=timezone.now()),
        on_success=on_success,
        shown=shown,
    )
    return respond(request, prompt)


def masked(address: str) -> str:
    """The address with its local part hidden, eight stars whatever its length (S0-21)."""
    return "*" * 8 + "@" + address.rpartition("@")[2]
