"""What can happen between a person, an outside application and the keys between them."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationEvent(Event):
    """Something about an outside application."""

    application: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SignedOn(ApplicationEvent):
    title = _("Signed on at an outside application")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class OidcSessionEnded(ApplicationEvent):
    title = _("Sign-on at an outside application ended")
    because: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentGiven(ApplicationEvent):
    title = _("Agreed that an outside application may know them")
    scopes: list[str]


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRevoked(ApplicationEvent):
    title = _("Disconnected an outside application")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationRegistered(ApplicationEvent):
    title = _("Outside application registered")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationChanged(ApplicationEvent):
    title = _("Outside application changed")
    what: list[str]


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class ApplicationTried(ApplicationEvent):
    title = _("Test sign-in at an outside application")
    outcome: str


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKeyMade(Event):
    title = _("Signing key made")
    algorithm: str
    at_once: bool
    reason: str = ""
