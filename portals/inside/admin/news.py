"""News & Alerts at the desk: written in both languages with a preview, published by another person (S3-03)."""

from collections.abc import Collection
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from identity.accounts import staff_rights
from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.models import Account
from identity.policy import text, zones
from identity.record import journal, machine
from portals import registry
from portals.inside.domain import audiences, handling, markdown, news_items
from portals.inside.forms.news import NewsForm
from portals.models import NewsItem
from portals.spec import PortalSpec
from rbac.domain.grid import Pair

SHOWN = 50  # entries of a history
State = NewsItem.State
REFUSED: dict[type[Exception], Any] = {
    machine.ReasonMissing: gettext_lazy("Enter a reason: the journal keeps it."),
    machine.SamePerson: gettext_lazy("You have proposed it: another person publishes it."),
    machine.NotPossible: gettext_lazy("This is no longer possible: somebody was quicker."),
    staff_rights.MayNotHandle: gettext_lazy("You may not handle the news of this portal."),
    news_items.EndsTooSoon: gettext_lazy("Its last day has passed: withdraw it, and propose it anew."),
    news_items.FitsNobody: gettext_lazy("Nobody has such a role in such a market any more: propose it anew."),
}


@admin.register(NewsItem)
class NewsItemAdmin(ReadOnlyAdmin):
    """The items of the portals that its reader answers for, newest first; a row opens its page."""

    portal_path = "portal_key"
    when_empty = gettext_lazy("No news item yet. Propose one with the button above; a colleague publishes it.")
    list_display = (
        "title",
        "portal",
        "standing",
        "is_regulatory",
        day("since", gettext_lazy("Shown from")),
        day("until", gettext_lazy("Last day")),
        "proposed_by",
    )
    list_filter = ("state", "is_regulatory")
    list_select_related = ("proposed_by",)
    sortable_by = ()
    ordering = ("-pk",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_authenticated and handling.can_handle(request.user, news_items.RIGHT)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and bool(handling.within(scope_of(request), page=news_items.PAGE))

    @admin.display(description=pgettext_lazy("news", "Title"))
    def title(self, item: NewsItem) -> str:
        return item.title

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, item: NewsItem) -> str:
        return registry.name_of(item.portal_key)

    @admin.display(description=gettext_lazy("State"))
    def standing(self, item: NewsItem) -> str:
        return standing(item)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form, beginning with the texts of another item where `?like=` names one; "Preview" shows it as it will be
        read, and whom it reaches."""
        if not self.has_add_permission(request):
            raise Http404
        portals = handling.within(scope_of(request), page=news_items.PAGE)
        form = NewsForm(request.POST or None, portals=portals, initial=self._begun(request))
        is_good = request.method == "POST" and form.is_valid()
        if is_good and "propose" in request.POST and (item := _propose(request, form)):
            return redirect("admin:portals_newsitem_change", item.pk)
        shown: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Propose a news item"),
            "opts": self.opts,
            "form": form,
        }
        if is_good and not form.errors:  # nor was it refused as it was proposed
            draft = form.draft()
            shown |= _previewed(draft.title_en, draft.text_en, draft.title_es, draft.text_es)
            shown |= _reached(form.chosen_portal, draft.pairs)
            if not shown["people"]:
                form.refuse_audience()
        return render(request, "admin/portals/newsitem/propose.html", shown, status=422 if form.errors else 200)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An item as it is read, whom it reaches, and its next step."""
        item: NewsItem = self.found_or_404(request, object_id)
        problem, portal = "", registry.portals().get(item.portal_key)
        if request.method == "POST":
            if request.POST.get("step") == "publish" and item.state == State.PROPOSED:
                if portal is None:
                    raise Http404
                question = _question(item, portal)
                if not asking.is_answered(request, question):
                    return asking.page(request, self.admin_site, question, opts=self.opts)
            problem = _step(request, item)
            if not problem:
                return redirect("admin:portals_newsitem_change", item.pk)
        shown = {
            **self.admin_site.each_context(request),
            "title": item.title,
            "opts": self.opts,
            "item": item,
            "portal_name": registry.name_of(item.portal_key),
            "state_name": standing(item),
            "can_publish": item.state == State.PROPOSED and portal is not None,
            "can_withdraw": item.state != State.WITHDRAWN,
            "is_own": item.proposed_by_id == request.user.pk,
            "audience": audiences.labels(item.audience.all()),
            "reason": text.line(request.POST.get("reason", "")),
            "longest": news_items.MAX_LENGTH,
            "problem": problem,
            "confirmed": item.reads.filter(acknowledged_at__isnull=False).count(),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=item)[:SHOWN]],
            **_previewed(item.title_en, item.text_en, item.title_es, item.text_es),
            **(_reached(portal, news_items.pairs_of(item)) if portal else {"people": 0, "reached": []}),
        }
        return render(request, "admin/portals/newsitem/item.html", shown, status=422 if problem else 200)

    def get_queryset(self, request: HttpRequest) -> QuerySet[NewsItem]:
        rows: QuerySet[NewsItem] = super().get_queryset(request)
        return rows.select_related("proposed_by", "published_by", "withdrawn_by")

    def _begun(self, request: HttpRequest) -> dict[str, Any]:
        """What the form begins with."""
        like = self.get_object(request, request.GET.get("like", "")) if "like" in request.GET else None
        portal = registry.portals().get(like.portal_key) if like else None
        if like is None or portal is None:
            return {"since": timezone.localdate()}
        rows = news_items.pairs_of(like)
        names = ("title_en", "text_en", "title_es", "text_es", "is_regulatory")
        return {
            **{name: getattr(like, name) for name in names},
            "portal": like.portal_key,
            "since": zones.today(portal.realm, now=timezone.now()),
            "roles": sorted({role for role, _market in rows if role}),
            "markets": sorted({market for _role, market in rows if market}),
        }


