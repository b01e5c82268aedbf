"""What others may ask of a process: /metrics, /health/live and /health/ready, from a thread of their own."""

import json
import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from argus_runtime.health import Health

SECONDS_FOR_A_REQUEST = 5

log = logging.getLogger(__name__)


class Observed:
    """Answers while it is open, also where the event loop is stuck.

    Raises:
        OSError: the port is taken.
    """

    def __init__(self, health: Health, host: str, port: int) -> None:
        self._server = _Server((host, port), _handler(health))
        self.port: int = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.5}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        host = str(self._server.server_address[0])
        log.info("health and metrics on http://%s:%s", host, self.port, extra={"metrics_port": self.port})
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 32

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up is its own affair."""


def _handler(health: Health) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS_FOR_A_REQUEST

        def do_GET(self) -> None:
            match self.path.split("?")[0].rstrip("/"):
                case "/metrics":
                    self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
                case "/health/live":
                    self._json(200 if health.live else 503, {"live": health.live})
                case "/health/ready":
                    report = health.report()
                    self._json(200 if report["ready"] and health.live else 503, report)
                case _:
                    self._json(404, {"detail": "There are /metrics, /health/live and /health/ready."})

        def _json(self, status: int, body: dict[str, Any]) -> None:
            self._answer(status, "application/json", json.dumps(body).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing: probes ask every few seconds."""

    return Handler
