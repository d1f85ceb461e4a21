"""The identity app's tables."""

from identity.models.accounts import Account, Person
from identity.models.agreements import Signature
from identity.models.alerts import SecurityAlert
from identity.models.challenges import Challenge
from identity.models.devices import OpenSession, RememberedDevice
from identity.models.factors import AuthenticatorDevice, Factor, PasskeyDevice, RecoveryCode, RecoveryDevice
from identity.models.files import FileText, StoredFile
from identity.models.journal import JournalEntry
from identity.models.leased import LeasedRow
from identity.models.mass_acts import ClockMark, MassAct
from identity.models.merges import Merge
from identity.models.muted_messages import MutedMessage
from identity.models.outbox import OutboxMessage, SuppressedAddress
from identity.models.phones import PhoneDevice
from identity.models.questions import QuestionTries, SecurityAnswer
from identity.models.recovery import FactorReset, RecoveryRequest
from identity.models.requests import AccountRequest, is_signed_in
from identity.models.saved_posts import SavedPost
from identity.models.search import SearchTerm
from identity.models.spending import DailySpend
from identity.models.tickets import Contact, Ticket, TicketMessage, TicketRead

__all__ = [
    "Account",
    "AccountRequest",
    "AuthenticatorDevice",
    "Challenge",
    "ClockMark",
    "Contact",
    "DailySpend",
    "Factor",
    "FactorReset",
    "FileText",
    "JournalEntry",
    "LeasedRow",
    "MassAct",
    "Merge",
    "MutedMessage",
    "OpenSession",
    "OutboxMessage",
    "PasskeyDevice",
    "Person",
    "PhoneDevice",
    "QuestionTries",
    "RecoveryCode",
    "RecoveryDevice",
    "RecoveryRequest",
    "RememberedDevice",
    "SavedPost",
    "SearchTerm",
    "SecurityAlert",
    "SecurityAnswer",
    "Signature",
    "StoredFile",
    "SuppressedAddress",
    "Ticket",
    "TicketMessage",
    "TicketRead",
    "is_signed_in",
]
