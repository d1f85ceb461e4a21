"""Creating a One Healthcare ID: the form, its rules, and what a stranger can learn from it."""

import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from lxml import html

from identity.accounts import accounts
from identity.codes import attempts
from identity.models import Account, JournalEntry, PhoneDevice
from identity.policy.realms import password_rules
from tests.factories import NOW, AccountFactory
from tests.steps.sign_up import errors, post, sign_up

pytestmark = pytest.mark.django_db


def test_a_provider_creates_an_id_and_must_verify_the_address_next(client, inbox):
    """S1-41, S0-13, S0-14, S0-19: all fields, one transaction, then the page that waits for the code."""
    assert sign_up(client).url == reverse("verify_email")
    account = Account.objects.get(login_name="ana.nunez")
    assert (account.first_name, account.last_name, account.year_of_birth) == ("Ana María", "Núñez O'Hara", 1984)
    assert account.email == "ana@example.org"
    assert account.person_id
    assert not EmailAddress.objects.get(user=account).verified
    device = PhoneDevice.objects.get(user=account)
    assert (device.number, device.confirmed) == ("+13105550123", False)
    assert JournalEntry.objects.filter(kind="identity.AccountCreated", account=account).count() == 1
    assert inbox.newest("mail", "ana@example.org").code
    assert "_auth_user_id" not in client.session, "no session before the address is proved (S0-28)"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("abc12", "Use between 6 and 50 characters."),
        ("a" * 51, "Use between 6 and 50 characters."),
        ("1234567", "Use at least one letter."),
        ("ana nunez", "Leave out spaces."),
        ("ana.núñez", "Leave out the accents on letters."),
        *[(f"ana{symbol}nunez", "The symbols % ") for symbol in "%+\"&[\\]^'{|}<>#,/;():*=~"],
    ],
)
def test_a_login_name_that_breaks_a_rule_is_refused_with_that_rule(client, name, says):
    """S0-15, S1-42, C2, D-01, walk C8: every rule and every symbol, in a sentence beside the field, nothing else lost."""
    response = post(client, login_name=name)
    assert response.status_code == 200
    assert says in errors(response, "login_name")
    assert response.context["form"]["first_name"].value() == "Ana María"
    assert not Account.objects.exists()


@pytest.mark.parametrize("portal", ["trucase", "optum-connect"])
def test_the_summary_lists_the_errors_in_the_order_of_the_page(client, portal):
    """Who goes from error to error goes down the page (S0-13, S0-14, S1-41)."""
    client.get(f"/id/create/?next=/p/{portal}/enter/")
    page = html.fromstring(client.post("/id/create/", {"first_name": ""}).content)
    summary = [link.get("href").removeprefix("#") for link in page.xpath("//*[@data-error-summary]//a")]
    asked = page.xpath("//main//form//*[self::input or self::select][@id]/@id")
    assert summary == [one for one in asked if one in summary]
    assert {"id_phone", "id_email"} <= set(summary)


def test_several_errors_of_a_field_stand_as_sentences_one_after_the_other(client):
    page = html.fromstring(post(client, login_name="ñ 1").content)
    (said,) = page.xpath("//*[@id='id_login_name_error']")
    assert said.text_content() == "Use between 6 and 50 characters. Leave out spaces. Leave out the accents on letters."


@pytest.mark.parametrize("name", ["ana.nn", "A" * 50, "ana_nunez-2", "ana!nunez", "ana.nunez$", "1234a6"])
def test_a_login_name_that_keeps_all_rules_is_taken(client, name):
    """S0-15: the limits themselves, and symbols that are not on the list."""
    assert post(client, login_name=name).status_code == 302


@pytest.mark.source_profile
@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("Ab1-xyz", "Use between 8 and 100 characters."),
        ("Ab1" + "x" * 98, "Use between 8 and 100 characters."),
        ("lowercase-only-1", "Add at least 1 uppercase letter."),
        ("UPPERCASE-ONLY-1", "Add at least 1 lowercase letter."),
        ("No-Number-Here", "Add at least 1 number."),
        ("With Space-1x", "Leave out spaces and the & symbol."),
        ("With&Ampers-1", "Leave out spaces and the & symbol."),
        ("Password123", "too common"),
        ("Ana.Nunez1", "too similar"),
    ],
)
def test_a_password_that_breaks_a_rule_is_refused_with_that_rule(client, password, says):
    """S0-16 and the list of common passwords; the password itself is never shown again."""
    response = post(client, password=password, password_again=password)
    assert says in errors(response, "password")
    assert password not in response.content.decode()


