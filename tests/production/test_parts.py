"""The site survives its parts (attack C1, H4, H5, M9): each one is killed, in the production layout."""

import contextlib
import http.client
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.bench import processes
from tests.bench.people import PASSWORD, name
from tests.production.layout import until

PUBLIC = ["/", "/p/claims/", "/p/trucase/", "/id/sign-in/", "/id/create/", "/id/forgot-id/", "/nowhere/"]
PRIVATE = ["/p/claims/home/", "/id/profile/", "/requests/", "/admin/", "/nowhere/"]


def test_each_part_has_a_probe_of_its_own(site):
    """attack C1: readiness does not hang on which of two unlike workers answers first; 20 of 20, not 10 of 20."""
    assert {site.status("/readyz") for _ in range(20)} == {200}
    site.kill("printing")
    assert site.status("/readyz/queues/pdf") == 503
    assert site.status("/readyz/queues/celery") == site.status("/readyz/cache") == site.status("/readyz") == 200
    site.kill("worker")
    site.start("printing")
    until(lambda: site.status("/readyz/queues/pdf") == 200, within=60)
    assert site.status("/readyz/queues/celery") == 503
    assert site.status("/readyz") == 200
    site.start("worker")


def test_a_killed_web_process_is_replaced(site):
    """attack H5: the documented command starts another one; the port stays open."""
    parent = site.running["web"].pid
    before = set(processes.tree(parent)) - {parent}
    workers = [pid for pid in before if processes.parent_of(pid) == parent]
    assert len(workers) >= 2
    victim = max(workers, key=processes.megabytes)
    os.kill(victim, signal.SIGKILL)
    until(lambda: len(set(processes.tree(parent)) - {parent} - {victim}) >= len(before), within=20)
    assert site.running["web"].poll() is None
    until(lambda: {site.status("/") for _ in range(8)} == {200}, within=10)


@pytest.mark.parametrize("outage", [1, 8])
def test_without_its_database_every_page_says_so_at_once_and_it_comes_back(site, outage):
    """attack H4: 503 with Retry-After within 2 s, liveness untouched, back within 10 s."""
    browser = site.signed_in(0)
    strangers = [site.browser() for _ in range(20)]
    site.database.stop()
    began = time.monotonic()
    try:
        for path in PRIVATE:
            answer = browser.get(path)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5"), path
            assert answer.seconds < 2, path
            assert "cannot be shown right now" in answer.text
        for path in PUBLIC:  # those that need no database are shown
            answer = site.browser().get(path)
            assert answer.status in (200, 302, 404) or answer.headers["Retry-After"] == "5", (path, answer.status)
            assert answer.seconds < 2, path
        with ThreadPoolExecutor(20) as visitors:
            answers = list(visitors.map(lambda visitor: visitor.get("/p/claims/home/"), strangers))
            assert max(answer.seconds for answer in answers) < 2
        assert site.status("/healthz") == 200
        assert site.status("/readyz") == 503
        assert site.status("/readyz/cache") == 200
        time.sleep(max(0, outage - (time.monotonic() - began)))
    finally:
        site.database.start()
    took = until(lambda: all(browser.get("/id/profile/").status == 200 for _ in range(20)), within=10)
    print(f"back {took:.1f} s after an outage of {outage} s")


