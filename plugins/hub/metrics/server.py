"""The component that answers with metrics: ``python -m hub.metrics.server [ADDRESS]``, on ``HUB_METRICS_PORT``.

It listens on the loopback address. Only a container names another, that of its own network.
"""

import logging
import sys
import threading
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server

from hub.metrics.collector import HubCollector
from hub.orchestration.loopback import HOST
from hub.settings import Settings, SettingsError, read_settings


def serve(settings: Settings, address: str = HOST) -> tuple[WSGIServer, threading.Thread]:
    """Begin to answer. Raises :class:`~hub.settings.SettingsError` where no port is set."""
    if settings.metrics_port is None:
        raise SettingsError("set HUB_METRICS_PORT to the port on which metrics are to be served")
    registry = CollectorRegistry()
    registry.register(HubCollector(settings))
    return start_http_server(settings.metrics_port, addr=address, registry=registry)


def main() -> None:
    """Answer until ended."""
    logging.basicConfig(stream=sys.stderr, format="hub metrics: %(message)s")
    _, thread = serve(read_settings(), *sys.argv[1:2])
    thread.join()


if __name__ == "__main__":
    main()