@pytest.mark.nist_profile
@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("fourteen.chars", "Use between 15 and 128 characters."),
        ("x" * 129, "Use between 15 and 128 characters."),
        ("manchesterunited", "too common"),
        ("ana@example.orgs", "too similar"),
    ],
)
def test_a_short_common_or_similar_password_is_refused(client, password, says):
    """D-19, policy, password: 15 to 128 characters, the same list as under `source`."""
    response = post(client, password=password, password_again=password)
    assert says in errors(response, "password")
    assert password not in response.content.decode()


@pytest.mark.source_profile
@pytest.mark.parametrize("password", ["Ab1-xyzw", "Ab1" + "x" * 97])
def test_a_password_at_the_limits_is_taken(client, password):
    """S0-16: 8 and 100 characters."""
    assert post(client, password=password, password_again=password).status_code == 302


@pytest.mark.nist_profile
@pytest.mark.parametrize("password", [" salt & pepper ", "fifteen letters", "ñ & 漢字 x" * 16])
def test_any_composition_is_taken_and_kept_as_typed(client, password):
    """D-19, policy, password: 15 and 128 characters, no composition rules; spaces at the ends count as typed."""
    assert len(password) in (15, 128)
    assert post(client, password=password, password_again=password).status_code == 302
    assert Account.objects.get().check_password(password)


def test_the_page_shows_the_rules_that_are_checked(client):
    """S0-16, D-19: in words, and as patterns for the live rules; no others."""
    page = client.get(reverse("account_signup")).content.decode()
    shown = page[page.index('data-rules-for="id_password"') :]
    shown = shown[: shown.index("</ul>")]
    rules = password_rules("ohid")
    assert shown.count("<li") == len(rules)
    for rule in rules:
        assert str(escape(rule.text)) in shown
        assert not rule.pattern or f'data-rule="{escape(rule.pattern)}"' in shown


def test_every_validator_of_passwords_has_its_line_in_the_list():
    """B9: two more rules refused, and were found only after "Continue"."""
    lines = [str(rule.text) for rule in password_rules("ohid")]
    own, common, similar = (validator["NAME"].rpartition(".")[2] for validator in settings.AUTH_PASSWORD_VALIDATORS)
    assert (own, common, similar) == ("RealmRule", "CommonPasswordValidator", "UserAttributeSimilarityValidator")
    assert "No password that many people use, such as Password1 (we look when you continue)" in lines
    assert "Nothing that looks like your name, your ID or your email address" in lines


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("first_name", "", "Fill in “First Name”."),
        ("last_name", " ", "Fill in “Last Name”."),
        ("first_name", "x" * 129, "at most 128 characters"),
        ("year_of_birth", "", "Fill in “Year of Birth”."),
        ("year_of_birth", "84", "Enter a year between"),
        ("year_of_birth", "2026", "Enter a year between"),
        ("year_of_birth", "nineteen", "four digits"),
        ("email", "ana@", "valid email address"),
        ("email", "", "Fill in “Email Address”."),
        ("phone", "555-0123", "Please enter a valid phone number"),
        ("phone", "310-111-0123", "Please enter a valid phone number"),
        ("phone", "1-900-234-5678", "Please enter a valid phone number"),
        ("phone", "1-800-234-5678", "Please enter a valid phone number"),
        ("phone", "+44 20 7946 0958", "Please enter a valid phone number"),
        ("phone", "", "Fill in “Phone Number”."),
        ("country", "GB", "valid choice"),
        ("password_again", "Other-Pass-1", "not the same"),
        ("agree", "", "You must agree"),
    ],
)
def test_every_other_field_says_what_is_wrong(client, field, value, says):
    """S1-41, S1-43, S0-17, C28: the error stands at its field and in the summary."""
    response = post(client, **{field: value})
    assert response.status_code == 200
    assert says in errors(response, field)
    page = response.content.decode()
    assert "There is a problem" in page
    assert "<title>Error: " in page
    assert f'id="id_{field}_error"' in page
    assert not Account.objects.exists()


