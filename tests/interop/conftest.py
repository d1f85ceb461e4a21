"""Real web servers and libraries that trust the ID, against the running product: started here, gone afterwards."""

from pathlib import Path

import pytest

from portals.oidc import signing_keys
from tests.interop.plain_browser import PlainBrowser
from tests.interop.servers import EchoApplication


def pytest_collection_modifyitems(items):
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def product(live_server, settings):
    """The running product; its address is what it calls itself."""
    settings.PUBLIC_URL, settings.CALLS_LOOPBACK = live_server.url, True
    signing_keys.forget()
    return live_server.url


@pytest.fixture
def browser():
    """A browser without script."""
    with PlainBrowser() as one:
        yield one


@pytest.fixture
def old_application():
    """An application that has no sign-in: it tells which headers reached it."""
    with EchoApplication() as one:
        yield one