def standing(item: NewsItem) -> str:
    """What the desk calls where an item stands: what is over, or still to come, is published."""
    now = timezone.now()
    if item.is_over(now):
        return pgettext("news", "over")
    if item.state == State.PUBLISHED and not item.is_shown(now):
        return pgettext("news", "published, to come")
    return str(item.get_state_display())


def _previewed(title_en: str, text_en: str, title_es: str, text_es: str) -> dict[str, Any]:
    texts = {"en": (title_en, text_en), "es": (title_es, text_es)}
    names = {code: translation.gettext(name) for code, name in settings.LANGUAGES}
    return {"versions": [(code, names[code], title, markdown.html(words)) for code, (title, words) in texts.items()]}


def _reached(portal: PortalSpec, pairs: Collection[Pair]) -> dict[str, Any]:
    """How many people read it, by role and market."""
    people, lines = audiences.reached(news_items.reach(portal, pairs, now=timezone.now()))
    return {"people": people, "reached": lines}


def _question(item: NewsItem, portal: PortalSpec) -> asking.Question:
    """What publishing does, to how many."""
    people, lines = audiences.reached(news_items.reach(portal, news_items.pairs_of(item), now=timezone.now()))
    said = ngettext("%(count)s person can read it.", "%(count)s people can read it.", people) % {"count": people}
    told = _("Each of them is told by email, and asked to confirm that they have read it.")
    return asking.Question(
        title=_("Publish “%(title)s”") % {"title": item.title},
        says=[
            said,
            *([told] if item.is_regulatory else []),
            _("What is published never changes: it can be withdrawn."),
        ],
        button=_("Publish it"),
        back=f"../../{item.pk}/change/",
        people=[f"{', '.join(filter(None, (one.role_label, one.market_label)))}: {one.people}" for one in lines],
    )


def _propose(request: HttpRequest, form: NewsForm) -> NewsItem | None:
    """Propose it, and say so; or say in the form what is in the way."""
    by, now = cast(Account, request.user), timezone.now()
    try:
        item = news_items.propose(portal=form.chosen_portal, draft=form.draft(), by=by, now=now)
    except news_items.FitsNobody:
        form.refuse_audience()
        return None
    except news_items.EndsTooSoon:
        form.add_error("until", _("The last day has passed."))
        return None
    except staff_rights.MayNotHandle as refused:
        form.add_error(None, REFUSED[type(refused)])
        return None
    messages.success(request, _("Proposed. Another person has to look at it and publish it; nobody reads it yet."))
    return item


def _step(request: HttpRequest, item: NewsItem) -> Any:
    """Publish it or withdraw it, and say so; or what is in the way."""
    by, now = cast(Account, request.user), timezone.now()
    try:
        if request.POST.get("step") == "publish":
            news_items.publish(item=item, by=by, now=now)
            messages.success(request, _("Published."))
        elif request.POST.get("step") == "withdraw":
            news_items.withdraw(item=item, reason=text.line(request.POST.get("reason", "")), by=by, now=now)
            messages.success(request, _("Withdrawn. Nobody finds it any more."))
        else:
            raise Http404
    except tuple(REFUSED) as refused:
        return REFUSED[type(refused)]
    return ""
