"""The messages of identity, by noun."""

from identity.notices.messages.accounts import (
    AccountClosedMail,
    AccountReopenedMail,
    AddressSharedMail,
    PasswordReminder,
)
from identity.notices.messages.alerts import AlertMail, AlertText, factor_name, said_of
from identity.notices.messages.base import absolute, address_of, deliverable, render_mail, render_mail_to, tenant_of
from identity.notices.messages.codes import AccessCodeMail, ActivationMail, KeypadCall, SpokenCode, TextCode
from identity.notices.messages.mass_acts import MassActWaitsMail
from identity.notices.messages.recovery import (
    AddressMail,
    FactorResetMail,
    FactorResetText,
    LoginNamesMail,
    LostFactorsMail,
    ResetMail,
)
from identity.notices.messages.tickets import (
    TicketClosedMail,
    TicketHandedOverMail,
    TicketMail,
    TicketOpenedMail,
    TicketRepliedMail,
)

__all__ = [
    "AccessCodeMail",
    "AccountClosedMail",
    "AccountReopenedMail",
    "ActivationMail",
    "AddressMail",
    "AddressSharedMail",
    "AlertMail",
    "AlertText",
    "FactorResetMail",
    "FactorResetText",
    "KeypadCall",
    "LoginNamesMail",
    "LostFactorsMail",
    "MassActWaitsMail",
    "PasswordReminder",
    "ResetMail",
    "SpokenCode",
    "TextCode",
    "TicketClosedMail",
    "TicketHandedOverMail",
    "TicketMail",
    "TicketOpenedMail",
    "TicketRepliedMail",
    "absolute",
    "address_of",
    "deliverable",
    "factor_name",
    "render_mail",
    "render_mail_to",
    "said_of",
    "tenant_of",
]
