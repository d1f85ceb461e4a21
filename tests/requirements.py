"""Whether requirements/*.txt are what their *.in compile to; `--write` compiles them."""

import filecmp
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("base", "production", "development", "ldap")


def compile_into(folder: Path) -> None:
    """Compile all of them; what is already pinned there stays pinned unless its *.in asks otherwise."""
    for name in NAMES:
        subprocess.run(
            [  # uv reads the *.in and keeps what the *.txt pins
                ".tools/bin/uv",
                "pip",
                "compile",
                "-q",
                "--universal",
                "--generate-hashes",
                "--python-version",
                "3.12",
                "--custom-compile-command",
                "make requirements",
                f"requirements/{name}.in",
                "-o",
                str(folder / f"{name}.txt"),
            ],
            cwd=FOLDER.parent,
            check=True,
            stderr=subprocess.PIPE,
        )


def stale() -> list[str]:
    """The files that `make requirements` would change."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in NAMES:
            shutil.copy(FOLDER / f"{name}.txt", scratch)
        compile_into(Path(scratch))
        return [
            name
            for name in NAMES
            if not filecmp.cmp(FOLDER / f"{name}.txt", Path(scratch) / f"{name}.txt", shallow=False)
        ]


if __name__ == "__main__":
    if "--write" in sys.argv:
        compile_into(FOLDER)
    elif found := stale():
        sys.exit(f"Stale: {', '.join(found)}. Run: make requirements")
