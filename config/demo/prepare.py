"""Database, static files, people and sample of the demo, in one process: each start of Django costs two seconds."""

import hashlib
import os
import warnings
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

from config import env


def main() -> None:
    print("Preparing the database", flush=True)
    django.setup()
    warnings.simplefilter("ignore")
    call_command("migrate", verbosity=0, interactive=False)
    static = _fingerprint([Path(folder) for folder in settings.STATICFILES_DIRS])
    data = env.demo_place()[0]
    collected = data / "collected"
    if not collected.exists() or collected.read_text() != static:
        print("Preparing the static files", flush=True)
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        collected.write_text(static)
    call_command("check", fail_level="WARNING")
    from config.demo import old_accounts, people, sample

    print("Preparing the people and their requests", flush=True)
    people.seed()
    (data / old_accounts.SAMPLE_LIST).write_bytes(old_accounts.sample_list())
    port = int(os.environ["SAMPLE_PORT"])
    sample.register(port=port, secret_file=data / "bill-tracker-secret")
    sample.register_grid(port=port, played_file=data / "played")


def _fingerprint(folders: list[Path]) -> str:
    """Changes when a static file does: names, sizes and dates."""
    facts = [
        f"{path}:{path.stat().st_size}:{path.stat().st_mtime_ns}"
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()


if __name__ == "__main__":
    main()
