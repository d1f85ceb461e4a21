"""The messages of identity: codes and links by mail, text and call; alerts."""

from dataclasses import dataclass
from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from identity.domain import alerts, codes, methods_resets, passwords, recovery
from identity.domain.outbox import Channel, Message, Rendered, register
from identity.gateways import Call
from identity.models import Account, Challenge, MethodsReset, PhoneDevice, SecurityAlert
from identity.sign_in_policy import policy


def absolute(path: str) -> str:
    """A path of this site as a link for a message: always PUBLIC_URL, never a request's Host header."""
    return settings.PUBLIC_URL + path


def render_mail(template: str, *, account: Account, place: str, context: dict[str, Any], to: str = "") -> Rendered:
    """Make a mail from `<template>/subject.txt`, `text.txt` and `page.html`; to the primary address, or another."""
    told = {
        "account": account,
        "place": policy().place(place) if place else policy().place_of_realm(account.realm),
        "public_url": settings.PUBLIC_URL,
        **context,
    }
    return Rendered(
        to=to or account.email,
        subject=" ".join(render_to_string(f"{template}/subject.txt", told).split()),
        text=render_to_string(f"{template}/text.txt", told).strip() + "\n",
        html=render_to_string(f"{template}/page.html", told),
        sender=settings.DEFAULT_FROM_EMAIL,
    )


def _brand(account: Account) -> str:
    """The name that texts and calls begin with."""
    return policy().place_of_realm(account.realm).brand.name


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
        told = {"code": codes.code_of(challenge), "brand": _brand(account)}
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
        says = render_to_string("identity/text/keypad_call.txt", {"brand": _brand(account)}).strip()
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
        told = {"digits": ". ".join(codes.code_of(challenge)), "brand": _brand(account)}
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


def _address(pk: int) -> str:
    """An address that is still one of an account's, or an empty text."""
    return EmailAddress.objects.filter(pk=pk, verified=True).values_list("email", flat=True).first() or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Alert(Message):
    alert: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AlertMail(_Alert):
    """A new device, a changed method, address or name: with the link to "this was not me" (policy: alerts).

    `address` is the key of an address beside the primary one; what was primary when it happened is told as well.
    """

    address: int = 0

    def render(self, *, account: Account) -> Rendered | None:
        alert = SecurityAlert.objects.get(pk=self.alert)
        to = _address(self.address) if self.address else (alert.old_address or account.email)
        if not to:
            return None  # removed meanwhile
        told = {
            "alert": alert,
            "said": said_of(alert),
            "link": absolute(reverse("not_me", args=[alerts.token_of(alert)])),
        }
        return render_mail("identity/mail/alert", account=account, place="", context=told, to=to)


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
        place = policy().place_of_realm(account.realm)
        told = {"said": said_of(alert), "brand": place.brand.name, "phone": place.brand.support_phone}
        text = render_to_string("identity/text/alert.txt", told).strip()
        return Rendered(to=number, subject="", text=text)


@dataclass(frozen=True, kw_only=True, slots=True)
class _StandingMail(Message):
    """`entry` is the journal's: an account that is closed twice is told twice."""

    entry: int
    template: ClassVar[str]

    def render(self, *, account: Account) -> Rendered | None:
        return render_mail(self.template, account=account, place="", context={})


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountClosedMail(_StandingMail):
    """Staff closed the account. Why stands in the journal, not in a mail."""

    template = "identity/mail/closed"


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AccountReopenedMail(_StandingMail):
    """Staff opened the account again."""

    template = "identity/mail/reopened"


def said_of(alert: SecurityAlert) -> str:
    """What happened, in one sentence, in the reader's language."""
    kinds = SecurityAlert.Kind
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
        kinds.METHODS_RESET: _("All sign-in methods of your ID beside the password were removed."),
        kinds.PHONE_CHANGED: _("The phone number of your ID was changed."),
        kinds.ADDRESS_ADDED: _("An email address was added to your ID."),
        kinds.ADDRESS_REMOVED: _("An email address was removed from your ID."),
        kinds.PRIMARY_CHANGED: _("Messages about your ID now go to another email address."),
        kinds.NAME_CHANGED: _("Your ID was changed to another name."),
    }
    told = {"what": alert.what, "place": alert.place or _("place unknown"), "method": method}
    return sentences[SecurityAlert.Kind(alert.kind)] % told


