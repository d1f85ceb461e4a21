"""Calls of our own servers to addresses that somebody registered: to hosts of the public internet, and to no other.

A name is resolved once and the connection goes to an address that was looked at: a name that means something else a
moment later (DNS rebinding) leads nowhere.
"""

import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

import urllib3
from certifi import where
from django.conf import settings

TIMES_OUT = urllib3.Timeout(connect=3, read=5)  # seconds: transport
_UNICAST = ipaddress.ip_network("2000::/3")
_WITHIN_IPV6 = ipaddress.ip_network("2002::/16")  # 6to4: an address of IPv4 stands inside
_CLOUD = ipaddress.ip_address("168.63.129.16")  # Azure's machines answer each other there; it looks public


class NotPublic(Exception):
    """The host lies inside: on this machine, in a private network, or where clouds answer their own machines."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (ip not in _UNICAST or ip in _WITHIN_IPV6):
        return False
    return ip.is_global and not ip.is_multicast and ip != _CLOUD


def is_called(parts: SplitResult) -> bool:
    """Whether scheme and port are those of the public web: https and nothing else, at its own port."""
    return (parts.scheme == "https" and parts.port in (None, 443)) or _is_sample(parts)


def resolve(parts: SplitResult) -> list[str]:
    """The IP addresses of a host, all of them public. Raises NotPublic, or OSError for a name that nobody knows."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if _is_sample(parts):
        return addresses
    if not all(map(is_public, addresses)):
        raise NotPublic
    return addresses


def _is_sample(parts: SplitResult) -> bool:
    """The sample application of the demo, on this machine."""
    return settings.CALLS_LOOPBACK and parts.hostname in ("localhost", "127.0.0.1", "::1")


def post(address: str, form: Mapping[str, str]) -> int:
    """Post a form; answers the status. Nothing is followed, no proxy asked, no answer read.

    Raises NotPublic, OSError, or urllib3's HTTPError.
    """
    parts = urlsplit(address)
    if not is_called(parts):
        raise NotPublic
    *others, last = resolve(parts)
    for one in others:
        try:
            return _post_to(one, parts, form)
        except (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError):
            continue
    return _post_to(last, parts, form)


def _post_to(ip: str, parts: SplitResult, form: Mapping[str, str]) -> int:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with _pool(ip, parts) as pool:
        answer = pool.request(
            "POST", target, fields=dict(form), encode_multipart=False, headers={"Host": parts.netloc},
            redirect=False, retries=False, preload_content=False,
        )  # fmt: skip
        answer.close()
        return answer.status


def _pool(ip: str, parts: SplitResult) -> urllib3.HTTPConnectionPool:
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(ip, parts.port, timeout=TIMES_OUT)
    return urllib3.HTTPSConnectionPool(
        ip, parts.port, timeout=TIMES_OUT, ca_certs=where(), server_hostname=parts.hostname,
        assert_hostname=parts.hostname,
    )  # fmt: skip
