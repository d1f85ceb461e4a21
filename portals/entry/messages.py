"""What people are told about getting into a portal."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Account
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message
from portals import registry


class AccessGivenMail(Message, title=_("Access given")):
    """A portal without a form was opened by the service desk (C12)."""

    portal_key: str
    grant: int

    def render(self, *, account: Account) -> Rendered | None:
        portal = registry.get(self.portal_key)
        enter = absolute(reverse("enter", args=[portal.landing_key]))
        told = {"portal": portal, "enter": enter}
        return render_mail("portals/mail/access_given", account=account, tenant=portal.key, context=told)
