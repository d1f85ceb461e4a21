"""Preferences (S1-54, S4-16): language, light or dark, and which messages one gets."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from identity.accounts import profiles
from identity.forms.preferences import MessagesForm, PreferencesForm
from identity.models import AccountRequest
from identity.record import muted_messages
from identity.views.page import page
from identity.views.pages import remember_language


@page()
def preferences(request: AccountRequest) -> HttpResponse:
    """Language, light or dark."""
    account = request.user
    form = _preferences_form(request, sent=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        now, wanted = timezone.now(), form.cleaned_data
        if wanted["theme"] != account.theme:
            profiles.change_theme(account=account, theme=wanted["theme"], now=now)
        if wanted["language"] != account.language:
            profiles.change_language(account=account, language=wanted["language"], now=now)
        with override(account.language):
            messages.success(request, _("Saved."))
        response = redirect("profile")
        remember_language(response, account.language)
        return response
    return _show(request, form, _messages_form(request, sent=False))


@page()
def choose_messages(request: AccountRequest) -> HttpResponse:
    """Which messages one gets, of those that may be turned off (decision 0057)."""
    form = _messages_form(request, sent=request.method == "POST")
    if request.method == "POST" and form.is_valid():
        muted_messages.choose(account=request.user, wanted=form.cleaned_data["wanted"], now=timezone.now())
        messages.success(request, _said(form))
        return redirect("preferences")
    return _show(request, _preferences_form(request, sent=False), form)


def _said(form: MessagesForm) -> str:
    off = [str(title) for key, title in form.offered if key not in form.cleaned_data["wanted"]]
    if not off:
        return _("Saved. You get all of these messages.")
    return _("Saved. You no longer get: %(kinds)s.") % {"kinds": "; ".join(off)}


def _preferences_form(request: AccountRequest, *, sent: bool) -> PreferencesForm:
    known = {"language": request.user.language, "theme": request.user.theme}
    return PreferencesForm(request.POST if sent else None, initial=known)


def _messages_form(request: AccountRequest, *, sent: bool) -> MessagesForm:
    offered = [(kind.stored_as, kind.title) for kind in muted_messages.optional()]
    known = {"wanted": muted_messages.wanted(request.user)} if not sent else {}
    return MessagesForm(request.POST if sent else None, offered=offered, initial=known)


def _show(request: AccountRequest, form: PreferencesForm, messages_form: MessagesForm) -> HttpResponse:
    context = {"form": form, "messages_form": messages_form, "faulty": messages_form if messages_form.errors else form}
    return render(request, "identity/profile/preferences.html", context)
