"""What somebody types who writes to those who help: issue, question, contact information (S3-16)."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import Resolver404, resolve
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from identity.factors.forms.base import AddressField, text_input
from identity.forms.tickets import WithFiles
from identity.models import Account, Contact, Ticket
from identity.notices import tickets
from portals.spec import PortalSpec
from rbac.models import Practice

NONE = "none"
_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_.-]{0,199}")  # paths of ours hold keys and numbers, nothing that anybody typed


def page_of(typed: str) -> str:
    """The path of a page of ours as a link or form names it; nothing for whatever else stands there, and for a page
    behind a mailed link: whoever reads the path could go where it leads."""
    try:
        found = resolve(typed) if _PATH.fullmatch(typed) else None
    except Resolver404:
        return ""
    return typed if found and "token" not in found.kwargs else ""


def who_reads(portal: PortalSpec) -> str:
    """Who reads a conversation about a practice beside its writer, said before it is written (decision 0057)."""
    if portal.has_administrators:
        return gettext(
            "The administrators of the practice read the conversation too, and go on with it when its writer leaves."
        )
    return gettext(
        "The practice managers and site administrators of the practice read the conversation too, and go on with it "
        "when its writer leaves."
    )


class ContactForm(WithFiles):
    """Of somebody who is signed in: we know who they are, where to write to, and from which page they come."""

    page = forms.CharField(required=False, widget=forms.HiddenInput)
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
        # Ids of its own: in a dialog it stands beside the forms of a page.
        super().__init__(*args, account=account, auto_id="contact_%s", **kwargs)
        self.practices = practices
        offered = [(topic.key, Ticket.Topic(topic.key).label) for topic in portal.topics]
        self.fields["topic"].choices = [("", _("Choose a topic")), *offered]  # type: ignore[attr-defined]

        if practices:
            named = [(str(one.pk), one.name) for one in practices]
            self.fields["practice"].choices = [("", _("Choose a practice")), *named, (NONE, _("None of them"))]  # type: ignore[attr-defined]
            only_you = gettext("Choose “None of them” for what only you and we are to read.")
            self.fields["practice"].help_text = f"{who_reads(portal)} {only_you}"
        else:
            del self.fields["practice"]

    @property
    def practice_id(self) -> int | None:
        """The practice that it is about, chosen among the writer's, who read there who else reads it then (D-29); none
        where they chose none."""
        chosen = self.cleaned_data.get("practice", NONE)
        return None if chosen == NONE else int(chosen)

    def clean_page(self) -> str:
        """Sent by the page itself: what is no path is left out, and hinders nobody."""
        return page_of(self.cleaned_data["page"])

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
    field_order = ("page", "topic", "subject", "text", "name", "email", "phone")