def test_the_summary_names_the_fields_in_the_order_of_the_page(client):
    """WCAG 1.3.2: the address stood before the phone in the summary, behind it on the page."""
    page = client.post(reverse("account_signup"), {"first_name": ""}).content.decode()
    named = re.findall(r'href="#(id_\w+)"', page)
    assert len(named) == 10
    places = [page.index(f'id="{field}"') for field in named]
    assert places == sorted(places)


def test_a_taken_name_is_said_with_free_ones_whatever_its_case(client):
    """C1: names are compared after NFKC and without case; S1-41."""
    AccountFactory(login_name="ANA.Nunez")
    response = post(client)
    assert "taken" in errors(response, "login_name")
    assert response.context["suggestions"] == ["ana.nunez2", "ana.nunez3", "ana.nunez7"]
    assert Account.objects.count() == 1


def test_twenty_taken_names_an_hour_are_told_then_no_more(client):
    """policy, Always, create ID: a list of names cannot be tried from one place."""
    AccountFactory(login_name="ana.nunez")
    for _ in range(20):
        assert "taken" in errors(post(client), "login_name")
    response = post(client)
    assert "Too many names" in errors(response, "login_name")
    assert not response.context["suggestions"]


def test_an_address_that_somebody_has_is_not_given_away(client, inbox):
    """C5: an address may be shared; the answer is the same as for a new one."""
    AccountFactory(email="ana@example.org")
    assert sign_up(client).url == reverse("verify_email")
    assert Account.objects.filter(email="ana@example.org").count() == 2


def test_the_domain_refuses_a_name_that_was_taken_meanwhile(db):
    """C1: the database keeps the promise, whatever the form saw."""
    AccountFactory(login_name="ana.nunez")
    sign_up = accounts.SignUp("ohid", "Ana.Nunez", "A", "B", 1980, "a@example.org", "Str0ng-Password-x1", "", "en")

    with pytest.raises(accounts.LoginNameTaken):
        accounts.create(sign_up=sign_up, now=NOW)
    assert Account.objects.count() == 1


def test_the_form_names_every_field_of_the_documents(client):
    """S1-41, S0-12, S0-13, S0-14, S0-17, S0-20, C3, C32: labels, rules, consent text, no asterisks."""
    page = client.get(reverse("account_signup")).content.decode()
    for label in (
        "First Name", "Last Name", "Year of Birth", "Email Address", "Create One Healthcare ID Username",
        "Country Code", "Phone Number", "Create password", "Type password again", "Terms of Use",
        "Website Privacy Policy", "If you do not agree, click Cancel", "Sign in now",
        "Your One Healthcare ID must have:", "Your password must have:",
    ):  # fmt: skip
        assert label in page, label
    assert "United States (+1)" in page
    assert "Puerto Rico (+1)" in page
    assert " *<" not in page


def test_hostile_text_stays_text(client):
    response = post(client, first_name="<script>alert(1)</script>", phone="1")
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_sixty_sign_ups_an_hour_from_one_address(settings):
    now = timezone.now().replace(minute=1)
    with time_machine.travel(now, tick=False):
        for _ in range(60):
            attempts.check_can_sign_up(address="127.0.0.1", now=now)
        page = post(Client()).content.decode()
    assert "Try again in an hour" in page
    assert not Account.objects.exists()


def test_after_twenty_taken_names_a_free_one_tells_nothing_either(client):
    """policy, Always, create ID: the pause falls on free and taken names alike."""
    AccountFactory(login_name="ana.nunez")
    for _ in range(20):
        post(client)
    free = post(Client(), login_name="quite.free")
    assert "Too many names" in " ".join(free.context["form"].errors["login_name"])
    assert not Account.objects.filter(login_name="quite.free").exists()


def test_an_address_cannot_be_taken_as_a_login_name(client):
    """C2: else somebody could sit on the address of another."""
    response = post(client, login_name="victim@example.org")
    assert "An email address cannot be your ID" in " ".join(response.context["form"].errors["login_name"])
