"""The steps between a right password (or a finished sign-up form) and a session, in order."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import get_pending_stage, stash_login
from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity import door, second_factor
from identity.domain import codes, emails, phones
from identity.forms.codes import wait_text
from identity.models import Account, PhoneDevice

type Handled = tuple[HttpResponse | None, bool]
type View = Callable[..., HttpResponse]


def _stop_at(stage: LoginStage) -> Handled:
    return HttpResponseRedirect(reverse(stage.urlname)), True


class VerifyEmailStage(LoginStage):
    """Nobody gets further with an address that nobody proved (S0-19, S1-44)."""

    key = "verify_email"
    urlname = "verify_email"

    def handle(self) -> Handled:
        account: Account = self.login.user
        if emails.is_verified(account):
            return None, True
        with suppress(codes.TooManySendings):  # a mail is on its way; the page offers another when it is time
            emails.send_activation(account=account, place=door.place(self.request).key, now=timezone.now())
        return _stop_at(self)


class VerifyPhoneStage(LoginStage):
    """At sign-up the phone is proved or skipped (S1-46, S1-47); staff prove it before anything else."""

    key = "verify_phone"
    urlname = "verify_phone"

    @property
    def device(self) -> PhoneDevice | None:
        """The number that waits for its proof."""
        return PhoneDevice.objects.filter(user=self.login.user, confirmed=False).select_related("user").first()

    @property
    def may_skip(self) -> bool:
        """A second factor is a must for staff."""
        return not self.login.user.is_staff

    def handle(self) -> Handled:
        asked_now = self.login.signup or not self.may_skip
        return _stop_at(self) if asked_now and self.device else (None, True)


class SecondFactorStage(LoginStage):
    """Whoever has a second factor is asked for it, unless this sign-in just proved one."""

    key = "second_factor"
    urlname = "second_factor"

    def handle(self) -> Handled:
        account: Account = self.login.user
        records = get_authentication_records(self.request, account)
        if any(record["method"] == "mfa" for record in records):
            return None, True
        device = next(second_factor.devices_of(account), None)
        if device is None:
            return None, True
        try:
            send_code(self, device, method=device.method, purpose="second_factor")
        except codes.TooManySendings as refused:
            # Perhaps an earlier code still counts; that none was sent now is said in any case.
            messages.warning(self.request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
        return _stop_at(self)


def send_code(stage: LoginStage, device: PhoneDevice, *, method: str, purpose: codes.Purpose) -> None:
    """Text or call, and remember which sending this very sign-in started. Raises codes.TooManySendings."""
    challenge = phones.send_code(device=device, method=method, purpose=purpose, now=timezone.now())
    stage.state["challenge"] = str(challenge.pk)
    stash_login(stage.request, stage.login)


def in_stage(stage: type[LoginStage]) -> Callable[[View], View]:
    """Decorator of a stage's pages. Somebody at another stage is led to that one, nobody in particular to sign-in."""

    def decorate(view: View) -> View:
        guarded = login_stage_required(stage=stage.key, redirect_urlname="account_login")(view)

        @wraps(view)
        def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            pending = get_pending_stage(request)
            if pending is not None and pending.key != stage.key:
                return HttpResponseRedirect(reverse(pending.urlname))
            return guarded(request, *args, **kwargs)

        return led

    return decorate
