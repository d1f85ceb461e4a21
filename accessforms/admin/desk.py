"""The service desk: the queue of submitted forms, and one form with its data, its pages, its history and the decisions.

Every look-up is limited to the portals that the member of staff decides for (C29); the rest does not exist for them.
"""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accessforms.admin import subjects as desk_subjects
from accessforms.admin import tins as desk_tins
from accessforms.admin.work import PortalFilter, WorkFilter
from accessforms.domain import conflicts, machines, offered, printouts, search, submissions
from accessforms.forms.fields import written
from accessforms.models import Printout, Submission
from accessforms.views.answers import sections_in_words
from accessforms.views.requests import history_of, pdf_response, seen_version
from identity.admin.base import PersonFilter, ReadOnlyAdmin, scope_of
from identity.admin.lists import KeysetAdmin
from identity.models import Account
from identity.policy import text
from identity.record import machine
from identity.tenancy import Scope
from portals import registry

State = Submission.State

STEP_LABELS = {
    State.FAX_RECEIVED: gettext_lazy("Fax received"),
    State.APPROVED: gettext_lazy("Approve"),
    State.RETURNED: gettext_lazy("Return"),
    State.DENIED: gettext_lazy("Deny"),
}
LATE_SHOWN = 20
BADGES = {State.APPROVED: "good", State.DENIED: "bad", State.RETURNED: "bad", State.EXPIRED: "bad"}


