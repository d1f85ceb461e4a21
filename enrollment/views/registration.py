""" "I am new here": user name and password, the code to the invited mailbox, then the steps of every first sign-in
(S4-07..13, S4-38)."""

from typing import Any

from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from enrollment.domain import acceptance, invitation_links, registration_invitations
from enrollment.forms.invitations import RegistrationForm
from enrollment.forms.staff import InvitedSignUpForm
from enrollment.models import Invitation
from enrollment.views.invitations import by_link, other_account, send_code, shown
from identity.accounts import accounts
from identity.accounts.accounts import SignUp
from identity.allauth_seam import perform_login
from identity.models import Account, is_signed_in
from identity.policy.realms import OHID, REALMS
from identity.sign_in import authentication_records, login_intent
from identity.views import code_prompt
from identity.views.page import page
from identity.views.sign_up import may_sign_up, say_taken
from portals import registry

_BEGUN = "registration"  # in the sealed session: what was typed, its password as a hash only
_KEPT = ("login_name", "first_name", "last_name", "year_of_birth", "phone")


@page(login=False, sensitive=("password", "password_again"))
@by_link
def create(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """ "Create your username and password" (S4-07); in the realm of One Healthcare ID its own form (S1-41)."""
    if is_signed_in(request):
        refused = other_account(request, invitation, request.user)
        return refused or render(request, "enrollment/invitations/switch.html", shown(invitation))
    form = _form(request, invitation)
    suggestions: list[str] = []
    if request.method == "POST" and form.is_valid() and may_sign_up(request, form):
        if accounts.is_free(realm=form.realm.key, login_name=form.cleaned_data["login_name"]):
            return _begin(request, invitation, form)
        suggestions = say_taken(request, form)
    context = {**shown(invitation), "form": form, "suggestions": suggestions}
    return render(request, _template(invitation), context)


def _form(request: HttpRequest, invitation: Invitation) -> RegistrationForm | InvitedSignUpForm:
    brand, posted = login_intent.tenant(request).brand, request.POST or None
    realm = REALMS[invitation_links.realm_of(invitation)]
    if realm == OHID:
        return InvitedSignUpForm(posted, invitation=invitation, brand=brand)
    return RegistrationForm(posted, invitation=invitation, realm=realm, brand=brand)


def _template(invitation: Invitation) -> str:
    is_ohid = invitation_links.realm_of(invitation) == OHID.key
    return f"enrollment/invitations/{'create_ohid' if is_ohid else 'create'}.html"


def _begin(request: HttpRequest, invitation: Invitation, form: RegistrationForm | InvitedSignUpForm) -> HttpResponse:
    """Keep what was typed in this browser's session, and mail the code: nothing is made before it is typed.
    Raises hash_pool.Busy."""
    data = form.cleaned_data
    request.session[_BEGUN] = {
        "invitation": str(invitation.pk),
        "password": accounts.hashed(data["password"]),
        "sign_up": {name: data[name] for name in _KEPT if name in data},
    }
    with_code = _prompt(request, invitation, {})
    code_prompt.send(request, with_code)
    return redirect(with_code.url)


@page(login=False)
@by_link
def prove(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """The code to the invited mailbox: whoever types it accepts. A forwarded link alone is worth nothing (policy)."""
    begun = request.session.get(_BEGUN, {})
    if is_signed_in(request) or begun.get("invitation") != str(invitation.pk):
        return redirect("invitation_new", invitation_links.token_of(invitation))
    try:
        return code_prompt.respond(request, _prompt(request, invitation, begun))
    except accounts.LoginNameTaken:  # somebody was quicker since the form
        messages.warning(request, _("This username was taken meanwhile. Choose another one."))
        return redirect("invitation_new", invitation_links.token_of(invitation))


def _prompt(request: HttpRequest, invitation: Invitation, begun: dict[str, Any]) -> code_prompt.CodePrompt:
    made: list[Account] = []

    def accept(typed: str) -> None:
        now = timezone.now()
        proof = acceptance.check_code(invitation=invitation, account=None, typed=typed, now=now)
        sign_up = _sign_up(invitation, begun["sign_up"])
        made.append(
            acceptance.accept_as_new(
                invitation=invitation, sign_up=sign_up, password_hash=begun["password"], proof=proof, now=now
            )
        )

    return code_prompt.CodePrompt(
        account=None,
        purpose="mailbox",
        target=invitation.email,
        url=reverse("invitation_code", args=[invitation_links.token_of(invitation)]),
        template="enrollment/invitations/code.html",
        send=lambda _tenant: send_code(request, invitation, None),
        accept=accept,
        on_success=lambda: _go_on(request, invitation, made[-1]),
        shown=shown(invitation),
    )


def _sign_up(invitation: Invitation, typed: dict[str, Any]) -> SignUp:
    """What was typed, and what the invitation says of the rest."""
    return SignUp(
        realm=invitation_links.realm_of(invitation),
        login_name=typed["login_name"],
        first_name=typed.get("first_name") or invitation.first_name,
        last_name=typed.get("last_name") or invitation.last_name,
        year_of_birth=typed.get("year_of_birth"),
        email=invitation.email,
        password="",  # its hash was made with the form
        phone=typed.get("phone", ""),
        language=get_language() or "en",
    )


def _go_on(request: HttpRequest, invitation: Invitation, account: Account) -> HttpResponse:
    """The mailbox is proved and the invitation accepted: the steps that the realm asks of everybody follow."""
    del request.session[_BEGUN]
    portal = registry.get(invitation.portal_key)
    way_on = (
        ("access_form", portal.key) if registration_invitations.is_for(portal.key) else ("enter", portal.landing_key)
    )
    login_intent.go_to(request, reverse(way_on[0], args=[way_on[1]]))
    authentication_records.begin_anew(request)
    authentication_records.record_password(request, account)
    authentication_records.record_mailbox(request, account)
    login = Login(user=account, signup=True)
    login.state["invited"] = True
    return perform_login(request, login)
