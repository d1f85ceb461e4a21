"""Codes and links that prove an address or a phone, or sign in: by mail, text and call."""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from identity.codes import codes
from identity.models import Account, Challenge, PhoneDevice
from identity.notices.messages.base import absolute, deliverable, render_mail, tenant_of
from identity.record.gateways.wire import Call, Rendered
from identity.record.outbox import Channel, Message


class ActivationMail(Message, is_security=True, title=_("Activation code")):
    """Button and 10-digit code in the same mail (S0-26, S2-06)."""

    challenge: str
    tenant: str

    def render(self, *, account: Account) -> Rendered | None:
        if (challenge := deliverable(self.challenge, account.email)) is None:
            return None
        link = absolute(reverse("activate", args=[codes.token_of(challenge)]))
        if self.tenant:
            link += f"?portal={self.tenant}"  # another browser learns where the ID was asked for (C22, C23)
        return render_mail(
            "identity/mail/activation",
            account=account,
            tenant=self.tenant,
            context={"code": codes.code_of(challenge), "link": link},
        )


class _PhoneMessage(Message, abstract=True):
    device: int
    challenge: str

    def deliverable(self) -> tuple[str, Challenge] | None:
        """The number and the challenge, while both are what they were."""
        phone = PhoneDevice.objects.filter(pk=self.device).first()
        challenge = deliverable(self.challenge, phone.number) if phone else None
        return (phone.number, challenge) if phone and challenge else None


class TextCode(_PhoneMessage, channel=Channel.TEXT, title=_("Code by text message")):
    """A 6-digit code by text message (S1-47)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        told = {"code": codes.code_of(challenge), "tenant": tenant_of(account)}
        text = render_to_string("identity/text/code.txt", told).strip()
        return Rendered(to=number, subject="", text=text)


class KeypadCall(_PhoneMessage, channel=Channel.CALL, title=_("Call that takes a code")):
    """A call that asks for the code on the screen (S1-49): the code itself is never spoken."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        says = render_to_string("identity/text/keypad_call.txt", {"tenant": tenant_of(account)}).strip()
        call = Call(
            says=says,
            keypad_url=absolute(reverse("keypad", args=[codes.token_of(challenge)])),
            digits=codes.KINDS["phone"].length,
            language=get_language() or "en",
        )
        return Rendered(to=number, subject="", text=says, call=call)


class SpokenCode(_PhoneMessage, channel=Channel.CALL, title=_("Call that says a code")):
    """A call that says the code, digit by digit (S4-10, C9)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        number, challenge = found
        told = {"digits": ". ".join(codes.code_of(challenge)), "tenant": tenant_of(account)}
        says = render_to_string("identity/text/spoken_code.txt", told).strip()
        return Rendered(to=number, subject="", text=says, call=Call(says=says, language=get_language() or "en"))


class AccessCodeMail(Message, is_security=True, title=_("Access code")):
    """ "Access Code Notification": the second step of accounts without a stronger one (S0-29)."""

    challenge: str
    tenant: str

    def render(self, *, account: Account) -> Rendered | None:
        if (challenge := deliverable(self.challenge, account.email)) is None:
            return None
        code = codes.code_of(challenge)
        told = {"code": f"{code[:4]}-{code[4:]}"}
        return render_mail("identity/mail/access_code", account=account, tenant=self.tenant, context=told)
