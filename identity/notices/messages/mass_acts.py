"""What operators are told about a job that was stopped."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from identity.models import Account, MassAct
from identity.notices.messages.base import absolute, render_mail
from identity.record.gateways.wire import Rendered
from identity.record.outbox import Message


class MassActWaitsMail(Message, title=_("A stopped job waits")):
    """A job was stopped before it began, or lacks its second release (policy: mass acts). Goes to operators."""

    act: int
    state: str

    def render(self, *, account: Account) -> Rendered | None:
        act = MassAct.objects.filter(pk=self.act, state=self.state).first()
        if act is None or not account.is_active:
            return None
        link = absolute(reverse("admin:identity_massact_change", args=[act.pk]))
        return render_mail(
            "identity/mail/mass_act_waits", account=account, tenant="", context={"act": act, "link": link}
        )