def method_name(kind: str) -> str:
    """A method's kind for people, in their language."""
    names = {
        "passkey": _("passkey"),
        "authenticator": _("authenticator"),
        "phone": _("phone"),
        "recovery": _("recovery codes"),
    }
    return names.get(kind, kind)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LoginNamesMail(Message):
    """ "Forgot ID": every login name of the realm with this address (S2-07, S4-32)."""

    address: int
    place: str
    request: str  # so that asking twice sends twice

    def render(self, *, account: Account) -> Rendered | None:
        if not (to := _address(self.address)):
            return None
        names = [row.user.login_name for row in recovery.names_at(to, account.realm).select_related("user")]
        told = {"names": names, "sign_in": absolute(reverse("account_login")) + _asking(self.place)}
        return render_mail("identity/mail/login_names", account=account, place=self.place, context=told, to=to)


def _asking(place: str) -> str:
    """Another browser learns which portal asked (S2-32)."""
    return f"?next={policy().place(place).enter}" if place else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _ToAddress(Message):
    """A code or link for one address of an account, the primary one or another."""

    challenge: str
    address: int
    place: str

    def deliverable(self) -> tuple[str, Challenge] | None:
        """The address and the challenge, while both are what they were."""
        row = EmailAddress.objects.filter(pk=self.address).first()
        challenge = _deliverable(self.challenge, row.email) if row else None
        return (row.email, challenge) if row and challenge else None


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ResetMail(_ToAddress):
    """ "Forgot password": the link that begins a reset (S2-07, S4-33, C27)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        link = absolute(reverse("reset_link", args=[codes.token_of(challenge)]))
        told = {"link": link + (f"?portal={self.place}" if self.place else "")}
        return render_mail("identity/mail/reset", account=account, place=self.place, context=told, to=to)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class AddressMail(_ToAddress):
    """Button and 10-digit code that prove an added address (S1-54)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        told = {
            "code": codes.code_of(challenge),
            "link": absolute(reverse("address_link", args=[codes.token_of(challenge)])),
        }
        return render_mail("identity/mail/address", account=account, place=self.place, context=told, to=to)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LostMethodsMail(_ToAddress):
    """The code that helps to remove lost sign-in methods."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        code = codes.code_of(challenge)
        told = {"code": f"{code[:4]}-{code[4:]}"}
        return render_mail("identity/mail/lost_methods", account=account, place=self.place, context=told, to=to)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordReminder(Message):
    """The password ends in 14, 7 or 1 days (S3-18); `since` is the day it was set."""

    stage: int
    since: str

    def render(self, *, account: Account) -> Rendered | None:
        now = timezone.now()
        days = passwords.days_left(account, now=now)
        if days is None or account.password_changed_at.date().isoformat() != self.since:
            return None  # changed meanwhile
        told = {"days": days, "ends_at": passwords.ends_at(account), "link": absolute(reverse("change_password"))}
        return render_mail("identity/mail/password_reminder", account=account, place="", context=told)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetMail(Message):
    """The help desk will remove all sign-in methods in a day: with the link to "stop this" (S4-37)."""

    reset: str
    address: int

    def render(self, *, account: Account) -> Rendered | None:
        reset = MethodsReset.objects.get(pk=self.reset)
        to = _address(self.address)
        if not to or reset.state != MethodsReset.State.CONFIRMED:
            return None
        told = {
            "due_at": methods_resets.due_at(reset),
            "link": absolute(reverse("stop_reset", args=[methods_resets.token_of(reset)])),
        }
        return render_mail("identity/mail/methods_reset", account=account, place="", context=told, to=to)


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class MethodsResetText(Message):
    """The same in one sentence to the phone on file, with the link: whoever has the phone has not lost it."""

    channel: ClassVar[Channel] = Channel.TEXT
    reset: str

    def render(self, *, account: Account) -> Rendered | None:
        reset = MethodsReset.objects.get(pk=self.reset)
        phone = PhoneDevice.objects.filter(user=account, confirmed=True).first()
        if phone is None or reset.state != MethodsReset.State.CONFIRMED:
            return None
        told = {
            "brand": _brand(account),
            "link": absolute(reverse("stop_reset", args=[methods_resets.token_of(reset)])),
        }
        return Rendered(
            to=phone.number, subject="", text=render_to_string("identity/text/methods_reset.txt", told).strip()
        )
