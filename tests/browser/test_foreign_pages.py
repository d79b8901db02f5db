"""A member of staff has Prefect open; another tab shows a stranger's page, which tries to read, decide and move money."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun

from flows.engine.prefect_client import prefect
from flows.engine.prefect_environment import api_url
from flows.running.up import way_in
from models.calendar import today
from tests.browser.conftest import ARGUMENTS, MISSING, PATIENCE, chromium
from tests.flows.house import House, read

pytestmark = [pytest.mark.browser, pytest.mark.prefect]

#: Every stranger's name leads to this machine, as theirs would; and the browser's own fence, which not all have, is off.
NO_FENCE = [
    "--host-resolver-rules=MAP *.example 127.0.0.1",
    "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
]
TAG = "fra-en-fremmed"

#: What a page can do to an API: read it, change it with JSON, change it with requests that need no leave
#: (nothing said of what it is; a form), read it through a frame, a script, a websocket. All that it got is returned.
ATTACK = """async ({api, run, deployment, answer, correction, approval, tag}) => {
    const got = [];
    let credentials = "omit";  // as it must be where every origin is allowed
    const ask = async (path, body, more = {}) => {
        try {
            const headers = body && !more.mode ? {"Content-Type": "application/json", ...more.headers} : {};
            const reply = await fetch(api + path, {
                credentials, method: body ? "POST" : "GET", ...more, headers,
                body: body && (more.mode ? new Blob([JSON.stringify(body)]) : JSON.stringify(body)),
            });
            const said = await reply.text();
            if (reply.ok && said) got.push(said);
            return reply.ok && said ? JSON.parse(said) : null;
        } catch { return null; }
    };
    const token = await ask("/csrf-token?client=fremmed");
    const headers = token ? {"Prefect-Csrf-Token": token.token, "Prefect-Csrf-Client": "fremmed"} : {};
    const paused = {flow_runs: {state: {type: {any_: ["PAUSED"]}}}};
    for (const more of [{headers}, {headers}, {mode: "no-cors"}]) {
        await ask("/version");
        await ask("/flow_runs/filter", paused, more);
        await ask(`/flow_runs/${run}/resume`, {run_input: answer}, more);
        const made = await ask(`/deployments/${deployment}/create_flow_run`,
            {parameters: correction, tags: [tag]}, more);
        for (let tries = 0; made && tries < 60; tries++) {
            const done = await ask(`/flow_runs/${made.id}/resume`, {run_input: approval}, {headers});
            if (!done || done.status === "ACCEPT") break;
            await new Promise(after => setTimeout(after, 1000));  // until its form is there
        }
        credentials = "include";
    }
    const form = document.createElement("form");
    Object.assign(form, {action: `${api}/deployments/${deployment}/create_flow_run`, method: "post",
        enctype: "text/plain", target: "frame"});
    const field = document.createElement("input");
    Object.assign(field, {name: JSON.stringify({parameters: correction, tags: [tag]}).slice(0, -1) + ',"x":"',
        value: '"}'});
    form.append(field);
    const frame = document.createElement("iframe");
    frame.name = "frame";
    document.body.append(frame, form);
    form.submit();
    await new Promise(after => { frame.onload = after; setTimeout(after, 3000); });
    try { got.push(frame.contentDocument.body.innerText); } catch {}
    await new Promise(after => {
        const socket = new WebSocket(api.replace("http", "ws") + "/events/out", "prefect");
        socket.onopen = () => socket.send('{"type": "auth", "token": null}');
        socket.onmessage = message => { got.push(message.data); after(); };
        socket.onclose = socket.onerror = after;
    });
    return got.filter(Boolean);
}"""
EMPTY = b"<!doctype html><meta charset=utf-8><title>En helt almindelig side</title><body>"


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(EMPTY)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        pytest.skip(MISSING)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS + NO_FENCE)
        yield started
        started.close()


@pytest.fixture(scope="module")
def stranger() -> Iterator[int]:
    """The port of somebody's web server on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Stranger)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def staff(browser: Browser, house: House) -> Iterator[BrowserContext]:
    """The browser of somebody who has opened the link that `driftsklar up` printed."""
    context = browser.new_context(locale="da-DK")
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page = context.new_page()
    page.goto(way_in(house.folder, api_url(house.port)))
    page.get_by_role("button", name="Åbn").click()
    page.wait_for_url("**/v2/**")
    yield context
    context.close()


def consultation(house: House) -> FlowRun:
    """A run that waits for operations' answer."""
    found = house.comes_in_step()
    return next(run for key, run in found.items() if ":consultation:" in key)


def from_a_stranger() -> list[FlowRun]:
    """The runs that a stranger's page has started."""
    with prefect() as client:
        return client.read_flow_runs(flow_run_filter=FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG])))


