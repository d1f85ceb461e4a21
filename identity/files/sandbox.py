"""One fresh process for one file: what a stranger made is read there, under limits, and nowhere else."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from identity.files.doors import OFFICE
from identity.models.files import Refusal

# policy: scans. They hold for every file and door.
SECONDS, MEMORY, PAGES, PIXELS = 20, 512 * 1024 * 1024, 20, 40_000_000
PROGRAM = Path(__file__).with_name("child.py")
LONGEST_ANSWER, LONGEST_TEXT = 1_000, 200_000  # characters


@dataclass(frozen=True)
class Look:
    """What was seen: why the file is refused, or a picture of each page, that lies there until the block ends, and
    what a PDF says."""

    refusal: Refusal | None = None
    pictures: tuple[Path, ...] = ()
    text: str = ""


@contextlib.contextmanager
def look(content: Iterable[bytes], kind: str) -> Iterator[Look]:
    """Look at content of this kind. What goes wrong with the file is a refusal; an error is the machine's."""
    with tempfile.TemporaryDirectory(prefix="file-") as name:
        folder = Path(name)
        with (folder / "file").open("wb") as copy:
            copy.writelines(content)
        yield _judge(folder, kind)


def _judge(folder: Path, kind: str) -> Look:
    """What the program found. It held what a stranger made: its answer is believed as far as it makes sense."""
    if not _run(folder, kind):
        return Look(Refusal.TIME)
    try:
        answer = json.loads(_text(folder / "answer.json"))
        if refusal := answer.get("refusal"):
            return Look(Refusal(refusal))
        pictures = tuple(folder / f"{number}.png" for number in range(1, int(answer["pages"]) + 1))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Look(Refusal.DAMAGED)  # a library took the program down with it
    seen = all(path.is_file() and not path.is_symlink() for path in pictures) and len(pictures) <= PAGES
    if not seen or bool(pictures) == (kind in OFFICE):
        return Look(Refusal.DAMAGED)
    return Look(pictures=pictures, text=_said(folder / "text"))


def _said(path: Path) -> str:
    """What a PDF says, as far as it can be stored; nothing where the program left none."""
    try:
        return "".join(one for one in _text(path, LONGEST_TEXT) if one >= " " or one == "\n")
    except (OSError, ValueError):
        return ""


def _run(folder: Path, kind: str) -> bool:
    """Whether the program ended in time; afterwards it and all that it may have started are gone."""
    numbers = (str(number) for number in (PAGES, PIXELS, MEMORY, SECONDS))
    program = subprocess.Popen(  # noqa: S603  our own, with words of our own
        [sys.executable, "-I", "-B", str(PROGRAM), kind, *numbers],
        cwd=folder,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        # Out of processor time is out of time; any other death leaves no answer.
        return program.wait(SECONDS) != -signal.SIGXCPU
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
        program.wait()


def _text(path: Path, longest: int = LONGEST_ANSWER) -> str:
    if path.is_symlink():
        raise OSError
    with path.open(encoding="utf-8") as opened:
        return opened.read(longest)
