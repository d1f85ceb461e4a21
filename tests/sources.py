"""Our files, by app and room, for tests that read them."""

import subprocess
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)

LAYERS = ["identity", "rbac", "portals", "accessforms", "enrollment", "config"]

SOURCES = [
    path for app in LAYERS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts
]  # fmt: skip

# Every room is its own domain; pages, forms and the desk stand in folders of their own.
ROOMS = (
    "identity/keys", "identity/policy", "identity/record", "identity/codes", "identity/files", "identity/notices", "identity/sessions",
    "identity/accounts", "identity/jobs", "identity/factors", "identity/recovery", "identity/merging",
    "identity/governance", "portals/legacy", "portals/inside/domain", "portals/oidc", "rbac/domain", "accessforms/domain", "enrollment/domain",
)  # fmt: skip

DOMAIN = [
    path
    for path in SOURCES
    if str(path.relative_to(ROOT)).startswith(tuple(f"{room}/" for room in ROOMS))
    and not {"views", "admin"} & set(path.parts)
]


def tracked() -> list[str]:
    return subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")[
        :-1
    ]
