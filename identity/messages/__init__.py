"""The messages of identity, by noun."""

from identity.messages.accounts import AccountClosedMail, AccountReopenedMail, AddressSharedMail, PasswordReminder
from identity.messages.alerts import AlertMail, AlertText, method_name, said_of
from identity.messages.base import absolute, address_of, deliverable, place_of, render_mail
from identity.messages.codes import AccessCodeMail, ActivationMail, KeypadCall, SpokenCode, TextCode
from identity.messages.mass_acts import MassActWaitsMail
from identity.messages.recovery import (
    AddressMail,
    LoginNamesMail,
    LostMethodsMail,
    MethodsResetMail,
    MethodsResetText,
    ResetMail,
)
from identity.messages.tickets import TicketClosedMail, TicketMail, TicketOpenedMail

__all__ = [
    "AccessCodeMail",
    "AccountClosedMail",
    "AccountReopenedMail",
    "ActivationMail",
    "AddressMail",
    "AddressSharedMail",
    "AlertMail",
    "AlertText",
    "KeypadCall",
    "LoginNamesMail",
    "LostMethodsMail",
    "MassActWaitsMail",
    "MethodsResetMail",
    "MethodsResetText",
    "PasswordReminder",
    "ResetMail",
    "SpokenCode",
    "TextCode",
    "TicketClosedMail",
    "TicketMail",
    "TicketOpenedMail",
    "absolute",
    "address_of",
    "deliverable",
    "method_name",
    "place_of",
    "render_mail",
    "said_of",
]
