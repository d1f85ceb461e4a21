"""What a practice is told about its conversations with those who help."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Account, Ticket
from identity.notices.messages import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message


class PracticeAnsweredMail(Message, optional=True, title=_("Ticket of your practice: answered")):
    """An answer to what somebody wrote about the practice who no longer works there: goes to who runs it. It names the
    number, never what was asked or answered."""

    number: str
    message: int  # the newest one: a ticket may be answered more than once

    def render(self, *, account: Account) -> Rendered | None:
        ticket = Ticket.objects.get(number=self.number)
        if not account.is_active:
            return None
        link = absolute(reverse("portal_message", args=[ticket.portal_key, self.number]))
        context = {"number": self.number, "link": link}
        return render_mail("portals/mail/practice_answered", account=account, tenant=ticket.portal_key, context=context)
