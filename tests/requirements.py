"""Whether requirements/*.txt were compiled from their *.in: by hash. `--write` compiles them, `--resolve` compiles anew
and compares."""

import filecmp
import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
NAMES = ("base", "production", "development", "ldap")
STAMP = "compiled.sha256"  # as sha256sum writes it


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


def resolved_otherwise() -> list[str]:
    """The files that `make requirements` would change: the package index is asked."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in NAMES:
            shutil.copy(FOLDER / f"{name}.txt", scratch)
        compile_into(Path(scratch))
        return [
            name
            for name in NAMES
            if not filecmp.cmp(FOLDER / f"{name}.txt", Path(scratch) / f"{name}.txt", shallow=False)
        ]


def stamp(folder: Path) -> list[str]:
    """One line a file, with its hash."""
    files = [folder / f"{name}.{kind}" for name in NAMES for kind in ("in", "txt")]
    return [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}" for file in files]


def stale(folder: Path = FOLDER) -> list[str]:
    """The files that are not as the last compiling read or left them."""
    kept = (folder / STAMP).read_text().splitlines()
    return [line.split()[1] for line in stamp(folder) if line not in kept]


def main() -> None:
    if "--write" in sys.argv:
        compile_into(FOLDER)
        (FOLDER / STAMP).write_text("\n".join(stamp(FOLDER)) + "\n")
    elif found := resolved_otherwise() if "--resolve" in sys.argv else stale():
        sys.exit(f"Stale: {', '.join(found)}. Run: make requirements")


if __name__ == "__main__":
    main()
