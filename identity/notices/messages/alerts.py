"""Alerts: what happened with an account, with the way to say "this was not me"."""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import Account, Merge, PhoneDevice, SecurityAlert
from identity.notices.messages.base import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Channel, Message
from identity.tenancy import tenancy


class _Alert(Message, abstract=True):
    alert: str


class AlertMail(_Alert, is_security=True, title=gettext_lazy("Security alert")):
    """A new device, a changed method, address or name: with the link to "this was not me" (policy: alerts).

    `number` is the place of its reader among those whom the alert tells.
    """

    number: int = 0

    def render(self, *, account: Account) -> Rendered | None:
        alert = SecurityAlert.objects.get(pk=self.alert)
        told = {
            "alert": alert,
            "said": said_of(alert),
            "link": "" if alert.answered_at else absolute(reverse("not_me", args=[alert.token])),
        }
        to = alert.told.split("\n")[self.number]
        return render_mail("identity/mail/alert", account=account, tenant="", context=told, to=to)


class AlertText(_Alert, channel=Channel.TEXT, title=gettext_lazy("Security alert (text message)")):
    """The same in one sentence to the phone that was on file before; nothing where there is none."""

    def render(self, *, account: Account) -> Rendered | None:
        alert = SecurityAlert.objects.get(pk=self.alert)
        phone = PhoneDevice.objects.filter(user=account, confirmed=True, confirmed_at__lt=alert.at).first()
        number = alert.old_number or (phone.number if phone else "")
        if not number:
            return None
        tenant = tenancy().tenant_of_realm(account.realm)
        told = {"said": said_of(alert), "brand": tenant.brand.name, "phone": tenant.brand.support_phone}
        text = render_to_string("identity/text/alert.txt", told).strip()
        return Rendered(to=number, subject="", text=text)


def said_of(alert: SecurityAlert) -> str:
    """What happened, in one sentence, in the reader's language."""
    kinds = SecurityAlert.Kind
    if alert.kind in (kinds.MERGED, kinds.MERGE_UNDONE):
        return _said_of_merge(alert)
    method = factor_name(alert.what)
    sentences = {
        kinds.NEW_DEVICE: _("Your ID was used to sign in on a new device: %(what)s, %(place)s."),
        kinds.FACTOR_ADDED: _("A sign-in method was added to your ID: %(method)s."),
        kinds.FACTOR_REMOVED: _("A sign-in method was removed from your ID: %(method)s."),
        kinds.FACTOR_DISABLED: _(
            "A sign-in method of your ID was switched off after too many wrong codes: %(method)s."
        ),
        kinds.DEVICE_COPIED: _(
            "Somebody used a copy of what your browser remembers (%(what)s, %(place)s). Both were signed out of it."
        ),
        kinds.PASSWORD_CHANGED: _("The password of your ID was changed."),
        kinds.FACTORS_RESET: _("All sign-in methods of your ID beside the password were removed."),
        kinds.PHONE_CHANGED: _("The phone number of your ID was changed."),
        kinds.ADDRESS_ADDED: _("An email address was added to your ID."),
        kinds.ADDRESS_REMOVED: _("An email address was removed from your ID."),
        kinds.PRIMARY_CHANGED: _("Messages about your ID now go to another email address."),
        kinds.NAME_CHANGED: _("Your ID was changed to another name."),
        kinds.QUESTIONS_CHANGED: _("The security questions of your ID were changed."),
        kinds.SECURED: _(
            'Your ID was secured: somebody answered an alert with "this was not me". Everybody is signed out, and what '
            "was changed since is undone."
        ),
    }
    told = {"what": alert.what, "place": alert.place or _("place unknown"), "method": method}
    return sentences[SecurityAlert.Kind(alert.kind)] % told


def _said_of_merge(alert: SecurityAlert) -> str:
    merge = Merge.objects.select_related("survivor", "absorbed").get(pk=alert.what)
    told = {"absorbed": merge.absorbed.login_name, "survivor": merge.survivor.login_name}
    if alert.kind == SecurityAlert.Kind.MERGED:
        return _("Your ID %(absorbed)s was merged into your ID %(survivor)s.") % told
    return _("Your IDs %(absorbed)s and %(survivor)s were separated again.") % told


def factor_name(kind: str) -> str:
    """A method's kind for people, in their language."""
    names = {
        "passkey": _("passkey"),
        "authenticator": _("authenticator"),
        "phone": _("phone"),
        "recovery": _("recovery codes"),
    }
    return names.get(kind, kind)
