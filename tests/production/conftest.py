"""The layout of docs/operations.md, started once: collected only when it is asked for by name (see tests.run)."""

from pathlib import Path

import pytest

from tests import services
from tests.production import layout


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("production")
    try:
        with layout.running(folder, people=12) as found:
            yield found
    except services.Unavailable as why:
        pytest.skip(str(why))


@pytest.fixture(autouse=True)
def _whole(site):
    """Each test begins with all parts at work, whatever the one before killed."""
    layout.until(site.is_whole, within=60)
    yield
    site.send_visitors_away()


@pytest.fixture
def _fresh():
    """Nothing of this process is used: its cache and files need no clearing."""
