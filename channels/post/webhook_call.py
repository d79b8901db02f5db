"""One call to a receiver: signed, to the address that was looked at, with an end to how long it may take."""

import hmac
import http.client
import socket
import ssl
from datetime import datetime
from threading import Timer
from typing import NamedTuple

from channels.post.inside_or_out import Target

SECONDS = 10.0
"""How long a call may take in all, however slowly the receiver answers."""
ACCEPTED, GONE = range(200, 300), 410
BUSY = (429, 503)


class Called(NamedTuple):
    """What came of a call: the status, or why there is none."""

    status: int | None
    trouble: str

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status in ACCEPTED

    @property
    def is_unreachable(self) -> bool:
        """Whether nothing gets through just now, whatever is sent."""
        return self.status is None or self.status in BUSY


def signature(secret: str, moment: datetime, body: bytes) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 over the seconds, a dot and the body, so that an old call can't be sent again."""
    stamp = int(moment.timestamp())
    digest = hmac.digest(secret.encode(), f"{stamp}.".encode() + body, "sha256").hex()
    return f"t={stamp},v1={digest}"


def call(target: Target, body: bytes, headers: dict[str, str], *, seconds: float = SECONDS) -> Called:
    """Send it. A redirect isn't followed: it would lead past what was looked at."""
    connection = _connection(target, seconds)
    late = Timer(seconds, _cut, (connection,))
    late.daemon = True
    late.start()
    try:
        connection.request("POST", target.path, body, {"Host": target.host_header, "Connection": "close", **headers})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as far:
        return Called(None, f"kan ikke nås ({type(far).__name__})")
    finally:
        late.cancel()
        connection.close()
    if 300 <= status < 400:
        return Called(status, f"svarer {status}: omdirigering følges ikke")
    return Called(status, "" if status in ACCEPTED else f"svarer {status}")


def _connection(target: Target, seconds: float) -> http.client.HTTPConnection:
    if target.scheme == "http":
        plain = http.client.HTTPConnection(target.host, target.port, timeout=seconds)
        plain._create_connection = lambda *_args, **_more: _pinned(target, seconds)  # type: ignore[attr-defined]
        return plain
    secure = http.client.HTTPSConnection(
        target.host, target.port, timeout=seconds, context=ssl.create_default_context()
    )
    secure._create_connection = lambda *_args, **_more: _pinned(target, seconds)  # type: ignore[attr-defined]
    return secure


def _pinned(target: Target, seconds: float) -> socket.socket:
    """A connection to the address that was looked at, whatever its name stands for by now."""
    return socket.create_connection((target.ip, target.port), seconds)


def _cut(connection: http.client.HTTPConnection) -> None:
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
