"""A practice and who runs its users: how it stands, and handing over (D-15)."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enrollment.domain import hand_overs as acts
from enrollment.domain import practice_health
from enrollment.forms.practice import HandOverForm, SignForm
from enrollment.views.people import show
from identity.accounts import agreements
from identity.models import Account
from identity.policy import lifecycle
from identity.record.machine import NotPossible
from portals import registry
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import portal_page
from rbac.domain import hand_overs
from rbac.domain.practice_health import Health
from rbac.models import HandOver, Membership
from rbac.roles import ADMINISTRATOR

WIDTH = 300  # of the picture, in its own units
REFUSED: dict[type[Exception], Any] = {
    hand_overs.AskedAlready: gettext_lazy("A hand-over of this practice waits for a signature already."),
    hand_overs.NotOfThePractice: gettext_lazy(
        "Nothing was handed over: one of the two no longer works for the practice in that role."
    ),
    NotPossible: gettext_lazy("This hand-over is over: it was done, declined, or not signed in time."),
}


class Clock(NamedTuple):
    """How long one administrator still counts where they do nothing: a bar of the picture, and its words."""

    name: str
    membership: Membership
    until: datetime | None
    days: int | None
    bar: int
    is_near: bool


@portal_page(practice=ADMINISTRATOR, methods="read")
def health(request: PortalRequest) -> HttpResponse:
    """Who runs the practice's users, for how long each of them will, and what to do before nobody is left."""
    practice, now = request.membership.practice, timezone.now()
    found = practice_health.of(practice, portal_key=request.portal.key, now=now)
    idle = registry.idle_periods().get(request.portal.key)
    shown = {
        "health": found,
        "state": found.state.value,
        "clocks": _clocks(found, idle=idle, now=now),
        "width": WIDTH,
        "warned_at": _warned_at(idle),
        "hand_over": hand_overs.opened(practice, portal_key=request.portal.key, now=now),
    }
    return show(request, "health", folder="practice", **shown)


def _clocks(found: Health, *, idle: timedelta | None, now: datetime) -> list[Clock]:
    rows = Membership.objects.select_related("grant__account").in_bulk(
        [one.membership_id for one in found.administrators]
    )
    clocks = []
    for one in found.administrators:
        row = rows[one.membership_id]
        days = lifecycle.days_until(one.until, now=now) if one.until else None
        share = min(1.0, (one.until - now) / idle) if one.until and idle else 1.0
        name = row.grant.account.get_full_name()
        clocks.append(Clock(name, row, one.until, days, round(WIDTH * share), not one.lasts(now)))
    return clocks


def _warned_at(idle: timedelta | None) -> int:
    """Where the line of the first warning stands in the picture."""
    return round(WIDTH * (lifecycle.after("idle_first_warning") / idle)) if idle else 0


@portal_page(practice=ADMINISTRATOR)
def hand_over(request: PortalRequest) -> HttpResponse:
    """Choose who takes over, and sign; the other one signs on a page of their own."""
    practice, now = request.membership.practice, timezone.now()
    where: dict[str, Any] = {"practice": practice, "portal_key": request.portal.key}
    waiting = hand_overs.opened(now=now, **where)
    if waiting is not None and request.user.pk in (waiting.from_account_id, waiting.to_account_id):
        return redirect("hand_over", request.portal.key, waiting.pk)
    candidates = hand_overs.candidates(now=now, **where)
    form = HandOverForm(request.POST if request.method == "POST" else None, candidates=candidates)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked: dict[str, Any] = {
            "to": int(said["to"]),
            "stays": said["stays"] == "stay",
            "typed_name": said["typed_name"],
        }
        try:
            made = hand_overs.ask(by=request.user, now=now, **where, **asked)
        except agreements.NameDiffers:
            form.add_error("typed_name", _differs(request.user))
        except (hand_overs.AskedAlready, hand_overs.NotOfThePractice) as refused:
            form.add_error(None, REFUSED[type(refused)])
        else:
            messages.success(request, _("You have signed. It is done when the other one has signed too."))
            return redirect("hand_over", request.portal.key, made.pk)
    shown = {"form": form, "waiting": waiting, "can_ask": waiting is None and candidates}
    return show(request, "hand_over", folder="practice", **shown, name=request.user.get_full_name())


@portal_page()
def sign(request: PortalRequest, pk: int) -> HttpResponse:
    """The hand-over as its two people see it: the second one signs or declines, the first one can take it back."""
    now = timezone.now()
    found = hand_overs.of(request.user, portal_key=request.portal.key, pk=pk)
    if found is None:
        raise Http404
    form = SignForm(request.POST if request.method == "POST" and "decline" not in request.POST else None)
    if request.method == "POST":
        answer = _step(request, found, form, now=now)
        if answer is not None:
            return answer
    is_open = found.state in HandOver.OPEN and not hand_overs.is_over(found, now=now)
    shown = {
        "form": form,
        "found": found,
        "is_open": is_open,
        "is_follower": found.to_account_id == request.user.pk,
        "ends_at": found.asked_at + lifecycle.after("hand_over_open"),
        "name": request.user.get_full_name(),
    }
    return render(request, "enrollment/practice/sign.html", shown)


def _step(request: PortalRequest, found: HandOver, form: SignForm, *, now: datetime) -> HttpResponse | None:
    """Sign or decline, and say so; None where the page says what is in the way."""
    here = redirect("hand_over", request.portal.key, found.pk)
    try:
        if "decline" in request.POST:
            hand_overs.decline(hand_over=found, by=request.user, now=now)
            messages.success(request, _("Nothing was handed over. The other one is told by mail."))
            return here
        if not form.is_valid():
            return None
        acts.sign(hand_over=found, typed_name=form.cleaned_data["typed_name"], by=request.user, now=now)
    except agreements.NameDiffers:
        form.add_error("typed_name", _differs(request.user))
        return None
    except hand_overs.NotYours:
        raise Http404 from None
    except (hand_overs.NotOfThePractice, NotPossible) as refused:
        messages.error(request, REFUSED[type(refused)])
        return here
    messages.success(request, _("Done: from now on you look after the users of the practice."))
    return redirect("practice_health", request.portal.key, found.practice_id)


def _differs(account: Account) -> str:
    return _("Type the name “%(name)s” as it is shown.") % {"name": account.get_full_name()}
