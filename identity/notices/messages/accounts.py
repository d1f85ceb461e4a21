"""Messages about the life of an account: closed, open again, a password that ends."""

from typing import ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages.base import absolute, address_of, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message


class PasswordReminder(Message, is_bulk=True, optional=True, title=_("Password ends soon")):
    """The password ends in 14, 7 or 1 days (S3-18); `since` is the day it was set."""

    stage: int
    since: str

    def render(self, *, account: Account) -> Rendered | None:
        now = timezone.now()
        days = account.password_days_left(now=now)
        if days is None or not account.is_active or account.password_changed_at.date().isoformat() != self.since:
            return None  # changed meanwhile
        told = {"days": days, "ends_at": account.password_ends_at, "link": absolute(reverse("change_password"))}
        return render_mail("identity/mail/password_reminder", account=account, tenant="", context=told)


class _StandingMail(Message, abstract=True, is_security=True):
    """`entry` is the journal's: an account that is closed twice is told twice."""

    entry: int
    template: ClassVar[str]

    def render(self, *, account: Account) -> Rendered | None:
        return render_mail(self.template, account=account, tenant="", context={})


class AccountClosedMail(_StandingMail, title=_("Account closed")):
    """Staff closed the account. Why stands in the journal, not in a mail."""

    template = "identity/mail/closed"


class AccountReopenedMail(_StandingMail, title=_("Account open again")):
    """Staff opened the account again."""

    template = "identity/mail/reopened"


class AddressSharedMail(Message, is_security=True, title=_("Another ID uses the same address")):
    """Another ID proved the same address: it signs in to neither from now on (C5). `by` says only that it was once."""

    address: int
    by: int

    def render(self, *, account: Account) -> Rendered | None:
        to = address_of(self.address)
        return (
            render_mail("identity/mail/address_shared", account=account, tenant="", context={}, to=to) if to else None
        )
