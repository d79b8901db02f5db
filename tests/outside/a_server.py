"""Another system on this machine: a real server on loopback that answers as a test says, and remembers what it was asked."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple


class Asked(NamedTuple):
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    """What is answered; a status of 0 hangs up without a word."""

    status: int
    body: bytes = b""
    kind: str = "application/json"


class Server:
    """Answers by `answer`; `url` is where."""

    def __init__(self, answer: Callable[[Asked], Answer]) -> None:
        self.asked: list[Asked] = []
        self.sign_in: Callable[[object, str], str | None] | None = None
        """Asked first, with the connection and its `Authorization`: what a 401 offers, or None to go on."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                if server.sign_in is not None:
                    offer = server.sign_in(self.connection, self.headers.get("Authorization", ""))
                    if offer is not None:
                        self.rfile.read(length)
                        self.send_response(401)
                        self.send_header("WWW-Authenticate", offer)
                        self.send_header("Content-Length", "0")
                        self.end_headers()
                        return
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, self.rfile.read(length))
                server.asked.append(asked)
                said = answer(asked)
                if said.status == 0:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(said.status)
                self.send_header("Content-Type", said.kind)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

            do_GET = do_POST = do_PUT = _any

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
