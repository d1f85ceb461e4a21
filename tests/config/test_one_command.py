"""The one-command run as a newcomer meets it: its help, its refusals, who may read its data, and a second start."""

import contextlib
import re
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from config import env
from config.demo import place, stamp
from config.demo.people import PASSWORD
from tests import one_command
from tests.services import free_port

NINA = "nina.cole"  # signs in with a code by mail


@pytest.fixture
def taken():
    """A port that somebody listens on; the one after it is free as a rule."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        yield somebody.getsockname()[1]


def refusal(environment: dict[str, str]) -> str:
    """What a start with these variables is refused with."""
    with pytest.raises(place.Refused) as refused:
        place.take(place.read(environment)).close()
    return str(refused.value)


def test_make_help_names_every_target_that_has_a_text():
    """The list is made from the Makefile itself: a target with a text cannot be missing."""
    texts = dict(re.findall(r"^([a-z-]+):.*## (.+)$", (one_command.ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"help", "run", "test", "bench", "bare", "check"} <= set(texts)
    answer = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=one_command.ROOT, capture_output=True, text=True, check=True
    )
    assert [line.split(maxsplit=1) for line in answer.stdout.splitlines()] == [list(pair) for pair in texts.items()]


@pytest.mark.parametrize("said", ["abc", "0", "65536", "-1", "80 80", "\u0661\u0662"])
@pytest.mark.parametrize("name", ["PORT", "SAMPLE_PORT"])
def test_what_is_no_port_is_said_in_a_sentence(tmp_path, name, said):
    told = refusal({"DATA": str(tmp_path / "new"), name: said})
    assert told == f"{name}={said} is no port. Choose a number from 1 to 65535: make run {name}=8000"
    assert not (tmp_path / "new").exists()


def test_a_taken_port_is_answered_with_the_next_free_pair(tmp_path, taken):
    """Never the port after it alone: that is the sample application of the run that took it."""
    told = refusal({"DATA": str(tmp_path / "new"), "PORT": str(taken)})
    assert f"Port {taken} is taken." in told
    port, sample_port = map(int, re.search(r"make run PORT=(\d+) SAMPLE_PORT=(\d+)$", told).groups())
    assert port >= taken + 2
    assert sample_port == port + 1
    assert not (tmp_path / "new").exists(), "a refused start leaves no folder behind"


def test_a_taken_port_of_the_sample_is_named(tmp_path, taken):
    """Also where SAMPLE_PORT was not given: it is the port after PORT."""
    for environment in ({"PORT": str(taken - 1)}, {"PORT": str(free_port()), "SAMPLE_PORT": str(taken)}):
        told = refusal({"DATA": str(tmp_path / "new"), **environment})
        assert f"Port {taken} of the sample application, SAMPLE_PORT, is taken." in told
        assert re.search(r"make run PORT=\d+ SAMPLE_PORT=\d+$", told)
    assert not (tmp_path / "new").exists()


def test_both_on_one_port_is_refused(tmp_path):
    assert "both 9000" in refusal({"DATA": str(tmp_path / "new"), "PORT": "9000", "SAMPLE_PORT": "9000"})


def test_a_folder_that_cannot_be_one_is_said_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    ports = {"PORT": str(free_port()), "SAMPLE_PORT": str(free_port())}
    assert "is a file." in refusal({"DATA": str(tmp_path / "file"), **ports})
    assert "cannot be written to (Not a directory)" in refusal({"DATA": str(tmp_path / "file" / "below"), **ports})
    assert "cannot be written to (" in refusal({"DATA": "/proc/healthcare-id", **ports})


def test_a_second_run_on_the_same_data_is_told_so_before_anything_of_ports(tmp_path, taken):
    ports = {"PORT": str(taken), "SAMPLE_PORT": str(free_port())}
    first = place.take(place.read({"DATA": str(tmp_path), "PORT": str(free_port()), "SAMPLE_PORT": str(free_port())}))
    with first:
        told = refusal({"DATA": str(tmp_path), **ports})
    assert re.search(r"^Another run uses .* make run DATA=var2 PORT=\d+ SAMPLE_PORT=\d+$", told)


def test_only_the_owner_looks_into_the_folder_and_things_of_others_are_left_alone(tmp_path):
    """A new folder and one of ours are for the owner; a folder that held other things keeps its rights."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    theirs.mkdir(mode=0o755)
    (theirs / "letter").write_text("")
    for folder, rights in ((ours, 0o700), (theirs, 0o755)):
        here = {"DATA": str(folder), "PORT": str(free_port()), "SAMPLE_PORT": str(free_port())}
        place.take(place.read(here)).close()
        assert folder.stat().st_mode & 0o777 == rights
    (ours / "keys").write_text("")
    ours.chmod(0o755)
    place.take(place.read(here | {"DATA": str(ours)})).close()
    assert ours.stat().st_mode & 0o777 == 0o700


