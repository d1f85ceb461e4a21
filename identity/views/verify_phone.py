"""Proving a phone: text or call, another number, or later (S1-46..50); at sign-up and from the own profile."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import stash_login
from identity.codes import codes, spending
from identity.factors import phones
from identity.factors.forms.codes import CodeForm, refusal, wait_text
from identity.forms.sign_up import PhoneFields, region_of
from identity.models import Account, PhoneDevice, is_signed_in
from identity.sign_in import authentication_records, branding, code_delivery, login_intent, step_up
from identity.sign_in.stages import PhoneNeededStage, VerifyPhoneStage, in_stage
from identity.views.page import page

Method = PhoneDevice.Method
PAGES = {"text": "verify_phone_text", "spoken": "verify_phone_text", "call": "verify_phone_call"}
_OWN = "own_phone"


class Flow:
    """Who proves a phone: somebody who signs up (the login stage), or somebody who is signed in."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.stage: VerifyPhoneStage | None = getattr(request, "_login_stage", None)
        self.account = cast(Account, self.stage.login.user if self.stage else request.user)
        self.state: dict[str, Any] = self.stage.state if self.stage else request.session.setdefault(_OWN, {})
        self.may_skip = self.stage is None or self.stage.may_skip
        self.device = phones.waiting(self.account) or phones.proved(self.account)

    def keep(self) -> None:
        """Save the state for the next request."""
        if self.stage:
            stash_login(self.request, self.stage.login)
        self.request.session.modified = True

    @property
    def may_change(self) -> bool:
        """Whether another number may take this one's place: not in a sign-in, which knows a password and no more."""
        return self.stage is None or self.stage.may_change

    def proved(self) -> None:
        """The phone was proved in this very session: at once, it counts as its second factor."""
        assert self.device is not None
        if self.stage:
            authentication_records.record_device(self.request, self.account, self.device, "phone")
        elif is_signed_in(self.request):
            step_up.raised(self.request, device=self.device, kind="phone")

    @property
    def completes(self) -> bool:
        """Whether this is the last step of a registration, which does not sign in (S4-38)."""
        goes_on = login_intent.tenant(self.request).brand.goes_on_after_verifying
        return self.stage is not None and bool(self.stage.login.signup) and not goes_on

    def leave(self) -> HttpResponse:
        """Go on: with the sign-up, or back to the methods; a registration ends at the log-in page."""
        if self.stage and self.completes:
            login_intent.remember_identifier(self.request, self.account.login_name)
            return self.stage.abort()
        if self.stage:
            return self.stage.exit()
        self.request.session.pop(_OWN, None)
        return redirect("faster_sign_in")


