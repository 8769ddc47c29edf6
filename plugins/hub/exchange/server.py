"""The component that serves the exchange: ``python -m hub.exchange.server [ADDRESS]``, on ``HUB_EXCHANGE_PORT``.

It listens on the loopback address, for a proxy there that speaks TLS with recipients. Only a container names another,
that of its own network.
"""

import logging
import sys
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from hub.exchange.app import make_exchange
from hub.exchange.checks import forget_unanswered
from hub.exchange.gate import LONGEST_SILENCE
from hub.exchange.receiving import forget_unfinished
from hub.ingest.validation import load_great_expectations
from hub.settings import Settings, SettingsError, read_settings

HOST = "127.0.0.1"
MOST_AT_ONCE = 100
IDLE_SECONDS = 15


class Connection(HttpToolsProtocol):
    """One that ends where no request comes: uvicorn waits without end for the first, and for the rest of its head."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.loop.call_later(LONGEST_SILENCE, self.end_if_silent, self.cycle)

    def end_if_silent(self, before: RequestResponseCycle | None) -> None:
        """``before`` is the request of the last look."""
        if self.cycle is before and (before is None or before.response_complete):
            self.transport.close()
        elif not self.transport.is_closing():
            self.loop.call_later(LONGEST_SILENCE, self.end_if_silent, self.cycle)


def configured(settings: Settings, address: str = HOST) -> uvicorn.Server:
    """The server, before it runs. Raises :class:`~hub.settings.SettingsError` where no port is set."""
    if settings.exchange_port is None:
        raise SettingsError("set HUB_EXCHANGE_PORT to the port on which the exchange is to be served")
    return uvicorn.Server(
        uvicorn.Config(
            make_exchange(settings),
            host=address,
            port=settings.exchange_port,
            http=Connection,
            access_log=False,  # its lines would repeat what callers make up; the gate writes its own
            server_header=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=IDLE_SECONDS // 2,
            log_config=None,
        )
    )


def serve(settings: Settings, address: str = HOST) -> None:
    """Answer until ended."""
    logging.basicConfig(stream=sys.stderr, format="hub exchange: %(message)s", level=logging.INFO)
    server = configured(settings, address)
    forget_unanswered(settings)
    forget_unfinished(settings)
    load_great_expectations()
    server.run()


if __name__ == "__main__":
    serve(read_settings(), *sys.argv[1:2])
