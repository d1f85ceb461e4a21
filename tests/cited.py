"""The ids of docs/requirements.md, and where code, tests and docs cite them.

`python -m tests.cited` prints the rows of the documents that no test names.
"""

import ast
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "requirements.md"

# Whose letter an id bears when it is cited alone.
LISTS = {
    **dict.fromkeys("ABE", "A walk through the product"),
    "C": "Rulings",
    "D": "A walk through the product",
    **dict.fromkeys("HML", "An attack"),
    "T": "Cases from the field",
    "F": "Faults read in the code",
}
NAMED = {
    "walk": "A walk through the product",
    "attack": "An attack",
    "field": "Cases from the field",
    "code": "Faults read in the code",
    "mail": "Mails",
}

_ID = r"[A-FHLMT]\d{1,2}"
_ROW = re.compile(r"\b(S[0-4])-(\d{2}(?:(?:\.\.|,)\d{2})*)\b")
_GAP = re.compile(r"\b(D-\d{2})\b")
_AFTER_A_NAME = re.compile(rf"\b({'|'.join(NAMED)}),? ({_ID}(?:(?:,| and| to)\s+{_ID}\b)*)", re.IGNORECASE)
_ALONE = re.compile(rf"(?<![\w\\\[%#&=-])({_ID})(?![\w-])")
_RULING = re.compile(r"(?<![\w\\\[%#&=-])(C\d{1,2})(?![\w-])")


@cache
def listed() -> dict[str, set[str]]:
    """The ids of the page, by the heading above them; the documents' rows and the gaps under an empty one."""
    found: dict[str, set[str]] = {"": set()}
    heading = ""
    for line in PAGE.read_text().split("\n"):
        if line.startswith("#"):
            heading = line.strip("# ")
        elif row := re.match(r"\| policy, (.+?) \|", line):
            found.setdefault(heading, set()).add(row.group(1))
        elif row := re.match(r"\| ([A-Z][\w-]*\d) \|", line):
            name = row.group(1)
            found.setdefault("" if "-" in name else heading, set()).add(name)
    return found


def in_text(text: str, *, letters: bool = True) -> set[tuple[str, str]]:
    """The ids that a text cites, as (list, id). Without `letters` only rows, gaps and rulings are looked for: other
    texts hold B8 and L1 that are none."""
    found = {("", f"{page}-{number}") for page, numbers in _ROW.findall(text) for number in _each(numbers)}
    found |= {("", gap) for gap in _GAP.findall(text)}
    if not letters:
        return found | {(LISTS["C"], ruling) for ruling in _RULING.findall(text)}
    for name, ids in _AFTER_A_NAME.findall(text):
        found |= {(_list(name.lower(), cited), cited) for cited in re.findall(_ID, ids)}
    rest = _AFTER_A_NAME.sub("", text)
    return found | {(LISTS[cited[0]], cited) for cited in _ALONE.findall(rest)}


def _list(name: str, cited: str) -> str:
    """`walk A1, M1`: a letter that the named list has not stands for its own; `walk C5` and `attack C1` are no rulings."""
    if name == "mail" or (cited.startswith("C") and name in ("walk", "attack")):
        return NAMED[name]
    return LISTS[cited[0]]


def _each(numbers: str) -> Iterator[str]:
    """The numbers of `46..54` and of `05,06`."""
    for part in numbers.split(","):
        first, _, last = part.partition("..")
        yield from (f"{number:02}" for number in range(int(first), int(last or first) + 1))


def in_file(path: Path) -> set[tuple[str, str]]:
    """What a file cites: comments, docstrings and failing words of Python, all of anything else."""
    text = path.read_text()
    if path.suffix != ".py":
        return in_text(text, letters=path.suffix == ".md")
    found = in_text(text, letters=False)
    for words in _prose(path) if _ALONE.search(text) else ():  # reading a file as Python takes time
        found |= in_text(words)
    return found


def _prose(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT and "noqa" not in token.string:
                yield token.string
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
        elif isinstance(node, ast.Assert) and isinstance(node.msg, ast.Constant):
            yield str(node.msg.value)


def policy_in(path: Path) -> list[str]:
    """What follows "policy," or "policy:" in a module's prose, to the next sign: the name of a row of the policy."""
    words = re.sub(r"#?\s+", " ", "\n".join(_prose(path)))
    return re.findall(r"(?<!live )(?<!'s )(?<![\w-])[Pp]olicy(?:,|:(?! how)) ([^.:;()\"]+)", words)


def files() -> list[Path]:
    """Every file of ours that people write in, but for the page itself and the figures of a style or picture."""
    kept = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    ours = [ROOT / name for name in kept if not name.startswith(("locale/", "requirements/"))]
    words = {".py", ".md", ".html", ".txt", ".toml", ".js"}
    return [path for path in ours if path.suffix in words and path != PAGE and path.exists()]


def rows_that_no_test_names() -> list[str]:
    """The documents' rows that nothing in tests/ cites."""
    tested = {cited for path in files() if path.is_relative_to(ROOT / "tests") for _, cited in in_file(path)}
    return sorted(row for row in listed()[""] - tested if row.startswith("S"))


def main() -> int:
    lines = {
        line.split(" | ")[0][2:]: line.split(" | ", 1)[1].rstrip(" |")
        for line in PAGE.read_text().split("\n")
        if line.startswith("| S")
    }
    left = rows_that_no_test_names()
    for row in left:
        print(f"{row}  {lines[row]}")
    print(f"{len(left)} of {sum(name.startswith('S') for name in listed()[''])} rows are named by no test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
