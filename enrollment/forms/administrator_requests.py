"""The form "Provider OnLine Account Request" (S4-02..04)."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from localflavor.us.us_states import USPS_CHOICES

from accessforms.forms.fields import FaxField, PhoneField, TinsField, ZipField
from enrollment.domain.administrator_requests import Application
from enrollment.models import AdministratorRequest, Applicant
from identity.factors.forms.base import AddressField, PageForm, text_input


class TinField(TinsField):
    """One tax ID, in either dash style or without dashes (C11)."""

    widget: Any = text_input(autocomplete="off", data_size="medium")

    def clean(self, value: Any) -> Any:
        """Digits and kind; nothing for an empty box that may be empty."""
        found = super().clean(value)
        if len(found) > 1:
            raise ValidationError(_("Enter one tax ID. Each further tax ID is a request of its own."))
        return found[0] if found else None


def _line(label: Any, autocomplete: str, *, required: bool = True, longest: int = 128) -> forms.CharField:
    widget = text_input(autocomplete=autocomplete)
    return forms.CharField(label=label, max_length=longest, required=required, widget=widget)


def _address(label: Any, autocomplete: str) -> AddressField:
    widget = forms.EmailInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"})
    return AddressField(label=label, max_length=254, widget=widget)


def _phone(autocomplete: str) -> PhoneField:
    widget = text_input(type="tel", autocomplete=autocomplete, data_size="medium")
    return PhoneField(label=_("Phone Number"), max_length=30, widget=widget)


PRIMARY, SECONDARY = _("Primary administrator"), _("Secondary administrator")
PRACTICE = _("Practice Information")
_PERSON = ("first_name", "last_name", "phone", "email", "email_again")
_OF_PRACTICE = ("practice_name", "address_1", "address_2", "city", "practice_state", "zip", "phone", "fax")


class AdministratorRequestForm(PageForm):
    """Both administrators, the practice, and its tax ID typed twice. Labels are the document's; where one stands
    several times, the group tells them apart (C37). With `returned`, the request that is corrected."""

    primary_first_name = _line(_("First Name"), "given-name")
    primary_last_name = _line(_("Last Name"), "family-name")
    primary_phone = _phone("tel")
    primary_email = _address(_("E-mail"), "email")
    primary_email_again = _address(_("Confirm E-mail"), "email")

    sole_practitioner = forms.BooleanField(
        label=_("I am a sole practitioner: there is no secondary administrator."), required=False
    )
    secondary_first_name = _line(_("First Name"), "off")
    secondary_last_name = _line(_("Last Name"), "off")
    secondary_phone = _phone("off")
    secondary_email = _address(_("E-mail"), "off")
    secondary_email_again = _address(_("Confirm E-mail"), "off")

    practice_name = _line(_("Practice Name"), "organization", longest=200)
    address_1 = _line(_("Address 1"), "address-line1")
    address_2 = _line(_("Address 2"), "address-line2", required=False)
    city = _line(_("City"), "address-level2", longest=60)
    practice_state = forms.ChoiceField(
        label=_("State"),
        choices=[("", _("Choose a state")), *USPS_CHOICES],
        widget=forms.Select(attrs={"autocomplete": "address-level1"}),
    )
    zip = ZipField(
        label=_("Zip Code"), max_length=12, widget=text_input(autocomplete="postal-code", data_size="medium")
    )
    phone = _phone("off")
    fax = FaxField(
        label=_("Fax Number"),
        max_length=30,
        required=False,
        widget=text_input(type="tel", autocomplete="off", data_size="medium"),
    )
    tin = TinField(label=_("9-Digit Tax ID"), help_text=_("(no spaces, dashes, or letters)"), max_length=40)
    tin_again = TinField(label=_("Confirm 9-Digit Tax ID"), max_length=40)
    has_more_locations = forms.BooleanField(
        label=_(
            "This Tax ID is associated with additional practice locations. "
            "[Note: Only one practice address needs to be entered for each Tax ID.]"
        ),
        required=False,
    )

    def __init__(self, *args: Any, returned: AdministratorRequest | None = None, **kwargs: Any) -> None:
        if returned is not None:
            kwargs["initial"] = _typed_before(returned)
        super().__init__(*args, **kwargs)
        if returned is not None:  # it was proved
            self.fields["primary_email"].disabled = True
            del self.fields["primary_email_again"]
        if self.is_bound and self.data.get("sole_practitioner"):
            for name in _names("secondary"):
                self.fields[name].required = False

    @property
    def groups(self) -> dict[str, str]:
        """The group of each field, by which the summary of what is wrong tells them apart."""
        practice = (*_OF_PRACTICE, "tin", "tin_again")
        by_title = {PRIMARY: _names("primary"), SECONDARY: _names("secondary"), PRACTICE: practice}
        return {name: str(title) for title, names in by_title.items() for name in names}

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        for person in ("primary", "secondary"):
            self._compare(f"{person}_email", _("The two email addresses are not alike."))
        self._compare("tin", _("The two tax IDs are not alike."))
        if data.get("sole_practitioner"):
            if any(data.get(name) for name in _names("secondary")):
                ask = _("Leave the boxes of the secondary administrator empty, or do not tick this box.")
                self.add_error("sole_practitioner", ask)
        elif data.get("secondary_email") and data["secondary_email"] == data.get("primary_email"):
            two = _("The secondary administrator is somebody else, with an address of their own.")
            self.add_error("secondary_email", two)
        return data

    def _compare(self, name: str, problem: Any) -> None:
        again = f"{name}_again"
        if again not in self.fields or {name, again} & set(self.errors):
            return
        one, other = self.cleaned_data.get(name), self.cleaned_data.get(again)
        alike = one == other if name != "tin" else one and other and one["digits"] == other["digits"]
        if not alike:
            self.add_error(again, problem)

    def application(self) -> Application:
        """What was typed, for the domain."""
        data, tin = self.cleaned_data, self.cleaned_data["tin"]
        return Application(
            primary=self._person("primary"),
            secondary=None if data["sole_practitioner"] else self._person("secondary"),
            tin=tin["digits"],
            tin_kind=tin["kind"],
            has_more_locations=data["has_more_locations"],
            **{name: data[name] for name in _OF_PRACTICE},
        )

    def _person(self, which: str) -> Applicant:
        names = ("first_name", "last_name", "phone", "email")
        return Applicant(**{name: self.cleaned_data[f"{which}_{name}"] for name in names})


def _names(which: str) -> list[str]:
    return [f"{which}_{name}" for name in _PERSON]


def _typed_before(row: AdministratorRequest) -> dict[str, Any]:
    """What the request says; its tax ID is typed anew."""
    known: dict[str, Any] = {name: getattr(row, name) for name in (*_OF_PRACTICE, "has_more_locations")}
    known["sole_practitioner"] = row.secondary is None
    for which, person in (("primary", row.primary), ("secondary", row.secondary)):
        if person is not None:
            known |= {
                f"{which}_{name}": getattr(person, name) for name in ("first_name", "last_name", "phone", "email")
            }
            known[f"{which}_email_again"] = person.email
    return known
