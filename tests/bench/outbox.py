"""The outbox: mails that are enqueued and drained, beside a bare INSERT and the same mail given to a mail server by hand.

Both in turns, in one process under production settings, to a mail server on this machine that is counted to neither;
PostgreSQL is counted to both. `python -m tests.bench.outbox PID` (PostgreSQL's) prints JSON.
"""

import json
import os
import smtplib
import sys
from collections.abc import Callable
from email.message import EmailMessage

from tests.bench.processes import in_turns
from tests.bench.result import Result
from tests.bench.stack import Stack
from tests.production.mail_sink import MailSink

MAILS = int(os.environ.get("BENCH_MAILS", "2000"))
TURNS = 10 if MAILS >= 100 else 1
OF_BARE, OF_BARE_WALL = 0.1, 0.1  # the least of what the bare way does a second


def measure(stack: Stack) -> list[Result]:
    """Mails a second of processor time, and mails a second."""
    sink = MailSink()
    options = json.dumps({"host": "127.0.0.1", "port": sink.port})
    smtp = {"MAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend", "MAIL_OPTIONS": options}
    postgres, _redis = stack.shared_processes()
    printed = stack.run(stack.production("outbox") | smtp, "tests.bench.outbox", str(postgres))
    sink.shutdown()
    sink.server_close()
    found = json.loads(printed.strip().split("\n")[-1])
    assert len(sink.messages) == 2 * (found["mails"] + 1), "every mail arrived once, the first ones too"
    cpu, bare_cpu = (found["mails"] / found[who]["cpu"] for who in ("ours", "bare"))
    wall, bare_wall = (found["mails"] / found[who]["wall"] for who in ("ours", "bare"))
    return [
        Result.beside("outbox beside INSERT and SMTP, of one core", "mails/s", cpu, bare_cpu, OF_BARE, at_least=True),
        Result.beside("outbox beside INSERT and SMTP", "mails/s", wall, bare_wall, OF_BARE_WALL, at_least=True),
    ]


def main() -> None:
    import django

    django.setup()
    from allauth.account.models import EmailAddress
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from identity.models import Account, Person

    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    account = Account.objects.create(
        person=Person.objects.create(created_at=now), login_name="p0", first_name="Ana", last_name="Núñez",
        email="p0@x.invalid", password="!", date_joined=now, password_changed_at=now,
    )  # fmt: skip
    address = EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bare (id bigserial PRIMARY KEY, kind text, ids jsonb, written_at timestamptz)")
    chunk = max(MAILS // TURNS, 1)
    ways: dict[str, Callable[[range], None]] = {"bare": _bare(), "ours": _ours(account.pk, address.pk)}
    print(json.dumps({"mails": TURNS * chunk, **in_turns(ways, turns=TURNS, chunk=chunk, postgres=int(sys.argv[1]))}))


def _bare() -> Callable[[range], None]:
    from django.conf import settings
    from django.db import connection

    at = settings.MAILERS["default"]["OPTIONS"]
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Your ticket 1", "a@x.invalid", "p0@x.invalid"
    mail.set_content("Hello\n" * 20)
    mail.add_alternative("<p>Hello</p>\n" * 60, subtype="html")

    def send(numbers: range) -> None:
        for number in numbers:
            with connection.cursor() as cursor:
                ids = json.dumps({"number": number})
                cursor.execute("INSERT INTO bare (kind, ids, written_at) VALUES (%s, %s, now())", ["x", ids])
            with smtplib.SMTP(at["host"], at["port"], timeout=10) as server:
                server.send_message(mail)

    return send


def _ours(account_id: int, address_id: int) -> Callable[[range], None]:
    from django.db import transaction
    from django.utils import timezone

    from identity.notices.messages import AddressSharedMail
    from identity.record import outbox

    outbox.QUEUE.nudge = lambda: None  # drained here, by nobody else

    def send(numbers: range) -> None:
        for number in numbers:
            message = AddressSharedMail(account_id=account_id, address=address_id, by=number)
            transaction.atomic(outbox.enqueue)(message, now=timezone.now())
        while outbox.drain(now=timezone.now()) == outbox.Outcome.SENT:
            pass

    return send


if __name__ == "__main__":
    main()
