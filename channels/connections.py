"""Connections that are held and never finished: what our servers bound, since uvicorn doesn't.

uvicorn waits for a request's head and body as long as the other side likes, and counts connections that wait among
those it may have at once: two hundred half-sent requests shut everybody out. Here each part of a request has its
time, and an address that holds too many connections loses those that wait, the least worth first. A new connection is
never refused for the sake of one that only waits.

Give it to uvicorn as `http=bounded(Bounds())`, or by name: `channels.connections:Bounded`.
"""

import asyncio
import ipaddress
from collections.abc import Container
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import ClassVar, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True)
class Bounds:
    """How long and how many. Seconds, bytes, connections.

    A body has no rate of its own but must get on: in each `stall_seconds` at least `stall_bytes`, so five photos at
    20 kB/s (54 minutes) come through. `exempt` are addresses with many behind them, such as a web server in front;
    they are bound by `most` alone.
    """

    head_seconds: float = 10.0
    idle_seconds: float = 20.0
    stall_seconds: float = 30.0
    stall_bytes: int = 15_000
    body_seconds: float = 2 * 3600.0
    most: int = 2_000
    each: int | None = 32
    exempt: Container[str] = field(default_factory=frozenset)
    look_seconds: float = 1.0


class Seat(Protocol):
    """What takes a place in a room."""

    @property
    def worth(self) -> int | None:
        """What is lost when it ends now, the lowest first; None where we are at work for it."""

    def end(self) -> None:
        """End it at once."""


class Room:
    """So many at once in all, and so many for each key; the oldest of the least worth ends for one more."""

    def __init__(self, most: int, each: int | None) -> None:
        self._most, self._each = most, each
        self._seats: dict[str, dict[Seat, None]] = {}
        self._taken = 0

    def __len__(self) -> int:
        return self._taken

    def take(self, key: str, seat: Seat, *, exempt: bool = False) -> None:
        """One more is there; whoever must give way has ended when this returns."""
        mine = self._seats.get(key, {})
        if self._each is not None and not exempt and len(mine) >= self._each:
            self._make_way(key)
        elif self._taken >= self._most:
            self._make_way(max(self._seats, key=lambda each: len(self._seats[each])))
        self._seats.setdefault(key, {})[seat] = None
        self._taken += 1

    def leave(self, key: str, seat: Seat) -> None:
        """It is gone; leaving twice is harmless."""
        mine = self._seats.get(key, {})
        if seat in mine:
            del mine[seat]
            self._taken -= 1
            if not mine:
                del self._seats[key]

    def _make_way(self, key: str) -> None:
        waiting = [(worth, seat) for seat in self._seats[key] if (worth := seat.worth) is not None]
        if waiting:
            _, seat = min(waiting, key=lambda each: each[0])  # the first of equals is the oldest
            self.leave(key, seat)
            seat.end()


def neighbourhood(host: str) -> str:
    """Whom an address belongs to: itself, or its /64, since with IPv6 everybody has that many addresses."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))
    return str(address)


class _Phase(Enum):
    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    WORK = auto()


_WORTH = {_Phase.IDLE: 0, _Phase.HEAD: 1, _Phase.BODY: 3}
_UNREAD_WORTH = 2


class Bounded(HttpToolsProtocol):
    """uvicorn's own protocol, with an end to all waiting for the other side."""

    bounds: ClassVar[Bounds] = Bounds()
    room: ClassVar[Room] = Room(Bounds().most, Bounds().each)

    _phase = _Phase.HEAD
    _key = ""
    _began = 0.0  # of this phase; of the loop's clock, as all moments here
    _measured = 0.0
    _came = 0  # bytes of the body since it was measured
    _unread = 0  # what lay unsent when it was last measured
    _unread_at = 0.0
    _looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        self._key = neighbourhood(host)
        self._enter(_Phase.HEAD)
        self.room.take(self._key, self, exempt=host in self.bounds.exempt)
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        self._leave()  # from here on it belongs to another protocol, with pings of its own
        super().handle_websocket_upgrade()

    def data_received(self, data: bytes) -> None:
        if self._phase is _Phase.IDLE:
            self._enter(_Phase.HEAD)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        self._enter(_Phase.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        answered = self.cycle is None or self.cycle.response_complete
        self._enter(_Phase.IDLE if answered else _Phase.WORK)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._phase is _Phase.WORK and self.cycle.response_complete:
            self._enter(_Phase.IDLE)

    def resume_writing(self) -> None:
        self._unread = 0  # it reads: measure anew
        super().resume_writing()

    @property
    def worth(self) -> int | None:
        """What ending it now would lose."""
        if self.transport.get_write_buffer_size():
            return _UNREAD_WORTH
        if self._phase is _Phase.BODY and self.flow.read_paused:
            return None  # it has sent; we are to read
        return _WORTH.get(self._phase)

    def end(self) -> None:
        """End the connection, whatever is still unsent."""
        self.transport.abort()

    def _enter(self, phase: _Phase) -> None:
        self._phase, self._came = phase, 0
        self._began = self._measured = self.loop.time()

    def _leave(self) -> None:
        self.room.leave(self._key, self)
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look_again(self) -> None:
        self._looking = self.loop.call_later(self.bounds.look_seconds, self._look)

    def _look(self) -> None:
        now = self.loop.time()
        if self._is_late(now) or self._is_not_read(now):
            self.end()
        else:
            self._look_again()

    def _is_late(self, now: float) -> bool:
        if self._phase is _Phase.HEAD:
            return now - self._began >= self.bounds.head_seconds
        if self._phase is _Phase.IDLE:
            return now - self._began >= self.bounds.idle_seconds
        if self._phase is not _Phase.BODY:
            return False
        if self.flow.read_paused:
            self._measured, self._came = now, 0  # the time we take is not the sender's
        if now - self._measured >= self.bounds.stall_seconds:
            if self._came < self.bounds.stall_bytes:
                return True
            self._measured, self._came = now, 0
        return now - self._began >= self.bounds.body_seconds

    def _is_not_read(self, now: float) -> bool:
        unread = self.transport.get_write_buffer_size()
        if not unread or not self._unread or unread <= self._unread - self.bounds.stall_bytes:
            self._unread, self._unread_at = unread, now
        return bool(unread) and now - self._unread_at >= self.bounds.stall_seconds


def bounded(bounds: Bounds) -> type[Bounded]:
    """The protocol for one server, with its own bounds and its own count."""
    return type("Bounded", (Bounded,), {"bounds": bounds, "room": Room(bounds.most, bounds.each)})