def test_a_database_that_hangs_is_no_longer_waited_for(site):
    """attack H4: a server that takes connections and says nothing; who comes later is refused at once."""
    main = int((site.database._folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(main, signal.SIGSTOP)  # sessions that are open go on; new ones wait
    try:
        with ThreadPoolExecutor(20) as visitors:
            tried = list(visitors.map(lambda _number: site.browser().get("/readyz"), range(20)))
            assert max(answer.seconds for answer in tried) < 7
            again = list(visitors.map(lambda _number: site.browser().get("/healthz"), range(20)))
            assert max(answer.seconds for answer in again) < 2.5
    finally:
        os.kill(main, signal.SIGCONT)


def test_without_redis_public_pages_go_on(site):
    """attack M9: 503 where a limit must be counted; wording is read from its table; the signed in go on."""
    browser = site.signed_in(1)
    door = site.browser()
    door.get("/id/sign-in/?next=/p/claims/home/")
    door.follow(door.post("/id/sign-in/", login=name("person", 2)))
    forgetful = site.browser()
    forgetful.get("/id/forgot-id/")
    site.redis.stop()
    try:
        for path in PUBLIC:
            answer = site.browser().get(path)
            expected = {"/nowhere/": 404, "/p/claims/": 302}.get(path, 200)
            assert answer.status == expected, (path, answer.status)
            assert answer.seconds < 2, path
        for path in ("/id/profile/", "/p/claims/home/"):
            assert browser.get(path).status == 200, path
        needing = [
            door.post("/id/sign-in/password/", password=PASSWORD),
            forgetful.post("/id/forgot-id/", email="somebody@example.org"),
            site.browser().get("/id/sign-in/passkey/"),
        ]
        assert [(answer.status, answer.headers["Retry-After"]) for answer in needing] == [(503, "5")] * 3
        assert max(answer.seconds for answer in needing) < 2
        assert (site.status("/readyz"), site.status("/healthz"), site.status("/readyz/cache")) == (200, 200, 503)
        assert site.status("/readyz/queues/celery") == 503
    finally:
        site.redis.start()
    until(lambda: site.lets_in(3), within=10)  # each process finds out for itself that Redis is back


def test_workers_and_beat_come_back_after_redis(site):
    """attack M9: the jobs find the broker again by themselves."""
    site.redis.stop()
    time.sleep(1)
    site.redis.start()
    until(site.is_whole, within=60)
    assert site.running["beat"].poll() is None


def account_of(number):
    return f"Account.objects.get(login_name={name('person', number)!r})"


MAIL_A_CODE = """
from django.utils import timezone
from identity.notices import access_codes
from identity.models import Account
access_codes.send(account={account}, tenant="", now=timezone.now())
"""
STATE_OF_THE_LAST = """
from identity.models import OutboxMessage
row = OutboxMessage.objects.order_by("-pk").first()
print(row.state, row.attempts)
"""


def test_a_code_whose_worker_was_killed_leaves_soon_and_under_one_name(site):
    """attack M10: killed between "sent" and "marked": a second copy with the same Message-ID, within a minute."""
    address = f"{name('person', 4)}@x.invalid"
    site.mail.delay = 5
    site.run(MAIL_A_CODE.format(account=account_of(4)))
    until(lambda: len(site.mail.of(address)) == 1, within=20)
    site.kill("worker")
    site.mail.delay = 0
    site.start("worker")
    took = until(lambda: len(site.mail.of(address)) == 2, within=60)
    assert len({message["Message-ID"] for message in site.mail.of(address)}) == 1
    until(lambda: site.run(STATE_OF_THE_LAST).split() == ["sent", "2"], within=10)
    print(f"a code came {took:.0f} s after its worker was killed")


def test_an_address_that_is_refused_for_ever_is_not_tried_again(site):
    """attack M10: 550 is for ever."""
    site.mail.refused = f"{name('person', 5)}@x.invalid"
    site.run(MAIL_A_CODE.format(account=account_of(5)))
    until(lambda: site.mail.refusals == 1, within=20)
    until(lambda: site.run(STATE_OF_THE_LAST).split()[:2] == ["given", "up"], within=10)


COLLISION = """
from django.db import IntegrityError
from identity.models import Account
account = {account}
account.pk, account.public_id = None, "00000000-0000-4000-8000-000000000001"
try:
    account.save(force_insert=True)
except IntegrityError:
    print("refused")
"""


def test_the_databases_own_log_holds_nothing_of_a_row(site):
    """attack M6: a collision of login names on real PostgreSQL, and its log file."""
    assert site.run(COLLISION.format(account=account_of(6))) == "refused\n"
    written = site.database.log
    assert "duplicate key value violates unique constraint" in written
    for value in (name("person", 6), "argon2", "x.invalid", "Núñez"):
        assert value not in written, value


def check_database(site) -> str:
    return site.stack.run({**site.environment, "PYTHONWARNINGS": "ignore"}, "django", "check", "--database", "default")


def test_a_database_that_logs_rows_is_warned_of(site):
    """attack M6: documented and checked."""
    assert "no issues" in check_database(site)
    with psycopg.connect(site.database.url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET log_error_verbosity = 'default'")
        try:
            program = "from config import deployment_checks as c; print([p.id for p in c.rows_stay_out_of_the_databases_log(None, ['default'])])"
            assert site.run(program) == "['config.W004']\n"
        finally:
            connection.execute("ALTER DATABASE postgres RESET log_error_verbosity")


def test_another_host_is_a_bad_request(site):
    """attack M8: 400, through the whole middleware of production."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as visitor:
        visitor.request("GET", "/", headers={"Host": "evil.example", "X-Forwarded-Proto": "https"})
        answer = visitor.getresponse()
        assert (answer.status, b"could not be read" in answer.read()) == (400, True)
