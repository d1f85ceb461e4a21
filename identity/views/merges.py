"""Merging two IDs of one person: name the other one, prove it, see what moves, choose, confirm; and undo (D-17)."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import accounts
from identity.factors import second_factor
from identity.forms.merges import ChoicesForm, OtherIdForm
from identity.forms.sign_in import PasswordForm
from identity.keys import hash_pool
from identity.merging import merge_consents, merges, merging
from identity.models import Account, AccountRequest, Factor, Merge
from identity.policy import lifecycle
from identity.sessions import idle, sessions
from identity.sign_in import authentication_records, login_intent, step_up
from identity.views import code_prompt, factor_prompt, merge_failures
from identity.views.page import page
from identity.views.sign_in import check_password


@page(fresh=True)
def start(request: AccountRequest) -> HttpResponse:
    """ "Do you have two IDs?" (S2-25): those that have verified the same address, or the name of another one."""
    own, form = request.user, OtherIdForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _is_another(own, form):
        merge_consents.begin(request, typed=form.cleaned_data["login"])
        return redirect("merge_password")
    context = {
        "form": form,
        "candidates": merges.candidates_of(own),
        "merged": Merge.objects.filter(survivor=own).select_related("absorbed").order_by("-at"),
        "staff": own.is_staff,
    }
    return render(request, "identity/merges/start.html", context)


def _is_another(own: Account, form: OtherIdForm) -> bool:
    """Whether what was typed is not the own ID; whose else it is stays unsaid."""
    found = accounts.find_for_sign_in(realm=own.realm, typed=form.cleaned_data["login"])
    if found is not None and found.pk == own.pk:
        form.add_error("login", _("This is the ID that you are signed in with. Type the other one."))
    return not form.errors


@page(sensitive=("password",))
def password(request: AccountRequest) -> HttpResponse:
    """The other ID's password, with the limits, the one sentence and the time of a sign-in. Raises hash_pool.Busy."""
    own, typed = request.user, merge_consents.typed(request)
    if not typed:
        return redirect("merge")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with hash_pool.pool.admit():
            other = check_password(request, realm=own.realm, typed=typed, form=form)
        if other is not None:
            try:
                merges.check_can_merge(own, other)
            except merges.MergeRefused as refused:
                return merge_failures.failed(request, refused.reason)
            merge_consents.password_shown(request, other, now=timezone.now())
            return redirect("merge_second_step")
    return render(request, "identity/merges/password.html", {"form": form, "typed": typed})


@page()
def second_step(request: AccountRequest) -> HttpResponse:
    """The other ID's second factor, or the code to its mailbox when it has none."""
    other = merge_consents.other(request, now=timezone.now())
    if other is None:
        return merge_failures.again(request)
    devices = second_factor.devices_of(other)
    if not devices:
        return _mailbox(request, other)

    def passed(device: Factor, kind: str) -> HttpResponse:
        if kind == "recovery":
            factor_prompt.say_what_is_left(request, other)
        return _proved(request, other, kind)

    def keep() -> None:
        request.session.modified = True

    prompt = factor_prompt.FactorPrompt(
        account=other,
        url=reverse("merge_second_step"),
        template="identity/merges/second_step.html",
        devices=devices,
        state=merge_consents.state(request),
        keep=keep,
        passed=passed,
        shown={"other": other},
    )
    return factor_prompt.respond(request, prompt)


def _mailbox(request: AccountRequest, other: Account) -> HttpResponse:
    return code_prompt.access_code(
        request,
        other,
        url=reverse("merge_second_step"),
        template="identity/merges/mailbox.html",
        on_success=lambda: _proved(request, other, authentication_records.MAILBOX),
        other=other,
    )


def _proved(request: AccountRequest, other: Account, method: str) -> HttpResponse:
    try:
        proof = merges.prove(own=request.user, other=other, method=method, now=timezone.now())
    except merges.MergeRefused as refused:
        return merge_failures.failed(request, refused.reason)
    merge_consents.keep(request, proof)
    step_up.new_session_id(request)
    return redirect("merge_choose")


