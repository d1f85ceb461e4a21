"""Every form reads what is typed the same way: what nobody sees is dropped, digits are digits, addresses have one form
(T03, T09, T11, T12, T15 and their kin)."""

import unicodedata

import pytest
from allauth.account.models import EmailAddress
from django import forms
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from identity.accounts import accounts, agreements
from identity.accounts.accounts import SignUp
from identity.codes import codes
from identity.factors import phones
from identity.factors.forms.base import AddressField, PageForm, text_input
from identity.factors.forms.codes import ActivationForm
from identity.forms.profile import NameForm
from identity.forms.sign_up import SignUpForm
from identity.models import Account
from identity.policy import text
from identity.policy.questions import normalised
from portals.brands import ONE_HEALTHCARE_ID
from tests.factories import NOW, PASSWORD, AccountFactory
from tests.sources import SOURCES
from tests.steps.sign_in import sign_in, signed_in
from tests.steps.sign_up import GOOD, errors, post, sign_up

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


class EveryKind(PageForm):
    line = forms.CharField(required=False)
    paragraph = forms.CharField(required=False, widget=forms.Textarea)
    number = forms.CharField(required=False, widget=text_input(inputmode="numeric"))
    phone = forms.CharField(required=False, widget=text_input(type="tel"))
    year = forms.IntegerField(required=False)
    email = AddressField(required=False)
    password = forms.CharField(required=False, strip=False, widget=forms.PasswordInput)
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)


@given(typed=st.text())
def test_a_form_cleans_what_its_readers_read(typed):
    """Over all of Unicode: every field holds what its reader says, and cleaning that again changes nothing."""
    form = EveryKind(dict.fromkeys(EveryKind.base_fields, typed))
    form.is_valid()
    for name, reader in [("line", text.line), ("paragraph", text.paragraph), ("number", text.digits)]:
        assert form.cleaned_data[name] == reader(typed)
        assert form.data[name] == reader(typed), "and shows it again"
        assert not [c for c in form.cleaned_data[name].replace("\n", "") if unicodedata.category(c)[0] == "C"]
    assert form.cleaned_data["phone"] == form.cleaned_data["number"]
    if "\0" not in typed:
        assert form.cleaned_data["password"] == typed, "a password is taken as it is"


@given(typed=st.text())
def test_an_address_is_refused_or_can_be_delivered(typed):
    """T03, L7: what is taken is ASCII, in one form, at a host of the Internet."""
    form = EveryKind({"email": typed})
    if form.is_valid() and (address := form.cleaned_data["email"]):
        assert address.isascii()
        assert address == text.email(address) == address.strip()
        assert "." in address.rpartition("@")[2]


@pytest.mark.parametrize(
    "typed",
    ["a@localhost", "a@[127.0.0.1]", "a@[::1]", "İ@example.org", "josé@example.org", "a@b", "a b@", "@example.org"],
)
def test_addresses_that_nobody_can_be_reached_at_are_refused(typed):
    """L7, T22."""
    assert EveryKind({"email": typed}).errors["email"] == ["Enter a valid email address."]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("zoe.zwsp@example.org\u200b", "zoe.zwsp@example.org"),
        ("zoe7@exam\u00adple.org", "zoe7@example.org"),
        ("zoe8@example.org\u200e", "zoe8@example.org"),
        ("zoe.idn@exämple.org", "zoe.idn@xn--exmple-cua.org"),
        (" Zoe@Example.ORG ", "zoe@example.org"),
        ("sinead.o'brien+portal2@example.org", "sinead.o'brien+portal2@example.org"),
    ],
)
def test_addresses_are_taken_as_everybody_sees_them(typed, kept):
    """T03, T15, T26."""
    form = EveryKind({"email": typed})
    assert form.is_valid()
    assert form.cleaned_data["email"] == kept


def test_a_form_of_several_values_and_a_prefix_is_read_too():
    form = EveryKind(QueryDict("row-line=a%C2%A0b&row-line=c%E2%80%8Bd&other=x"), prefix="row")
    assert form.is_valid()
    assert form.cleaned_data["line"] == "cd"


def test_fields_of_addresses_are_ours():
    """One rule for every address: a bare EmailField takes a@localhost."""
    for path in SOURCES:
        if path.parts[-2:] != ("forms", "base.py") and path.parts[-3:] != ("accessforms", "forms", "fields.py"):
            assert "forms.EmailField(" not in path.read_text(), path


