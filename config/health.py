"""Probes: /healthz (this process lives), /readyz (the database answers, which every page needs), and one for the cache
and for each queue (attack C1)."""

from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from config.celery import app
from identity.keys import limits

ANSWER_WITHIN = 1.0  # seconds that workers have to say which queues they serve; transport, not policy


@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """For the process manager: touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _cache() -> bool:
    return bool(limits.server().ping())


def _serves(queue: str) -> Callable[[], bool]:
    """Whether a worker of this queue answers: all are asked, for each serves queues of its own."""

    def ask() -> bool:
        limits.server().ping()  # the broker is the same server; Celery itself would try again for long
        said = app.control.inspect(timeout=ANSWER_WITHIN).active_queues() or {}
        return any(found["name"] == queue for queues in said.values() for found in queues)

    return ask


PROBES: dict[str, tuple[str, Callable[[], bool]]] = {
    "/readyz": ("database", _database),
    "/readyz/cache": ("cache", _cache),
    "/readyz/queues/celery": ("celery", _serves("celery")),
    "/readyz/queues/pdf": ("pdf", _serves("pdf")),
}


def probe(part: str, answers: Callable[[], bool]) -> JsonResponse:
    """200, or 503 for what does not answer, whatever is wrong with it."""
    try:
        works = answers()
    except Exception:
        works = False
    said = JsonResponse({part: "ok" if works else "failing"}, status=200 if works else 503)
    said["Cache-Control"] = "no-store"
    return said


class Probes:
    """Answers before anything looks at the Host header: a load balancer asks by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return live(request)
        if request.path in PROBES:
            return probe(*PROBES[request.path])
        return self.get_response(request)
