"""What people are told about old accounts."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.codes import codes
from identity.models import Account
from identity.notices.messages import absolute, deliverable, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry
from portals.models import LegacyAccount, LinkRequest, Unlinking


def _source_of(legacy: LegacyAccount) -> dict[str, object]:
    """What mails say of an old account: whose it was and its name there."""
    portal = registry.of_source(legacy.source)
    return {"portal": portal, "source": portal.legacy, "old_name": legacy.login_name}


class LegacyLinkedMail(Message, is_security=True, title=_("Old account: linked")):
    """An old account is linked to the ID (S0-31, S1-07)."""

    legacy: int
    entry: int  # of the journal: linked a second time is told a second time

    def render(self, *, account: Account) -> Rendered | None:
        legacy = LegacyAccount.objects.filter(pk=self.legacy, account=account).first()
        if legacy is None:
            return None
        told = _source_of(legacy)
        told["enter"] = absolute(reverse("enter", args=[registry.of_source(legacy.source).key]))
        return render_mail(
            "portals/mail/linked", account=account, tenant=registry.of_source(legacy.source).key, context=told
        )


class OldAddressMail(Message, is_security=True, title=_("Old account: linked, to its old address")):
    """An old account is linked to an ID, told to its own address where that is none of the ID's. It does not say whose
    the ID is."""

    legacy: int
    entry: int

    def render(self, *, account: Account) -> Rendered | None:
        legacy = LegacyAccount.objects.filter(pk=self.legacy, account=account).exclude(email="").first()
        if legacy is None:
            return None
        tenant = registry.of_source(legacy.source).key
        told = _source_of(legacy)
        return render_mail("portals/mail/old_address", account=account, tenant=tenant, context=told, to=legacy.email)


class LegacyClaimedMail(Message, is_security=True, title=_("Old account: somebody else knows its password")):
    """Somebody else showed the password of an old account that is linked to this ID. Once a ticket."""

    legacy: int
    ticket: str

    def render(self, *, account: Account) -> Rendered | None:
        legacy = LegacyAccount.objects.filter(pk=self.legacy, account=account).first()
        if legacy is None:
            return None
        tenant = registry.of_source(legacy.source).key
        return render_mail("portals/mail/claimed", account=account, tenant=tenant, context=_source_of(legacy))


class LegacyUnlinkedMail(Message, is_security=True, title=_("Old account: no longer linked")):
    """Two members of staff took an old account from the ID."""

    unlinking: str

    def render(self, *, account: Account) -> Rendered | None:
        legacy = Unlinking.objects.select_related("legacy").get(pk=self.unlinking).legacy
        tenant = registry.of_source(legacy.source).key
        return render_mail("portals/mail/unlinked", account=account, tenant=tenant, context=_source_of(legacy))


class LinkMail(Message, is_security=True, title=_("Old account: link by mail")):
    """The link for an old account whose password is forgotten, to the old account's own address (D-20)."""

    request: str

    def render(self, *, account: Account) -> Rendered | None:
        row = LinkRequest.objects.get(pk=self.request)
        legacy = LegacyAccount.objects.with_own_address(row.source, row.login_key)
        challenge = deliverable(str(row.challenge), row.target)
        if legacy is None or challenge is None:
            return None
        tenant = registry.of_source(row.source).key
        told = _source_of(legacy)
        told["link"] = absolute(reverse("link_by_mail", args=[tenant, codes.token_of(challenge)]))
        return render_mail("portals/mail/link", account=account, tenant=tenant, context=told, to=legacy.email)