class TestCodes:
    """T11, T27."""

    @pytest.mark.parametrize("alphabet", [FULL_WIDTH, ARABIC])
    def test_digits_of_any_script_are_read(self, db, client, inbox, alphabet):
        sign_up(client)
        code = inbox.newest("mail").code.translate(alphabet)
        assert client.post("/id/verify-email/", {"code": f"{code[:5]}\u00a0{code[5:]}"}).status_code == 302
        assert EmailAddress.objects.get().verified

    @pytest.mark.parametrize("typed", ["²²²²²²²²²²²", "12345", "abcdefghij", "①②③", "٠١٢"])
    def test_a_wrong_shape_costs_no_try(self, db, client, inbox, typed):
        sign_up(client)
        page = client.post("/id/verify-email/", {"code": typed}).content.decode()
        assert "Enter all 10 digits of the code" in page
        assert Account.objects.get().challenges.get().tries == 0

    @given(st.text(alphabet="0123456789", min_size=10, max_size=10), st.sampled_from([FULL_WIDTH, ARABIC]))
    def test_a_code_is_the_same_in_every_script(self, code, alphabet):
        form = ActivationForm({"code": "\u200e" + " ".join(code.translate(alphabet)) + "\u2011"})
        assert form.is_valid()
        assert form.cleaned_data["code"] == code == codes.plain(code.translate(alphabet))

    def test_letters_of_any_width_and_case(self):
        assert codes.plain("ａｂ２c-ｄefg") == "AB2CDEFG"


class TestNumbers:
    @pytest.mark.parametrize("typed", ["(213) 555-0123 ext 45", "213-555-0123 x12", "+1 213 555 0123;ext=9"])
    def test_an_extension_is_refused_in_words_not_dropped(self, db, client, typed):
        """T12, walk C1: a voice code would reach the switchboard."""
        page = post(client, phone=typed)
        assert errors(page, "phone") == "Enter the number without its extension."
        assert not Account.objects.exists()
        with pytest.raises(phones.HasExtension):
            phones.normalise(country="US", typed=typed)

    def test_on_the_other_pages_too(self, db):
        account = AccountFactory()
        page = signed_in(account).post("/id/verify-phone/update/", {"country": "US", "phone": "213-555-0123 x12"})
        assert "Enter the number without its extension" in page.content.decode()

    @pytest.mark.parametrize("alphabet", [FULL_WIDTH, ARABIC])
    def test_digits_of_any_script(self, db, client, alphabet):
        post(client, phone="\u200f(310) 555\u20110123".translate(alphabet), year_of_birth="1984".translate(alphabet))
        account = Account.objects.get()
        assert account.phonedevice_set.get().number == "+13105550123"
        assert account.year_of_birth == 1984


class TestAddresses:
    @pytest.mark.django_db
    @pytest.mark.parametrize(
        "typed", ["zoe.idn@exämple.org", "zoe.idn@xn--exmple-cua.org", "ZOE.idn@exämple.org\u200b"]
    )
    def test_sign_up_and_sign_in_agree(self, typed):
        """T03, T15: whichever spelling the one got, the other takes every one."""
        account = accounts.create(
            sign_up=SignUp("ohid", "zoe.idn", "Zoe", "Idn", 1980, typed, PASSWORD, "", "en"), now=NOW
        )
        account.emailaddress_set.update(verified=True)
        for spelling in ("zoe.idn@exämple.org", "zoe.idn@xn--exmple-cua.org", "zoe.idn@exämple.org\u200b"):
            assert sign_in(Client(), spelling).status_code == 302, spelling

    @pytest.mark.django_db
    def test_forgot_pages_find_the_address_everybody_sees(self, client, inbox):
        AccountFactory(login_name="zoe.zwsp", email="zoe.zwsp@example.org")
        client.post("/id/forgot-id/", {"email": "zoe.zwsp@example.org\u200b"})
        assert "zoe.zwsp" in inbox.newest("mail", "zoe.zwsp@example.org").text
        client.post("/id/forgot-password/", {"login_name": "zoe\u200b.zwsp", "email": "Zoe.zwsp@example.org\u200e"})
        assert inbox.newest("mail", "zoe.zwsp@example.org").link.startswith("/id/reset/")


class TestNames:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [("Mary\u00a0Ann", "Mary Ann"), ("\u200fYosef", "Yosef"), ("Zoe\r\n\u202eLopez", "Zoe Lopez"), ("\u200b", "")],
    )
    def test_names_are_what_people_see(self, typed, kept):
        """T09, L8; a name of nothing visible is missing."""
        form = NameForm({"first_name": typed, "last_name": "X", "seen": "0"})
        assert form.is_valid() is bool(kept)
        assert form.data["first_name"] == kept

    def test_an_id_cannot_be_taken_twice_by_what_nobody_sees(self, db, client):
        AccountFactory(login_name="ana.nunez")
        assert "taken" in errors(post(client, login_name="ana\u200b.nunez"), "login_name")
        assert not accounts.is_free(realm="ohid", login_name="ana.\u2060nunez")

    def test_a_password_is_not_read(self):
        data = {**GOOD, "password": " Str0ng\u00a0Pass ", "password_again": " Str0ng\u00a0Pass "}
        form = SignUpForm(data, brand=ONE_HEALTHCARE_ID)
        form.is_valid()
        assert form.data["password"] == data["password"]

    @pytest.mark.parametrize(
        "typed", ["zoe o’brien nunez", "ZOË OBRIEN ÑUÑEZ, Ph.D.", "Zoe\u00a0O'Brien\u200b Nunez MD"]
    )
    def test_the_typed_name_of_an_agreement(self, provider, typed):
        """S4-15."""
        assert agreements.is_name_of(provider, typed)

    def test_answers_are_compared_by_their_words(self):
        assert normalised("Señor\u00a0Bigotes!") == normalised("senor bigotes") == "senorbigotes"
