"""Django's Redis cache over the one client of each process (identity.keys.limits). A cache that is away holds nothing:
pages go on without what it would have saved them."""

import logging
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache, RedisCacheClient

from identity.keys import limits

logger = logging.getLogger(__name__)


class OneClient(RedisCacheClient):
    """One server, so reading and writing share the client: the stock one builds one for every command."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return limits.server()


class Cache(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        try:
            return super().get(key, default, version)
        except redis.RedisError:
            logger.warning("the cache cannot be read")
            return default

    def set(self, key: str, value: Any, *arguments: Any, **options: Any) -> None:
        try:
            super().set(key, value, *arguments, **options)
        except redis.RedisError:
            logger.warning("the cache cannot be written")

    def delete(self, key: str, version: int | None = None) -> bool:
        try:
            return super().delete(key, version)
        except redis.RedisError:
            logger.warning("the cache cannot be cleared")
            return False
