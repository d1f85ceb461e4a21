"""One file to be handed in. What it is, and whether it is taken, is asked of identity.files.stored."""

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import PageForm
from identity.files.doors import Door
from identity.files.kinds import ENDINGS
from identity.models.files import Refusal


class UploadForm(PageForm):
    """One file: the next one has a press of its own."""

    file = forms.FileField(
        label=_("Choose a file"),
        max_length=500,
        error_messages={
            "required": _("Choose a file first."),
            "empty": Refusal.EMPTY.label,
            "max_length": _("The name of the file is too long. Rename it, and send it again."),
        },
    )

    def __init__(self, *args: Any, door: Door, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["file"]
        field.error_messages["required"] = _("Choose a file first.")
        field.widget.attrs["accept"] = ",".join(f".{ending}" for kind in sorted(door.kinds) for ending in ENDINGS[kind])
        field.help_text = _("%(kinds)s; %(size)s at most.") % {
            "kinds": ", ".join(str(kind.label) for kind in sorted(door.kinds, key=lambda kind: kind.label)),
            "size": filesizeformat(door.max_bytes),
        }
