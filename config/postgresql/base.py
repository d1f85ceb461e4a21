"""Django's PostgreSQL backend, except that nobody waits for a server that did not answer a moment ago (attack H4)."""

from typing import Any

import psycopg
from django.db.backends.postgresql import base

from identity.keys.outages import Breaker

_breaker = Breaker(psycopg.OperationalError, refused=lambda: psycopg.OperationalError("the server is away"))


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        with _breaker.attempt():
            return super().get_new_connection(conn_params)
