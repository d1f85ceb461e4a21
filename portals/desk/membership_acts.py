"""The desk's page of one membership: staff let somebody's work for a practice rest, let it go on, or end it, with a
reason that the practice's administrators read (D-11)."""

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.admin import asking, refusals
from identity.models import Account
from identity.policy import text
from identity.record import journal, machine
from portals import registry
from portals.desk import grant_words, role_changes
from rbac.domain import approvals, grants, mandate_people, memberships, practice_names
from rbac.models import Membership

MAX_LENGTH = 200  # characters of a reason
ACTS: dict[str, Any] = {"suspend": memberships.suspend, "restore": memberships.restore, "end": memberships.end}
TITLES = {
    "suspend": gettext_lazy("Suspend the work for this practice"),
    "restore": gettext_lazy("Restore the work for this practice"),
    "end": gettext_lazy("End the work for this practice"),
}
SAYS = {
    "suspend": [
        gettext_lazy("This person can no longer work for the practice. Only staff restore it: administrators cannot."),
        gettext_lazy("The account and its work for other practices stay."),
    ],
    "restore": [gettext_lazy("This person can work for the practice again, as before.")],
    "end": [
        gettext_lazy("This person no longer works for the practice. Its administrators may invite them anew."),
        gettext_lazy("The account stays. Where it works for no other practice here, its access ends with it."),
    ],
}
TOLD = gettext_lazy("The person is told by mail. The practice's administrators read the reason.")
SAID = {
    "suspend": gettext_lazy("It is suspended. The person is told by mail."),
    "restore": gettext_lazy("It is restored. The person is told by mail."),
    "end": gettext_lazy("It has ended. The person is told by mail."),
}
_QUICKER = gettext_lazy("Nothing was changed: a colleague or the practice was quicker.")
REFUSED: dict[type[Exception], Any] = {
    memberships.LastAdministrator: gettext_lazy(
        "Nothing was changed: nobody else runs this practice's users. Name another administrator first, or end the "
        "person's access."
    ),
    grants.OwnGrant: gettext_lazy("This is your own work. A colleague does this."),
    mandate_people.OwnRests: gettext_lazy(
        "Nothing was changed: this person's own work for the vendor rests or has ended. Restore that first."
    ),
    mandate_people.FollowsMandate: _QUICKER,
    memberships.NotOpen: _QUICKER,
    memberships.NotSuspended: _QUICKER,
    grants.GrantEnded: _QUICKER,
}


NOT_NAMED: dict[type[Exception], Any] = {
    practice_names.NameMissing: gettext_lazy("Nothing was changed: enter the name."),
    machine.ReasonMissing: gettext_lazy("Nothing was changed: enter a reason, which the journal keeps."),
    practice_names.OthersAnswer: gettext_lazy(
        "Nothing was changed: people work for this practice in another portal too, whose staff would have to agree."
    ),
}


def page(of: Any, request: HttpRequest, row: Membership) -> HttpResponse:
    """How it stands and what can be done; a press says first what it does. `of` is the admin of the grants."""
    step = request.POST.get("step", "")
    if step == "name":
        return _name(request, row)
    role = role_changes.form_of(request, row)
    if step == "role" and role is not None:
        if after := role_changes.change(request, role, row):
            return redirect(_address(after))
        return _show(of, request, row, role)
    if request.method == "POST" and step not in ACTS:
        raise Http404
    if request.method == "POST" and step not in possible(row):
        messages.error(request, str(_QUICKER))
        return redirect(_address(row))
    if request.method == "POST":
        return _ask(of, request, row, step)
    return _show(of, request, row, role)


def _show(of: Any, request: HttpRequest, row: Membership, role: role_changes.RoleForm | None) -> HttpResponse:
    context = {
        **of.admin_site.each_context(request),
        "title": _("%(name)s for %(practice)s") % {"name": row.person_name, "practice": row.practice},
        "opts": of.opts,
        "row": row,
        "portal": registry.name_of(row.grant.portal_key),
        "facts": grant_words.facts_of(row),
        "tins": grant_words.tins_of(row),
        "role_form": role,
        "steps": [(name, TITLES[name], name == "end") for name in possible(row)],
        "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=row)],
    }
    status = 422 if role is not None and role.errors else 200
    return render(request, "admin/rbac/accessgrant/membership.html", context, status=status)


def possible(row: Membership) -> list[str]:
    """What staff can do now. What an administrator let rest they may take over, so that only they restore it. What
    stands under a mandate ends with that, or with the person's work for the vendor: alone it can rest only."""
    ends = [] if mandate_people.follows_mandate(row) else ["end"]
    if row.suspended_at is None:
        return ["suspend", *ends]
    return ["restore", *ends] if row.is_suspended_by_staff else ["restore", "suspend", *ends]


def _ask(of: Any, request: HttpRequest, row: Membership, step: str) -> HttpResponse:
    """Say what the step does and ask why; then do it (C17)."""
    question = asking.Question(
        title=str(TITLES[step]),
        says=[str(one) for one in (*SAYS[step], TOLD)],
        people=[f"{row.person_name} ({row.grant.account.login_name}): {row.practice}, {row.role_label}"],
        button=str(TITLES[step]),
        back=_address(row),
        is_bad=step != "restore",
        longest=MAX_LENGTH,
    )
    reason = text.line(request.POST.get("reason", ""))[:MAX_LENGTH]
    answered = asking.is_answered(request, question)
    if not answered or not reason:
        problem = _("Enter a reason: the journal keeps it.") if answered else ""
        return asking.page(request, of.admin_site, question, opts=of.opts, problem=problem)
    try:
        ACTS[step](membership=row, reason=reason, by=cast(Account, request.user), now=timezone.now())
    except approvals.MayNotDecide:
        raise Http404 from None  # the right to answer for this portal was taken meanwhile
    except tuple(REFUSED) as refused:
        messages.error(request, refusals.words_of(refused, REFUSED))
        return redirect(_address(row))
    messages.success(request, str(SAID[step]))
    return redirect("admin:rbac_accessgrant_change", row.grant_id) if step == "end" else redirect(_address(row))


def _name(request: HttpRequest, row: Membership) -> HttpResponse:
    """Staff name the practice: one that came with a registration has only the number of its form (S2-16)."""
    typed = {"name": request.POST.get("name", ""), "reason": request.POST.get("reason", "")}
    try:
        practice_names.name(practice=row.practice, by=cast(Account, request.user), now=timezone.now(), **typed)
    except tuple(NOT_NAMED) as refused:
        messages.error(request, refusals.words_of(refused, NOT_NAMED))
    else:
        messages.success(request, _("The practice is called %(name)s from now on.") % {"name": row.practice})
    return redirect(_address(row))


def _address(row: Membership) -> str:
    return reverse("admin:rbac_accessgrant_membership", args=[row.grant_id, row.pk])
