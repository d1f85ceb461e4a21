"""`make bench`: the real stack, a table on the screen, and var/bench.json."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import services
from tests.bench import one_command
from tests.bench.result import Result, as_json, table

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    results = one_command.measure()
    with services.postgres() as database, services.redis() as redis, tempfile.TemporaryDirectory() as files:
        production = {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": "for the benchmark only, never for people 0123456789",
            "FIELD_KEYS": "bm90LWEtc2VjcmV0LW5vdC1hLXNlY3JldC1ub3QtYSE=",
            "PUBLIC_URL": "https://bench.invalid",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "MEDIA_ROOT": files,
            "MAIL_FROM": "bench@bench.invalid",
            "MAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            "TWILIO_ACCOUNT_SID": "none",
            "TWILIO_AUTH_TOKEN": "none",
            "TWILIO_FROM": "none",
        }
        answer = subprocess.run(
            [sys.executable, "-m", "tests.bench.printing"],
            cwd=ROOT,
            env={**os.environ, **production},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    results += [Result(**row) for row in json.loads(answer.stdout.strip().split("\n")[-1])]
    print(table(results))
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "bench.json").write_text(as_json(results))
    return 0 if all(result.ok for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
