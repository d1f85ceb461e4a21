"""What people are told about regulatory news: that there is some, and that they have not confirmed it (S3-03).

Neither can be turned off: it is what a practice has to know.
"""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry
from portals.inside.domain import audiences, news, news_items
from portals.models import NewsItem
from rbac.domain import memberships
from rbac.models import AccessGrant


class _NewsMail(Message, abstract=True, is_bulk=True):
    item: int

    def mail(self, template: str, account: Account) -> Rendered | None:
        """The mail, unless its reader does not find the item any more, or has confirmed it."""
        item = NewsItem.objects.filter(pk=self.item).first()
        if item is None or not account.is_active or not _waits(item, account):
            return None
        told = {
            "item": item,
            "portal": registry.get(item.portal_key),
            "link": absolute(reverse("portal_news_item", args=[item.portal_key, item.pk])),
        }
        return render_mail(f"portals/mail/{template}", account=account, tenant=item.portal_key, context=told)


class RegulatoryNewsMail(_NewsMail, title=_("Regulatory news")):
    """There is a regulatory item to confirm."""

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("regulatory_news", account)


class NewsReminderMail(_NewsMail, title=_("Regulatory news: reminder")):
    """It was not confirmed yet. `reminded` is a moment in seconds: it tells one reminder from the next."""

    reminded: int

    def render(self, *, account: Account) -> Rendered | None:
        return self.mail("news_reminder", account)


def _waits(item: NewsItem, account: Account) -> bool:
    """Whether the account finds the item now, and has not confirmed it."""
    now = timezone.now()
    grant = AccessGrant.objects.active().in_portal(item.portal_key).filter(account=account).first()
    if grant is None:
        return False
    own = audiences.opened(memberships.behind(grant, now=now), news_items.CAPABILITY, now=now)
    rows = news.shown_to(account, portal=registry.get(item.portal_key), memberships=own, now=now)
    return news.unconfirmed(rows).filter(pk=item.pk).exists()
