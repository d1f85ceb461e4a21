"""Public registers: a file of NPPES with 330 columns beside PostgreSQL's COPY of the columns that are kept, the memory
that reading it takes, and a process that is killed ten times and goes on.

`python -m tests.bench.registers FILE` prints JSON, in a process of its own beside a database of its own.
"""

import json
import os
import random
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.result import Result
from tests.bench.stack import ROOT, Stack
from tests.steps import registers

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
KILLS = int(os.environ.get("BENCH_KILLS", "10"))
TURNS = int(os.environ.get("BENCH_ROUNDS", "3"))
MOST_OF_COPY, MOST_MEMORY = 3.0, 100.0


def measure(stack: Stack) -> list[Result]:
    """The goals are those of the design: 3 times COPY, 100 MB more, and nothing lost."""
    path = registers.nppes(stack.folder / "npidata.csv", registers.people(ROWS))
    told = stack.run(stack.production("registers"), "tests.bench.registers", str(path)).strip().split("\n")[-1]
    found = json.loads(told)
    ours, peer = found["import"], found["copy"]
    return [
        Result.beside(f"NPPES: {ROWS:,} rows beside COPY of what is kept", "s", ours, peer, MOST_OF_COPY),
        Result.absolute("NPPES: memory that reading adds", "MB", found["memory"], MOST_MEMORY),
        Result.absolute(f"NPPES: rows that differ after {found['kills']} kills", "rows", found["different"], 0),
    ]


def main() -> None:
    import django

    django.setup()
    path = Path(sys.argv[1])
    print(json.dumps(_beside_copy(path) | _killed(path)))


def _beside_copy(path: Path) -> dict[str, float]:
    """Both in turn, into the same empty table; the memory is that of the first import, before anything else."""
    before = _memory("VmRSS")
    taken = [_timed(lambda: _import(path))]
    memory = _memory("VmHWM") - before
    cut = _cut()
    copied = []
    for _ in range(TURNS):
        copied.append(_timed(lambda: _copy(cut)))
        taken.append(_timed(lambda: _import(path)))
    return {"import": median(taken), "copy": median(copied), "memory": memory}


def _import(path: Path) -> None:
    from django.core.management import call_command

    call_command("import_register", "nppes", str(path), stdout=StringIO())


def _timed(call: Any) -> float:
    """Seconds of a call that begins with empty tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accessforms_npirecord, accessforms_registerimport RESTART IDENTITY CASCADE")
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _columns() -> str:
    from accessforms.registers import nppes

    return ", ".join((*nppes.KEPT, "register_import_id"))


def _cut() -> bytes:
    """The rows that are in the table, as COPY writes and reads them, made before the clock runs."""
    from django.db import connection

    with connection.cursor() as cursor, cursor.copy(f"COPY accessforms_npirecord ({_columns()}) TO STDOUT") as rows:
        return b"".join(bytes(part) for part in rows)


def _copy(cut: bytes) -> None:
    from django.db import connection, transaction
    from django.utils import timezone

    from accessforms.models import RegisterImport

    with transaction.atomic(), connection.cursor() as cursor:
        RegisterImport.objects.create(register="nppes", created_at=timezone.now())  # the first, as when it was cut
        with cursor.copy(f"COPY accessforms_npirecord ({_columns()}) FROM STDIN") as copy:
            copy.write(cut)


def _killed(path: Path) -> dict[str, int]:
    """The same file by a process that is killed again and again, at moments that it does not choose."""
    from accessforms.models import RegisterImport

    _timed(lambda: _import(path))
    whole, kills = _rows(), 0
    _timed(lambda: None)
    draw = random.Random(1)
    for number in range(KILLS):
        # After a chunk, and within the first one of a call that goes on.
        sign, longest = ("Goes on", 0.3) if number % 2 else ("%", 0.08)
        kills += _killed_once(path, sign=sign, after=draw.uniform(0.0, longest))
    _import(path)
    assert [found.state for found in RegisterImport.objects.all()] == ["done"]
    return {"kills": kills, "different": len(whole ^ _rows())}


def _killed_once(path: Path, *, sign: str, after: float) -> bool:
    """Begin the command, and kill it so many seconds after it printed this; whether it had not ended before."""
    command = [sys.executable, "-u", "manage.py", "import_register", "nppes", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            if sign in line:
                break
        time.sleep(after)
        process.kill()
        process.stdout.read()
        return process.wait() < 0


def _rows() -> set[tuple[Any, ...]]:
    from accessforms.models import NpiRecord
    from accessforms.registers import nppes

    return set(NpiRecord.objects.values_list(*nppes.KEPT))


def _memory(name: str) -> float:
    """What this process has in memory now (VmRSS), or had at most (VmHWM), in MB."""
    lines = Path("/proc/self/status").read_text().split("\n")
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    main()
