"""The page behind a member of staff's enrolment link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from enrollment.domain import acceptance, invitation_links
from enrollment.domain.invitation_links import InvitationEnded, LinkReplaced, LinkUnknown
from enrollment.forms.staff import InvitedSignUpForm
from enrollment.models import Invitation, Kind
from identity.accounts import accounts
from identity.allauth_seam import complete_signup
from identity.models import Account
from identity.sign_in import authentication_records, login_intent
from identity.views.page import page
from identity.views.sign_up import may_sign_up, say_taken, sign_up_of

_ENDED = (LinkUnknown, LinkReplaced, InvitationEnded)


@page(login=False, sensitive=("password", "password_again"), mailed=True)
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing; the form uses it up. Address and phone are proved as for everybody."""
    try:
        invitation = invitation_links.find(token, now=timezone.now())
        if invitation.kind != Kind.STAFF:
            return redirect("invitation", token)
        return _enrol(request, invitation)
    except _ENDED:
        return render(request, "enrollment/staff/ended.html", status=410)


def _enrol(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    if request.user.is_authenticated:
        return render(request, "enrollment/staff/signed_in.html")
    form = InvitedSignUpForm(request.POST or None, invitation=invitation, brand=login_intent.tenant(request).brand)
    suggestions: list[str] = []
    if request.method == "POST" and form.is_valid() and may_sign_up(request, form):
        try:
            account = _accept(request, invitation, form)
        except accounts.LoginNameTaken:
            suggestions = say_taken(request, form)
        else:
            login_intent.go_to(request, reverse("admin:index"))
            authentication_records.begin_anew(request)
            authentication_records.record_password(request, account)
            return complete_signup(request, user=account)
    context = {"form": form, "suggestions": suggestions, "invitation": invitation}
    return render(request, "enrollment/staff/enrol.html", context)


def _accept(request: HttpRequest, invitation: Invitation, form: InvitedSignUpForm) -> Account:
    sign_up = sign_up_of(request, form)
    encoded = accounts.hashed(sign_up.password)
    return acceptance.accept_as_new(
        invitation=invitation, sign_up=sign_up, password_hash=encoded, proof=None, now=timezone.now()
    )
