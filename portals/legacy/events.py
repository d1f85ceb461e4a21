"""What can happen to the old accounts of a source as a whole."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class LegacyImportEvent(Event, abstract=True):
    """A step of an import; the numbers are rows."""

    source: str
    accepted: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


class LegacyImportReceived(LegacyImportEvent, title=_("List of old accounts received")): ...


class LegacyImportChecked(LegacyImportEvent, title=_("List of old accounts checked; nothing stored yet")): ...


class LegacyImportBegun(LegacyImportEvent, title=_("Import of old accounts begun")): ...


class LegacyImportDone(LegacyImportEvent, title=_("Import of old accounts done")): ...


class LegacyImportRefused(LegacyImportEvent, title=_("List of old accounts refused")): ...


class LegacyImportDiscarded(LegacyImportEvent, title=_("Import of old accounts stopped")): ...
