"""On the desk's page of a membership: another role or market for somebody who asked for it (S2-22)."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin import refusals
from identity.models import Account
from identity.record import machine
from portals import registry
from portals.desk.grid_roles import GridRoleForm
from rbac.domain import approvals, grants, mandate_people, memberships, role_changes
from rbac.models import Membership

_QUICKER = gettext_lazy("Nothing was changed: a colleague or the practice was quicker.")
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: the journal keeps it."),
    role_changes.UnknownRole: gettext_lazy("The grid does not know this role any more. Choose another one."),
    role_changes.SameAsBefore: gettext_lazy("This is the role and the market that the person has already."),
    grants.OwnGrant: gettext_lazy("This is your own work. A colleague does this."),
    grants.GrantEnded: _QUICKER,
    memberships.NotOpen: _QUICKER,
    mandate_people.FollowsMandate: _QUICKER,
    memberships.LastAdministrator: _QUICKER,
}


class RoleForm(GridRoleForm):
    """The new role and market, for this practice or for all that are alike, and why."""

    field_order = ("role", "market", "everywhere", "reason")
    everywhere = forms.BooleanField(
        label=gettext_lazy("Also in the other practices where this person has the same role and market"), required=False
    )


def form_of(request: HttpRequest, row: Membership) -> RoleForm | None:
    """The form, with what was typed if that was sent; None where roles are not the grid's, or follow a mandate."""
    portal = registry.portals().get(row.grant.portal_key)
    if portal is None or not portal.grid or row.until is not None or row.mandate_id is not None:
        return None
    sent = request.POST if request.POST.get("step") == "role" else None
    return RoleForm(sent, initial={"role": row.role, "market": row.market})


def change(request: HttpRequest, form: RoleForm, row: Membership) -> Membership | None:
    """Do it and say so; None where something hinders it, which stands in the form."""
    if not form.is_valid():
        return None
    try:
        after = role_changes.change(
            membership=row, by=cast(Account, request.user), now=timezone.now(), **form.cleaned_data
        )
    except approvals.MayNotDecide:
        raise Http404 from None  # the right to answer for this portal was taken meanwhile
    except tuple(REFUSED) as refused:
        form.add_error(None, refusals.words_of(refused, REFUSED))
        return None
    messages.success(request, _("The role is now: %(role)s. The person is told by mail.") % {"role": after.role_label})
    return after
