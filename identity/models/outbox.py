"""The outbox: messages that must reach somebody, written in the transaction that caused them; what became of each
mail; and addresses that mail no longer goes to."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from identity.models.leased import LeasedRow


class OutboxMessage(LeasedRow):
    """One message: its kind and the ids it speaks of, no rendered text, no link, no code."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        GIVEN_UP = "given up", _("given up")

    class Delivery(models.TextChoices):
        """What became of a mail once it was handed over; see identity.record.delivery."""

        UNNEEDED = "unneeded", _("no longer needed, not sent")
        MUTED = "muted", _("turned off by its reader, not sent")
        ACCEPTED = "accepted", _("handed over")
        DEFERRED = "deferred", _("put off by the mailbox")
        DELIVERED = "delivered", _("delivered")
        BOUNCED = "bounced", _("bounced")
        SUPPRESSED = "suppressed", _("not sent: mail to this address is stopped")
        COMPLAINED = "complained", _("marked as spam by its reader")

    kind = models.CharField(_("kind of message"), max_length=60)
    ids = models.JSONField(_("what it is about"))
    dedupe_key = models.CharField(_("key"), max_length=120, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    is_bulk = models.BooleanField(
        _("one of many"), default=False
    )  # one of many that a job sends: whoever waits for a code comes first

    # Of a mail. No address, no link: keyed hashes, by which an event and an opening find their row.
    provider_id = models.CharField(_("number at the provider"), max_length=200, blank=True)
    address_key = models.CharField(max_length=64, blank=True)
    link_key = models.CharField(max_length=64, blank=True)
    delivery = models.CharField(_("delivery"), max_length=10, blank=True, choices=Delivery.choices)
    reported_at = models.DateTimeField(_("last report"), null=True)  # when `delivery` became what it is
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    first_opened_at = models.DateTimeField(_("link first opened"), null=True)  # by its reader or by a robot

    class Meta:
        verbose_name = _("message to a person")
        verbose_name_plural = _("messages to people")
        indexes = [
            models.Index(fields=["address_key", "-id"], name="outbox_address", condition=~models.Q(address_key="")),
            models.Index(fields=["provider_id"], name="outbox_provider", condition=~models.Q(provider_id="")),
            models.Index(fields=["link_key"], name="outbox_link", condition=~models.Q(link_key="")),
            models.Index(fields=["is_bulk", "due_at"], name="outbox_waiting", condition=models.Q(state="waiting")),
            # The desk's list, newest first: of one kind, and of the few that were given up.
            models.Index(fields=["kind", "id"], name="outbox_kind"),
            models.Index(fields=["id"], name="outbox_given_up", condition=models.Q(state="given up")),
        ]

    def __str__(self) -> str:
        return self.kind


class SuppressedAddress(models.Model):
    """An address that bounced or complained. It is stopped while `since` is later than `lifted_at`."""

    class Cause(models.TextChoices):
        BOUNCED = "bounced", _("bounced")
        COMPLAINED = "complained", _("marked as spam by its reader")

    address_key = models.CharField(max_length=64, unique=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause.choices)
    since = models.DateTimeField(_("since"))
    lifted_at = models.DateTimeField(_("lifted at"), null=True)

    def __str__(self) -> str:
        return self.cause
