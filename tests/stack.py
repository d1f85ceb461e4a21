"""A pytest plugin that gives the suite a Redis before Django's settings are read: the limits are counted in one.

Loaded by pyproject.toml. A REDIS_URL of the environment is used as it is; parallel workers inherit the server.
"""

import atexit
import contextlib
import os

import pytest

from tests import services

pytest.register_assert_rewrite("tests.steps")

if not os.environ.get("REDIS_URL"):
    _running = contextlib.ExitStack()
    os.environ["REDIS_URL"] = _running.enter_context(services.redis())
    atexit.register(_running.close)
