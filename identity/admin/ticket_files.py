"""Files of a ticket for the staff who answer it: looked at, saved, and refused where they turn out to be harmful."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.admin import asking
from identity.admin.base import ReadOnlyAdmin
from identity.files import serving, stored
from identity.models import Account, StoredFile, Ticket


class TicketFilesAdmin(ReadOnlyAdmin):
    """Whoever sees the ticket sees its files; those of another ticket and missing ones are the same 404."""

    def get_urls(self) -> list[URLPattern]:
        view, at = self.admin_site.admin_view, "<int:pk>/files/<uuid:key>/"
        return [
            path(at, view(self.file), name="identity_ticket_file"),
            path(f"{at}pages/<int:number>/", view(self.file_page), name="identity_ticket_file_page"),
            path(f"{at}refuse/", view(require_POST(self.refuse_file)), name="identity_ticket_file_refuse"),
            *super().get_urls(),
        ]

    def file(self, request: HttpRequest, pk: int, key: UUID) -> HttpResponseBase:
        """One file, to be saved."""
        try:
            return serving.open_for(file=self._file(request, pk, key))
        except stored.NotServed:
            raise Http404 from None

    def file_page(self, request: HttpRequest, pk: int, key: UUID, number: int) -> HttpResponseBase:
        """The picture of one of its pages."""
        try:
            return serving.picture_for(file=self._file(request, pk, key), page=number)
        except stored.NotServed:
            raise Http404 from None

    def refuse_file(self, request: HttpRequest, pk: int, key: UUID) -> HttpResponse:
        """Say what it does, then do it (C17): nobody opens the file any more."""
        file, back = self._file(request, pk, key), reverse("admin:identity_ticket_change", args=[pk])
        question = asking.Question(
            title=_("Refuse a file"),
            says=[
                _("Nobody can open the file any more, nor any other with the same content. The person reads why."),
                _("This cannot be taken back."),
            ],
            people=[file.shown_name],
            button=_("It is harmful: refuse it"),
            back=back,
            is_bad=True,
        )
        if not asking.is_answered(request, question):
            return asking.page(request, self.admin_site, question, opts=self.opts)
        stored.refuse(file=file, by=cast(Account, request.user), now=timezone.now())
        messages.success(request, _("“%(name)s” is refused.") % {"name": file.shown_name})
        return redirect(back)

    def _file(self, request: HttpRequest, pk: int, key: UUID) -> Any:
        ticket: Ticket = self.found_or_404(request, str(pk))
        return get_object_or_404(StoredFile.objects.filter(ticket_messages__ticket=ticket), pk=key)
