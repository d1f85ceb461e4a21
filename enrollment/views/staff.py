"""The page behind a member of staff's enrolment link."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from enrollment.domain import staff
from enrollment.forms.staff import StaffSignUpForm
from identity.accounts import accounts
from identity.allauth_seam import complete_signup
from identity.sign_in import authentication_records, login_intent
from identity.views.page import page
from identity.views.sign_up import may_sign_up, say_taken, sign_up_of


@page(login=False, sensitive=("password", "password_again"))
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """Opening the link changes nothing; the form uses it up. Address and phone are proved as for everybody."""
    try:
        invitation = staff.find(token, now=timezone.now())
    except staff.InvitationEnded:
        return render(request, "enrollment/staff/ended.html", status=410)
    if request.user.is_authenticated:
        return render(request, "enrollment/staff/signed_in.html")
    form = StaffSignUpForm(request.POST or None, email=invitation.email, brand=login_intent.tenant(request).brand)
    suggestions: list[str] = []
    if request.method == "POST" and form.is_valid() and may_sign_up(request, form):
        try:
            account = staff.accept(invitation=invitation, sign_up=sign_up_of(request, form), now=timezone.now())
        except staff.InvitationEnded:
            return render(request, "enrollment/staff/ended.html", status=410)
        except accounts.LoginNameTaken:
            suggestions = say_taken(request, form)
        else:
            login_intent.go_to(request, reverse("admin:index"))
            authentication_records.begin_anew(request)
            authentication_records.record_password(request, account)
            return complete_signup(request, user=account)
    shown = {"form": form, "suggestions": suggestions, "invitation": invitation}
    return render(request, "enrollment/staff/enrol.html", shown)
