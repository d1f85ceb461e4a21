"""Serves the sample: `python -m bill_tracker`, with its facts in the environment."""

import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from .application import BillTracker
from .provider import Provider


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request: the provider calls back while it is being asked."""

    daemon_threads = True
    request_queue_size = 50


class Quiet(WSGIRequestHandler):
    """No line a request: addresses of a sign-on hold codes."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


def main() -> None:
    port = int(os.environ["SAMPLE_PORT"])
    address = f"http://localhost:{port}"
    provider = Provider(
        issuer=os.environ["ISSUER"],
        client_id=os.environ["CLIENT_ID"],
        secret=_secret(Path(os.environ["CLIENT_SECRET_FILE"])),
        redirect_uri=f"{address}/callback",
    )
    application = BillTracker(address=address, provider=provider)
    with make_server("127.0.0.1", port, application, server_class=Server, handler_class=Quiet) as server:
        server.serve_forever()


def _secret(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        sys.exit(f"{path} can be read by others. Mend it with: chmod 600 {path}")
    return path.read_text().strip()


if __name__ == "__main__":
    main()
