"""`make affected`: the tests that a change since BASE (main) can break first: those of its nouns, those that import it,
the house rules, and what migrations have to carry along. `make test` stays the proof."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALWAYS = ("tests/architecture", "tests/releases")


def changed(base: str) -> set[str]:
    """Files that differ from where this branch left the base, and new ones."""
    start = _git("merge-base", base, "HEAD")[0]
    return {*_git("diff", "--name-only", start), *_git("ls-files", "--others", "--exclude-standard")}


def affected(files: set[str]) -> list[str]:
    """Test files by noun (`views/recovery.py`, `templates/identity/recovery/` and `test_recovery.py`) and by import."""
    nouns = {noun for file in files if not file.startswith("tests/") for noun in _nouns(Path(file))}
    modules = {_module(Path(file)) for file in files if file.endswith(".py")}
    return sorted(
        str(test.relative_to(ROOT))
        for test in (ROOT / "tests").glob("*/test_*.py")
        if _nouns(test.relative_to(ROOT)) & nouns or modules & ({_module(test.relative_to(ROOT))} | _imports(test))
    )


def _nouns(path: Path) -> set[str]:
    """What a file is about, in the singular: its name, and its folder's where that is one inside an app's layer."""
    names = [path.stem.removeprefix("test_"), *(path.parent.parts[2:] if path.parts[0] != "tests" else ())]
    return {name.removesuffix("s") for name in names if name not in {"__init__", "base", "domain", "admin"}}


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


@cache
def _imports(file: Path) -> frozenset[str]:
    """What a file of tests imports, through other files of tests too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    for name in sorted(found):
        other = ROOT / f"{name.replace('.', '/')}.py"
        if name.startswith("tests.") and other.exists():
            found |= _imports(other)
    return frozenset(found)


def _git(*command: str) -> list[str]:
    answer = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True)
    return answer.stdout.splitlines()


def main() -> int:
    tests = affected(changed(os.environ.get("BASE") or "main"))
    print("\n".join(tests), flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "-m", "not journey"]
    return subprocess.run([*command, *ALWAYS, *tests], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
