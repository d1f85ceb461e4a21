"""Django's Redis cache with one client a thread: the stock one builds a client for every command."""

from functools import cached_property
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class OneClient(RedisCacheClient):
    """One server, so reading and writing share the client."""

    @cached_property
    def _one(self) -> Any:
        return super().get_client(None, write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._one


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient
