"""What happens to an account itself: made, closed, its names, addresses, password, agreements."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class AccountCreated(Event, title=_("Account created")): ...


class EmailVerified(Event, title=_("Email address verified")): ...


class EmailChanged(Event, title=_("Email address changed")):
    """The primary address, before it was verified or afterwards."""


class LanguageChanged(Event, title=_("Language changed")):
    language: str


class PasswordChanged(Event, title=_("Password changed")): ...


class AccountClosed(Event, title=_("Account closed")):
    reason: str


class AccountReopened(Event, title=_("Account reopened")):
    reason: str


class AddressAdded(Event, title=_("Email address added")): ...


class AddressRemoved(Event, title=_("Email address removed")): ...


class NameChanged(Event, title=_("Name changed")): ...


class LoginNameChanged(Event, title=_("ID changed")):
    before: str


class ThemeChanged(Event, title=_("Light or dark chosen")):
    theme: str


class MessagesChosen(Event, title=_("Messages chosen")):
    """Which of the optional ones the person no longer gets."""

    turned_off: str


class AgreementSigned(Event, title=_("Agreement signed")):
    agreement: str
    version: int


class SharedAddressKept(Event, title=_("A shared email address was kept")):
    """At sign-up, after the mailbox was proved (S2-24)."""


class SignUpGivenUp(Event, title=_("Sign-up given up for the ID that was there already")):
    """The person had an ID already (S2-24)."""


class SignUpLapsed(Event, title=_("Sign-up that was never finished given up")):
    """Nobody proved its address in time (L10)."""


class EmailReplaced(Event, title=_("Primary email address replaced by an operator")):
    """By an operator: the mailbox was gone."""

    reason: str
