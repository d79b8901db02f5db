"""Prefect's server behind our door (`python -m flows.engine.prefect_server`), wherever we start or document it.

As `prefect server start` does, in one process, with what that leaves open closed: the key is asked for, on loopback
too; pages of others may neither read nor change; a request must prove by Prefect's own token that no form sent it.
"""

import argparse
import os
import socket
import sys
from urllib.parse import urlsplit

from channels.connections import Bounds, bounded
from config.settings import settings
from flows.engine.far_knock import FarKnock, is_far
from flows.engine.first_database import make_first_database
from flows.engine.knock import Knocking
from flows.engine.prefect_door import Door
from flows.engine.prefect_key import LOOPBACK, key_in

NO_KEY = (
    "Prefect har ingen nøgle, så enhver kunne afgøre sager. Sæt PREFECT_SERVER_API_AUTH_STRING og"
    " PREFECT_API_AUTH_STRING til det samme bruger:kode."
)


def serve(host: str, port: int, *, services: bool = True) -> None:
    """Serve until it is told to stop; without `services` the API and the pages alone.

    Raises:
        SystemExit: there is no key to ask for.
    """
    key = key_in(settings().var_dir)
    if key is None:
        sys.exit(NO_KEY)
    os.environ.pop("PREFECT_SERVER_API_AUTH_STRING", None)  # the door asks, not Prefect's own page
    origins = own_origins(port)
    os.environ |= {
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS": ",".join(origins),
    }
    # relative to the page, so it works by whatever name of ours somebody came
    os.environ.setdefault("PREFECT_SERVER_UI_API_URL", "/api")

    import uvicorn
    from prefect.server.api.server import create_app
    from prefect.settings import get_current_settings

    from flows.engine.write_first import write_first

    make_first_database()
    write_first()
    theirs = get_current_settings().server
    afar = FarKnock(settings().database_url) if is_far(settings().database_url) else None
    everywhere = host not in (LOOPBACK, "localhost", "::1")
    uvicorn.run(
        Door(
            Knocking(create_app(final=True, webserver_only=not services), settings().var_dir, afar),
            key=key,
            var_dir=settings().var_dir,
            origins=origins,
            names=(socket.gethostname().lower(), socket.getfqdn().lower()) if everywhere else (),
            by_address=everywhere,
            health=f"{theirs.api.base_path or '/api'}/health",
        ),
        host=host,
        port=port,
        http=bounded(bounds_of(theirs.api.keepalive_timeout)),
        timeout_keep_alive=theirs.api.keepalive_timeout,
        ws_ping_interval=theirs.api.websocket_ping_interval,
        ws_ping_timeout=theirs.api.websocket_ping_timeout,
        log_level=theirs.logging_level.lower(),
        access_log=False,  # an address may hold a link that opens
        server_header=False,
    )


def bounds_of(keepalive_seconds: int) -> Bounds:
    """How long a connection to Prefect may be held that isn't at work; one that listens by websocket has no end.

    There is no limit for each address: staff come through one web server, and all runs of a machine from it.
    """
    return Bounds(each=None, idle_seconds=max(Bounds().idle_seconds, keepalive_seconds + 1.0))


def own_origins(port: int) -> list[str]:
    """Where our own pages stand: on this machine, where people see them, and what the administrator has added."""
    told = [f"http://{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    for setting in ("PREFECT_API_URL", "PREFECT_SERVER_UI_API_URL", "PREFECT_UI_API_URL"):
        address = urlsplit(os.environ.get(setting, ""))
        if address.scheme and address.netloc:
            told.append(f"{address.scheme}://{address.netloc}")
    for setting in ("PREFECT_SERVER_API_CORS_ALLOWED_ORIGINS", "PREFECT_SERVER_CORS_ALLOWED_ORIGINS"):
        told += [each.strip() for each in os.environ.get(setting, "").split(",")]
    return list(dict.fromkeys(each for each in told if each and each != "*"))


def main() -> None:
    """The command line; host and port as `prefect server start` has them."""
    parser = argparse.ArgumentParser(description="Prefects server bag Driftsklars dør.")
    parser.add_argument("--host", default=os.environ.get("PREFECT_SERVER_API_HOST") or LOOPBACK)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PREFECT_SERVER_API_PORT") or 4200))
    parser.add_argument("--no-services", action="store_true")
    told = parser.parse_args()
    serve(told.host, told.port, services=not told.no_services)


if __name__ == "__main__":
    main()
