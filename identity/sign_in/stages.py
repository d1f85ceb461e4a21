"""The steps between a right password, a passkey or a finished sign-up form, and a session, in order."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from allauth.account.stages import LoginStage
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import addresses, agreements, emails, passwords, questions
from identity.allauth_seam import get_pending_stage, login_stage_required
from identity.codes import codes, spending
from identity.factors import phones, second_factor
from identity.factors.forms.codes import wait_text
from identity.models import Account, Factor, PhoneDevice
from identity.policy import lifecycle
from identity.policy.realms import REALMS
from identity.sessions import devices
from identity.sign_in import authentication_records, code_delivery, device_cookies, login_intent
from identity.tenancy import FactorNeeds, tenancy

type Handled = tuple[HttpResponse | None, bool]
type View = Callable[..., HttpResponse]

PASS: Handled = (None, True)


def stop_at(stage: LoginStage) -> Handled:
    return HttpResponseRedirect(reverse(stage.urlname)), True


class VerifyEmailStage(LoginStage):
    """Nobody gets further with an address that nobody proved (S0-19, S1-44)."""

    key = "verify_email"
    urlname = "verify_email"

    def handle(self) -> Handled:
        account: Account = self.login.user
        if emails.is_verified(account):
            return PASS
        with suppress(codes.TooManySendings):  # a mail is on its way; the page offers another when it is time
            emails.send_activation(account=account, tenant=login_intent.tenant(self.request).key, now=timezone.now())
        return stop_at(self)


class QuestionsStage(LoginStage):
    """At sign-up three security questions are chosen, on the page after the form (C3, S2-04)."""

    key = "questions"
    urlname = "choose_questions"

    def handle(self) -> Handled:
        account: Account = self.login.user
        self.login.state["epoch"] = account.session_epoch  # see in_stage; this stage is the first
        if not _is_new(self) or account.is_staff or not questions.are_used(account) or questions.for_account(account):
            return PASS
        return stop_at(self)


class SharedAddressStage(LoginStage):
    """Who has just proved a mailbox that another ID has proved too chooses: that ID, or a shared address (S2-24)."""

    key = "shared_address"
    urlname = "shared_address"

    def handle(self) -> Handled:
        account: Account = self.login.user
        # Whoever was invited, and could have joined with the ID that is there, has chosen.
        chosen = account.is_staff or REALMS[account.realm].shares_addresses or self.login.state.get("invited")
        if not _is_new(self) or chosen or not addresses.shared_with(account):
            return PASS
        return stop_at(self)


class VerifyPhoneStage(LoginStage):
    """At sign-up the phone is proved or skipped (S1-46, S1-47); staff prove it before anything else."""

    key = "verify_phone"
    urlname = "verify_phone"

    @property
    def device(self) -> PhoneDevice | None:
        """The number that waits for its proof."""
        return phones.waiting(self.login.user)

    @property
    def may_skip(self) -> bool:
        """A second factor is a must for staff, and a phone in some realms (C7)."""
        return not (self.login.user.is_staff or REALMS[self.login.user.realm].needs_phone)

    @property
    def may_change(self) -> bool:
        """Whether another number may be given: at sign-up; in a sign-in a password is known and no more."""
        return bool(self.login.signup)

    def handle(self) -> Handled:
        if not self.login.signup and (not self.login.user.is_staff or second_factor.devices_of(self.login.user)):
            return PASS  # a second factor that is there is asked for, never replaced
        return stop_at(self) if self.device else PASS


class SecondFactorStage(LoginStage):
    """Whoever has a second factor is asked for it, unless this sign-in just proved one."""

    key = "second_factor"
    urlname = "second_factor"

    def handle(self) -> Handled:
        account: Account = self.login.user
        if authentication_records.device_shown(self.request, account):
            return PASS
        if _may_skip(self.request, account):
            return PASS
        found = second_factor.devices_of(account)
        if not found:
            return PASS
        if next(iter(found)) == "phone":
            self._text_at_once(found["phone"])
        return stop_at(self)

    def needs(self) -> FactorNeeds:
        """What the tenant that asked takes."""
        return tenancy().needs(self.login.user, login_intent.tenant(self.request).key)

    def _text_at_once(self, device: Factor) -> None:
        """The phone is the best there is: the code is on its way when the page is."""
        assert isinstance(device, PhoneDevice)
        try:
            sent = code_delivery.phone_code(self.request, device, method=device.method, purpose="second_factor")
        except code_delivery.Refused as refused:
            last = phones.current_challenge(device=device, purpose="second_factor")
            if last is not None and codes.is_alive(last, now=timezone.now()):
                messages.info(self.request, _("The code that we sent a moment ago still works."))
            else:
                messages.warning(self.request, _("No further code was sent yet.") + " " + wait_text(refused.wait))
        except spending.SpendLimitReached:
            messages.warning(self.request, _("We cannot send texts or place calls right now."))
        else:
            self.state["challenge"] = sent  # the controller stashes it with the stage


class NoFactorStage(LoginStage):
    """A member of staff without any second factor gets no further, and no code by mail either: an operator helps."""

    key = "no_factor"
    urlname = "no_factor"

    def handle(self) -> Handled:
        account: Account = self.login.user
        shown = authentication_records.kinds(self.request, account, with_remembered=True)
        return stop_at(self) if account.is_staff and not shown else PASS


class AccessCodeStage(LoginStage):
    """The e-mailed access code of accounts with nothing stronger (S0-29, S0-30); staff do not get here without one."""

    key = "access_code"
    urlname = "access_code"

    def handle(self) -> Handled:
        account: Account = self.login.user
        if authentication_records.kinds(self.request, account, with_remembered=True):
            return PASS
        # Who has to set up a phone, or a first password, proves the mailbox before, under every profile: a password
        # alone, or that of an old account, gives neither.
        needed = REALMS[account.realm].needs_phone or not account.has_usable_password()
        if (account.profile == "nist" and not needed) or _may_skip(self.request, account):
            return PASS
        with suppress(*code_delivery.Refused):  # a mail is on its way
            code_delivery.access_code(self.request, account)
        return stop_at(self)


class PhoneNeededStage(VerifyPhoneStage):
    """In a realm where everybody has a phone, who has none sets one up, once all else is proved (S4-10..13, C7)."""

    key = "phone_needed"
    may_change = True

    def handle(self) -> Handled:
        account: Account = self.login.user
        needed = REALMS[account.realm].needs_phone and phones.proved(account) is None
        return stop_at(self) if needed else PASS


class SecuredStage(LoginStage):
    """After "this was not me": the mailbox is proved, then a new password is set (policy: alerts)."""

    key = "secured"
    urlname = "secured"

    def handle(self) -> Handled:
        account: Account = self.login.user
        if account.secured_at is None:
            return PASS
        if self.mailbox_needed:
            with suppress(*code_delivery.Refused):
                code_delivery.access_code(self.request, account)
        return stop_at(self)

    @property
    def mailbox_needed(self) -> bool:
        """Whether this sign-in has not proved the mailbox yet."""
        return authentication_records.MAILBOX not in authentication_records.kinds(
            self.request, self.login.user, with_remembered=False
        )


class PasswordAgeStage(LoginStage):
    """A password that is 90 days old is changed at the first sign-in after, when all else is proved (S3-18)."""

    key = "password_age"
    urlname = "password_age"

    def handle(self) -> Handled:
        return stop_at(self) if passwords.has_ended(self.login.user, now=timezone.now()) else PASS


class AgreementStage(LoginStage):
    """A new version of the terms asks again at the next sign-in (C18)."""

    key = "agreement"
    urlname = "agree"

    def handle(self) -> Handled:
        return stop_at(self) if agreements.is_due(self.login.user) else PASS


def _is_new(stage: LoginStage) -> bool:
    """Whether this is a sign-up, or the first sign-in of one that was left half way."""
    return bool(stage.login.signup) or stage.login.user.last_login is None


def _may_skip(request: HttpRequest, account: Account) -> bool:
    """ "Skip this step next time" (S0-30): this browser, this account, a tenant that allows it; never for staff.

    A mailed code does not stand for a method that was set up since: see devices.ask_again.
    """
    device = device_cookies.find(request, account)
    if device is None or account.is_staff or account.secured_at or not devices.skips(device, now=timezone.now()):
        return False
    if passwords.has_ended(account, now=timezone.now()):  # a new password needs more than this browser
        return False
    if not lifecycle.after("remembered_device", account.profile):
        return False
    needs = tenancy().needs(account, login_intent.tenant(request).key)
    if not needs.remembers or device.proved_by not in needs.factors | {"recovery"}:
        return False
    authentication_records.record_remembered(request, account, device)
    return True


def _still_counts(pending: LoginStage) -> bool:
    """Whether a sign-in that was begun may go on: nobody closed the account, changed its password or ended all its
    sessions since."""
    account: Account = pending.login.user
    return account.is_active and pending.login.state.get("epoch") == account.session_epoch


def in_stage(*stages: type[LoginStage]) -> Callable[[View], View]:
    """Decorator of the pages of a stage, or of several. Somebody at another stage is led to that one, nobody in
    particular to sign-in."""

    def decorate(view: View) -> View:
        guarded = {
            stage.key: login_stage_required(stage=stage.key, redirect_urlname="account_login")(view) for stage in stages
        }

        @wraps(view)
        def led(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            pending = get_pending_stage(request)
            if pending is not None and not _still_counts(pending):
                return pending.abort()
            if pending is not None and pending.key not in guarded:
                return HttpResponseRedirect(reverse(pending.urlname))
            own = guarded[pending.key] if pending is not None else next(iter(guarded.values()))
            return own(request, *args, **kwargs)

        return led

    return decorate
