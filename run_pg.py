import os
import subprocess
import sys
from contextlib import ExitStack

from tests import services

with ExitStack() as s:
    env = {**os.environ, "CHROMIUM": "/usr/bin/chromium"}
    if "nopg" not in sys.argv:
        env["DATABASE_URL"] = s.enter_context(services.postgres())
        env["REDIS_URL"] = s.enter_context(services.redis())
    args = [a for a in sys.argv[1:] if a != "nopg"]
    sys.exit(subprocess.run([".venv/bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=short", *args], env=env).returncode)
