"""What can happen between a person, an outside application and the keys between them."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class ApplicationEvent(Event, abstract=True):
    """Something about an outside application."""

    application: str


class SignedOn(ApplicationEvent, title=_("Signed on at an outside application")): ...


class OidcSessionEnded(ApplicationEvent, title=_("Sign-on at an outside application ended")):
    because: str


class ConsentGiven(ApplicationEvent, title=_("Agreed that an outside application may know them")):
    scopes: list[str]


class ConsentRevoked(ApplicationEvent, title=_("Disconnected an outside application")): ...


class ApplicationRegistered(ApplicationEvent, title=_("Outside application registered")): ...


class ApplicationChanged(ApplicationEvent, title=_("Outside application changed")):
    what: list[str]


class ApplicationTried(ApplicationEvent, title=_("Test sign-in at an outside application")):
    outcome: str


class SigningKeyMade(Event, title=_("Signing key made")):
    algorithm: str
    at_once: bool
    reason: str = ""
