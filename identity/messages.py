"""The messages of identity: codes and links by mail, text and call."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from identity.domain import codes
from identity.domain.outbox import Channel, Message, Rendered, register
from identity.gateways import Call
from identity.models import Account, Challenge, PhoneDevice
from identity.sign_in_policy import policy


def absolute(path: str) -> str:
    """A path of this site as a link for a message: always PUBLIC_URL, never a request's Host header."""
    return settings.PUBLIC_URL + path


def render_mail(template: str, *, account: Account, place: str, context: dict[str, Any]) -> Rendered:
    """Make a mail from `<template>/subject.txt`, `text.txt` and `page.html`."""
    told = {"account": account, "place": policy().place(place), "public_url": settings.PUBLIC_URL, **context}
    return Rendered(
        to=account.email,
        subject=" ".join(render_to_string(f"{template}/subject.txt", told).split()),
        text=render_to_string(f"{template}/text.txt", told).strip() + "\n",
        html=render_to_string(f"{template}/page.html", told),
        sender=settings.DEFAULT_FROM_EMAIL,
    )


def _deliverable(pk: str, target: str) -> Challenge | None:
    """The challenge, while it is alive and still meant for this address or number: never to one given later."""
    challenge = Challenge.objects.select_related("account").get(pk=pk)
    current = codes.is_alive(challenge, now=timezone.now()) and codes.is_for(challenge, target)
    return challenge if current else None


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ActivationMail(Message):
    """Button and 10-digit code in the same mail (S0-26, S2-06)."""

    challenge: str
    place: str

    def render(self, *, account: Account) -> Rendered | None:
        if (challenge := _deliverable(self.challenge, account.email)) is None:
            return None
        link = absolute(reverse("activate", args=[codes.token_of(challenge)]))
        if self.place:
            link += f"?portal={self.place}"  # another browser learns where the ID was asked for (C22, C23)
        return render_mail(
            "identity/mail/activation",
            account=account,
            place=self.place,
            context={"code": codes.code_of(challenge), "link": link},
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _PhoneMessage(Message):
    device: int
    challenge: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TextCode(_PhoneMessage):
    """A 6-digit code by text message (S1-47)."""

    channel: ClassVar[Channel] = Channel.TEXT

    def render(self, *, account: Account) -> Rendered | None:
        number = PhoneDevice.objects.get(pk=self.device).number
        if (challenge := _deliverable(self.challenge, number)) is None:
            return None
        told = {"code": codes.code_of(challenge)}
        text = render_to_string("identity/text/code.txt", told).strip()
        return Rendered(to=number, subject="", text=text)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class KeypadCall(_PhoneMessage):
    """A call that asks for the code on the screen (S1-49): the code itself is never spoken."""

    channel: ClassVar[Channel] = Channel.CALL

    def render(self, *, account: Account) -> Rendered | None:
        number = PhoneDevice.objects.get(pk=self.device).number
        if (challenge := _deliverable(self.challenge, number)) is None:
            return None
        says = render_to_string("identity/text/keypad_call.txt").strip()
        call = Call(
            says=says,
            keypad_url=absolute(reverse("keypad", args=[codes.token_of(challenge)])),
            digits=codes.KINDS["phone"].digits,
            language=get_language() or "en",
        )
        return Rendered(to=number, subject="", text=says, call=call)
