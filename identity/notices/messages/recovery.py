"""Messages to people who cannot sign in, and to those whose methods the help desk will remove."""

from allauth.account.models import EmailAddress
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.codes import codes
from identity.models import Account, Challenge, FactorReset, PhoneDevice
from identity.notices.messages.base import absolute, address_of, deliverable, render_mail, tenant_of
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Channel, Message
from identity.tenancy import tenancy


class LoginNamesMail(Message, is_security=True, title=_("Forgotten ID")):
    """ "Forgot ID": every login name of the realm with this address (S2-07, S4-32)."""

    address: int
    tenant: str
    request: str  # so that asking twice sends twice

    def render(self, *, account: Account) -> Rendered | None:
        if not (to := address_of(self.address)):
            return None
        reached = Account.objects.reached_at(to, account.realm).order_by("login_key")
        told = {
            "names": [one.login_name for one in reached],
            "sign_in": absolute(reverse("account_login")) + _asking(self.tenant),
        }
        return render_mail("identity/mail/login_names", account=account, tenant=self.tenant, context=told, to=to)


def _asking(tenant: str) -> str:
    """Another browser learns which portal asked (S2-32)."""
    return f"?next={tenancy().tenant(tenant).enter}" if tenant else ""


class _ToAddress(Message, abstract=True, is_security=True):
    """A code or link for one address of an account, the primary one or another."""

    challenge: str
    address: int
    tenant: str

    def deliverable(self) -> tuple[str, Challenge] | None:
        """The address and the challenge, while both are what they were."""
        row = EmailAddress.objects.filter(pk=self.address).first()
        challenge = deliverable(self.challenge, row.email) if row else None
        return (row.email, challenge) if row and challenge else None


class ResetMail(_ToAddress, title=_("Forgotten password")):
    """ "Forgot password": the link that begins a reset (S2-07, S4-33, C27)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        link = absolute(reverse("reset_link", args=[codes.token_of(challenge)]))
        told = {"link": link + (f"?portal={self.tenant}" if self.tenant else "")}
        return render_mail("identity/mail/reset", account=account, tenant=self.tenant, context=told, to=to)


class AddressMail(_ToAddress, title=_("Code for a new address")):
    """Button and 10-digit code that prove an added address (S1-54)."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        told = {
            "code": codes.code_of(challenge),
            "link": absolute(reverse("address_link", args=[codes.token_of(challenge)])),
        }
        return render_mail("identity/mail/address", account=account, tenant=self.tenant, context=told, to=to)


class LostFactorsMail(_ToAddress, title=_("Code for lost sign-in methods")):
    """The code that helps to remove lost sign-in methods."""

    def render(self, *, account: Account) -> Rendered | None:
        if (found := self.deliverable()) is None:
            return None
        to, challenge = found
        code = codes.code_of(challenge)
        told = {"code": f"{code[:4]}-{code[4:]}"}
        return render_mail("identity/mail/lost_factors", account=account, tenant=self.tenant, context=told, to=to)


class FactorResetMail(Message, is_security=True, title=_("Sign-in methods will be removed")):
    """The help desk will remove all sign-in methods in a day: with the link to "stop this" (S4-37)."""

    reset: str
    address: int

    def render(self, *, account: Account) -> Rendered | None:
        reset = FactorReset.objects.get(pk=self.reset)
        to = address_of(self.address)
        if not to or reset.state != FactorReset.State.CONFIRMED:
            return None
        told = {
            "due_at": reset.due_at,
            "link": absolute(reverse("stop_reset", args=[reset.token])),
        }
        return render_mail("identity/mail/factor_reset", account=account, tenant="", context=told, to=to)


class FactorResetText(Message, channel=Channel.TEXT, title=_("Sign-in methods will be removed (text message)")):
    """The same in one sentence to the phone on file, with the link: whoever has the phone has not lost it."""

    reset: str

    def render(self, *, account: Account) -> Rendered | None:
        reset = FactorReset.objects.get(pk=self.reset)
        phone = PhoneDevice.objects.filter(user=account, confirmed=True).first()
        if phone is None or reset.state != FactorReset.State.CONFIRMED:
            return None
        told = {
            "tenant": tenant_of(account),
            "link": absolute(reverse("stop_reset", args=[reset.token])),
        }
        return Rendered(
            to=phone.number, subject="", text=render_to_string("identity/text/factor_reset.txt", told).strip()
        )
