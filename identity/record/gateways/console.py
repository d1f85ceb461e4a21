"""A gateway for terminals: says that something was sent, never what."""

import logging

from identity.record.gateways.wire import Call

logger = logging.getLogger(__name__)


class ConsoleGateway:
    def send_text(self, *, to: str, body: str) -> None:
        logger.info("text to a number ending in %s", to[-2:])

    def place_call(self, *, to: str, call: Call) -> None:
        logger.info("call to a number ending in %s", to[-2:])
