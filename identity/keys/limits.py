"""Limits that all processes share, kept in Redis: each question is one script, so counting and asking are one step.

Every script gets the moment from its caller; a key's own life in Redis only clears away what no longer matters. What a
clock that has stepped back left dated ahead began now at the latest: it neither empties a limit nor freezes it (L12).
"""

from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from identity.keys.outages import Breaker

# KEYS: series of the name or device, window of the network address.
# ARGV: now, tries an address, window, free tries, first pause, longest pause, series, most in a row (seconds, counts).
# Answers with {what refuses ('' for nothing), seconds to wait}.
_ATTEMPT = """
local now, window, series = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[7])
local from = tonumber(redis.call('HGET', KEYS[2], 'from') or '0')
if from > now then from = now redis.call('HSET', KEYS[2], 'from', now) end
if now - from >= window then redis.call('DEL', KEYS[2]) from = now end
if tonumber(redis.call('HGET', KEYS[2], 'n') or '0') >= tonumber(ARGV[2]) then
  return {'address', tostring(from + window - now)}
end
local last = tonumber(redis.call('HGET', KEYS[1], 'last') or '0')
if last > now then last = now redis.call('HSET', KEYS[1], 'last', now) end
if now - last >= series then redis.call('DEL', KEYS[1]) end
local free_again = tonumber(redis.call('HGET', KEYS[1], 'until') or '0')
if free_again > now + tonumber(ARGV[6]) then
  free_again = now + tonumber(ARGV[6])
  redis.call('HSET', KEYS[1], 'until', free_again)
end
if free_again > now then return {'pause', tostring(free_again - now)} end
local n = tonumber(redis.call('HGET', KEYS[1], 'n') or '0') + 1
if n > tonumber(ARGV[8]) then return {'reset', '0'} end
redis.call('HSET', KEYS[2], 'from', from)
redis.call('HINCRBY', KEYS[2], 'n', 1)
redis.call('EXPIRE', KEYS[2], math.ceil(window))
redis.call('HSET', KEYS[1], 'n', n, 'last', now)
if n >= tonumber(ARGV[4]) then
  local pause = math.min(tonumber(ARGV[5]) * 2 ^ math.min(n - tonumber(ARGV[4]), 20), tonumber(ARGV[6]))
  redis.call('HSET', KEYS[1], 'until', now + pause)
end
redis.call('EXPIRE', KEYS[1], math.ceil(series))
return {'', '0'}
"""

# KEYS: window. ARGV: now, most, window's seconds, whether to count (1) or only to ask (0). Answers seconds to wait.
_WINDOW = """
local now, length = tonumber(ARGV[1]), tonumber(ARGV[3])
local from = tonumber(redis.call('HGET', KEYS[1], 'from') or '0')
if from > now then from = now redis.call('HSET', KEYS[1], 'from', now) end
if now - from >= length then redis.call('DEL', KEYS[1]) from = now end
if tonumber(redis.call('HGET', KEYS[1], 'n') or '0') >= tonumber(ARGV[2]) then return tostring(from + length - now) end
if ARGV[4] == '1' then
  redis.call('HSET', KEYS[1], 'from', from)
  redis.call('HINCRBY', KEYS[1], 'n', 1)
  redis.call('EXPIRE', KEYS[1], math.ceil(length))
end
return '0'
"""


class Server(redis.Redis):
    """A client that refuses at once while its server is away: a page asks it several times."""

    _breaker = Breaker(redis.ConnectionError, redis.TimeoutError, refused=lambda: redis.ConnectionError("away"))

    def execute_command(self, *arguments: Any, **options: Any) -> Any:
        with self._breaker.attempt():
            return super().execute_command(*arguments, **options)  # type: ignore[no-untyped-call]


@cache
def server() -> Server:
    """The Redis that the cache is in too. Tried twice, for a connection that was kept may have ended meanwhile."""
    return cast(
        Server,
        Server.from_url(
            str(settings.CACHES["default"]["LOCATION"]),
            socket_connect_timeout=1,
            socket_timeout=2,
            retry=Retry(NoBackoff(), 1),
        ),
    )


@cache
def _script(text: str) -> Any:
    return server().register_script(text)


def attempt(
    *,
    series_key: str,
    address_key: str,
    now: float,
    tries_an_address: int,
    window: float,
    free: int,
    first_pause: float,
    longest_pause: float,
    series: float,
    most: int,
) -> tuple[str, float]:
    """Count a password attempt. Answers with what refuses it ("address", "pause", "reset", or "") and seconds."""
    numbers = [now, tries_an_address, window, free, first_pause, longest_pause, series, most]
    refused, wait = _script(_ATTEMPT)(keys=[series_key, address_key], args=numbers)
    return refused.decode(), float(wait)


def window(key: str, *, now: float, most: int, length: float, count: bool) -> float:
    """Seconds until the window (of `length` seconds, from its first entry) has room; 0 when it has, then counted."""
    return float(_script(_WINDOW)(keys=[key], args=[now, most, length, int(count)]))


def give_back(series_key: str) -> None:
    """Count one attempt of this series less, with the pause it began."""
    if server().hincrby(series_key, "n", -1) <= 0:
        server().delete(series_key)
    else:
        server().hdel(series_key, "until")


def forget(*keys: str) -> None:
    """Begin these series and windows anew."""
    server().delete(*keys)
