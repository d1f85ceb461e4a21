"""allauth's account adapter: our login stages and nothing else between a password and a session."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django_otp.models import Device

from identity import door, events, lifecycle
from identity.domain import journal
from identity.models import Account


class AccountAdapter(DefaultAccountAdapter):
    """Every door leads through these stages, so no session exists before all have passed."""

    def get_login_stages(self) -> list[str]:
        return [
            "identity.stages.VerifyEmailStage",
            "identity.stages.VerifyPhoneStage",
            "identity.stages.SecondFactorStage",
        ]

    def login(self, request: HttpRequest, user: Account) -> None:
        """Open the session; a factor proved on the way makes it a verified one (django-otp)."""
        proved = [record["id"] for record in get_authentication_records(request, user) if record["method"] == "mfa"]
        if proved:
            user.otp_device = Device.from_persistent_id(proved[-1])  # type: ignore[attr-defined]
        super().login(request, user)
        request.session.set_expiry(timezone.now() + lifecycle.after("session"))  # from now, whatever is saved later

    def post_login(self, request: HttpRequest, user: Account, *, signup: bool, **_: Any) -> HttpResponse:
        """Journal the sign-in and go where the person wanted to go; a new ID is first offered better methods."""
        methods = [record["method"] for record in get_authentication_records(request, user)]
        with transaction.atomic():
            journal.record(events.SignedIn(account=user, by=user, methods=methods), now=timezone.now())
        return HttpResponseRedirect(reverse("faster_sign_in") if signup else door.forget_next(request))

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Pages say what happened themselves."""
