"""`python -m channels.page --port 4280`: the page alone, on loopback, behind whatever web server stands in front."""

import argparse
import logging
import resource
from contextlib import suppress
from dataclasses import replace

import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp

from channels.connections import Bounds, bounded
from channels.page.app import make_app
from channels.post.deliver import deliver_by_the_way
from channels.visitors import behind, believed
from config.file_modes import keep_private, tighten_the_door
from config.settings import settings
from models.database import engine_for
from models.migration import prepare

STOP_SECONDS = 5
OPEN_FILES = 16_384
"""Connections, and the photos that are on their way; what the machine gives a program by itself is often 1,024."""


def server_of(app: ASGIApp, port: int, host: str = "127.0.0.1", *, bounds: Bounds | None = None) -> uvicorn.Server:
    """The server as it runs for the volunteers: who asks, how many, and how long one waits for them.

    No access log: an address holds a token. No warnings either: anybody can cause them without end.
    """
    proxy = settings().page_proxy
    bounds = bounds or Bounds()
    if proxy:  # many are behind it: by address they are counted in `visitors`
        bounds = replace(bounds, exempt=believed(proxy))
    return uvicorn.Server(
        uvicorn.Config(
            behind(app, proxy),
            host=host,
            port=port,
            http=bounded(bounds),
            ws="none",
            access_log=False,
            server_header=False,
            log_level="error",
            proxy_headers=False,  # `behind` does it
            timeout_keep_alive=int(bounds.idle_seconds) + 1,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def serve(port: int, host: str = "127.0.0.1") -> None:
    """Serve until it is told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    open_more_files()
    engine = engine_for(settings().database_url)
    prepare(engine)
    tighten_the_door(settings().var_dir, settings().database_url)
    with suppress(KeyboardInterrupt):
        server_of(make_app(engine, deliver=lambda: _send(engine)), port, host).run()


def open_more_files() -> None:
    """Let this process have as many connections as `Bounds` allows, as far as the machine permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < OPEN_FILES:
        most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _send(engine: Engine) -> None:
    deliver_by_the_way(engine)


def main() -> None:
    """The command line."""
    keep_private()
    parser = argparse.ArgumentParser(description="De frivilliges side.")
    parser.add_argument("--port", type=int, default=settings().page_port)
    parser.add_argument("--host", default="127.0.0.1")
    told = parser.parse_args()
    serve(told.port, told.host)


if __name__ == "__main__":
    main()
