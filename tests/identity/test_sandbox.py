"""The process in which a file of a stranger is read: its limits, and what is believed of its answer."""

import contextlib
import ctypes
import re
import socket
import time
import uuid
from pathlib import Path

import pytest

from identity.files import child, sandbox
from identity.models.files import Refusal


def _landlock() -> int:
    """The version that the kernel has."""
    version: int = ctypes.CDLL(None).syscall(child.MAKE_RULES, None, 0, 1)
    return version


class TestSandbox:
    """policy, scans: they are read in a child process with limits (20 s, 512 MB, 20 pages, 40 million pixels)."""

    @pytest.fixture
    def program(self, tmp_path, monkeypatch):
        """In the place of the child: a program that confines itself as the child does, and then does this."""

        def put(does: str) -> sandbox.Look:
            script = tmp_path / "program.py"
            script.write_text(
                f"import sys, os, json, socket\nsys.path.insert(0, {str(Path(child.__file__).parent)!r})\nimport child\n"
                f"child.confine(*map(int, sys.argv[4:6]))\n{does}\n"
            )
            monkeypatch.setattr(sandbox, "PROGRAM", script)
            with sandbox.look([b"x"], "pdf") as seen:
                return seen

        return put

    def test_time_is_limited_and_all_that_it_started_ends_with_it(self, program, monkeypatch):
        monkeypatch.setattr(sandbox, "SECONDS", 1)
        marker = f"marker-{uuid.uuid4()}"
        begun = time.monotonic()
        seen = program(f"import subprocess\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}])\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {marker!r}]).wait()")  # fmt: skip
        assert seen.refusal == Refusal.TIME
        assert time.monotonic() - begun < 10
        while time.monotonic() - begun < 10 and any(marker in line for line in _command_lines()):
            time.sleep(0.05)  # killed, and not gone yet
        assert not any(marker in line for line in _command_lines())

    def test_a_busy_one_is_stopped_too(self, program, monkeypatch):
        monkeypatch.setattr(sandbox, "SECONDS", 1)
        assert program("while True: pass").refusal == Refusal.TIME

    def test_memory_is_limited(self, program):
        does = "try:\n  x = bytearray(600_000_000)\nexcept MemoryError:\n  json.dump({'refusal': 'pixels'}, open('answer.json', 'w'))"
        assert program(does).refusal == Refusal.PIXELS
        does = "x = bytearray(300_000_000)\njson.dump({'refusal': 'kind'}, open('answer.json', 'w'))"
        assert program(does).refusal == Refusal.KIND

    def test_it_knows_nothing_of_the_server_and_reaches_nobody(self, program, monkeypatch):
        """No environment; no network where the kernel allows it: here not even this machine."""
        monkeypatch.setenv("SECRET", "x")
        with socket.create_server(("127.0.0.1", 0)) as server:
            does = (
                "known = {k for k in os.environ if k not in ('LC_CTYPE',)}\n"
                f"try:\n  socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 2)\n  reached = True\n"
                "except OSError:\n  reached = False\n"
                "json.dump({'refusal': 'kind' if not known and not reached else 'size'}, open('answer.json', 'w'))"
            )
            assert program(does).refusal == Refusal.KIND

    @pytest.mark.skipif(_landlock() < 6, reason="the kernel takes no files and signals away")
    def test_it_reads_and_writes_nothing_but_its_folder(self, program, tmp_path):
        """policy, scans; stored files: no environment. That of the server, with its keys, stands under /proc, as every
        file of the product does on the same disk; and no file that it draws carries them out."""
        other, code = tmp_path / "other", Path(sandbox.__file__)
        other.write_text("kept")
        does = (
            "def may(act):\n  try:\n    act()\n  except OSError:\n    return False\n  return True\n"
            f"found = [may(lambda: open(f'/proc/{{os.getppid()}}/environ').read()), may(lambda: open({str(code)!r})),\n"
            f"  may(lambda: open({str(other)!r}, 'w')), may(lambda: os.listdir('/tmp')), may(lambda: os.truncate({str(other)!r}, 0)),\n"
            "  may(lambda: os.kill(os.getppid(), 0))]\n"
            "json.dump({'refusal': 'kind' if not any(found) else 'size'}, open('answer.json', 'w'))"
        )
        assert program(does).refusal == Refusal.KIND
        assert other.read_text() == "kept"

    @pytest.mark.parametrize(
        "answer",
        ["", "{", "[]", "3", '{"pages": 1}', '{"pages": -1}', '{"pages": 0}', '{"refusal": "fine"}', '{"pages": "x"}',
         '{"pages": 1000000}'],
    )  # fmt: skip
    def test_an_answer_that_makes_no_sense_is_not_believed(self, program, answer):
        """A file may have taken the child over: what it says is looked at like the file."""
        assert program(f"open('answer.json', 'w').write({answer!r})").refusal == Refusal.DAMAGED

    def test_a_link_in_the_place_of_an_answer_or_a_picture_is_not_followed(self, program, tmp_path):
        other = tmp_path / "answer"
        other.write_text('{"pages": 1}')
        assert program(f"os.symlink({str(other)!r}, 'answer.json')").refusal == Refusal.DAMAGED
        does = f"os.symlink({str(other)!r}, '1.png')\nopen('answer.json', 'w').write('{{\"pages\": 1}}')"
        assert program(does).refusal == Refusal.DAMAGED

    def test_one_that_dies_found_the_file_damaged(self, program):
        assert program("os.abort()").refusal == Refusal.DAMAGED

    def test_its_limits_are_those_of_the_policy(self):
        assert (sandbox.SECONDS, sandbox.MEMORY, sandbox.PAGES, sandbox.PIXELS) == (20, 512 * 2**20, 20, 40_000_000)

    def test_the_child_imports_nothing_of_the_product(self):
        """It starts in a fraction of a second, and holds no key."""
        text = Path(child.__file__).read_text()
        assert not re.search(r"^\s*(from|import) (django|identity|config)", text, re.MULTILINE)


def _command_lines() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return found
