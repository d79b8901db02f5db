"""The environment Prefect runs in here: with its own home and key, telling nobody anything."""

import os
import urllib.request
from pathlib import Path

import certifi

from config.file_modes import make_private
from config.settings import settings
from flows.engine.prefect_key import LOOPBACK, as_environment, make_key

ONE_CERTIFICATE = "one-certificate.pem"
SELDOM = {
    f"PREFECT_SERVER_SERVICES_{name}_LOOP_SECONDS": seconds
    for name, seconds in {
        "LATE_RUNS": "60",  # a label only; it looked every five seconds
        "PAUSE_EXPIRATIONS": "600",  # a form of ours runs out after 400 days; every five
        "CANCELLATION_CLEANUP": "120",  # the reconcile does it, too; every twenty
        "FOREMAN": "60",  # whether the pool's page calls the worker online; every fifteen
        "REPOSSESSOR": "120",  # leases of concurrency limits, which we have none of; every fifteen
        "SCHEDULER_RECENT_DEPLOYMENTS": "60",  # our calendar is days ahead; every five
    }.items()
}
"""How often Prefect's server looks for what hardly ever is: half of what it costs when nothing happens."""


def api_url(port: int) -> str:
    """Where Prefect's API answers."""
    return f"http://127.0.0.1:{port}/api"


def answers(api: str) -> bool:
    """Whether a Prefect server answers at this address, within two seconds."""
    try:
        with urllib.request.urlopen(f"{api}/health", timeout=2.0) as answer:
            return bool(answer.status == 200)
    except OSError:  # a URLError is one
        return False


def shorten_certificates(var_dir: Path) -> None:
    """Let Prefect's clients read one certificate where they would read all that the world trusts.

    Our server speaks http, so none is ever used; but each client reads them, a flow run has seven
    clients, and each time takes 50 ms.
    """
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----\n")
    make_private(var_dir / ONE_CERTIFICATE)
    (var_dir / ONE_CERTIFICATE).write_text(first + end)


def prefect_environment(var_dir: Path, port: int, host: str = LOOPBACK) -> dict[str, str]:
    """What must stand in `os.environ` before `import prefect`, in the server and all who talk to it.

    Where the data lies and who is spoken to is ours to say; the rest an administrator may have
    set already, and then it stands. The key is made when there is none.
    """
    ours = {
        "PREFECT_HOME": str(Path(var_dir).resolve() / "prefect"),
        "PREFECT_API_URL": api_url(port),
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLI_PROMPT": "false",
        **as_environment(make_key(var_dir)),
    }
    wishes = SELDOM | {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        # finished runs are removed by flows.retention, which shows; events only the server can remove
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{settings().keep_runs_days}D",
    }
    if (var_dir / ONE_CERTIFICATE).exists():
        wishes["PREFECT_API_SSL_CERT_FILE"] = str((var_dir / ONE_CERTIFICATE).resolve())
    return {name: os.environ.get(name) or value for name, value in wishes.items()} | ours
