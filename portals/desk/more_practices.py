"""The desk's page that adds a practice to somebody's access by its tax ID, one press each: what a ticket about more tax
IDs than a form takes asks for (S2-16)."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.factors.forms.base import text_input
from identity.models import Account
from identity.policy import text
from portals import registry
from portals.desk.grid_roles import MAX_LENGTH, GridRoleForm
from portals.inside.forms.tins import TinField
from rbac.domain import approvals, grants, memberships, more_practices
from rbac.models import AccessGrant, Membership, PracticeTin

FROM = "ticket"  # of the address: the number of the ticket that asks for it


class PracticeForm(GridRoleForm):
    """One tax ID that staff have checked, and as what the person works there."""

    field_order = ("tin", "kind", "name", "role", "market", "reason")
    tin = TinField(
        help_text=gettext_lazy("Nine digits, with dashes or without. You have checked it: it counts as attested.")
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of the tax ID"), choices=PracticeTin.Kind.choices, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the practice"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For a tax ID that nobody has attested yet. Others keep the name that they have."),
        widget=text_input(autocomplete="off"),
    )


def is_possible(grant: AccessGrant) -> bool:
    """Whether staff add practices here by hand: behind a grid of roles and markets, while the access is open."""
    portal = registry.portals().get(grant.portal_key)
    return grant.until is None and portal is not None and portal.grid and portal.works_by_practice


def page(of: Any, request: HttpRequest, grant: AccessGrant) -> HttpResponse:
    """The form; after a press the same form again, empty but for role, market and reason. `of` is the admin of the
    grants. Raises Http404 where practices are not added by hand."""
    if not is_possible(grant):
        raise Http404
    form = PracticeForm(request.POST if request.method == "POST" else None, initial=_begins(request, grant))
    if request.method == "POST" and form.is_valid() and _add(request, form, grant):
        return redirect(request.get_full_path())
    held = Membership.objects.current().filter(grant=grant).select_related("practice").prefetch_related("tins")
    context = {
        **of.admin_site.each_context(request),
        "title": _("Add a practice by tax ID"),
        "opts": of.opts,
        "grant": grant,
        "portal": registry.name_of(grant.portal_key),
        "form": form,
        "held": list(held.order_by("practice__name", "pk")),
    }
    status = 422 if form.errors else 200
    return render(request, "admin/rbac/accessgrant/more_practices.html", context, status=status)


def _begins(request: HttpRequest, grant: AccessGrant) -> dict[str, str]:
    """What the person is elsewhere, and the ticket that led here."""
    last = Membership.objects.current().filter(grant=grant).order_by("-since", "-pk").first()
    begins = {"kind": PracticeTin.Kind.EIN, "reason": text.line(request.GET.get(FROM, ""))[:MAX_LENGTH]}
    return begins | ({"role": last.role, "market": last.market} if last else {})


def _add(request: HttpRequest, form: PracticeForm, grant: AccessGrant) -> bool:
    """Do it; what hinders it stands next to its field."""
    said, by = form.cleaned_data, cast(Account, request.user)
    try:
        row = more_practices.add(
            grant=grant, tin=(said["tin"], said["kind"]), name=said["name"], role=said["role"], market=said["market"],
            reason=said["reason"], by=by, now=timezone.now(),
        )  # fmt: skip
    except approvals.MayNotDecide:
        raise Http404 from None  # the right to answer for this portal was taken meanwhile
    except more_practices.NameMissing:
        form.add_error("name", _("Enter the name of the practice: nobody has attested this tax ID yet."))
    except memberships.AlreadyOpen:
        form.add_error("tin", _("This person works with this tax ID already."))
    except grants.OwnGrant:
        form.add_error(None, _("This is your own work. A colleague does this."))
    except grants.GrantEnded:
        form.add_error(None, _("Nothing was changed: the access has ended."))
    else:
        messages.success(request, _("%(practice)s was added. You can add the next one.") % {"practice": row.practice})
        return True
    return False