def _in_flow(view: Callable[[HttpRequest, Flow], HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator: the page of a login stage, or of somebody who is signed in."""

    @wraps(view)
    def shown(request: HttpRequest) -> HttpResponse:
        return view(request, Flow(request))

    at_sign_up = in_stage(VerifyPhoneStage, PhoneNeededStage)(shown)

    @page(login=False)
    @wraps(view)
    def led(request: HttpRequest) -> HttpResponse:
        return shown(request) if request.user.is_authenticated else at_sign_up(request)

    return led


@_in_flow
def choose(request: HttpRequest, flow: Flow) -> HttpResponse:
    """ "Verify Phone Number": a text message or a call (S1-46); once it is proved, the success page (S1-50)."""
    device = flow.device
    if device is None:
        return redirect("update_phone")
    if device.confirmed:
        if request.method == "POST":
            _redeem(flow, device)
            return flow.leave()
        template = "registered.html" if flow.completes else "verified.html"
        context = {"device": device, "at_sign_up": flow.stage is not None}
        return render(request, f"identity/verify_phone/{template}", context)
    if request.method == "POST":
        if "skip" in request.POST and flow.may_skip:
            return flow.leave()
        return _send(request, flow, device, request.POST.get("method", ""))
    return render(request, "identity/verify_phone/choose.html", _shown(flow))


@_in_flow
def text(request: HttpRequest, flow: Flow) -> HttpResponse:
    """The code of the text message, or the one that a call has said (S1-47, S4-10)."""
    device = flow.device
    if device is None or device.confirmed:
        return redirect("verify_phone")
    last = phones.current_challenge(device=device, purpose="phone")
    channel = last.channel if last and last.channel in phones.TYPED else Method.TEXT.value
    if request.method == "POST" and "resend" in request.POST:
        return _send(request, flow, device, channel)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phones.confirm_by_code(device=device, typed=form.cleaned_data["code"], now=timezone.now())
        except codes.CodeRefused as error:
            form.add_error("code", refusal(error))
        except phones.NumberInUse:
            form.add_error("code", _("Three IDs use this number already. Update the phone number to another one."))
        else:
            flow.proved()
            return redirect("verify_phone")
    return render(
        request, branding.pages(request, "verify_phone/text.html"), {**_shown(flow), "form": form, "channel": channel}
    )


@_in_flow
def call(request: HttpRequest, flow: Flow) -> HttpResponse:
    """The code on the screen, keyed into the call (S1-49); "I have entered it" looks whether it was."""
    device = flow.device
    if device is None or device.confirmed:
        return redirect("verify_phone")
    if request.method == "POST" and "resend" in request.POST:
        return _send(request, flow, device, Method.CALL)
    if request.method == "POST":
        messages.warning(
            request,
            _("We have not received the code yet. Key it into the call, then press again; or be called again."),
        )
        return redirect("verify_phone_call")
    challenge = phones.current_challenge(device=device, purpose="phone")
    if challenge is not None and challenge.channel in phones.TYPED and codes.is_alive(challenge, now=timezone.now()):
        return redirect("verify_phone_text")
    alive = challenge is not None and challenge.channel == "call" and codes.is_alive(challenge, now=timezone.now())
    shown = {**_shown(flow), "code": codes.code_of(challenge) if challenge and alive else ""}
    return render(request, "identity/verify_phone/call.html", shown)


@_in_flow
def update(request: HttpRequest, flow: Flow) -> HttpResponse:
    """ "Update Phone Number" (S1-48): another number, then back to "Verify Phone Number"."""
    if not flow.may_change:
        return redirect("verify_phone")
    return _update(request) if flow.stage else step_up.needs_fresh(_update)(request)


def _update(request: HttpRequest, *, replacing: bool = False) -> HttpResponse:
    flow = Flow(request)
    device = flow.device
    if device and device.confirmed and not replacing:
        return redirect("change_phone")
    known = {"country": region_of(device.number), "phone": device.number[2:]} if device else {"country": "US"}
    form = PhoneFields(request.POST or None, initial=known).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        with suppress(phones.AlreadyConfirmed):  # proved in another window meanwhile; the next page says so
            number, now = form.cleaned_data["phone"], timezone.now()
            device = phones.add(account=flow.account, number=number, replacing=replacing, now=now)
            if "method" in request.POST:  # number and way on one page (S4-10)
                return _send(request, flow, device, request.POST["method"])
        return redirect("verify_phone")
    return render(request, branding.pages(request, "verify_phone/update.html"), {**_shown(flow), "form": form})


@page(guard=step_up.needs_proof_by("phone"))
def change(request: HttpRequest) -> HttpResponse:
    """Another number in place of the proved one: only with a code to that one; without it, the help desk (S4-36)."""
    return _update(request, replacing=True)


def _redeem(flow: Flow, device: PhoneDevice) -> None:
    """The code of the call that this page showed was keyed in: it counts for this session."""
    shown = flow.state.get("challenge")
    if phones.redeem_answer(challenge_id=shown, device=device, purpose="phone", now=timezone.now()):
        flow.proved()


def _shown(flow: Flow) -> dict[str, object]:
    return {
        "device": flow.device,
        "may_skip": flow.may_skip,
        "may_change": flow.may_change,
        "at_sign_up": flow.stage is not None,
    }


def _send(request: HttpRequest, flow: Flow, device: PhoneDevice, wish: str) -> HttpResponse:
    """Send a code and go to the page that takes it; where none could be sent, say so where the last one counts."""
    method = wish if wish in PAGES else Method.TEXT.value
    try:
        flow.state["challenge"] = code_delivery.phone_code(request, device, method=method, purpose="phone")
    except code_delivery.Refused as refused:
        messages.warning(request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
    except phones.TooManyNumbers:
        messages.warning(request, _("Codes were sent to five numbers today. Try again tomorrow, or skip this step."))
    except spending.SpendLimitReached:
        messages.warning(
            request, _("We cannot send texts or place calls right now. Skip this step, and verify your phone later.")
        )
    else:
        flow.keep()
        messages.info(request, code_delivery.said(method))
        return redirect(PAGES[method])
    last = phones.current_challenge(device=device, purpose="phone")
    if last is None or not codes.is_alive(last, now=timezone.now()):
        return redirect("verify_phone")
    return redirect(PAGES[last.channel])
