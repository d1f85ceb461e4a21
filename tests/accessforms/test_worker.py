"""The printing queue for real: a Celery worker of production settings, Redis between, PostgreSQL behind."""

import os
import subprocess
import sys
import time

import pytest
from celery import Celery
from django.conf import settings
from django.db import connection

from accessforms.domain import printouts
from tests.factories import SubmissionFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (os.environ.get("REDIS_URL") and connection.vendor == "postgresql"), reason="needs PostgreSQL and Redis"
    ),
]


def production(tmp_path) -> dict[str, str]:
    """The environment of a production process on this test's database, with a broker database of its own."""
    host, port, name = (connection.settings_dict[key] for key in ("HOST", "PORT", "NAME"))
    user, password = connection.settings_dict["USER"], connection.settings_dict["PASSWORD"]
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "abcdefgh1234567890!?" * 3,
        "INDEX_KEY": "stored0987654321!?" * 3,
        "FIELD_KEYS": settings.FIELD_KEYS[0],
        "PUBLIC_URL": "https://id.example.org",
        "DATABASE_URL": f"postgres://{user}:{password}@{host}:{port}/{name}",
        "REDIS_URL": settings.CACHES["default"]["LOCATION"].rpartition("/")[0] + "/15",
        "MEDIA_ROOT": str(tmp_path / "files"),
        "MAIL_FROM": "a@example.org",
        "TWILIO_ACCOUNT_SID": "x",
        "TWILIO_AUTH_TOKEN": "x",
        "TWILIO_FROM": "x",
        "PYTHONWARNINGS": "ignore",
    }


def test_a_worker_of_the_pdf_queue_prints_what_waits(tmp_path, provider, monkeypatch):
    """speed, PDF: a queue of its own; the worker finds the form by its id, and nothing else travels."""
    monkeypatch.setattr(printouts.QUEUE, "nudge", lambda pk: None)  # or this process would print it itself, at once
    submission = SubmissionFactory(account=provider, submitted=True)
    environment = production(tmp_path)
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config.celery",
        "worker",
        "-Q",
        "pdf",
        "-c",
        "1",
        "--without-gossip",
    ]
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        printout = printouts.current(submission)
        sender = Celery(
            broker=environment["REDIS_URL"], set_as_current=False
        )  # or every task of this process is its own
        sender.send_task("accessforms.tasks.print_form", kwargs={"printout_id": printout.pk}, queue="pdf")
        sender.close()
        end = time.monotonic() + 40
        while time.monotonic() < end and printouts.current(submission).state == "waiting":
            time.sleep(0.2)
    finally:
        worker.terminate()
        worker.wait(20)
    printed = printouts.current(submission)
    assert (printed.state, printed.pages) == ("ready", 1)
    assert (tmp_path / "files" / printed.path).read_bytes().startswith(b"%PDF")
