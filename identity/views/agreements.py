"""Agreeing to a new version at sign-in, and the agreements that were signed, each with a copy to print (C18)."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from identity.accounts import agreements
from identity.forms.agreements import AgreeForm
from identity.models import Account, AccountRequest, Signature
from identity.policy.agreements import AGREEMENTS
from identity.policy.realms import REALMS
from identity.sign_in import login_intent
from identity.sign_in.first_password import FirstAgreementStage
from identity.sign_in.stages import AgreementStage, in_stage
from identity.views.page import page


@page(guard=in_stage(AgreementStage, FirstAgreementStage))
def agree(request: HttpRequest) -> HttpResponse:
    """The newest version, in full, before the session begins (S4-15)."""
    stage = cast(AgreementStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user
    agreement = agreements.for_account(account)
    version = agreement.current
    form = AgreeForm(request.POST if request.method == "POST" else None, mode=version.mode)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data.get("typed_name", "")
        try:
            agreements.sign(account=account, typed_name=typed, language=get_language() or "en", now=timezone.now())
        except agreements.NameDiffers:
            form.add_error(
                "typed_name", _("Type the name “%(name)s” as it is shown.") % {"name": account.get_full_name()}
            )
        else:
            return stage.exit()
    context = {
        "form": form,
        "agreement": agreement,
        "version": version,
        "text": agreement.template(version.number),
        "name": account.get_full_name(),
        "again": account.terms_version > 0,
    }
    return render(request, "identity/agreements/agree.html", context)


@page(methods="read")
def signed(request: AccountRequest) -> HttpResponse:
    """Who signed what and when: the own agreements."""
    rows = Signature.objects.filter(account=request.user).order_by("-at")
    return render(
        request,
        "identity/agreements/signed.html",
        {"signatures": [(row, AGREEMENTS[row.agreement]) for row in rows if row.agreement in AGREEMENTS]},
    )


@page(methods="read")
def copy(request: AccountRequest, pk: int) -> HttpResponse:
    """The text that was agreed to, with name and time, laid out for paper."""
    row = get_object_or_404(Signature, account=request.user, pk=pk)
    agreement = AGREEMENTS.get(row.agreement)
    if agreement is None:
        raise Http404
    context = {"signature": row, "agreement": agreement, "text": agreement.template(row.version)}
    return render(request, "identity/agreements/copy.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """Terms of Use (S0-17): the newest version of what the tenant's accounts agree to."""
    login_intent.remember_next(request)
    agreement = AGREEMENTS[REALMS[login_intent.tenant(request).realm].agreement]
    return render(
        request,
        "identity/pages/terms.html",
        {"agreement": agreement, "text": agreement.template(agreement.current.number)},
    )
