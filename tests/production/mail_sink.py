"""A mail server on this machine that keeps what it gets, and can refuse an address for ever."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message


class _Conversation(socketserver.StreamRequestHandler):
    server: "MailSink"

    def handle(self) -> None:
        self._say("220 sink")
        while line := self.rfile.readline().strip().decode():
            verb = line.upper()
            if verb == "DATA":
                self._say("354 go on")
                self.server.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            elif verb.startswith("RCPT") and self.server.refused in line and self.server.refused:
                self.server.refusals += 1
                self._say("550 no such mailbox")
            else:
                self._say("250 fine")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


class MailSink(socketserver.ThreadingTCPServer):
    """Keeps messages in the order in which they came; `delay` seconds before it says that it has one."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.refused, self.refusals, self.delay = "", 0, 0.0
        self.messages: list[Message] = []
        self._wake = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def keep(self, text: bytes) -> None:
        self.messages.append(message_from_bytes(text))
        self._wake.wait(self.delay)

    def of(self, address: str) -> list[Message]:
        return [message for message in self.messages if message["To"] == address]
