"""Creating a One Healthcare ID."""

from typing import Any, Protocol

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.allauth_seam import complete_signup, get_client_ip
from identity.codes import attempts
from identity.forms.sign_up import SignUpForm
from identity.policy.realms import OHID, Realm
from identity.sign_in import authentication_records, login_intent
from identity.views.page import page


class NamedForm(Protocol):
    """A form that asks for a new login name of a realm."""

    realm: Realm
    cleaned_data: dict[str, Any]

    def add_error(self, field: str | None, error: Any) -> None: ...


@page(login=False, sensitive=("password", "password_again"))
def create(request: HttpRequest) -> HttpResponse:
    """The form of S1-41. A taken ID is said, with free ones; a known address never is."""
    login_intent.remember_next(request)
    login_intent.forget_other_realm(request, OHID.key)
    if request.user.is_authenticated:
        return redirect("profile")
    if login_intent.tenant(request).realm != OHID.key:  # user names of other realms come by invitation (S4-07)
        return redirect(login_intent.tenant(request).home)
    form = SignUpForm(request.POST or None, initial={"country": "US"}, brand=login_intent.tenant(request).brand)
    suggestions: list[str] = []
    if request.method == "POST" and form.is_valid() and may_sign_up(request, form):
        try:
            account = accounts.create(sign_up=sign_up_of(request, form), now=timezone.now())
        except accounts.LoginNameTaken:
            suggestions = say_taken(request, form)
        else:
            authentication_records.begin_anew(request)
            authentication_records.record_password(request, account)
            return complete_signup(request, user=account)
    return render(request, "identity/sign_up/create.html", {"form": form, "suggestions": suggestions})


def sign_up_of(request: HttpRequest, form: SignUpForm) -> SignUp:
    """What the cleaned form says, for the domain."""
    data = form.cleaned_data
    return SignUp(
        realm=form.realm.key,
        login_name=data["login_name"],
        first_name=data["first_name"],
        last_name=data["last_name"],
        year_of_birth=data["year_of_birth"],
        email=data["email"],
        password=data["password"],
        phone=data["phone"],
        language=get_language() or "en",
    )


def may_sign_up(request: HttpRequest, form: NamedForm) -> bool:
    """Whether this network address may go on; the limits fall on free and taken names alike."""
    address, now = get_client_ip(request), timezone.now()
    try:
        attempts.check_can_probe(address=address, now=now)
        attempts.check_can_sign_up(address=address, now=now)
    except attempts.TooManyAttempts:
        form.add_error("login_name", _("Too many names were tried from here. Try again in an hour."))
        return False
    return True


def say_taken(request: HttpRequest, form: NamedForm) -> list[str]:
    """Put the error at the name and return free names."""
    name = form.cleaned_data["login_name"]
    attempts.told_taken(address=get_client_ip(request), now=timezone.now())
    form.add_error(
        "login_name",
        _("This %(id)s is taken. Choose another one.") % {"id": login_intent.tenant(request).brand.login_name_label},
    )
    return accounts.suggest(realm=form.realm.key, login_name=name)
