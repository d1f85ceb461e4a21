"""Portals are declared in one file each; what is wrong in a file stops the start."""

from dataclasses import replace

import pytest

from identity.tenancy import tenancy
from portals import checks, registry, themes
from portals.definitions.optum_connect_claims import PORTAL as CLAIMS
from portals.definitions.optum_pro import REGISTRATION
from portals.definitions.trucase import PORTAL as TRUCASE
from portals.form_spec import Effect, ShownAs, WorksAs
from portals.spec import PublicPage, Tile
from rbac.capabilities import Capability

OLD, FORM = TRUCASE.legacy, CLAIMS.access_form
_STATE = REGISTRATION.sections[1]
_MARKET = replace(_STATE.fields[0], choices=(*_STATE.fields[0].choices, ("GU", "Guam")))
TWICE = replace(REGISTRATION, sections=(replace(_STATE, fields=(_MARKET,)),))


def test_every_definition_holds():
    """house: the start-up check finds unknown names and colours."""
    assert list(registry.portals()) == [
        "optum-connect",
        "claims",
        "physician",
        "referrals",
        "optum-pro",
        "provider-online",
        "trucase",
    ]
    assert [problem for portal in registry.portals().values() for problem in checks.problems_of(portal)] == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"realm": "mars"}, "realm mars is unknown"),
        ({"part_of": "nowhere"}, "part of nowhere, which does not exist"),
        ({"idle_account": "a_while"}, "period a_while is unknown"),
        ({"factors": ("horoscope",)}, "factor horoscope is unknown"),
        ({"landing_template": "no.html"}, "the template no.html does not exist"),
        ({"logo": "img/no.svg"}, "its logo img/no.svg is not a static file"),
        ({"theme": replace(CLAIMS.theme, primary="#ffb000")}, "white on primary has a contrast of"),
        ({"home_template": "no.html"}, "the template no.html does not exist"),
        ({"tiles": (Tile(name="A", description="", page="nowhere"),)}, "names the page nowhere"),
        ({"tiles": (Tile(name="A", description="", link="https://x", application="y"),)}, "more than one place"),
        ({"tiles": (Tile(name="A", description="", page="portal_news"),)}, "it has news, which is for roles"),
        ({"wording": (("nothing", "x"),)}, "wording names nothing"),
        ({"phases": TRUCASE.phases}, "it has phases but no old accounts"),
        ({"legacy": TRUCASE.legacy}, "its wording lacks last_heading"),
        ({"legacy": replace(OLD, opens=((Capability.CLAIMS, "mars"),))}, "its old accounts open mars"),
        ({"legacy": replace(OLD, adapter="ldap", realm_account=True)}, "passwords have to be imported"),
        ({"legacy": replace(OLD, adapter="fax")}, "the adapter fax of its old accounts is unknown"),
        ({"access_form": replace(CLAIMS.access_form, attributes=("nothing",))}, "names the field nothing"),
        ({"access_form": replace(FORM, effects=(("request_type", "x", Effect.END),))}, "names the choice x"),
        ({"access_form": replace(FORM, effects=(("nothing", "x", Effect.END),))}, "names the field nothing"),
        ({"access_form": replace(FORM, effects=())}, "its form has no effect"),
        (
            {"access_form": replace(FORM, subject=replace(FORM.subject, email="nothing"))},
            "subject names the field nothing",
        ),
        ({"access_form": replace(FORM, subject=replace(FORM.subject, rows="nothing"))}, "names the table nothing"),
        (
            {"access_form": replace(FORM, subject=replace(FORM.subject, is_applicant="city"))},
            "takes city for the applicant",
        ),
        (
            {"access_form": replace(FORM, paper=replace(FORM.paper, print_template="no.html"))},
            "the template no.html does not exist",
        ),
        ({"access_form": TWICE}, "its form offers an answer of market twice."),
        ({"access_form": replace(FORM, paper=None)}, "an access form, or names the route of one, and not both"),
        ({"access_form": replace(FORM, due="soon")}, "names the period soon"),
        ({"access_form": replace(FORM, practice_tins=("nothing",))}, "names the field nothing"),
        ({"access_form": replace(FORM, works_as=WorksAs(role="nothing", market="state"))}, "names the field nothing"),
        ({"access_form": replace(FORM, shown_as=ShownAs.STEPS)}, "shown in steps, which takes neither paper nor"),
        ({"pages": (PublicPage(key="x", title="x", template="no.html"),)}, "the template no.html does not exist"),
    ],
)
def test_a_definition_that_names_what_is_not_there_is_told(change, says):
    assert any(says in problem for problem in checks.problems_of(replace(CLAIMS, **change)))


def test_the_contrast_is_that_of_wcag():
    assert round(themes.contrast("#000000", "#ffffff"), 1) == 21
    assert round(themes.contrast("#777777", "#ffffff"), 2) == 4.48


def test_a_theme_is_cached_for_ever_under_its_hash(client, db):
    """interface, branding."""
    path = themes.path_of(CLAIMS)
    answer = client.get(path)
    assert answer["Content-Type"] == "text/css"
    assert "immutable" in answer["Cache-Control"]
    assert '[data-portal="claims"]' in answer.content.decode()
    assert CLAIMS.theme.primary in answer.content.decode()


def test_sign_in_learns_of_a_place_by_its_path(db):
    """house, tenancy."""
    assert tenancy().key_of("/p/claims/access-form/?x=1") == "claims"
    assert tenancy().key_of("/p/nowhere/") == ""
    assert tenancy().key_of("/nothing/at/all") == ""
    assert tenancy().tenant("claims").brand.name == "One Healthcare ID"
    assert tenancy().tenant("").key == ""
