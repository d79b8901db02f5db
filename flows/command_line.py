"""`driftsklar up` and `demo`, which start Prefect, and `doctor`, which also asks it what it waits for."""

import os
import signal
import socket
import sys
import threading
from pathlib import Path

import click

from channels.addresses import desk_address
from channels.command_line.door import json_option
from channels.command_line.findings import show_findings
from channels.domain import engine
from channels.records.doctor import Finding, examine, finding
from config.settings import settings
from flows.engine.prefect_environment import api_url, prefect_environment
from flows.engine.prefect_key import EVERYWHERE, LOOPBACK, key_in
from flows.running.forked import can_fork
from flows.running.up import CannotStart, api_of, free_port, running, running_apart, way_in
from flows.running.up import up as run_all
from models.role import Role

PORT = click.IntRange(1024, 65535)


@click.command()
@click.option(
    "--prefect-port",
    type=PORT,
    default=4200,
    show_default=True,
    envvar="DRIFTSKLAR_PREFECT_PORT",
    help="Prefects port.",
)
@click.option(
    "--page-port",
    type=PORT,
    default=4280,
    show_default=True,
    envvar="DRIFTSKLAR_PAGE_PORT",
    help="De frivilliges sides port.",
)
@click.option(
    "--host",
    type=click.Choice([LOOPBACK, EVERYWHERE]),
    default=LOOPBACK,
    show_default=True,
    help="Hvem der kan nå det: kun denne maskine, eller alle.",
)
def up(prefect_port: int, page_port: int, host: str) -> None:
    """Start alt på denne maskine: Prefect, forløb og den daglige kørsel. Ctrl-C standser det hele."""
    ports = {"DRIFTSKLAR_PREFECT_PORT": prefect_port, "DRIFTSKLAR_PAGE_PORT": page_port}
    os.environ |= {name: str(port) for name, port in ports.items()}  # links lead to this port
    settings.cache_clear()
    engine()  # a database that can't be used is said now, not in a log
    run_all(prefect_port, page_port, var_dir=settings().var_dir, host=host, page_module="channels.page")


@click.command()
@click.option("--once", is_flag=True, help="Stop, når året er levet.")
@click.option("--prefect-port", type=PORT, default=4200, show_default=True, help="Prefects port.")
@click.option(
    "--var-dir", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True, help="Demoens mappe."
)
def demo(once: bool, prefect_port: int, var_dir: Path) -> int:
    """Lev et år med et shelter og to bænke, gennem de samme døre som mennesker."""
    var_dir = var_dir.resolve()
    database = os.environ.get("DRIFTSKLAR_DEMO_DATABASE_URL") or f"sqlite:///{var_dir / 'driftsklar.db'}"
    port = prefect_port if _is_free(prefect_port) else free_port()
    if port != prefect_port:
        click.echo(f"Port {prefect_port} er optaget; demoen bruger {port}.")
    os.environ |= prefect_environment(var_dir, port)
    os.environ |= {"DRIFTSKLAR_VAR_DIR": str(var_dir), "DRIFTSKLAR_DATABASE_URL": database}
    settings.cache_clear()
    click.echo("Starter Prefect og forløbene …")
    try:
        page_port = settings().page_port if _is_free(settings().page_port) else free_port()
        os.environ["DRIFTSKLAR_PAGE_PORT"] = str(page_port)
        settings.cache_clear()
        start = running_apart if can_fork() else running
        with start(port, page_port, var_dir=var_dir, tell=click.echo, page_module="channels.page"):
            engine()  # they load Prefect meanwhile
            from flows.demo import live_through  # Prefect is imported only now, when its settings stand

            reached = live_through(f"http://127.0.0.1:{port}")
            if not once and reached:
                click.echo("\nOpgaver, for dem alle venter på:")
                for role in (Role.OPERATIONS, Role.COORDINATOR, Role.POOL_MANAGER, Role.LEADER, Role.PROJECT_LEAD):
                    click.echo(f"  prøv som {role.danish}: {desk_address(f'/proev/{role}')}")
                click.echo(f"De frivilliges side: {settings().page_url}")
                click.echo(f"Prefect, én gang: {way_in(var_dir, api_url(port))}")
                click.echo("Demoen bliver stående. Stop med Ctrl-C.")
                _wait_for_ctrl_c()
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 3
    return 0 if reached else 1


@click.command("open")
def open_prefect() -> int:
    """Skriv et nyt link, der åbner Prefect i en browser. Det virker én gang, i 10 minutter."""
    try:
        api = os.environ.get("PREFECT_API_URL") or api_of(settings().var_dir)
        if api is None:
            print(
                "Driftsklar kører ikke her. Start det med driftsklar up, eller sig med"
                " DRIFTSKLAR_VAR_DIR, hvilken mappe det kører på.",
                file=sys.stderr,
            )
            return 3
        click.echo(way_in(settings().var_dir, api))
    except PermissionError:
        print(
            f"Nøglen til Prefect i {settings().var_dir} er ikke jeres. Kald driftsklar open som den"
            " bruger, der har startet driftsklar up.",
            file=sys.stderr,
        )
        return 1
    return 0


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """Se efter, om alt står rigtigt, og hvad der skal gøres, hvis ikke."""
    return show_findings(examine(_in_step_with_prefect), as_json)


def _in_step_with_prefect() -> Finding:
    """Compare with the Prefect of this installation, and no other that may listen on the usual port."""
    url = os.environ.get("PREFECT_API_URL") or api_of(settings().var_dir)
    if url is None:
        return finding("prefect", True, "Prefect kører ikke her; intet er sammenlignet", "")
    os.environ["PREFECT_API_URL"] = url
    if (key := key_in(settings().var_dir)) is not None:
        os.environ.setdefault("PREFECT_API_AUTH_STRING", key)
    from flows.running.in_step import in_step  # Prefect takes a second to load: only where there is one

    return in_step()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def _wait_for_ctrl_c() -> None:
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    ended.wait()
