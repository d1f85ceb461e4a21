"""What tells somebody that something is wrong is a whole sentence, with its full stop (walk C8)."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from identity.models import Account
from identity.policy.realms import REALMS, Rule
from portals.brands import CHORUS, ONE_HEALTHCARE_ID, OPTUM_ID

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("identity", "rbac", "portals", "accessforms", "enrollment", "config")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
TELLS = {"ValidationError", "add_error", "success", "info", "warning", "error", "message_user", "_refuse_doubles"}
KEYWORDS = {"error_messages", "says", "ask"}
# The documents spell this one without a full stop (S4-10); the others end with what somebody wrote before.
AS_WRITTEN = {
    "Please enter a valid phone number",
    "You had written: %(reason)s",
    "*All functionality may not be available in all markets.",  # a footnote (S3-04)
}


def is_sentence(text: str) -> bool:
    """A colon ends one that a list follows."""
    return text in AS_WRITTEN or (
        (text[:1] in "“%¿¡" or text[:1].isupper()) and text.rstrip().endswith((".", "?", ":"))
    )


def marked(node: ast.AST) -> Iterator[str]:
    """The texts marked for translation within a piece of code."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in MARKS:
            yield from (arg.value for arg in one.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def told(tree: ast.AST) -> Iterator[str]:
    """The marked texts of errors and notices: raised, added to a form, set as a field's message, or shown in a band."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any("error_messages" in ast.unparse(target) for target in node.targets):
            yield from marked(node.value)
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        for place in [node] if name in TELLS else [k.value for k in node.keywords if k.arg in KEYWORDS]:
            yield from marked(place)


def test_every_error_and_notice_in_the_code_is_a_sentence():
    """walk C8: "The two passwords are not the same" stood beside "Enter a valid email address."."""
    found = {
        f"{path.relative_to(ROOT)}: {text}"
        for app in APPS
        for path in ROOT.glob(f"{app}/**/*.py")
        for text in told(ast.parse(path.read_text()))
        if not is_sentence(text)
    }
    assert found == set()


def test_the_search_finds_each_way_of_telling():
    code = """
raise ValidationError(_("One") % {"a": 1})
form.add_error("x", ngettext("Two", "Twos", 2))
field = CharField(label=_("Label"), error_messages={"required": _("Three")})
field.error_messages["required"] = _("Four")
messages.success(request, _("Five") + " " + said)
Rule(_("six characters"), says=_("Seven"))
"""
    assert set(told(ast.parse(code))) == {"One", "Two", "Twos", "Three", "Four", "Five", "Seven"}


def forms_of_ours() -> list[type[forms.BaseForm]]:
    for app in APPS:
        for module in pkgutil.walk_packages([str(ROOT / app)], f"{app}."):
            if ".forms" in module.name or ".admin" in module.name:
                importlib.import_module(module.name)
    kinds, found = [forms.Form, forms.ModelForm], []
    while kinds:
        below = kinds.pop().__subclasses__()
        kinds += below
        found += [kind for kind in below if kind.__module__.split(".")[0] in APPS]
    return found


def test_every_message_of_a_field_is_a_sentence():
    """Django's own messages too, and those that come from a field's class."""
    kinds = forms_of_ours()
    found = {
        f"{kind.__name__}.{name}: {message}"
        for kind in kinds
        for name, field in kind.base_fields.items()
        for message in field.error_messages.values()
        if str(message) and not is_sentence(str(message))  # one that counts has no text before it knows the number
    }
    assert found == set()
    assert len(kinds) > 30


def rules() -> list[Rule]:
    """What each realm asks of a name and, under each profile, of a password."""
    return [
        rule
        for realm in REALMS.values()
        for asked in (realm.login_name_rules, *(policy.rules for policy in realm.passwords.values()))
        for rule in asked
    ]


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_rule_says_in_a_sentence_what_to_do(language):
    """A rule with a pattern is refused in its own words; the others are validators', which speak themselves."""
    with translation.override(language):
        ours = [rule for rule in rules() if rule.pattern]
        assert [str(rule.text) for rule in ours if not is_sentence(str(rule.says))] == []
        assert [str(rule.text) for rule in ours if str(rule.says) == str(rule.text)] == []
        assert {str(rule.text) for rule in rules() if not rule.pattern} == {str(rule.text) for rule in rules()[-2:]}


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize("password", ["Password1", "Nina.Cole1"])
def test_a_refusal_of_the_two_rules_without_a_pattern_is_a_sentence(language, password):
    """ "No password that many people use", "Nothing that looks like your name"."""
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password(password, Account(realm="ohid", login_name="nina.cole"))
    assert [text for text in refused.value.messages if not is_sentence(text)] == []


def test_a_brand_spells_the_rules_of_a_name_as_its_documents_do():
    """S0-15 "6 to 50 characters", S1-42 "Between 6 and 50 characters": each page has the words of its own document."""
    asked = REALMS["ohid"].login_name_rules
    texts = {
        brand.key: [str(rule.text) for rule in brand.spell_rules(asked)] for brand in (OPTUM_ID, ONE_HEALTHCARE_ID)
    }
    optum, health = texts.values()
    assert (optum[0], health[0]) == ("6 to 50 characters", "Between 6 and 50 characters")
    assert (optum[4].split(":")[0], health[4].split(":")[0]) == ("None of these symbols", "None of these Symbols")
    assert optum[4].split(": ")[1] == health[4].split(": ")[1]


@pytest.mark.parametrize("brand", [ONE_HEALTHCARE_ID, OPTUM_ID, CHORUS])
def test_a_brand_spells_no_rule_that_no_realm_has(brand):
    """A mistyped key would leave the other brand's words on the page."""
    assert {key for key, _text in brand.rule_texts} <= {rule.key for rule in rules()}