@page()
def choose(request: AccountRequest) -> HttpResponse:
    """Everything that both have, which ID stays, and every clash to choose about."""
    own, other = request.user, merge_consents.proved_other(request, now=timezone.now())
    if other is None:
        return merge_failures.again(request)
    form = ChoicesForm(
        request.POST if request.method == "POST" else None, accounts=(own, other), clashes=merges.clashes(own, other)
    )
    if request.method == "POST" and form.is_valid():
        merge_consents.choose(request, survivor=form.cleaned_data["survivor"], choices=form.chosen())
        return redirect("merge_confirm")
    context = {"form": form, "own": own, "other": other, "together": _together(own, other)}
    return render(request, "identity/merges/choose.html", context)


def _together(own: Account, other: Account) -> list[tuple[str, list[tuple[str, str]]]]:
    """What both bring along, by kind: the thing, and which ID it comes from."""
    result = []
    for rule in merging.RULES.values():
        rows = [
            (str(text), one.login_name) for one, two in ((own, other), (other, own)) for text in rule.shown(one, two)
        ]
        if rows:
            result.append((str(getattr(rule, "what", "")), rows))
    return result


@page(fresh=True)
def confirm(request: AccountRequest) -> HttpResponse:
    """What is going to happen, once more; its button does it."""
    own, other = request.user, merge_consents.proved_other(request, now=timezone.now())
    survivor, choices = merge_consents.chosen(request)
    if request.method == "POST":
        return _merge(request, own, survivor, choices)
    if other is None:
        return merge_failures.again(request)
    if survivor not in (own.pk, other.pk):
        return redirect("merge_choose")
    kept, ended = (own, other) if survivor == own.pk else (other, own)
    names = {one.pk: one.login_name for one in (kept, ended)}
    decided = [
        (str(clash.what), [(str(text), names[pk], pk == choices.get(clash.key)) for pk, text in clash.options])
        for clash in merges.clashes(own, other)
    ]
    moving = [
        (str(getattr(rule, "what", "")), [str(text) for text in texts])
        for rule in merging.RULES.values()
        if (texts := rule.shown(ended, kept))
    ]
    context = {
        "kept": kept,
        "ended": ended,
        "decided": decided,
        "moving": moving,
        "days": lifecycle.after("merge_undo").days,
        "own_ends": ended.pk == own.pk,
    }
    return render(request, "identity/merges/confirm.html", context)


def _merge(request: AccountRequest, own: Account, survivor: int, choices: dict[str, int]) -> HttpResponse:
    proof = merge_consents.kept(request)
    other = Account.objects.filter(pk=proof.other).first() if proof else None
    if proof is None or other is None:
        return merge_failures.again(request)
    if survivor not in (own.pk, other.pk):
        return redirect("merge_choose")
    kept, ended = (other, own) if survivor == other.pk else (own, other)
    try:
        merge = merges.merge(survivor=kept, absorbed=ended, choices=choices, proof=proof, by=own, now=timezone.now())
    except merges.MergeRefused as refused:
        return merge_failures.failed(request, refused.reason, other=other)
    merge_consents.forget(request)
    if kept.pk == own.pk:
        messages.success(request, _("Your two IDs are one now: %(name)s.") % {"name": kept.login_name})
        return redirect("merged", merge.pk)
    key = request.session.session_key
    logout(request)  # the account of this session has ended
    idle.stop(key)
    sessions.close(key)
    login_intent.remember_identifier(request, kept.login_name)
    told = _("Your two IDs are one now. Sign in with %(name)s from now on.") % {"name": kept.login_name}
    messages.success(request, told)
    return redirect("account_login")


@page(methods="read")
def show(request: AccountRequest, pk: UUID) -> HttpResponse:
    """A merge of the own ID, and its undo while there is time."""
    merge = _of(request.user, pk)
    context = {
        "merge": merge,
        "until": merge.at + lifecycle.after("merge_undo"),
        "can_undo": merges.can_undo(merge, now=timezone.now()),
    }
    return render(request, "identity/merges/merged.html", context)


@page(fresh=True, methods="button")
def undo(request: AccountRequest, pk: UUID) -> HttpResponse:
    """Separate the two IDs again."""
    merge = _of(request.user, pk)
    try:
        merges.undo(merge=merge, by=request.user, now=timezone.now())
    except merges.MergeRefused as refused:
        return merge_failures.failed(request, refused.reason, other=merge.absorbed)
    messages.success(request, _("The two IDs are separated again. Both work as before."))
    return redirect("merged", pk)


def _of(account: Account, pk: UUID) -> Merge:
    return get_object_or_404(Merge.objects.select_related("survivor", "absorbed"), pk=pk, survivor=account)
