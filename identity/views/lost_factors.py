"""All second factors lost: prove two mailboxes, then set up new ones; with less, the help desk helps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from identity.accounts import questions
from identity.allauth_seam import stash_login
from identity.factors import second_factor
from identity.forms.recovery import AnswerQuestionsForm
from identity.models import Account
from identity.recovery import lost_factors
from identity.sign_in import authentication_records, login_intent
from identity.sign_in.stages import SecondFactorStage, in_stage
from identity.views import code_prompt
from identity.views.code_prompt import masked
from identity.views.page import page


@dataclass
class Flow:
    """Whose methods are lost, what this browser has proved, and where it goes on; `keep` saves `proved`."""

    account: Account
    proved: list[str]
    url: str
    keep: Callable[[], None]
    done: Callable[[], HttpResponse]
    resets: bool = False  # whether a new password comes next, before new methods

    def has_proved(self, proof: str) -> None:
        """Keep one more proof."""
        self.proved.append(proof)
        self.keep()


@page(guard=in_stage(SecondFactorStage))
def at_sign_in(request: HttpRequest) -> HttpResponse:
    """After the right password, "I cannot use any of these"."""
    stage = cast(SecondFactorStage, request._login_stage)  # type: ignore[attr-defined]
    account: Account = stage.login.user

    def done() -> HttpResponse:
        stage.login.state["epoch"] = account.session_epoch
        authentication_records.record_mailbox(request, account)
        login_intent.set_up_next(request)
        return stage.exit()

    flow = Flow(
        account=account,
        proved=stage.state.setdefault("lost", ["password"]),
        url=reverse("lost_factors"),
        keep=lambda: stash_login(request, stage.login),
        done=done,
    )
    return answer(request, flow)


def answer(request: HttpRequest, flow: Flow) -> HttpResponse:
    """The next step: questions before any code where no password was typed, one mailbox, the other, the button."""
    mailboxes = lost_factors.mailboxes(flow.account)
    asked = questions.for_account(flow.account) if questions.are_used(flow.account) else []
    if not mailboxes or not ("password" in flow.proved or asked):
        context = {"one_mailbox": not mailboxes, "knows_password": "password" in flow.proved}
        return render(request, "identity/lost_factors/help_desk.html", context)
    if "password" not in flow.proved and "answers" not in flow.proved:
        return _ask_questions(request, flow, asked)
    if "mailbox" not in flow.proved:
        return _ask_mailbox(request, flow, "mailbox", mailboxes[:1])
    if "second mailbox" not in flow.proved:
        return _ask_mailbox(request, flow, "second mailbox", mailboxes[1:])
    if request.method == "POST" and "remove" in request.POST:
        lost_factors.remove_all(account=flow.account, proved=set(flow.proved), now=timezone.now())
        messages.success(request, _("Your old sign-in methods are removed. Set up new ones."))
        return flow.done()
    methods = [second_factor.method_of(device).verbose_name for device in lost_factors.factors_of(flow.account)]
    return render(
        request, "identity/lost_factors/remove.html", {"methods": methods, "url": flow.url, "resets": flow.resets}
    )


def _ask_questions(request: HttpRequest, flow: Flow, asked: list[str]) -> HttpResponse:
    form = AnswerQuestionsForm(request.POST or None, questions=asked)
    if request.method == "POST" and form.is_valid():
        try:
            questions.check(account=flow.account, answers=form.cleaned_data, now=timezone.now())
        except questions.TooManyTries:
            form.add_error(None, _("Too many wrong answers today. Call support, or try again tomorrow."))
        except questions.WrongAnswers:
            form.add_error(None, _("The answers are not all correct. You have three tries a day."))
        else:
            flow.has_proved("answers")
            return redirect(flow.url)
    return render(request, "identity/lost_factors/questions.html", {"form": form, "url": flow.url})


def _ask_mailbox(request: HttpRequest, flow: Flow, proof: str, possible: list[EmailAddress]) -> HttpResponse:
    """A press sends the code, never a GET. Of several addresses the person chooses one that they still read."""
    wish = request.GET.get("address", "")
    address = next((one for one in possible if str(one.pk) == wish), possible[0])
    url = f"{flow.url}?address={address.pk}"

    def passed() -> HttpResponse:
        flow.has_proved(proof)
        return redirect(flow.url)

    prompt = code_prompt.CodePrompt(
        account=flow.account,
        purpose="lost",
        target=address.email,
        url=url,
        template="identity/lost_factors/mailbox.html",
        button="send",
        send=lambda tenant: lost_factors.send_code(address=address, tenant=tenant, now=timezone.now()),
        accept=lambda typed: lost_factors.accept(address=address, typed=typed, now=timezone.now()),
        on_success=passed,
        shown={
            "number": lost_factors.MAILBOXES.index(proof) + 1,
            "url": url,
            "others": [(f"{flow.url}?address={one.pk}", masked(one.email)) for one in possible if one != address],
        },
    )
    # Asked before a try that may end the code: what was wrong with it stands beside the field.
    prompt.shown["sent"] = prompt.is_sent()
    return code_prompt.respond(request, prompt)
