"""What can happen to the old accounts of a source as a whole."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event, register


@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportEvent(Event):
    """A step of an import; the numbers are rows."""

    source: str
    accepted: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportReceived(LegacyImportEvent):
    title = _("List of old accounts received")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportChecked(LegacyImportEvent):
    title = _("List of old accounts checked; nothing stored yet")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportBegun(LegacyImportEvent):
    title = _("Import of old accounts begun")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportDone(LegacyImportEvent):
    title = _("Import of old accounts done")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportRefused(LegacyImportEvent):
    title = _("List of old accounts refused")


@register
@dataclass(frozen=True, kw_only=True, slots=True)
class LegacyImportDiscarded(LegacyImportEvent):
    title = _("Import of old accounts stopped")
