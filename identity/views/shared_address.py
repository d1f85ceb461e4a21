"""One address of several IDs: the choice at sign-up, and what its users see once they are inside (C5, S2-24, S2-26)."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from identity.accounts import addresses
from identity.governance import sign_ups
from identity.models import Account, AccountRequest
from identity.sign_in.stages import SharedAddressStage, in_stage
from identity.views.page import page


@page(guard=in_stage(SharedAddressStage))
def choose(request: HttpRequest) -> HttpResponse:
    """Two choices, for somebody who has just proved the mailbox: the ID that is there already, or go on (S2-24)."""
    stage = cast(SharedAddressStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user
    if request.method == "POST":
        if "keep" in request.POST:
            addresses.keep_shared(account=account, now=timezone.now())
            return stage.exit()
        sign_ups.give_up(account=account, now=timezone.now())
        stage.abort()
        return redirect("forgot_id" if "forgot" in request.POST else "account_login")
    return render(request, "identity/shared_address/choose.html", {"address": account.email})


@page(methods="read")
def co_workers(request: AccountRequest) -> HttpResponse:
    """Who else uses an address of this account, so that they can decide who keeps it (S2-26)."""
    account = request.user
    return render(request, "identity/shared_address/co_workers.html", {"shared": addresses.shared_with(account)})
