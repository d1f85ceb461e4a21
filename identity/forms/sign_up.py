"""The form "Create One Healthcare ID" (S1-41, S0-13..17)."""

from datetime import date
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from identity.factors import phones
from identity.factors.forms.base import AddressField, PageForm, text_input
from identity.forms.passwords import NewPasswordForm
from identity.models import Account
from identity.policy.realms import OHID, Realm, Rule, password_rules
from identity.tenancy import Brand

_COUNTRY_NAMES = {
    "US": _("United States"), "CA": _("Canada"), "PR": _("Puerto Rico"), "VI": _("U.S. Virgin Islands"),
    "GU": _("Guam"), "AS": _("American Samoa"), "MP": _("Northern Mariana Islands"), "AG": _("Antigua and Barbuda"),
    "AI": _("Anguilla"), "BB": _("Barbados"), "BM": _("Bermuda"), "BS": _("Bahamas"), "DM": _("Dominica"),
    "DO": _("Dominican Republic"), "GD": _("Grenada"), "JM": _("Jamaica"), "KN": _("Saint Kitts and Nevis"),
    "KY": _("Cayman Islands"), "LC": _("Saint Lucia"), "MS": _("Montserrat"), "SX": _("Sint Maarten"),
    "TC": _("Turks and Caicos Islands"), "TT": _("Trinidad and Tobago"),
    "VC": _("Saint Vincent and the Grenadines"), "VG": _("British Virgin Islands"),
}  # fmt: skip
OLDEST, YOUNGEST = 120, 14


def phone_choices() -> list[tuple[str, str]]:
    """The list behind the country-code field: every +1 country and territory (C28)."""
    return [(region, f"{_COUNTRY_NAMES[region]} (+1)") for region in phones.PLUS_ONE]


class PhoneFields(PageForm):
    """Country code and number, cleaned to E.164 in `cleaned_data["phone"]` (S1-41, S1-48, S4-10)."""

    country = forms.ChoiceField(
        label=_("Country Code"), widget=forms.Select(attrs={"autocomplete": "tel-country-code"})
    )
    phone = forms.CharField(
        label=_("Phone Number"),
        help_text=_("A mobile number can get a text message. Any number, a landline too, can get a call."),
        max_length=30,
        widget=text_input(type="tel", autocomplete="tel-national", data_size="medium"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = phone_choices()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("country") and data.get("phone"):
            try:
                data["phone"] = phones.normalise(country=data["country"], typed=data["phone"])
            except phones.HasExtension:
                self.add_error("phone", _("Enter the number without its extension."))
            except phones.NumberRefused:
                self.add_error("phone", _("Please enter a valid phone number"))
        return data


class SignUpForm(PhoneFields, NewPasswordForm):
    """Every field of S1-41 and S0-14, with the realm's rules for the name and the password (S0-15, S0-16, S1-42)."""

    first_name = forms.CharField(label=_("First Name"), max_length=128, widget=text_input(autocomplete="given-name"))
    last_name = forms.CharField(label=_("Last Name"), max_length=128, widget=text_input(autocomplete="family-name"))
    year_of_birth = forms.IntegerField(
        label=_("Year of Birth"),
        help_text=_("Four digits, for example 1984. It helps us tell apart people with the same name."),
        error_messages={"invalid": _("Enter the year in four digits, for example 1984.")},
        widget=text_input(inputmode="numeric", autocomplete="bday-year", data_size="small"),
    )
    email = AddressField(
        label=_("Email Address"),
        help_text=_("Use an address that only you read. We will send a message to it."),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    login_name = forms.CharField(
        max_length=200,
        widget=text_input(autocomplete="username", autocapitalize="none", spellcheck="false"),
    )
    agree = forms.BooleanField(
        label=_("I agree to the Terms of Use and the Website Privacy Policy"),
        error_messages={"required": _("You must agree to the Terms of Use and Website Privacy Policy to go on.")},
    )

    field_order = (
        "first_name",
        "last_name",
        "year_of_birth",
        "country",
        "phone",
        "email",
        "login_name",
        "password",
        "password_again",
        "agree",
    )

    def __init__(self, *args: Any, realm: Realm = OHID, brand: Brand, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.realm, self.brand = realm, brand
        self.name_field("password", _("Create password"))
        self.name_field("login_name", brand.create_label)
        self.spell(brand.labels)
        if not brand.agrees_by_box:  # the button is the agreement (C36)
            del self.fields["agree"]
            return
        self.fields["agree"].error_messages["required"] = _(
            "You must agree to the Terms of Use and Website Privacy Policy to go on."
        )

    def login_name_rules(self) -> tuple[Rule, ...]:
        """What the page shows beside the name, as the tenant's brand spells it."""
        return self.brand.spell_rules(self.realm.login_name_rules)

    def password_rules(self) -> tuple[Rule, ...]:
        """What the page shows beside the password."""
        return password_rules(self.realm.key)

    def clean_year_of_birth(self) -> int:
        year: int = self.cleaned_data["year_of_birth"]
        this_year = date.today().year  # noqa: DTZ011  a year of birth has no time zone
        if not this_year - OLDEST <= year <= this_year - YOUNGEST:
            raise ValidationError(
                _("Enter a year between %(first)s and %(last)s.")
                % {"first": this_year - OLDEST, "last": this_year - YOUNGEST}
            )
        return year

    def clean_login_name(self) -> str:
        name: str = self.cleaned_data["login_name"]
        broken = [ValidationError(rule.says) for rule in self.realm.login_name_rules if not rule.holds(name)]
        if broken:
            raise ValidationError(broken)
        if "@" in name:  # C2: only an address that the account has verified may serve as a name
            raise ValidationError(_("An email address cannot be your ID. You can sign in with your address as well."))
        return name

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if data.get("password"):
            known = {name: data.get(name) or "" for name in ("first_name", "last_name", "email", "login_name")}
            self.check_password(Account(realm=self.realm.key, **known))
        return data


def region_of(number: str) -> str:
    """The country code list's entry for an E.164 number."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "US"
