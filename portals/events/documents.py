"""What can happen to documents (S3-07). A title stands in the document's row only."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class DocumentAdded(Event, title=_("Document added")):
    portal_key: str


class DocumentVersionAdded(Event, title=_("Version of a document added")):
    version: int


class DocumentChanged(Event, title=_("Details of a document changed")):
    """`changed` names the columns, never what stood in them."""

    changed: list[str]


class DocumentShareEvent(Event, abstract=True):
    """`practice` is None where it is about one person: the account."""

    practice: int | None


class DocumentShared(DocumentShareEvent, title=_("Document shared")): ...


class DocumentUnshared(DocumentShareEvent, title=_("Document no longer shared")): ...


class DocumentOpened(Event, title=_("Document opened")):
    """For the first time by this reader."""

    version: int


class DocumentDeleted(Event, title=_("Document moved to the trash")): ...


class DocumentRestored(Event, title=_("Document taken from the trash")): ...


class DocumentErased(Event, title=_("Document deleted for good")): ...


class HoldSet(Event, title=_("Document held")):
    reason: str


class HoldLifted(Event, title=_("Document no longer held")):
    reason: str
