"""My Profile: the ID and all that belongs to it, and the pages that change it (S1-54)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import accounts, addresses, passwords, profiles, questions
from identity.allauth_seam import get_client_ip
from identity.codes import attempts
from identity.factors import phones
from identity.forms.profile import LoginNameForm, NameForm
from identity.governance import dates
from identity.models import Account, AccountRequest
from identity.policy import lifecycle
from identity.policy.realms import REALMS
from identity.record import journal
from identity.sign_in import login_intent, step_up
from identity.tenancy import tenancy
from identity.views import new_password
from identity.views.page import page

EVENTS_ON_A_PAGE = 25


@page(methods="read")
def show(request: AccountRequest) -> HttpResponse:
    """The ID, names, addresses, phone, security, preferences and dates, each with the way to change it."""
    account, now = request.user, timezone.now()
    rows = addresses.for_account(account)
    shown = {
        "account": account,
        "addresses": rows,
        "stopped": addresses.stopped(rows),
        "phone": phones.first(account),
        "entrances": tenancy().entrances(account.realm),
        "password_ends": account.password_ends_at,
        "questions": questions.are_used(account),
        "dates": dates.for_account(account, now=now)[:3],
        "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=account)[:5]],
    }
    return render(request, "identity/profile/show.html", shown)


@page(fresh=True)
def name(request: AccountRequest) -> HttpResponse:
    """First and last name."""
    account = request.user
    known = {"first_name": account.first_name, "last_name": account.last_name, "seen": account.profile_version}
    form = NameForm(request.POST or None, initial=known).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid():
        try:
            profiles.rename(account=account, now=timezone.now(), **form.cleaned_data)
        except profiles.ChangedMeanwhile:
            return _changed_meanwhile(request, form, "identity/profile/name.html")
        messages.success(request, _("Your name is changed."))
        return redirect("profile")
    return render(request, "identity/profile/name.html", {"form": form})


@page(fresh=True)
def login_name(request: AccountRequest) -> HttpResponse:
    """Another ID. A taken one is said, with free ones, as at sign-up."""
    account = request.user
    brand = tenancy().tenant_of_realm(account.realm).brand
    form = LoginNameForm(
        request.POST or None,
        initial={"login_name": account.login_name, "seen": account.profile_version},
        account=account,
        own_addresses={address.email for address in addresses.proved(account)},
        label=brand.login_name_label,
    )
    shown = {"form": form, "rules": brand.spell_rules(REALMS[account.realm].login_name_rules), "suggestions": []}
    if request.method == "POST" and form.is_valid() and _may_probe(request, form):
        try:
            profiles.change_login_name(account=account, now=timezone.now(), **form.cleaned_data)
        except profiles.ChangedMeanwhile:
            return _changed_meanwhile(request, form, "identity/profile/login_name.html", rules=shown["rules"])
        except accounts.LoginNameTaken:
            attempts.told_taken(address=get_client_ip(request), now=timezone.now())
            form.add_error("login_name", _("This name is taken. Choose another one."))
            taken = form.cleaned_data.get("login_name") or request.POST["login_name"]
            shown["suggestions"] = accounts.suggest(realm=account.realm, login_name=taken)
        else:
            messages.success(request, _("Your ID is now %(name)s.") % {"name": account.login_name})
            return redirect("profile")
    return render(request, "identity/profile/login_name.html", shown)


def _may_probe(request: HttpRequest, form: LoginNameForm) -> bool:
    try:
        attempts.check_can_probe(address=get_client_ip(request), now=timezone.now())
    except attempts.TooManyAttempts:
        form.add_error("login_name", _("Too many names were tried from here. Try again in an hour."))
        return False
    return True


def _changed_meanwhile(
    request: AccountRequest, form: NameForm | LoginNameForm, template: str, **shown: object
) -> HttpResponse:
    """The other window was quicker: what was typed stays, and the next press overwrites."""
    account = Account.objects.get(pk=request.user.pk)
    form.data = {**form.data.dict(), "seen": str(account.profile_version)}  # type: ignore[attr-defined]
    form.add_error(
        None,
        _("Your profile was changed in another window: it now says %(name)s (%(id)s). Save again to overwrite it.")
        % {"name": account.get_full_name(), "id": account.login_name},
    )
    return render(request, template, {"form": form, **shown}, status=409)


@page(fresh=True, sensitive=("password", "password_again"))
def password(request: AccountRequest) -> HttpResponse:
    """A new password; every other session ends, this one goes on."""
    account = request.user

    def store(chosen: str) -> HttpResponse:
        with step_up.staying(request):
            passwords.change(account=account, password=chosen, now=timezone.now())
        messages.success(request, _("Your new password is set. You are signed out everywhere but here."))
        return redirect("profile")

    return new_password.ask(request, account, store, at_home=True)


@page(methods="read")
def history(request: AccountRequest) -> HttpResponse:
    """Everything that happened with the own account, a page at a time."""
    pages = Paginator(journal.history(of=request.user), EVENTS_ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    titled = [(entry, journal.title_of(entry)) for entry in page]
    return render(request, "identity/profile/history.html", {"page": page, "entries": titled})


@page(methods="read")
def your_dates(request: AccountRequest) -> HttpResponse:
    """What ends when, and what keeps it alive (S3-18, S3-19)."""
    now = timezone.now()
    return render(
        request,
        "identity/profile/dates.html",
        {"dates": [(one, lifecycle.days_until(one.at, now=now)) for one in dates.for_account(request.user, now=now)]},
    )


@page(methods="read")
def calendar(request: AccountRequest) -> HttpResponse:
    """The same as an iCalendar file."""
    now = timezone.now()
    account = request.user
    text = dates.icalendar(dates.for_account(account, now=now), account=account, host=request.get_host(), now=now)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="healthcare-id-dates.ics"'
    return response
