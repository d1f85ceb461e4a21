"""What happens to files that people hand over. No name and no content: a name can say what somebody suffers from."""

from django.utils.translation import gettext_lazy as _

from identity.record.journal import Event


class FileReceived(Event, title=_("File received")):
    door: str
    kind: str


class FileCleared(Event, title=_("File checked")): ...


class FileRefused(Event, title=_("File refused")):
    refusal: str


class FileDeleted(Event, title=_("File deleted")): ...
