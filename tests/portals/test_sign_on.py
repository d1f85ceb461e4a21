"""Sign-on at outside applications: the code flow, refreshes, claims, and what ends them (S0-04)."""

import pytest

from tests.conftest import signed_in
from tests.relying_party import register

pytestmark = pytest.mark.django_db


@pytest.fixture
def party(office_user):
    party = register()
    party.browser = signed_in(office_user)
    return party


def test_a_person_with_access_is_signed_on(party, office_user):
    """S0-04: one ID for every application that supports it, by an open standard."""
    tokens = party.tokens()
    told = party.claims(tokens["id_token"])
    assert told["sub"] == str(office_user.public_id)
    assert told["nonce"] == "a-nonce"
    assert set(told) >= {"auth_time", "amr", "acr", "sid", "exp", "iat"}
    known = party.userinfo(tokens["access_token"]).json()
    assert known["preferred_username"] == "office.user"
    assert known["portal"] == "claims"


def test_refresh(party):
    tokens = party.tokens()
    answer = party.refresh(tokens["refresh_token"])
    assert answer.status_code == 200
    again = answer.json()
    assert again["refresh_token"] != tokens["refresh_token"]
    assert party.refresh(tokens["refresh_token"]).status_code == 400
    assert party.refresh(again["refresh_token"]).status_code == 400
    assert party.userinfo(again["access_token"]).status_code == 401
