"""One page for every new password: after a reset, an alert, ninety days, or from the profile."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from identity.accounts import passwords
from identity.forms.passwords import NewPasswordForm
from identity.models import Account
from identity.policy.realms import password_rules
from identity.sign_in import branding, login_intent


def ask(request: HttpRequest, account: Account, store: Callable[[str], HttpResponse], **shown: Any) -> HttpResponse:
    """Ask for a new password; `store` keeps one that is good and answers. Raises hash_pool.Busy.

    The current one is refused: whoever resets a password or has to change it wants another one (C17).
    """
    form = NewPasswordForm(request.POST or None).spell(login_intent.tenant(request).brand.labels)
    if request.method == "POST" and form.is_valid() and _fits(account, form):
        return store(form.cleaned_data["password"])
    shown |= {"form": form, "rules": password_rules(account.realm), "login_name": account.login_name}
    return render(request, branding.pages(request, "sign_in/new_password.html"), shown)


def _fits(account: Account, form: NewPasswordForm) -> bool:
    form.check_password(account)
    if form.errors:
        return False
    if passwords.is_current(account=account, password=form.cleaned_data["password"]):
        form.add_error("password", _("This is the password you have now. Choose another one."))
        return False
    return True
