"""The identity app's tables."""

from identity.models.accounts import Account, Person
from identity.models.challenges import Challenge
from identity.models.journal import JournalEntry
from identity.models.outbox import OutboxMessage
from identity.models.phones import PhoneDevice

__all__ = ["Account", "Challenge", "JournalEntry", "OutboxMessage", "Person", "PhoneDevice"]
