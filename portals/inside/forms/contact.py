"""What somebody types who writes to those who help: issue, question, contact information (S3-16)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import AddressField, text_input
from identity.forms.tickets import WithFiles
from identity.models import Account, Contact, Ticket
from identity.notices import tickets
from portals.spec import PortalSpec
from rbac.models import Practice

NONE = "none"


class ContactForm(WithFiles):
    """Of somebody who is signed in: we know who they are and where to write to."""

    topic = forms.ChoiceField(label=_("What is it about?"))
    practice = forms.ChoiceField(label=_("Which practice is it about?"))
    subject = forms.CharField(label=_("Issue"), max_length=120, widget=text_input(autocomplete="off"))
    text = forms.CharField(label=_("Question"), max_length=tickets.MAX_LENGTH, widget=forms.Textarea(attrs={"rows": 6}))
    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        required=False,
        widget=text_input(type="tel", autocomplete="tel", data_size="medium"),
    )

    def __init__(
        self, *args: Any, portal: PortalSpec, account: Account | None, practices: Sequence[Practice] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, account=account, **kwargs)
        self.practices = practices
        offered = [(topic.key, Ticket.Topic(topic.key).label) for topic in portal.topics]
        self.fields["topic"].choices = [("", _("Choose a topic")), *offered]  # type: ignore[attr-defined]

        if len(practices) > 1:
            named = [(str(one.pk), one.name) for one in practices]
            self.fields["practice"].choices = [("", _("Choose a practice")), *named, (NONE, _("None of them"))]  # type: ignore[attr-defined]
        else:
            del self.fields["practice"]

    @property
    def practice_id(self) -> int | None:
        """The practice that it is about: the writer's only one, or the one that was chosen among theirs (D-29)."""
        if "practice" not in self.fields:
            return self.practices[0].pk if self.practices else None
        chosen = self.cleaned_data["practice"]
        return None if chosen == NONE else int(chosen)

    def contact(self) -> Contact:
        """How the person can be reached, as far as their account does not say it."""
        given = {name: self.cleaned_data[name] for name in ("name", "email", "phone") if name in self.fields}
        return Contact(**given, language=get_language() or "")


class StrangerForm(ContactForm):
    """Of somebody whom we do not know."""

    name = forms.CharField(label=_("Your name"), max_length=100, widget=text_input(autocomplete="name"))
    email = AddressField(
        label=_("Email Address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    field_order = ("topic", "subject", "text", "name", "email", "phone")
