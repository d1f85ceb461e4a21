"""What an administrator types about the people of the practice: one by one (S4-17, D-11), or as a list."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import USPS_CHOICES

from accessforms.forms.fields import PhoneField, ZipField
from enrollment.domain.invitations import Invitee
from enrollment.domain.people_lists import MAX_BYTES, OFFICE
from identity.factors.forms.base import AddressField, PageForm, text_input
from rbac.models import Membership, Practice

USER_INFORMATION, OFFICE_INFORMATION = _("User Information"), _("Office Information")
# Nothing here is about whoever types: no browser fills their own address in.
_OFF = {"autocomplete": "off"}


class PersonForm(PageForm):
    """ "Modify Existing User": name, office, phone, and the last day of a user (D-11)."""

    office_is_required = False

    first_name = forms.CharField(label=_("First Name"), max_length=128, widget=text_input(**_OFF))
    last_name = forms.CharField(label=_("Last Name"), max_length=128, widget=text_input(**_OFF))
    address_1 = forms.CharField(label=_("Office Address 1"), max_length=128, widget=text_input(**_OFF))
    address_2 = forms.CharField(label=_("Office Address 2"), max_length=128, required=False, widget=text_input(**_OFF))
    city = forms.CharField(label=_("City"), max_length=60, widget=text_input(**_OFF))
    state = forms.ChoiceField(label=_("State"), choices=[("", _("Choose a state")), *USPS_CHOICES])
    zip = ZipField(label=_("Zip"), max_length=12, widget=text_input(data_size="medium", inputmode="numeric", **_OFF))
    work_phone = PhoneField(
        label=_("Work Phone"), max_length=40, widget=text_input(type="tel", data_size="medium", **_OFF)
    )
    ends_on = forms.DateField(
        label=_("End date"),
        required=False,
        help_text=_("For temporary staff: the last day on which this person works for the practice."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "data-size": "medium", **_OFF}),
        input_formats=["%Y-%m-%d", "%m/%d/%Y", "%m-%d-%Y"],
        error_messages={"invalid": _("Enter a date as month/day/year, for example 12/31/2027.")},
    )

    def __init__(self, *args: Any, today: date, has_last_day: bool = True, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        for name in OFFICE:
            self.fields[name].required = self.office_is_required and name != "address_2"
        if not has_last_day:
            del self.fields["ends_on"]

    @classmethod
    def of(cls, membership: Membership) -> dict[str, Any]:
        """What the practice says of somebody now, to begin with."""
        names = dict(zip(("first_name", "last_name"), membership.person_names, strict=True))
        return {**names, **{name: getattr(membership, name) for name in (*OFFICE, "ends_on")}}

    def clean_ends_on(self) -> date | None:
        last_day: date | None = self.cleaned_data.get("ends_on")
        if last_day is not None and last_day < self.today and last_day != self.initial.get("ends_on"):
            raise ValidationError(_("This day has passed. Enter today or a later day, or leave it out."))
        return last_day

    def details(self) -> dict[str, Any]:
        """The columns of a membership."""
        return dict(self.cleaned_data)


class _InviteeForm(PersonForm):
    """Somebody who is to be invited."""

    email = AddressField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"spellcheck": "false", **_OFF})
    )

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        check_script(address)
        return address

    def invitee(self) -> Invitee:
        """Whom it names."""
        data = self.cleaned_data
        office = {name: data[name] for name in OFFICE if name != "state"} | {"office_state": data["state"]}
        return Invitee(
            email=data["email"], first_name=data["first_name"], last_name=data["last_name"],
            language=get_language() or "en", office=office, ends_on=data["ends_on"],
        )  # fmt: skip


class AddressForm(PageForm):
    """An address, typed twice. "Correct the address" of an invitation (S4-21)."""

    email = AddressField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"spellcheck": "false", **_OFF})
    )
    email_again = AddressField(
        label=_("Confirm E-mail"), max_length=254, widget=forms.EmailInput(attrs={"spellcheck": "false", **_OFF})
    )

    def clean_email(self) -> str:
        address: str = self.cleaned_data["email"]
        check_script(address)
        return address

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        again = data.get("email_again")
        if again and "email" in data and again != data["email"]:
            self.add_error("email_again", _("The two addresses differ."))
        return data


class NewUserForm(_InviteeForm, AddressForm):
    """ "Create New Account for Provider OnLine" (S4-17): no user name, which people choose themselves (S4-18)."""

    office_is_required = True
    field_order = ("first_name", "last_name", "email", "email_again", *OFFICE, "ends_on")


class ListedForm(_InviteeForm):
    """The rows of a list, one after the other in one form: to make it costs more than to ask it. An office that a row
    does not name is the practice's own."""

    def __init__(self, *, practice: Practice, today: date) -> None:
        super().__init__({}, today=today)
        self.office = practice_office(practice)

    def read(self, cells: Mapping[str, str]) -> tuple[Invitee | None, list[tuple[Any, str]]]:
        """Whom a row names, or what is wrong with it, by the label of the field."""
        self.data = {**cells, **({} if any(cells.get(name) for name in OFFICE) else self.office)}
        self.full_clean()
        wrong = [(self.fields[name].label, " ".join(map(str, texts))) for name, texts in self.errors.items()]
        return (None if wrong else self.invitee()), wrong


class ListForm(PageForm):
    """A list of people, pasted or as a file."""

    # As it is: what separates its cells may be a tab.
    text = forms.CharField(
        label=_("List"),
        required=False,
        strip=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", **_OFF}),
    )
    file = forms.FileField(
        label=_("or a file"),
        required=False,
        max_length=500,
        help_text=_("A table saved as CSV, UTF-8."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].read = lambda typed: typed.replace("\0", "")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("file") and not data.get("text", "").strip() and not self.errors:
            self.add_error("text", _("Paste a list, or choose a file."))
        return data

    def source(self) -> str:
        """The field by which it came."""
        return "file" if self.cleaned_data.get("file") else "text"

    def content(self) -> bytes:
        """The bytes of the list."""
        sent = self.cleaned_data.get("file")
        return bytes(sent.read()) if sent else str(self.cleaned_data["text"]).encode()


def practice_office(practice: Practice) -> dict[str, str]:
    """Where the practice is, as the office of somebody who works there."""
    where = {name: getattr(practice, name) for name in OFFICE if name != "work_phone"}
    return {**where, "work_phone": practice.phone}


def check_script(address: str) -> None:
    """Raise ValidationError for a domain whose letters are of two scripts: one that looks like another one."""
    for label in address.rpartition("@")[2].split("."):
        try:
            letters = idna.decode(label)
        except idna.IDNAError:
            continue  # no name of another script: the address was checked before
        scripts = {unicodedata.name(c, "").split(" ")[0] for c in letters if c.isalpha()}
        if len(scripts) > 1:
            told = {"letters": ", ".join(sorted(set(re.findall(r"[^\x00-\x7f]", letters))))}
            raise ValidationError(_("The address has letters that look like other ones: %(letters)s.") % told)
