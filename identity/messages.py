"""The messages of identity: codes and links by mail, text and call; alerts."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.domain import alerts, codes
from identity.domain.outbox import Channel, Message, Rendered, register
from identity.gateways import Call
from identity.models import Account, Challenge, Merge, PhoneDevice, SecurityAlert
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

    def deliverable(self) -> tuple[str, Challenge] | None:
        """The number and the challenge, while both are what they were."""
        phone = PhoneDevice.objects.filter(pk=self.device).first()
        challenge = _deliverable(self.challenge, phone.number) if phone else None
        return (phone.number, challenge) if phone and challenge else None


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TextCode(_PhoneMessage):
    """A 6-digit code by text message (S1-47)."""

    channel: ClassVar[Channel] = Channel.TEXT

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        told = {"code": codes.code_of(challenge)}
        text = render_to_string("identity/text/code.txt", told).strip()
        return Rendered(to=number, subject="", text=text)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class KeypadCall(_PhoneMessage):
    """A call that asks for the code on the screen (S1-49): the code itself is never spoken."""

    channel: ClassVar[Channel] = Channel.CALL

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        says = render_to_string("identity/text/keypad_call.txt").strip()
        call = Call(
            says=says,
            keypad_url=absolute(reverse("keypad", args=[codes.token_of(challenge)])),
            digits=codes.KINDS["phone"].length,
            language=get_language() or "en",
        )
        return Rendered(to=number, subject="", text=says, call=call)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SpokenCode(_PhoneMessage):
    """A call that says the code, digit by digit (S4-10, C9)."""

    channel: ClassVar[Channel] = Channel.CALL

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        told = {"digits": ". ".join(codes.code_of(challenge))}
        says = render_to_string("identity/text/spoken_code.txt", told).strip()
        return Rendered(to=number, subject="", text=says, call=Call(says=says, language=get_language() or "en"))


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccessCodeMail(Message):
    """ "Access Code Notification": the second step of accounts without a stronger one (S0-29)."""

    challenge: str
    place: str

    def render(self, *, account: Account) -> Rendered | None:
        if (challenge := _deliverable(self.challenge, account.email)) is None:
            return None
        code = codes.code_of(challenge)
        told = {"code": f"{code[:4]}-{code[4:]}"}
        return render_mail("identity/mail/access_code", account=account, place=self.place, context=told)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Alert(Message):
    alert: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AlertMail(_Alert):
    """A new device, a changed method, a copied device: with the link to "this was not me" (policy: alerts).

    `address` is the id of a verified address of one of the person's IDs; 0 means the primary one.
    """

    address: int = 0

    def render(self, *, account: Account) -> Rendered | None:
        alert = SecurityAlert.objects.get(pk=self.alert)
        told = {
            "alert": alert,
            "said": said_of(alert),
            "link": absolute(reverse("not_me", args=[alerts.token_of(alert)])),
        }
        rendered = render_mail("identity/mail/alert", account=account, place="", context=told)
        if not self.address:
            return rendered
        address = EmailAddress.objects.filter(pk=self.address, verified=True).first()
        return replace(rendered, to=address.email) if address else None


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AlertText(_Alert):
    """The same in one sentence to the phone that was on file before; nothing where there is none."""

    channel: ClassVar[Channel] = Channel.TEXT

    def render(self, *, account: Account) -> Rendered | None:
        alert = SecurityAlert.objects.get(pk=self.alert)
        phone = PhoneDevice.objects.filter(user=account, confirmed=True, confirmed_at__lt=alert.at).first()
        number = alert.old_number or (phone.number if phone else "")
        if not number:
            return None
        text = render_to_string("identity/text/alert.txt", {"said": said_of(alert)}).strip()
        return Rendered(to=number, subject="", text=text)


def said_of(alert: SecurityAlert) -> str:
    """What happened, in one sentence, in the reader's language."""
    kinds = SecurityAlert.Kind
    if alert.kind in (kinds.MERGED, kinds.MERGE_UNDONE):
        return _said_of_merge(alert)
    method = method_name(alert.what)
    sentences = {
        kinds.NEW_DEVICE: _("Your ID was used to sign in on a new device: %(what)s, %(place)s."),
        kinds.METHOD_ADDED: _("A sign-in method was added to your ID: %(method)s."),
        kinds.METHOD_REMOVED: _("A sign-in method was removed from your ID: %(method)s."),
        kinds.METHOD_DISABLED: _(
            "A sign-in method of your ID was switched off after too many wrong codes: %(method)s."
        ),
        kinds.DEVICE_COPIED: _(
            "Somebody used a copy of what your browser remembers (%(what)s, %(place)s). Both were signed out of it."
        ),
        kinds.PASSWORD_CHANGED: _("The password of your ID was changed."),
    }
    told = {"what": alert.what, "place": alert.place or _("place unknown"), "method": method}
    return sentences[SecurityAlert.Kind(alert.kind)] % told


def _said_of_merge(alert: SecurityAlert) -> str:
    merge = Merge.objects.select_related("survivor", "absorbed").get(pk=alert.what)
    told = {"absorbed": merge.absorbed.login_name, "survivor": merge.survivor.login_name}
    if alert.kind == SecurityAlert.Kind.MERGED:
        return _("Your ID %(absorbed)s was merged into your ID %(survivor)s.") % told
    return _("Your IDs %(absorbed)s and %(survivor)s were separated again.") % told


def method_name(kind: str) -> str:
    """A method's kind for people, in their language."""
    names = {
        "passkey": _("passkey"),
        "authenticator": _("authenticator"),
        "phone": _("phone"),
        "recovery": _("recovery codes"),
    }
    return names.get(kind, kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class TicketMail(Message):
    """One step of a ticket. A mail names its number, never what was asked or answered."""

    template: ClassVar[str] = ""
    number: str

    def render(self, *, account: Account) -> Rendered | None:
        told = {"number": self.number, "link": absolute(reverse("ticket", args=[self.number]))}
        return render_mail(self.template, account=account, place="", context=told)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketOpenedMail(TicketMail):
    template = "identity/mail/ticket_opened"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class TicketClosedMail(TicketMail):
    template = "identity/mail/ticket_closed"
