"""My Profile: the One Healthcare ID and what belongs to it (S1-54)."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from identity.domain import accounts, emails, journal
from identity.forms.profile import LanguageForm
from identity.models import Account, PhoneDevice
from identity.sign_in_policy import policy
from identity.views.pages import remember_language


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The ID, names, address, phone, language and the last events of the own account."""
    account = request.user
    assert isinstance(account, Account)
    form = LanguageForm(request.POST or None, initial={"language": account.language})
    if request.method == "POST" and form.is_valid():
        accounts.change_language(account=account, language=form.cleaned_data["language"], now=timezone.now())
        with override(account.language):
            messages.success(request, _("Saved."))
        response = redirect("profile")
        remember_language(response, account.language)
        return response
    shown = {
        "account": account,
        "form": form,
        "phone": PhoneDevice.objects.filter(user=account).first(),
        "email_verified": emails.is_verified(account),
        "entrances": policy().entrances(),
        "history": [(entry, journal.title_of(entry)) for entry in journal.history(of=account)[:10]],
    }
    return render(request, "identity/profile.html", shown)
