"""The pages behind an invitation's link: what it is, its two ways on, and what there is to do where it has ended."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from enrollment.domain import acceptance, invitation_links, invitations, registration_invitations
from enrollment.domain.invitation_links import InvitationEnded, LinkReplaced, LinkUnknown, Standing
from enrollment.models import Invitation, Kind
from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors.forms.codes import wait_text
from identity.models import Account, AccountRequest, Challenge, is_signed_in
from identity.record.machine import NotPossible
from identity.sign_in import login_intent
from identity.views import code_prompt
from identity.views.page import page
from identity.views.sign_in import leave
from portals import registry

type View = Callable[[HttpRequest, Invitation], HttpResponse]


def by_link(view: View) -> Callable[..., HttpResponse]:
    """Decorator of a page behind the link: the page of what has ended wherever the invitation does not work, at the
    look-up or at the act itself, in whichever window somebody was quicker."""

    @wraps(view)
    def led(request: HttpRequest, token: str) -> HttpResponse:
        try:
            invitation = invitation_links.find(token, now=timezone.now())
            if invitation.kind == Kind.STAFF:
                return redirect("staff_enrol", token)
            request.portal_key = invitation.portal_key  # type: ignore[attr-defined]  # in the name of its portal
            return view(request, invitation)
        except LinkUnknown:
            return render(request, "enrollment/invitations/unknown.html", status=404)
        except LinkReplaced as replaced:
            return _ended(request, replaced.invitation, token, replaced=True)
        except InvitationEnded as ended:
            return _ended(request, ended.invitation, token)
        except NotPossible as quicker:
            return _ended(request, quicker.current, token)

    return led


def _ended(request: HttpRequest, invitation: Invitation, token: str, *, replaced: bool = False) -> HttpResponse:
    """Why the link opens nothing, and who can help: told to whoever holds a link that we made."""
    standing = invitation_links.standing(invitation, now=timezone.now())
    request.portal_key = invitation.portal_key  # type: ignore[attr-defined]
    context = {
        **shown(invitation),
        "token": token,
        "standing": standing.value,
        "replaced": replaced and standing == Standing.OPEN,
        "corrected": invitation_links.corrected(invitation),
        "may_ask": standing in (Standing.LINK_ENDED, Standing.LAPSED) and invitations.told_of(invitation) is not None,
    }
    return render(request, "enrollment/invitations/ended.html", context, status=410)


def shown(invitation: Invitation) -> dict[str, Any]:
    """What every page behind the link says of the invitation."""
    return {
        "invitation": invitation,
        "portal": registry.get(invitation.portal_key) if invitation.portal_key else None,
        "inviter": invitation.owner,  # staff stay nameless: Provider Services, or the service desk
        "ends_at": invitation_links.ends_at(invitation),
        "token": invitation_links.token_of(invitation),
    }


@page(login=False, methods="read", mailed=True)
@by_link
def invited(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Who invites, to which practice, until when; and two ways on, always both."""
    return render(request, "enrollment/invitations/invited.html", shown(invitation))


