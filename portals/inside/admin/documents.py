"""Documents of the plan in the admin site: a portal's staff add them, share them with practices, and take them back."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache

from identity.accounts import staff_rights
from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin, day, scope_of
from identity.files import doors
from identity.files.doors import DOCUMENT
from identity.models import Account, AccountRequest
from identity.policy import text
from identity.record import journal
from identity.sign_in import step_up
from identity.views import files
from portals import registry
from portals.inside.domain import document_shares, document_trash, documents, handling, plan_documents
from portals.inside.forms.documents import HoldForm
from portals.inside.forms.plan_documents import PlanDocumentForm, PracticeForm
from portals.models import Document
from rbac.models import Membership, Practice


@admin.register(Document)
class DocumentAdmin(ReadOnlyAdmin):
    """Those of the plan alone: what a practice keeps is nobody's at the desk."""

    when_empty = gettext_lazy("No document of the plan is shared yet. Share the first one with “Add”.")
    list_display = ("title", "portal", "added_by", day("created_at", gettext_lazy("Added")), "is_in_trash")
    list_select_related = ("owner",)
    search_fields = ("title",)
    ordering = ("-created_at", "pk")
    portal_path = "portal_key"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).filter(practice=None)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_authenticated and handling.can_handle(request.user, plan_documents.RIGHT)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Documents of the plan"), **(extra_context or {})})

    @admin.display(description=gettext_lazy("Portal"), ordering="portal_key")
    def portal(self, document: Document) -> Any:
        return registry.name_of(document.portal_key)

    @admin.display(description=gettext_lazy("Added by"), ordering="owner__login_key")
    def added_by(self, document: Document) -> str:
        return document.owner.get_full_name()

    @admin.display(description=gettext_lazy("In the trash"), boolean=True)
    def is_in_trash(self, document: Document) -> bool:
        return document.deleted_at is not None

    @doors.takes_file(DOCUMENT.max_bytes, of_staff=True)
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The form for a new one, after a fresh proof: a file that was chosen outlives none."""
        if not self.has_add_permission(request):
            raise Http404
        return never_cache(step_up.needs_fresh(self._add))(request)

    def _add(self, request: HttpRequest) -> HttpResponse:
        sent = request.method == "POST"
        form = PlanDocumentForm(
            request.POST if sent else None, request.FILES if sent else None, door=DOCUMENT, scope=scope_of(request)
        )
        if sent and form.is_valid() and (file := files.receive(cast(AccountRequest, request), form, DOCUMENT)):
            said, by = form.cleaned_data, cast(Account, request.user)
            try:
                added = plan_documents.add(
                    portal_key=said["portal"], file=file.pk, title=said["title"], by=by, now=timezone.now()
                )
            except staff_rights.MayNotHandle:
                raise Http404 from None
            messages.success(request, _("It is added. Nobody reads it before you share it with a practice."))
            return redirect("admin:portals_document_change", added.pk)
        shown = {"title": _("Add a document of the plan"), "form": form}
        return self._page(request, "add", status=422 if form.errors else 200, **shown)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One document: who reads it, and the steps that are possible now."""
        found: Document = self.found_or_404(request, object_id)
        step = request.POST.get("step")
        form = PracticeForm(request.POST if step == "share" else None, initial={"kind": "EIN"})
        hold = HoldForm(request.POST if step == "hold" else None)
        if request.method == "POST" and (answer := self._step(request, found, form, hold)):
            return answer
        now = timezone.now()
        shares = found.practice_shares.select_related("practice", "shared_by").order_by("practice__name", "pk")
        shown = {
            "title": found.title,
            "document": found,
            "portal": registry.name_of(found.portal_key),
            "version": documents.newest_of(found),
            "shares": shares,
            "form": form,
            "hold": hold,
            "may_lift": found.is_held and document_trash.can_lift(found, by=cast(Account, request.user), now=now),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=found)[:100]],
        }
        return self._page(request, "document", status=422 if form.errors or hold.errors else 200, **shown)

    def _page(self, request: HttpRequest, name: str, *, status: int, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return render(request, f"admin/portals/document/{name}.html", context, status=status)

    def _step(self, request: HttpRequest, found: Document, form: PracticeForm, hold: HoldForm) -> HttpResponse | None:
        """Do what was pressed; None where the form has to say something first."""
        steps: dict[str, Callable[[], HttpResponse | None]] = {
            "share": lambda: self._share(request, found, form),
            "unshare": lambda: self._unshare(request, found),
            "delete": lambda: self._trash(request, found),
            "restore": lambda: self._trash(request, found),
            "hold": lambda: self._hold(request, found, hold),
            "lift": lambda: self._lift(request, found),
        }
        if request.POST.get("step") not in steps:
            raise Http404
        try:
            return steps[request.POST["step"]]()
        except staff_rights.MayNotHandle:
            raise Http404 from None
        except documents.InTrash:
            messages.error(request, _("Nothing was changed: it is in the trash."))
        except (document_trash.Held, document_trash.StillKept):
            messages.error(request, _("The document was not deleted: it must stay. The page says why."))
        except document_trash.MayNotLift:
            messages.error(request, _("Nothing was changed: a colleague holds it, who lifts the hold."))
        return redirect("admin:portals_document_change", found.pk)

    def _share(self, request: HttpRequest, found: Document, form: PracticeForm) -> HttpResponse | None:
        if not form.is_valid():
            return None
        said, now = form.cleaned_data, timezone.now()
        try:
            practice = plan_documents.practice_of((said["tin"], said["kind"]), portal_key=found.portal_key, now=now)
        except plan_documents.UnknownPractice:
            form.add_error("tin", _("No practice of this portal has this tax ID, as far as it is attested."))
            return None
        question = _question(found, practice, back=request.path)
        if not asking.is_answered(request, question):
            return asking.page(request, self.admin_site, question, opts=self.opts)
        by = cast(Account, request.user)
        document_shares.share_with_practice(document=found, practice=practice, by=by, now=now)
        messages.success(request, _("It is shared with %(name)s.") % {"name": practice.name})
        return redirect("admin:portals_document_change", found.pk)

    def _unshare(self, request: HttpRequest, found: Document) -> HttpResponse:
        key = request.POST.get("practice", "")
        share = found.practice_shares.filter(practice=int(key)).first() if text.is_number(key) else None
        if share is not None:
            by = cast(Account, request.user)
            document_shares.unshare_with_practice(document=found, practice=share.practice, by=by, now=timezone.now())
        messages.success(request, _("It is no longer shared."))
        return redirect("admin:portals_document_change", found.pk)

    def _hold(self, request: HttpRequest, found: Document, form: HoldForm) -> HttpResponse | None:
        if not form.is_valid():
            return None
        reason, by = form.cleaned_data["reason"], cast(Account, request.user)
        document_trash.hold(document=found, reason=reason, by=by, now=timezone.now())
        messages.success(request, _("The document is held: nobody can delete it."))
        return redirect("admin:portals_document_change", found.pk)

    def _lift(self, request: HttpRequest, found: Document) -> HttpResponse:
        document_trash.lift(document=found, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("The document is no longer held."))
        return redirect("admin:portals_document_change", found.pk)

    def _trash(self, request: HttpRequest, found: Document) -> HttpResponse:
        act = document_trash.delete if request.POST["step"] == "delete" else document_trash.restore
        act(document=found, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("Your changes are saved."))
        return redirect("admin:portals_document_change", found.pk)


def _question(found: Document, practice: Practice, *, back: str) -> asking.Question:
    """What sharing does, and to how many (C17)."""
    there = Membership.objects.open_at(timezone.now()).in_portal(found.portal_key).filter(practice=practice).count()
    said = ngettext(
        "%(count)s person who works for %(name)s can read it then.",
        "%(count)s people who work for %(name)s can read it then.",
        there,
    )
    return asking.Question(
        title=_("Share “%(title)s” with %(name)s") % {"title": found.title, "name": practice.name},
        says=[said % {"count": there, "name": practice.name}, _("It must hold nothing about patients.")],
        button=_("Share it"),
        back=back,
    )
