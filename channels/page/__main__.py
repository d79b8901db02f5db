"""`python -m channels.page --port 4280`: the page alone, on loopback, behind whatever web server stands in front."""

import argparse
import logging

import uvicorn
from sqlalchemy import Engine

from channels.page.app import make_app
from channels.post import deliver_by_the_way
from config.file_modes import keep_private, tighten_the_door
from config.settings import settings
from models.database import engine_for
from models.migration import prepare

KEEP_ALIVE_SECONDS = 20


def serve(port: int, host: str = "127.0.0.1") -> None:
    """Serve until it is told to stop. No access log: an address holds a token."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    engine = engine_for(settings().database_url)
    prepare(engine)
    tighten_the_door(settings().var_dir, settings().database_url)
    uvicorn.run(
        make_app(engine, deliver=lambda: _send(engine)),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
        proxy_headers=True,
        forwarded_allow_ips=settings().page_proxy,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        limit_concurrency=200,
    )


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