def what_to_try(house: House, run: FlowRun) -> dict[str, Any]:
    """All that a stranger may know beforehand: every id, every form."""
    with prefect() as client:
        deployment = client.read_deployment_by_name("Rettelse/ret").id
    return {
        "api": api_url(house.port),
        "run": str(run.id),
        "deployment": str(deployment),
        "tag": TAG,
        "answer": {
            "svar": "Nej",
            "begrundelse": "skrevet af en fremmed hjemmeside",
            "kan_blive_ja": "",
            "timer_om_aaret": 14,
            "kr_om_aaret": 1200,
            "betingelser": "",
            "frist": "",
            "hvem": "Driftslederen",
        },
        "correction": {
            "rettelse": {
                "aar": today().year,
                "hvad": "Bevillingen",
                "kroner": "1000000",
                "reference": "",
                "begrundelse": "fremmed",
                "foreslaaet_af": "Puljeforvalteren",
            }
        },
        "approval": {
            "svar": "Godkend",
            "hvem": "Udvalget",
            "besluttet": f"{today():%Y-%m-%d}",
            "sagsnummer": "2026-17",
        },
    }


def look_on(staff: BrowserContext, house: House, runs: str) -> Page:
    """Prefect's own page in a tab of its own; it reads and so proves that it is let in."""
    page = staff.new_page()
    with page.expect_response(lambda reply: "flow_runs" in reply.url and reply.ok):
        page.goto(house.ui + runs)
    expect(page.get_by_text("Driftshøring").first).to_be_visible()
    return page


def as_rebound(route: Route) -> None:
    """The first answer under a stranger's name, before the name leads to Prefect."""
    route.fulfill(status=200, content_type="text/html", body=EMPTY.decode())


@pytest.mark.parametrize("runs", ["/runs", "/v2/runs"], ids=["V1", "V2"])
@pytest.mark.parametrize("origin", ["another name", "another port", "rebound name", "sandbox"])
def test_a_strangers_page_reads_nothing_and_changes_nothing(
    staff: BrowserContext, house: House, stranger: int, runs: str, origin: str
) -> None:
    run = consultation(house)
    told, before = what_to_try(house, run), house.decided()
    look_on(staff, house, runs)
    tab = staff.new_page()
    where = {"another port": f"http://127.0.0.1:{stranger}/"}.get(origin, f"http://evil.example:{stranger}/")
    if origin == "rebound name":
        where = f"http://rebound.example:{house.port}/begin"
        told["api"] = f"http://rebound.example:{house.port}/api"
        tab.route(where, as_rebound)

    tab.goto(where)
    frame = tab.main_frame
    if origin == "sandbox":
        tab.evaluate(
            """page => new Promise(after => {
            const frame = document.createElement("iframe");
            Object.assign(frame, {sandbox: "allow-scripts allow-forms", src: "data:text/html," + page, onload: after});
            document.body.append(frame);
        })""",
            EMPTY.decode(),
        )
        frame = tab.frames[-1]
    got = frame.evaluate(ATTACK, told)

    assert got == []
    assert from_a_stranger() == []
    assert (state := read(run.id).state) is not None
    assert state.is_paused()
    assert house.decided() == before


def test_prefect_cannot_be_shown_in_a_strangers_frame(staff: BrowserContext, house: House, stranger: int) -> None:
    tab = staff.new_page()
    tab.goto(f"http://127.0.0.1:{stranger}/")  # even where the browser would send the session along

    tab.evaluate(
        """url => new Promise(after => {
            const frame = document.createElement("iframe");
            Object.assign(frame, {src: url, onload: after});
            document.body.append(frame);
        })""",
        f"{house.ui}/v2/runs",
    )

    assert "chrome-error" in tab.frames[-1].url


def test_a_link_in_a_mail_leads_to_the_run_although_it_comes_from_elsewhere(
    staff: BrowserContext, house: House, stranger: int
) -> None:
    tab = staff.new_page()
    tab.goto(f"http://webmail.example:{stranger}/")

    tab.evaluate("url => { location.href = url }", f"{house.ui}/runs?from=mail")

    expect(tab.get_by_text("Driftshøring").first).to_be_visible()
    assert tab.url.startswith(f"{house.ui}/runs")


def test_who_has_no_link_is_asked_to_sign_in_and_comes_in_by_the_code(browser: Browser, house: House) -> None:
    page = browser.new_page()
    page.goto(f"{house.ui}/v2/runs")
    expect(page.get_by_role("heading", name="Log ind")).to_be_visible()

    code = (house.folder / "prefect.key").read_text().strip().partition(":")[2]
    page.get_by_label("Koden").fill(code)
    page.get_by_role("button", name="Log ind").click()

    expect(page.get_by_text("Driftshøring").first).to_be_visible()
    assert code not in page.url
    page.close()
