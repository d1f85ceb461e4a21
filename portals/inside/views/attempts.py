"""The questions of a course, its result, and the certificate: one's own, and confirmed to whoever has its number."""

from contextlib import suppress

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.shortcuts import render as render_page
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.allauth_seam import get_client_ip
from identity.codes.attempts import check_can_confirm
from identity.printing import files
from identity.record.machine import NotPossible
from identity.sessions.idle import is_poll
from identity.views.limited import lets_through
from identity.views.page import page
from portals.entry.admission import PortalRequest
from portals.entry.portal_page import layout_of, portal_page
from portals.guards import portal_or_404
from portals.inside.domain import attempts, certificates, courses
from portals.inside.forms.courses import AnswersForm, NumberForm
from portals.inside.views.courses import show
from portals.models import Attempt, Certificate


@portal_page(capability=courses.CAPABILITY)
def attempt(request: PortalRequest, attempt: int) -> HttpResponse:
    """The questions while they can be answered; afterwards what became of it. Sent twice, the second one sees that."""
    found = _own_or_404(request, attempt)
    now = timezone.now()
    if found.state != Attempt.State.OPEN or now >= found.ends_at:
        if request.method == "POST":
            messages.info(request, _("These answers were sent already, or their time was over: this is the result."))
            return redirect("portal_attempt", request.portal.key, found.pk)
        return _result(request, found)
    sends = "keep" not in request.POST
    questions = found.version.questions.all()
    form = AnswersForm(request.POST or None, attempt=found, questions=questions, sends=sends)
    if request.method == "POST" and form.is_valid():
        with suppress(NotPossible):  # another tab was quicker: the page says what became of it
            if sends:
                attempts.send(attempt=found, answers=form.chosen(), by=request.user, now=now)
            else:
                attempts.keep(attempt=found, answers=form.chosen(), now=now)
                messages.success(request, _("Your answers are kept. Nothing was sent yet."))
        return redirect("portal_attempt", request.portal.key, found.pk)
    return show(request, "questions", attempt=found, version=found.version, form=form)


def _result(request: PortalRequest, found: Attempt) -> HttpResponse:
    certificate = Certificate.objects.filter(attempt=found).first()
    lessons = [] if found.state == Attempt.State.PASSED else attempts.lessons_to_read(found)
    return show(
        request, "result", attempt=found, version=found.version, certificate=certificate, lessons=lessons,
        is_over=found.sent_at is None,
    )  # fmt: skip


def _own_or_404(request: PortalRequest, attempt: int) -> Attempt:
    own = Attempt.objects.of(request.user).in_portal(request.portal.key)
    return get_object_or_404(own.select_related("version__course"), pk=attempt)


@portal_page(methods="read", capability=courses.CAPABILITY)
def certificate(request: PortalRequest, certificate: int) -> HttpResponse:
    """What was earned, and its PDF as soon as it is made."""
    found = _certificate_or_404(request, certificate)
    now = timezone.now()
    return show(
        request, "certificate", certificate=found, version=found.attempt.version,
        is_valid=found.is_valid(now=now), ends_soon=found.ends_soon(now=now),
    )  # fmt: skip


@is_poll
@portal_page(methods="read", capability=courses.CAPABILITY)
def certificate_progress(request: PortalRequest, certificate: int) -> HttpResponse:
    """Whether the PDF is made: asked by the page every second or two."""
    return JsonResponse({"state": _certificate_or_404(request, certificate).state})


@portal_page(methods="read", capability=courses.CAPABILITY)
def certificate_pdf(request: PortalRequest, certificate: int) -> HttpResponse:
    """The certificate as PDF, never cached on the way."""
    found = _certificate_or_404(request, certificate)
    content = files.read(found.path) if found.state == Certificate.State.READY else None
    if content is None:
        raise Http404
    headers = {
        "Content-Disposition": f'inline; filename="certificate-{found.number}.pdf"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _certificate_or_404(request: PortalRequest, certificate: int) -> Certificate:
    own = Certificate.objects.of(request.user).in_portal(request.portal.key)
    return get_object_or_404(own.select_related("attempt__version__course"), pk=certificate)


@page(login=False)
def confirm_certificate(request: HttpRequest, portal_key: str) -> HttpResponse:
    """Whoever has the number of a certificate learns whose initials it bears, for what, and until when it counts; of
    any other text, that there is none."""
    portal = portal_or_404(portal_key)
    if not courses.has_courses(portal):
        raise Http404
    form, found, now = NumberForm(request.POST or None), None, timezone.now()
    if request.method == "POST" and form.is_valid() and _may_confirm(request, form):
        found = certificates.confirmed(form.cleaned_data["number"], portal_key=portal.key)
        if found is None:
            form.add_error("number", _("There is no certificate with this number. Compare it with the paper."))
    context = {
        "portal": portal,
        "form": form,
        "found": found,
        "version": found.attempt.version if found else None,
        "is_valid": found is not None and found.is_valid(now=now),
        "layout": layout_of(request, portal),
    }
    return render_page(request, "portals/courses/confirm.html", context)


def _may_confirm(request: HttpRequest, form: NumberForm) -> bool:
    def check() -> None:
        check_can_confirm(address=get_client_ip(request), now=timezone.now())

    return lets_through(form, check, field="number", says=_("Many numbers were looked up from your network."))
