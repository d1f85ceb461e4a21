"""allauth's adapters: our login stages and nothing else between a password and a session; passkeys of this site."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django_otp.models import Device

from identity.allauth_seam import get_authentication_records
from identity.keys import clients
from identity.models import Account, RememberedDevice
from identity.policy import lifecycle
from identity.record import events, journal
from identity.sessions import devices, idle, sessions
from identity.sign_in import authentication_records, device_cookies, login_intent


class AccountAdapter(DefaultAccountAdapter):
    """Every door leads through these stages, so no session exists before all have passed."""

    def get_login_stages(self) -> list[str]:
        return [
            "identity.sign_in.stages.QuestionsStage",
            "identity.sign_in.stages.VerifyEmailStage",
            "identity.sign_in.stages.SharedAddressStage",
            "identity.sign_in.stages.VerifyPhoneStage",
            "identity.sign_in.stages.SecondFactorStage",
            "identity.sign_in.stages.NoFactorStage",
            "identity.sign_in.stages.AccessCodeStage",
            "identity.sign_in.first_password.FirstPasswordStage",
            "identity.sign_in.first_password.FirstAgreementStage",
            "identity.sign_in.stages.PhoneNeededStage",
            "identity.sign_in.stages.SecuredStage",
            "identity.sign_in.stages.PasswordAgeStage",
            "identity.sign_in.stages.AgreementStage",
        ]

    def login(self, request: HttpRequest, user: Account) -> None:
        """Open the session; a factor proved on the way makes it a verified one (django-otp)."""
        if shown := authentication_records.device_shown(request, user):
            user.otp_device = Device.from_persistent_id(shown)  # type: ignore[attr-defined]
        super().login(request, user)
        request.session.set_expiry(timezone.now() + lifecycle.after("session"))  # from now, whatever is saved later

    def post_login(self, request: HttpRequest, user: Account, *, signup: bool, **_further: Any) -> HttpResponse:
        """Record device, session and sign-in, and go where the person wanted to go; a new ID, or one whose methods were
        just removed, is first offered methods; a kept form is offered first of all."""
        now = timezone.now()
        device = _record(request, user, signup=signup)
        idle.start(request.session, now=now)
        offers = signup or login_intent.sets_up_next(request)
        if not offers and not authentication_records.kinds(request, user, with_remembered=True) - {
            authentication_records.MAILBOX
        }:
            _ask_for_a_method(request)
        path = reverse("faster_sign_in") if offers else login_intent.forget_next(request)
        login_intent.remember_realm(request, user.realm)
        if held := login_intent.forget_saved_post(request, user):
            path = reverse("held", args=[held])
            request.session[authentication_records.HELD] = held
        response = HttpResponseRedirect(path)
        device_cookies.write(request, response, device)
        return response

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say what happened themselves."""


def _ask_for_a_method(request: HttpRequest) -> None:
    """Who has nothing stronger than the mailbox is asked at each sign-in to add a method (policy: access code);
    the page that offers the methods says so itself."""
    words = _("You sign in with your password and a code by email.")
    link = _("Set up a faster and safer method")
    messages.info(request, format_html('{} <a href="{}">{}</a>', words, reverse("faster_sign_in"), link))


@transaction.atomic
def _record(request: HttpRequest, account: Account, *, signup: bool) -> RememberedDevice:
    now, client = timezone.now(), clients.from_request(request)
    device = devices.seen(
        account=account,
        device=device_cookies.find(request, account),
        browser=client.browser,
        place=client.place,
        is_new_account=signup or account.last_login is None,
        now=now,
    )
    if account.last_login is None or now - account.last_login >= lifecycle.after("last_seen_step"):
        Account.objects.filter(pk=account.pk).update(last_login=now)
    skip = login_intent.forget_skip(request)
    if skip and not account.is_staff and lifecycle.after("remembered_device", account.profile):
        devices.skip_next_time(device=device, proved_by=skip, now=now)
    sessions.begin(account=account, session_key=str(request.session.session_key), device=device, now=now)
    methods = [record["method"] for record in get_authentication_records(request, account)]
    journal.record(events.SignedIn(account=account, by=account, methods=methods), now=now)
    return device


class PasskeyAdapter(DefaultMFAAdapter):
    """Passkeys belong to PUBLIC_URL, whatever a request's Host header says."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": "One Healthcare ID"}

    def get_public_key_credential_user_entity(self, user: Account) -> dict[str, Any]:
        return {
            **super().get_public_key_credential_user_entity(user),
            "name": user.login_name,
            "display_name": user.get_full_name() or user.login_name,
        }
