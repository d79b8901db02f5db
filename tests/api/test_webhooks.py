"""Webhooks on real sockets: a receiver that is down, slow, broken, gone or cunning. The clock is a parameter."""

import hmac
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from channels.post.inside_or_out import NotOutside, is_outside, target_of
from channels.post.webhooks import Sent, deliver_webhooks
from config.settings import settings
from models.database import reading, transaction
from models.outside.webhook import (
    Webhook,
    WebhookDelivery,
    add_webhook,
    find_webhook,
    remove_webhook,
    replay,
    secret_of,
    silent_webhooks,
    waiting_for,
)
from models.role import Door, Role
from models.said import Said
from tests import patience

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Receiver:
    """Another system that is called; `answer` says what it does with an event."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.raw: list[bytes] = []
        self.answer: Callable[[dict[str, Any]], int] = lambda _event: 204
        self.location = ""
        self.let_go = threading.Event()
        self.slow = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                event = json.loads(body)
                if receiver.slow:
                    receiver.let_go.wait(patience.SECONDS)
                    return
                status = receiver.answer(event)
                if status < 300:
                    receiver.got.append(event)
                    receiver.headers.append(dict(self.headers))
                    receiver.raw.append(body)
                self.send_response(status)
                if receiver.location:
                    self.send_header("Location", receiver.location)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/driftsklar"

    def close(self) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()

    def order(self, subject: str) -> list[int]:
        return [int(each["id"]) for each in self.got if each["subject"] == subject]


@pytest.fixture
def receiver(city, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("DRIFTSKLAR_WEBHOOK_HOSTS", "127.0.0.1")
    settings.cache_clear()
    made = Receiver()
    yield made
    made.close()
    settings.cache_clear()


@pytest.fixture
def post(city):
    """The post, whose clock is told: `post(hours=3)` is three hours after the last time."""
    moment = [MORNING]

    def send(**later: float) -> Sent:
        moment[0] += timedelta(**later)
        return deliver_webhooks(city.engine, clock=lambda: moment[0], seconds=0.5)

    return send


def called(city, url: str) -> int:
    with transaction(city.engine) as session:
        return add_webhook(session, url, "salt", Said(city.today, Role.COORDINATOR, Door.CLI)).number


def standing(city, number: int) -> tuple[int, int]:
    """How many wait, and how many were given up."""
    with reading(city.engine) as session:
        return waiting_for(session, session.get_one(Webhook, number))


def told(city) -> list[str]:
    with reading(city.engine) as session:
        return list(silent_webhooks(session))


def test_each_event_is_sent_once_signed_and_without_a_person(city, receiver, post):
    number = called(city, receiver.url)
    place = city.propose()
    city.answer(place)

    post()
    post(minutes=1)

    ids = [int(each["id"]) for each in receiver.got]
    assert ids == sorted(set(ids))
    assert {each["type"] for each in receiver.got} >= {"dk.driftsklar.stage", "dk.driftsklar.journal"}
    assert "Aase" not in str(receiver.got)
    with reading(city.engine) as session:
        secret = secret_of(session.get_one(Webhook, number))
    stamp, _, digest = receiver.headers[0]["Driftsklar-Signature"].partition(",v1=")
    seconds = stamp.removeprefix("t=")
    assert int(seconds) == int(MORNING.timestamp())
    assert digest == hmac.new(secret.encode(), f"{seconds}.".encode() + receiver.raw[0], "sha256").hexdigest()
    assert receiver.headers[0]["Content-Type"].startswith("application/cloudevents+json")
    assert standing(city, number) == (0, 0)


def test_a_receiver_that_is_down_for_two_days_loses_nothing_and_gets_it_in_order(city, receiver, post):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    number = called(city, f"http://127.0.0.1:{port}/")
    one, other = city.propose(), city.propose()
    city.answer(one)
    tries = sum(post(hours=1).unreachable for _ in range(48))
    assert standing(city, number)[1] == 0
    city.answer(other)
    with transaction(city.engine) as session:  # it comes back, under another port
        session.get_one(Webhook, number).url = receiver.url

    for _ in range(30):
        post(hours=1)

    assert tries < 12
    assert standing(city, number) == (0, 0)
    for place in (one, other):
        order = receiver.order(place.reference)
        assert len(order) >= 2
        assert order == sorted(order)
    assert len(receiver.got) == len({each["id"] for each in receiver.got})


def test_a_receiver_that_never_answers_ends_in_time_and_holds_up_nobody_else(city, receiver, post):
    receiver.slow = True
    other = Receiver()
    slow = called(city, receiver.url)
    called(city, other.url)
    city.propose()

    done = post()

    assert done.unreachable == 1
    assert standing(city, slow)[0] >= 1
    assert done.delivered == len(other.got) > 0
    other.close()


def test_a_receiver_that_answers_a_byte_at_a_time_ends_in_time(city, receiver, post):
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def dribble() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            while not over.wait(0.05):
                connection.sendall(b"H")  # each byte is in time, the answer never is

    dribbling = threading.Thread(target=dribble, daemon=True)
    dribbling.start()
    number = called(city, f"http://127.0.0.1:{listening.getsockname()[1]}/")
    city.propose()

    done = post()
    over.set()
    dribbling.join()
    listening.close()

    assert done.unreachable == 1
    assert standing(city, number)[1] == 0


def test_what_a_receiver_cannot_take_holds_up_that_facility_alone(city, receiver, post):
    number = called(city, receiver.url)
    bad, good = city.propose(), city.propose()
    receiver.answer = lambda event: 500 if event["subject"] == bad.reference else 200

    post()
    assert receiver.order(bad.reference) == []
    assert len(receiver.order(good.reference)) >= 1
    receiver.answer = lambda _event: 200
    post(seconds=30)
    assert receiver.order(bad.reference) == []
    for _ in range(5):
        post(hours=1)

    order = receiver.order(bad.reference)
    assert order == sorted(order)
    assert len(order) >= 1
    assert standing(city, number) == (0, 0)


def test_what_is_never_taken_is_given_up_loudly_and_can_be_sent_again_from_a_day(city, receiver, post):
    number = called(city, receiver.url)
    place = city.propose()
    receiver.answer = lambda _event: 500
    for _ in range(24):
        post(hours=24)
    _waiting, given_up = standing(city, number)
    assert given_up >= 1
    assert told(city) == [f"webhook nr. {number}: {given_up} hændelser er opgivet"]

    receiver.answer = lambda _event: 200
    with transaction(city.engine) as session:
        said = Said(city.today, Role.COORDINATOR, Door.CLI)
        count = replay(session, find_webhook(session, number), city.today, said)
    post(hours=1)

    order = receiver.order(place.reference)
    assert order == sorted(order)
    assert count <= len(receiver.got)
    assert standing(city, number) == (0, 0)
    assert told(city) == []


def test_a_receiver_that_is_gone_is_switched_off_and_keeps_what_it_missed(city, receiver, post):
    number = called(city, receiver.url)
    city.propose()
    receiver.answer = lambda _event: 410

    post()
    receiver.answer = lambda _event: 200
    post(hours=100)

    assert receiver.got == []
    assert "slået fra" in told(city)[0]
    assert standing(city, number)[0] >= 1


def test_what_happened_while_it_was_off_is_sent_when_it_is_on_again(city, receiver, post):
    number = called(city, receiver.url)
    receiver.answer = lambda _event: 410
    city.propose()
    post()
    missed = city.propose()
    receiver.answer = lambda _event: 200

    with transaction(city.engine) as session:
        said = Said(city.today, Role.COORDINATOR, Door.CLI)
        replay(session, find_webhook(session, number), city.today + timedelta(days=400), said)
    post()

    assert len(receiver.order(missed.reference)) >= 1
    assert standing(city, number) == (0, 0)


def test_a_receiver_out_of_reach_for_two_weeks_is_switched_off_and_not_one_event_is_given_up(city, receiver, post):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        number = called(city, f"http://127.0.0.1:{nobody.getsockname()[1]}/")
        city.propose()
        for _ in range(14):
            post(hours=24)

    waiting, given_up = standing(city, number)
    assert waiting >= 1
    assert given_up == 0
    assert "slået fra" in told(city)[0]


def test_a_redirect_into_the_network_is_not_followed(city, receiver, post):
    inner = Receiver()
    number = called(city, receiver.url)
    city.propose()
    receiver.answer = lambda _event: 307
    receiver.location = inner.url

    post()

    assert inner.got == []
    assert standing(city, number)[0] >= 1
    assert any("omdirigering" in each.trouble for each in city.all(WebhookDelivery))
    inner.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost:4200/api",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1%lo]/",
        "http://[fec0::1]/",
        "http://[::127.0.0.1]/",
        "http://[64:ff9b:1:7f00:0:100::]/",
        "http://[ff02::1]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://localhost./",
        "http://LOCALHOST/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://224.0.0.1/",
    ],
)
def test_an_address_inside_the_network_is_refused(url):
    settings.cache_clear()

    with pytest.raises(NotOutside):
        target_of(url)


def test_an_open_address_is_none_of_those():
    assert is_outside("93.184.216.34")
    assert is_outside("2606:2800:220:1:248:1893:25c8:1946")


def test_a_name_is_resolved_once_and_what_is_called_is_what_was_looked_at(city, receiver, post, monkeypatch):
    called(city, receiver.url.replace("127.0.0.1", "esb.example"))
    monkeypatch.setenv("DRIFTSKLAR_WEBHOOK_HOSTS", "esb.example")
    settings.cache_clear()
    city.propose()
    real, asked = socket.getaddrinfo, []

    def rebinding(host, *args, **more):
        if host == "esb.example":
            asked.append(host)
            host = "127.0.0.1" if len(asked) % 2 else "127.0.0.9"  # a second look would find somewhere else
        return real(host, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    first = post()

    assert len(asked) == first.delivered + first.unreachable
    assert receiver.headers[0]["Host"] == f"esb.example:{receiver.port}"


def test_an_address_that_led_outside_and_now_leads_inside_is_not_called(city, receiver, post, monkeypatch):
    number = called(city, receiver.url.replace("127.0.0.1", "esb.example"))
    city.propose()
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *a, **m: real("127.0.0.1" if host == "esb.example" else host, *a, **m)
    )

    post()

    assert receiver.got == []
    assert standing(city, number)[0] >= 1


def test_what_is_removed_is_called_no_more(city, receiver, post):
    number = called(city, receiver.url)
    city.propose()
    with transaction(city.engine) as session:
        said = Said(city.today, Role.COORDINATOR, Door.CLI)
        remove_webhook(session, find_webhook(session, number), said)

    post()

    assert receiver.got == []
    assert told(city) == []


def test_two_posts_at_the_same_moment_send_each_event_once(city, receiver, post):
    called(city, receiver.url)
    for _ in range(4):
        city.propose()

    threads = [threading.Thread(target=post) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    post(minutes=10)

    ids = [each["id"] for each in receiver.got]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 4
