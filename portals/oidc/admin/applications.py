"""Outside applications in the admin site: registered, changed, closed, given another secret, and tried by operators."""

from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.cache import never_cache

from identity.admin.base import ReadOnlyAdmin, scope_of
from identity.keys.fields import keyed_hash
from identity.models import Account
from identity.record import journal
from identity.sign_in import step_up
from portals import registry
from portals.models import Application
from portals.oidc import applications, claims, trial_client
from portals.oidc.admin.snippets import snippets_of
from portals.oidc.forms.applications import ApplicationForm

PAGES = "admin/portals/application"


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    """The list is Django's; every other page is ours, and each act one call of the domain."""

    when_empty = gettext_lazy("No outside application is registered yet. Register the first one with “Add”.")
    list_display = ("name", "portal", "state", "last_oidc_session", "signed_on", "agreed")
    search_fields = ("client__name", "key", "=client__id")
    search_help_text = gettext_lazy("Name, key or client ID")
    sortable_by = ()
    portal_path = "portal_key"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return applications.may_register(cast(Account, request.user))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return self.within(applications.listed(now=timezone.now()), scope_of(request))

    def get_urls(self) -> list[URLPattern]:
        steps = (
            ("settings", self.settings_view, True),
            ("secret", self.secret_view, True),
            ("state", self.state_view, False),
            ("try", self.try_view, False),
        )
        return [
            *(
                path(f"<str:object_id>/{name}/", self._page(view, fresh), name=f"portals_application_{name}")
                for name, view, fresh in steps
            ),
            *super().get_urls(),
        ]

    def _page(self, view: Any, fresh: bool) -> Any:
        """A page of ours; one that could hand an application to somebody else asks for a fresh proof (policy:
        session)."""
        guarded = step_up.needs_fresh(view) if fresh else view
        return self.admin_site.admin_view(never_cache(guarded))

    # --- the list ---------------------------------------------------------------------------------------------
    @admin.display(description=gettext_lazy("Name"))
    def name(self, application: Application) -> str:
        return application.client.name

    @admin.display(description=gettext_lazy("Portal"))
    def portal(self, application: Application) -> str:
        return portal_name(application)

    @admin.display(description=gettext_lazy("State"))
    def state(self, application: Application) -> str:
        open_word, closed_word = pgettext("application", "Open"), pgettext("application", "Closed")
        words, badge = (open_word, "good") if application.is_open else (closed_word, "bad")
        return format_html('<span class="badge badge--{}">{}</span>', badge, words)

    @admin.display(description=gettext_lazy("Last sign-on"))
    def last_oidc_session(self, application: Any) -> Any:
        return application.last_oidc_session

    @admin.display(description=gettext_lazy("People signed on"))
    def signed_on(self, application: Any) -> int:
        return int(application.signed_on)

    @admin.display(description=gettext_lazy("People who agreed"))
    def agreed(self, application: Any) -> int:
        return int(application.agreed)

    # --- one application --------------------------------------------------------------------------------------
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What is registered, how its owner sets it up, who is signed on, its history, and what can be done."""
        if not self.has_view_permission(request):
            raise Http404
        application = self._find(request, object_id)
        said = applications.said_of(application)
        shown = {
            "said": said,
            "portal": portal_name(application),
            "learns": [words for scope, words in claims.SCOPES.items() if scope in said.scopes],
            "lacks_access": applications.lacks_access(application, cast(Account, request.user)),
            "lacks_secret": not said.is_public and not application.client.secret,
            "may_register": applications.may_register(cast(Account, request.user)),
            "snippets": snippets_of(application),
            "issuer": settings.PUBLIC_URL,
            "configuration": reverse("sign_on_configuration"),
            "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=application)[:50]],
        }
        return self._show(request, application, "desk", title=application.client.name, **shown)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Register one. The answer shows its secret."""
        if not self.has_add_permission(request):
            raise Http404
        return never_cache(step_up.needs_fresh(self._add))(request)

    def _add(self, request: HttpRequest) -> HttpResponse:
        form = ApplicationForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            by, now = cast(Account, request.user), timezone.now()
            try:
                application, secret = applications.register(form.registration(), by=by, now=now)
            except (applications.KeyTaken, applications.NameTaken) as refused:
                if sent_before := _registered_as(form.registration()):
                    messages.info(request, _("It is registered already. ") + _shown_once())
                    return redirect(_page_of(sent_before))
                _refuse(form, refused)
            else:
                return self._show_secret(request, application, secret, is_new=True)
        return self._show(request, None, "form", title=_("Register an outside application"), form=form)

    def settings_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say something else of it."""
        application = self._find_to_change(request, object_id)
        said = applications.said_of(application)
        seen = keyed_hash("application settings", repr(said))
        form = ApplicationForm(request.POST if request.method == "POST" else None, said=said)
        if request.method == "POST" and form.is_valid():
            by, now = cast(Account, request.user), timezone.now()
            try:
                if request.POST.get("seen") != seen:
                    raise applications.ChangedMeanwhile
                applications.change(application, form.registration(), by=by, now=now)
            except applications.ChangedMeanwhile:
                form.add_error(
                    None,
                    _("A colleague changed the settings meanwhile. Look at their page first; Save replaces theirs."),
                )
            except (applications.KeyTaken, applications.NameTaken) as refused:
                _refuse(form, refused)
            else:
                messages.success(request, _("The settings are changed."))
                return redirect(_page_of(application))
        return self._show(request, application, "form", title=_("Change the settings"), form=form, seen=seen)

    def secret_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Another secret, after a page that says what that does."""
        application = self._find_to_change(request, object_id)
        if applications.said_of(application).is_public:
            raise Http404
        seen = keyed_hash("application secret", application.client.secret)
        if request.method == "POST":
            try:
                if request.POST.get("seen") != seen:
                    raise applications.Replaced
                secret = applications.new_secret(application, by=cast(Account, request.user), now=timezone.now())
            except applications.Replaced:
                messages.info(request, _("A new secret was made already, here or by a colleague. ") + _shown_once())
                return redirect(_page_of(application))
            return self._show_secret(request, application, secret)
        return self._show(request, application, "new_secret", title=_("New secret"), seen=seen)

    def state_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close it or open it, after a page that says whom that concerns."""
        application = self._find_to_change(request, object_id)
        if request.method == "POST":
            opening = request.POST.get("step") == "open"
            applications.set_open(application, opening, by=cast(Account, request.user), now=timezone.now())
            messages.success(request, _("The application is open.") if opening else _("The application is closed."))
            return redirect(_page_of(application))
        title = _("Close the application") if application.is_open else _("Open the application")
        return self._show(request, application, "state", title=title)

    def try_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Begin a test sign-in: the browser goes to the authorization endpoint, as an application sends it."""
        application = self._find_to_change(request, object_id)
        if request.method != "POST":
            return redirect(_page_of(application))
        if not application.is_open:
            messages.error(request, _("The application is closed: open it to try it."))
            return redirect(_page_of(application))
        return redirect(trial_client.begin(request, application))

    # --- shared -----------------------------------------------------------------------------------------------
    def _find(self, request: HttpRequest, object_id: str) -> Any:
        return self.found_or_404(request, object_id)

    def _find_to_change(self, request: HttpRequest, object_id: str) -> Any:
        """Without the right these pages do not exist."""
        if not applications.may_register(cast(Account, request.user)):
            raise Http404
        return self._find(request, object_id)

    def _show_secret(
        self, request: HttpRequest, application: Application, secret: str, is_new: bool = False
    ) -> HttpResponse:
        """The one answer in which the secret stands: nobody keeps it, neither the session nor a cache."""
        title = _("Registered") if is_new else _("The new secret")
        return self._show(request, application, "secret", title=title, secret=secret, is_new=is_new)

    def _show(self, request: HttpRequest, application: Application | None, name: str, **shown: Any) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "application": application,
            **shown,
        }
        refused = "form" in shown and shown["form"].errors
        return render(request, f"{PAGES}/{name}.html", shown, status=422 if refused else 200)


def portal_name(application: Application) -> str:
    """The name of the portal it belongs to; its key where no definition knows it any more."""
    portal = registry.portals().get(application.portal_key)
    return str(portal.name) if portal else application.portal_key


def _refuse(form: ApplicationForm, refused: Exception) -> None:
    """Say beside the field which other application is in the way."""
    if isinstance(refused, applications.NameTaken):
        form.add_error("name", _("Another application has this name, and people could not tell them apart."))
    else:
        form.add_error("key", _("Another application has this key."))


def _registered_as(said: applications.Registration) -> Application | None:
    """The application that says just this: a page that showed its secret was loaded again."""
    found = Application.objects.select_related("client").filter(key=said.key).first()
    return found if found and applications.said_of(found) == said else None


def _shown_once() -> str:
    return _("A secret is shown once. If it was lost, make a new one.")


def _page_of(application: Application) -> str:
    return reverse("admin:portals_application_change", args=[application.pk])