def test_the_command_itself_answers_in_one_line():
    """No traceback, and a code that says that it did not run."""
    answer = subprocess.run(
        one_command.COMMAND,
        cwd=one_command.ROOT,
        env=one_command.environment("var", PORT="abc"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.splitlines() == ["PORT=abc is no port. Choose a number from 1 to 65535: make run PORT=8000"]


def test_the_demos_commands_name_a_wrong_port_too(monkeypatch):
    monkeypatch.setenv("PORT", "abc")
    with pytest.raises(ImproperlyConfigured, match=r"^PORT is 'abc'\."):
        env.demo_place()


def test_data_is_prepared_anew_for_other_code_other_ports_and_another_database(tmp_path, monkeypatch):
    """What is the same needs no second preparing; a changed file, port or database does."""
    code = tmp_path / "code"
    (code / "config").mkdir(parents=True)
    (code / "config" / "a.py").write_text("1")
    monkeypatch.setattr(stamp, "ROOT", code)
    here = place.Place(tmp_path, 8000, 8001)
    assert stamp.of(here) == ""
    (tmp_path / "healthcare-id.sqlite3").write_text("")
    seen = [stamp.of(here), stamp.of(place.Place(tmp_path, 8000, 8003))]
    assert stamp.of(here) == seen[0]
    (code / "config" / "a.py").write_text("12")
    seen.append(stamp.of(here))
    (tmp_path / "healthcare-id.sqlite3").rename(tmp_path / "kept")
    (tmp_path / "healthcare-id.sqlite3").write_text("")
    seen.append(stamp.of(here))
    assert len(set(seen)) == 4


@pytest.mark.skipif(connection.vendor == "postgresql", reason="the one-command run stores its data in SQLite")
def test_a_restart_prepares_nothing_anew_and_signs_nobody_out(tmp_path):
    """Walk, section 3 and B6: who was signed in still is, and the clock of 30 minutes goes on where it was."""
    data, ports = tmp_path / "data", (free_port(), free_port())
    address = f"http://localhost:{ports[0]}"
    browser = requests.Session()
    with one_command.running(data, ports=ports) as first:
        _sign_in(browser, address)
    _was_off_for_days(data)
    with one_command.running(data, ports=ports) as second:
        page = browser.get(f"{address}/id/profile/", timeout=20)
        assert (page.status_code, page.url) == (200, f"{address}/id/profile/")
        assert NINA in page.text
        assert _waits_for_nobody(data), "the jobs of a demo that was off go on (policy: mass acts)"
        readable = {path.name for path in [data, *data.rglob("*")] if path.stat().st_mode & 0o077}
    assert readable == set(), "others on this machine can read these"
    assert any(line.startswith("Preparing") for line in first.said)
    assert not any(line.startswith("Preparing") for line in second.said)
    assert (first.code, second.code) == (0, 0)
    assert not {path.name for path in data.iterdir()} & {"redis-url", "valkey.conf"}, "they hold a password"


def _was_off_for_days(data: Path) -> None:
    """The last job acted three days ago."""
    with contextlib.closing(sqlite3.connect(data / "healthcare-id.sqlite3", timeout=20)) as rows, rows:
        rows.execute("INSERT OR REPLACE INTO identity_clockmark (id, at) VALUES (1, datetime('now', '-3 days'))")


def _waits_for_nobody(data: Path) -> bool:
    """Whether the worker, which starts beside the web server, has believed the clock within a while."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.closing(sqlite3.connect(data / "healthcare-id.sqlite3", timeout=20)) as rows:
            age = rows.execute("SELECT julianday('now') - julianday(at) FROM identity_clockmark").fetchone()[0]
            waits = rows.execute("SELECT count(*) FROM identity_massact WHERE state = 'frozen'").fetchone()[0]
        if age < 1:
            return not waits
        time.sleep(0.2)
    return False


def _sign_in(browser: requests.Session, address: str) -> None:
    """Name, password, and the code that came by mail."""
    page = _send(browser, browser.get(f"{address}/id/sign-in/?next=/id/profile/", timeout=20), login=NINA)
    page = _send(browser, page, password=PASSWORD)
    codes: list[str] = []
    end = time.monotonic() + 60
    while not codes and time.monotonic() < end:
        time.sleep(0.2)
        codes = [code for mail in requests.get(f"{address}/inbox.json", timeout=20).json() for code in mail["codes"]]
    page = _send(browser, page, code=codes[0])
    assert "/id/sign-in/" not in page.url, page.text[:3000]


def _send(browser: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    """Send the form of the page, back to the page."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token, page.text[:3000]
    form = {"csrfmiddlewaretoken": token[1], **fields}
    return browser.post(page.url, form, headers={"Referer": page.url}, timeout=20)