class SubmissionAdmin(KeysetAdmin, ReadOnlyAdmin):
    """The queue. A row opens the desk, where decisions are made by the same domain functions as everywhere."""

    when_empty = gettext_lazy("No access request waits. The filter “All” shows those that are decided.")
    list_display = ("reference", "portal_name", "applicant", "state_badge", "submitted_at", "due", "state_since")
    list_display_links = ("reference",)
    list_filter = (WorkFilter, PortalFilter, "state", "submitted_at", PersonFilter)
    people = ("account",)
    search_help_text = gettext_lazy(
        "Reference number, name, ID, email address, phone, practice, tax ID or NPI, of the form or its applicant"
    )
    ordering = ("submitted_at",)  # whoever waits longest comes first
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Submission]:
        return super().get_queryset(request).exclude(state=State.DRAFT).select_related("account", "decided_by")

    def within(self, rows: QuerySet[Submission], scope: Scope) -> QuerySet[Submission]:
        """Of the portals that they decide for, whoever else they see."""
        return rows.filter(portal_key__in=sorted(scope.portals))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Submission], search_term: str
    ) -> tuple[QuerySet[Submission], bool]:
        """What stands on the form and who sent it, together: "Lin Harbor" is a person and a practice."""
        if not (typed := text.line(search_term)):
            return queryset, False
        people = self.people_found(request, typed)
        found = search.matching(typed, people=people, portals=scope_of(request).portals)
        first, *others = [one.values("pk") for one in found]
        return queryset.filter(pk__in=first.union(*others)), False

    # --- rights: seen by whoever decides for a portal; added, changed and deleted by nobody ----------------------
    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(scope_of(request).portals)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(scope_of(request).portals)

    # --- columns -------------------------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("Portal"), ordering="portal_key")
    def portal_name(self, submission: Submission) -> str:
        return registry.name_of(submission.portal_key)

    @admin.display(description=gettext_lazy("Applicant"), ordering="account__last_name")
    def applicant(self, submission: Submission) -> str:
        return f"{submission.account.get_full_name()} ({submission.account.login_name})"

    @admin.display(description=gettext_lazy("Due"), empty_value="–")
    def due(self, submission: Submission) -> str | SafeString | None:
        """The day by which it is to be decided; late, a badge (S2-20)."""
        if submission.due_at is None or submission.due_on is None or submission.state != State.SUBMITTED:
            return None
        day = date_format(submission.due_on)
        if submission.due_at > timezone.now():
            return day
        return format_html('{} <span class="badge badge--bad">{}</span>', day, _("late"))

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_badge(self, submission: Submission) -> SafeString:
        badge = BADGES.get(State(submission.state), "wait")
        return format_html('<span class="badge badge--{}">{}</span>', badge, submission.get_state_display())

    # --- what is late, before all that waits longer ---------------------------------------------------------------
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "late": self._late(request)})

    def _late(self, request: HttpRequest) -> list[Submission]:
        """What was to be decided by now, over all portals of the reader, on the first page of what there is to do
        (S2-20): the list itself goes by the day of sending."""
        asked = request.GET
        if asked.keys() - {"portal", "work"} or asked.get("work", "open") not in ("open", "decide"):
            return []
        late = self.get_queryset(request).filter(state=State.SUBMITTED, due_at__lte=timezone.now())
        if "portal" in asked:
            late = late.filter(portal_key__in={asked["portal"]} & scope_of(request).portals)
        return list(late.order_by("due_at", "pk")[:LATE_SHOWN])

    # --- the desk ------------------------------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        name = self.admin_site.admin_view
        return [
            path("<int:pk>/form.pdf", name(self.pdf), name="accessforms_submission_pdf"),
            path("<int:pk>/page-<int:number>.png", name(self.picture), name="accessforms_submission_page"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One form with all its data, its pages beside it, its history, and the steps that are possible now."""
        submission = self._one_or_404(request, object_id)
        if request.method == "POST":
            return self._decide(request, submission)
        return self._show(request, submission)

    def _one_or_404(self, request: HttpRequest, pk: Any) -> Submission:
        """Of the portals that this member of staff decides, if a definition still says what their form asks."""
        found: Submission = self.found_or_404(request, str(pk))
        if not registry.known([found.portal_key]):
            raise Http404
        return found

    def _show(
        self, request: HttpRequest, submission: Submission, *, typed: str = "", problem: str = ""
    ) -> HttpResponse:
        portal = registry.get(submission.portal_key)
        assert portal.access_form is not None
        printout = printouts.current(submission)
        answers = printout.answers if printout else submission.answers
        form = offered.form_of(portal, now=timezone.now(), with_gone=True)
        assert form is not None
        tins = desk_tins.shown(submission, answers, typed=request.POST)
        shown = {
            **self.admin_site.each_context(request),
            "title": _("Request %(reference)s") % {"reference": submission.reference},
            "opts": self.opts,
            "submission": submission,
            "portal": portal,
            "sections": sections_in_words(form, submission, answers=answers),
            **desk_subjects.shown(submission, answers, typed=request.POST),
            "tins": tins,
            **self._facts(request, submission, answers, tins),
            "printout": printout,
            "print_failed": printout is not None and printout.state == Printout.State.FAILED,
            "pages": range(1, printout.pages + 1) if printout and printout.state == Printout.State.READY else [],
            "history": history_of(submission),
            "badge": BADGES.get(State(submission.state), "wait"),
            "steps": [
                (to, STEP_LABELS[State(to)], to in machines.PAPER.needs_reason)
                for to in submissions.steps_from(submission)
            ],
            "is_late": submission.due_at is not None and submission.due_at <= timezone.now(),
            "own": submission.account_id == request.user.pk,
            "typed": typed,
            "problem": problem,
        }
        return render(request, "admin/accessforms/submission/desk.html", shown, status=422 if problem else 200)

    @staticmethod
    def _facts(
        request: HttpRequest, submission: Submission, answers: dict[str, Any], tins: list[dict[str, Any]]
    ) -> dict[str, Any]:
        """What stands beside a request without paper. What is known of a tax ID that it asks to have attested is said
        with that one; the others, of a vendor's clients, are written among the facts."""
        if submission.is_on_paper:
            return {}
        facts = conflicts.facts_of(submission, answers, portals=scope_of(request).portals, now=timezone.now())
        known = {(fact.digits, fact.kind): fact for fact in facts.tins}
        for row in tins:
            row["fact"] = known.pop(row["tin"], None)
        others = [(written({"digits": fact.digits, "kind": fact.kind}), fact) for fact in known.values()]
        return {"facts": facts, "tin_facts": others}

    def _decide(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        if "print_again" in request.POST:
            printouts.print_again(submission=submission, by=cast(Account, request.user), now=timezone.now())
            return redirect(reverse("admin:accessforms_submission_change", args=[submission.pk]))
        step, reason = request.POST.get("step", ""), request.POST.get("reason", "").replace("\0", "")
        try:
            submissions.decide(
                submission=submission,
                to=step,
                by=cast(Account, request.user),
                now=timezone.now(),
                seen_version=seen_version(request),
                reason=reason,
                chosen=desk_subjects.chosen(submission, request.POST) if step == State.APPROVED else None,
                attested=None if submission.is_on_paper else desk_tins.attested(request.POST),
                names=desk_tins.names(request.POST),
            )
        except desk_subjects.REFUSED as refused:
            return self._show(request, submission, typed=reason, problem=desk_subjects.problem_of(refused))
        except machine.ReasonMissing:
            return self._show(request, submission, problem=_("Enter a reason: the applicant reads it."))
        except submissions.OwnRequest:
            return self._show(
                request,
                submission,
                typed=reason,
                problem=_("This is your own request. A colleague decides it."),
            )
        except machine.NotPossible as refused:
            messages.error(request, _somebody_was_quicker(refused.current))
            if reason:
                messages.info(request, _("You had written: %(reason)s") % {"reason": reason})
        else:
            messages.success(
                request,
                _("%(reference)s: %(step)s. The applicant is told by mail.")
                % {"reference": submission.reference, "step": machines.PAPER.events[step].title},
            )
        return redirect(reverse("admin:accessforms_submission_change", args=[submission.pk]))

    def pdf(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The form as PDF."""
        return pdf_response(printouts.current(self._one_or_404(request, pk)))

    def picture(self, request: HttpRequest, pk: int, number: int) -> HttpResponseBase:
        """A picture of one page."""
        printout = printouts.current(self._one_or_404(request, pk))
        if printout is None or printout.state != Printout.State.READY or not 1 <= number <= printout.pages:
            raise Http404
        response = FileResponse(default_storage.open(printout.page_path(number)), content_type="image/png")
        response["Cache-Control"] = "private, no-store"
        return response


def _somebody_was_quicker(submission: Submission) -> str:
    """What the second of two agents reads."""
    submission.refresh_from_db()
    who = submission.decided_by.get_full_name() if submission.decided_by else _("the applicant")
    return _("Nothing was changed: %(who)s was quicker. The request is now: %(state)s.") % {
        "who": who,
        "state": submission.get_state_display(),
    }
