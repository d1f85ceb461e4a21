"""Tickets: conversations with the people who help, under a number that can be told on the telephone."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from identity.keys.fields import EncryptedTextField
from identity.models.files import StoredFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How whoever wrote can be reached: of an account only what it does not say itself."""

    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""

    def __bool__(self) -> bool:
        return any(asdict(self).values())


class ContactField(EncryptedTextField):
    """A contact, encrypted like any text that somebody typed."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(asdict(value)) if value else "")

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        plain = super().from_db_value(value, expression, connection)
        return Contact(**json.loads(plain)) if plain else Contact()


class TicketQuerySet(models.QuerySet["Ticket"]):
    def of(self, account: Any) -> "TicketQuerySet":
        """The tickets of an account: nobody else's are ever found, nor those that are a practice's (see
        `for_practice`), which stand where its people work."""
        return self.filter(account=account, for_practice=False)

    def in_portal(self, portal_key: str) -> "TicketQuerySet":
        """Those that were written on a portal's page."""
        return self.filter(portal_key=portal_key)

    def with_unread(self, *, reader: Any, of_staff: bool) -> "TicketQuerySet":
        """Each says `is_unread`: whether the other side (staff, or the person) wrote what this reader has not seen."""
        return self.annotate(is_unread=_is_unread(reader, of_staff=of_staff))

    def with_unseen(self) -> "TicketQuerySet":
        """Each says `is_unseen`: whether staff wrote what nobody else has seen, neither the writer nor anybody of the
        practice."""
        read = TicketRead.objects.filter(
            ticket=OuterRef("ticket"), account__is_staff=False, read_to__gte=OuterRef("pk")
        )
        written = TicketMessage.objects.filter(ticket=OuterRef("pk"), is_staff=True)
        return self.annotate(is_unseen=Exists(written.exclude(Exists(read))))

    def unread_by(self, account: Any) -> "TicketQuerySet":
        """The tickets of an account with an answer that it has not seen (S4-16)."""
        return self.of(account).new_to(account)

    def new_to(self, reader: Any) -> "TicketQuerySet":
        """Those with an answer that this reader has not seen, whosever they are."""
        return self.filter(_is_unread(reader, of_staff=True))


def _is_unread(reader: Any, *, of_staff: bool) -> Exists:
    read = TicketRead.objects.filter(ticket=OuterRef("ticket"), account=reader, read_to__gte=OuterRef("pk"))
    written = TicketMessage.objects.filter(ticket=OuterRef("pk"), is_staff=of_staff)
    return Exists(written.exclude(Exists(read)))


class Ticket(models.Model):
    """One conversation. Its status moves only through identity.notices.tickets; what is said stands in its messages."""

    class Topic(models.TextChoices):
        SIGN_IN = "sign in", _("Signing in")
        MERGE = "merge", _("Two IDs")
        ACCESS = "access", _("Access to a portal")
        PRACTICE = "practice", _("Practices and tax IDs")
        TROUBLE = "trouble", _("Something does not work")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket", "Open")
        IN_PROGRESS = "in progress", _("In progress")
        WAITING = "waiting", _("Waiting for the person")
        CLOSED = "closed", _("Answered")

    number = models.CharField(_("number"), max_length=11, unique=True, editable=False)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="tickets", verbose_name=_("account")
    )
    contact: "models.Field[Contact, Contact]" = ContactField(blank=True, default=Contact)
    portal_key = models.CharField(max_length=40, blank=True, default="")  # whose page it was written on
    queue = models.CharField(max_length=40, blank=True, default="")  # the portal whose staff answer; empty: any desk
    realm = models.CharField(max_length=40, blank=True, default="")  # of its account, where no queue says whose staff
    practice_id = models.BigIntegerField(null=True)  # of rbac's practice: an app to the left, so no foreign key
    # Told before it was written that it is the practice's too: whoever runs the practice reads it, and goes on with it
    # when the writer leaves.
    for_practice = models.BooleanField(default=False)
    page = models.CharField(_("page"), max_length=200, blank=True, default="")  # the path of where its writer was
    earlier = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="later")
    topic = models.CharField(_("topic"), max_length=10, choices=Topic.choices)
    subject = EncryptedTextField(blank=True, default="")
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField(_("opened"))
    status_since = models.DateTimeField(_("status since"))
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="claimed_tickets",
        verbose_name=_("taken by"),
    )
    claimed_until = models.DateTimeField(null=True)
    is_unread: bool  # of rows that `with_unread` found
    is_unseen: bool  # of rows that `with_unseen` found

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        permissions = [("handle_ticket", "Can take and answer tickets")]
        default_permissions = ()
        indexes = [
            models.Index(fields=["status", "opened_at", "id"], name="ticket_queue"),
            models.Index(fields=["account", "-opened_at"], name="ticket_of_account"),
            models.Index(fields=["opened_at", "id"], name="ticket_opened"),
            models.Index(
                fields=["practice_id", "-opened_at"], name="ticket_of_practice", condition=Q(for_practice=True)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="ticket_claim_has_an_end",
                condition=Q(claimed_by=None, claimed_until=None)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_for_practice_has_one", condition=Q(for_practice=False) | Q(practice_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def is_held(self, *, now: datetime, by: Any = None) -> bool:
        """Whether a member of staff other than `by` works on it: a claim that has ended holds nobody up."""
        return self.claimed_until is not None and now < self.claimed_until and self.claimed_by != by

    def heading(self) -> str:
        """What lists call it: the words of whoever wrote, else its topic."""
        return self.subject or str(self.get_topic_display())


class TicketMessage(models.Model):
    """One thing that was said in a ticket, by the person or by staff. It is never changed."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_staff = models.BooleanField()
    text = EncryptedTextField()
    files = models.ManyToManyField(StoredFile, related_name="ticket_messages")
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.pk}"


class TicketRead(models.Model):
    """How far somebody has read a ticket: unread belongs to the reader, not to the message."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="reads")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_to = models.BigIntegerField()  # the newest message that was on the page

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["ticket", "account"], name="unique_read_per_ticket_and_account")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.account_id}"


# What waits for staff: nobody has begun, or the person wrote again and nobody holds it.
TO_ANSWER = Q(status=Ticket.Status.OPEN) | Q(status=Ticket.Status.IN_PROGRESS) & (
    Q(claimed_until=None) | Q(claimed_until__lte=Now())
)
