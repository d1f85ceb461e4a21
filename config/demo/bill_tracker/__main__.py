"""Serves the sample: `python -m bill_tracker`, with its facts in the environment. It is Bill Tracker; where a file
names other applications, it plays each of them too, at a path of its own."""

import json
import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.util import shift_path_info

from .application import BillTracker
from .pages import Pages
from .provider import Provider


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request: the provider calls back while it is being asked."""

    daemon_threads = True
    request_queue_size = 50


class Quiet(WSGIRequestHandler):
    """No line a request: addresses of a sign-on hold codes."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class Played:
    """Bill Tracker at the root, and the other applications each under the path of its key."""

    def __init__(self, root: BillTracker, others: dict[str, BillTracker]) -> None:
        self._root, self._others = root, others

    def __call__(self, environ: dict[str, Any], start: Any) -> Any:
        other = self._others.get(environ.get("PATH_INFO", "").removeprefix("/").partition("/")[0])
        if other is None:
            return self._root(environ, start)
        shift_path_info(environ)
        return other(environ, start)


def main() -> None:
    port = int(os.environ["SAMPLE_PORT"])
    root = _application(
        port, Pages(), client_id=os.environ["CLIENT_ID"], secret=_private(Path(os.environ["CLIENT_SECRET_FILE"]))
    )
    named = os.environ.get("PLAYED_FILE")
    others = json.loads(_private(Path(named))) if named else {}
    played = {
        key: _application(port, Pages(base=f"/{key}", **words), client_id=key, secret=secret)
        for key, (secret, words) in others.items()
    }
    with make_server("127.0.0.1", port, Played(root, played), server_class=Server, handler_class=Quiet) as server:
        server.serve_forever()


def _application(port: int, pages: Pages, *, client_id: str, secret: str) -> BillTracker:
    address = f"http://localhost:{port}{pages.base}"
    provider = Provider(
        issuer=os.environ["ISSUER"], client_id=client_id, secret=secret, redirect_uri=f"{address}/callback"
    )
    return BillTracker(address=address, provider=provider, pages=pages)


def _private(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        sys.exit(f"{path} can be read by others. Mend it with: chmod 600 {path}")
    return path.read_text().strip()


if __name__ == "__main__":
    main()
