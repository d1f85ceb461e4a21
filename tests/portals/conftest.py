"""What the tests of portals share."""

import pytest

from tests.relying_party import register
from tests.steps.sign_in import signed_in


@pytest.fixture
def party(office_user):
    """An application of the Claims portal, in the browser of somebody who may enter it."""
    party = register()
    party.browser = signed_in(office_user)
    return party
