"""/healthz (this process lives) and /readyz (database, cache, broker and a worker answer)."""

import asyncio
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from health_check.checks import Cache, Database
from health_check.contrib.celery import Ping
from health_check.contrib.redis import Redis
from health_check.views import HealthCheckView
from redis.asyncio import Redis as RedisClient


@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """For the process manager: touches nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


def _broker() -> RedisClient:
    return RedisClient.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=1, socket_timeout=1)


class Probes:
    """Answers both probes before anything looks at the Host header: a load balancer asks by address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return live(request)
        if request.path == "/readyz":
            return async_to_sync(Ready.as_view())(request)
        return self.get_response(request)


class Ready(HealthCheckView):
    """For the load balancer: 200, or 503 with the names of what does not answer."""

    parts = {
        "database": Database,
        "cache": Cache,
        "broker": (Redis, {"client_factory": _broker}),
        "worker": (Ping, {"limit": 1}),
    }
    checks = tuple(parts.values())

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        results = await asyncio.gather(*(check.get_result(None) for check in self.get_checks()))
        answer = {name: "failing" if result.error else "ok" for name, result in zip(self.parts, results, strict=True)}
        return JsonResponse(answer, status=503 if "failing" in answer.values() else 200)
