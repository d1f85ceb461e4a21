"""Ending access and giving it back for several people at once: the page that says whose, then the domain's call for
each."""

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from identity.admin import asking
from identity.models import Account
from identity.policy import text
from portals import registry
from portals.desk.forms import MAX_LENGTH
from rbac.domain import grants, idleness
from rbac.models import AccessGrant


def end(of: Any, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> HttpResponse | None:
    """Say who loses what and ask why; then end it. `of` is the admin of the list."""
    chosen = list(queryset.select_related("account").filter(until=None))
    if not chosen:
        messages.warning(request, _("Nothing was to be changed."))
        return None
    question = asking.Question(
        title=_("End access"),
        says=[_("These people lose their access at once, and are signed out of the applications behind it:")],
        people=[_line(grant) for grant in chosen],
        button=_("End access"),
        back=request.get_full_path(),
        is_bad=True,
        longest=MAX_LENGTH,
    )
    reason = text.line(request.POST.get("reason", ""))[:MAX_LENGTH]
    answered = asking.is_answered(request, question)
    if not answered or not reason:
        problem = _("Enter a reason: the journal keeps it.") if answered else ""
        return asking.page(request, of.admin_site, question, opts=of.opts, problem=problem)
    by, now = cast(Account, request.user), timezone.now()
    for grant in chosen:
        grants.end(account=grant.account, portal_key=grant.portal_key, reason=reason, by=by, now=now)
    messages.success(request, _("Access has ended."))
    return None


def give_back(of: Any, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> HttpResponse | None:
    """Say whose access comes back; then access that rests opens its portal again, and each is told (D-09)."""
    chosen = list(queryset.select_related("account"))
    resting = [grant for grant in chosen if grant.suspended_at and not grant.until]
    others = [grant for grant in resting if grant.account_id != request.user.pk]
    if len(others) < len(resting):
        messages.error(request, _("A colleague gives you access back."))
    untouched = [_("%(grant)s does not rest.") % {"grant": _line(grant)} for grant in chosen if grant not in resting]
    if not others:
        for told in untouched:
            messages.warning(request, told)
        return None
    question = asking.Question(
        title=_("Give access back"),
        says=[_("These people reach their portal again at once, with the rights that they had. Each is told by mail:")],
        people=[_line(grant) for grant in others],
        untouched=untouched,
        button=_("Give access back"),
        back=request.get_full_path(),
    )
    if not asking.is_answered(request, question):
        return asking.page(request, of.admin_site, question, opts=of.opts)
    _give_back(request, others)
    return None


def _give_back(request: HttpRequest, chosen: list[AccessGrant]) -> None:
    """Give it back to each, and say to how many."""
    back = 0
    for grant in chosen:
        try:
            idleness.give_back(grant=grant, by=cast(Account, request.user), now=timezone.now())
        except idleness.NotSuspended:  # a colleague was quicker
            messages.warning(request, _("%(grant)s does not rest.") % {"grant": _line(grant)})
        else:
            back += 1
    if not back:
        return
    said = ngettext(
        "Access was given back to %(count)s person, who is told by mail.",
        "Access was given back to %(count)s people, who are told by mail.",
        back,
    )
    messages.success(request, said % {"count": back})


def _line(grant: AccessGrant) -> str:
    """Whose, of which portal, since when it rests."""
    params = {
        "name": grant.account.get_full_name(),
        "login": grant.account.login_name,
        "portal": registry.name_of(grant.portal_key),
    }
    if grant.suspended_at is None:
        return _("%(name)s (%(login)s): %(portal)s") % params
    params["day"] = date_format(timezone.localtime(grant.suspended_at), "DATE_FORMAT")
    return _("%(name)s (%(login)s): %(portal)s, rests since %(day)s") % params
