"""Entering a portal: only with an active grant and the proofs that it asks, looked at on every page; and the way
back where the grant rests. Sign-on at an outside application asks the same."""

from datetime import datetime
from enum import StrEnum, auto
from functools import wraps

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from identity.accounts import addresses
from identity.models import Account, AccountRequest
from identity.sign_in import authentication_records, step_up
from identity.views.page import View
from portals.factor_needs import strictest
from portals.guards import portal_or_404
from portals.spec import PortalSpec
from rbac.domain import grants
from rbac.models import AccessGrant, Membership
from rbac.models.memberships import MembershipQuerySet


class PortalRequest(AccountRequest):
    """What a view gets behind a portal's door: who asks, for which portal, let in by which grant."""

    portal: PortalSpec
    grant: AccessGrant
    capabilities: frozenset[str]  # what the portal opens to them
    memberships: MembershipQuerySet  # those that count behind the grant; asked for when they are looked at, once
    membership: Membership  # in the practice that the path names, where it names one
    before: datetime | None  # the sign-in before this one, once somebody asked


class Missing(StrEnum):
    """Why somebody who is signed in does not get in yet."""

    REALM = auto()
    GRANT = auto()
    REST = auto()  # there is a grant, and it rests (S3-19)
    PROOF = auto()
    OWN_ADDRESS = auto()


def admission(request: AccountRequest, portal: PortalSpec) -> AccessGrant | Missing:
    """The grant that lets this session into the portal, or what is missing. Changes nothing."""
    account = request.user
    if account.realm != portal.realm:
        return Missing.REALM
    grant, held = _grant_for(portal, account)
    if grant is None:
        return Missing.GRANT
    if grant.suspended_at is not None:
        return Missing.REST
    if not authentication_records.satisfy(request, account, strictest(held, portal.key)):
        return Missing.PROOF
    if portal.needs_own_address and addresses.shared_with(account):
        return Missing.OWN_ADDRESS
    return grant


def lead(request: AccountRequest, portal: PortalSpec, missing: Missing) -> HttpResponse:
    """To the page where the person gets what is missing; from there they go on."""
    match missing:
        case Missing.REALM:
            return redirect("other_realm", portal.key)
        case Missing.REST:
            return redirect("way_back", portal.key)
        case Missing.PROOF:
            return step_up.confirm(request, portal_key=portal.key)
        case Missing.OWN_ADDRESS:
            return redirect("co_workers")
    if grants.for_account(request.user):  # to whom no portal is open the chooser says so itself (walk C5)
        _say_closed(request, portal)
    return redirect("chooser", portal.landing_key)


def _say_closed(request: AccountRequest, portal: PortalSpec) -> None:
    """That there is no access yet; whose access ended reads that, and the chooser says when."""
    ended = grants.ended_for(request.user).get(portal.key)
    text = _("Your access to %(portal)s has ended.") if ended else _("You have no access to %(portal)s yet.")
    messages.warning(request, text % {"portal": portal.name})


def needs_suspended_grant(view: View) -> View:
    """The guard of the pages that lead back, behind the portal's own proofs (D-09). Where nothing rests there is no way
    back: the portal itself says what holds."""

    @login_required
    @wraps(view)
    def guarded(request: PortalRequest, portal_key: str, **named: object) -> HttpResponse:
        portal = portal_or_404(portal_key)
        account = request.user
        grant, held = _grant_for(portal, account)
        if grant is None or grant.suspended_at is None:
            return redirect("portal_home", portal.key)
        if not authentication_records.satisfy(request, account, strictest(held, portal.key)):
            return step_up.confirm(request, portal_key=portal.key)
        request.portal, request.grant = portal, grant
        return view(request, **named)

    return guarded


def _grant_for(portal: PortalSpec, account: Account) -> tuple[AccessGrant | None, list[str]]:
    """The account's grant for a portal, and all portals that are open to it, in one query."""
    found = grants.for_account(account)
    own = next((grant for grant in found if grant.portal_key == portal.key), None)
    return own, [grant.portal_key for grant in found if grant.suspended_at is None]