@page(login=False, methods="button")
@by_link
def switch(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """Leave the account that this browser is signed in with, for another one or none; the invitation stays open."""
    if is_signed_in(request):
        leave(request)
    return redirect("invitation", invitation_links.token_of(invitation))


@page(login=False)
@by_link
def join(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    """ "I have an account here": sign in; prove the invited mailbox where it is none of the account's; Join (D-26)."""
    token = invitation_links.token_of(invitation)
    if not is_signed_in(request):
        # Not by ?next=: an address that names the token within its query is cut from no log of a proxy.
        login_intent.go_to(request, reverse("invitation_join", args=[token]))
        return redirect(f"{reverse('account_login')}?{urlencode({'portal': invitation.portal_key})}")
    if refused := other_account(request, invitation, request.user):
        return refused
    if not acceptance.is_own_mailbox(invitation=invitation, account=request.user):
        return _join_by_code(request, invitation, request.user)
    if request.method == "POST":
        acceptance.accept_as_existing(invitation=invitation, account=request.user, proof=None, now=timezone.now())
        return _joined(request, invitation)
    return render(request, "enrollment/invitations/join.html", shown(invitation))


def other_account(request: HttpRequest, invitation: Invitation, account: Account) -> HttpResponse | None:
    """The page that says why the account of this browser cannot accept; None where it can."""
    try:
        acceptance.check_can_join(invitation=invitation, account=account)
    except (acceptance.OtherRealm, acceptance.OwnInvitation) as refused:
        own = isinstance(refused, acceptance.OwnInvitation)
        return render(request, "enrollment/invitations/other_account.html", {**shown(invitation), "own": own})
    return None


def send_code(request: HttpRequest, invitation: Invitation, account: Account | None) -> Challenge:
    """Mail the code to the invited mailbox, within what whoever holds this link may ask for from where they are. Raises
    attempts.TooManyAttempts or codes.TooManySendings."""
    link, now = f"link {invitation.pk} {invitation.sendings}", timezone.now()
    attempts.check_can_send_for(what=link, address=get_client_ip(request), now=now)
    return acceptance.send_code(invitation=invitation, account=account, now=now)


def _join_by_code(request: AccountRequest, invitation: Invitation, account: Account) -> HttpResponse:
    def accept(typed: str) -> None:
        now = timezone.now()
        proof = acceptance.check_code(invitation=invitation, account=account, typed=typed, now=now)
        acceptance.accept_as_existing(invitation=invitation, account=account, proof=proof, now=now)

    prompt = code_prompt.CodePrompt(
        account=account,
        purpose="mailbox",
        target=invitation.email,
        url=reverse("invitation_join", args=[invitation_links.token_of(invitation)]),
        template="enrollment/invitations/join_code.html",
        send=lambda _tenant: send_code(request, invitation, account),
        accept=accept,
        on_success=lambda: _joined(request, invitation),
        shown=shown(invitation),
    )
    return code_prompt.respond(request, prompt)


def _joined(request: HttpRequest, invitation: Invitation) -> HttpResponse:
    portal = registry.get(invitation.portal_key)
    if registration_invitations.is_for(portal.key):
        return redirect("access_form", portal.key)
    where = {"portal": portal.name, "practice": invitation.practice}
    said = _("You have joined %(practice)s in %(portal)s.") if invitation.practice else _("You may use %(portal)s now.")
    messages.success(request, said % where)
    return redirect("enter", portal.landing_key)


@page(login=False, methods="button")
def ask_again(request: HttpRequest, token: str) -> HttpResponse:
    """One press asks whoever invited to send it again: one mail a day, and the same page for the second press."""
    now = timezone.now()
    try:
        invitation = _of_any_link(token)
    except LinkUnknown:
        return render(request, "enrollment/invitations/unknown.html", status=404)
    if invitation_links.standing(invitation, now=now) not in (Standing.LINK_ENDED, Standing.LAPSED):
        return redirect("invitation", token)
    request.portal_key = invitation.portal_key  # type: ignore[attr-defined]
    try:
        attempts.check_can_send(address=get_client_ip(request), now=now)
        invitations.ask_again(invitation=invitation, now=now)
    except attempts.TooManyAttempts as refused:
        messages.warning(request, _("Nobody was asked yet.") + " " + wait_text(refused.wait))
        return redirect("invitation", token)
    except (invitations.AskedAlready, invitations.NobodyToAsk):
        pass  # the page says the same: whoever invited knows, or is named
    return render(request, "enrollment/invitations/asked.html", shown(invitation))


def _of_any_link(token: str) -> Invitation:
    """The invitation of a link of ours, the newest or an older one. Raises LinkUnknown."""
    try:
        return invitation_links.invitation_of(token)
    except LinkReplaced as replaced:
        return replaced.invitation
