"""The supervisor restarts what dies and leaves nothing behind, however it ends itself. No Prefect here."""

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from flows.running import leftovers
from flows.running.up import HOUSE, CannotStart, Child, Supervisor, free_port, is_healthy, running
from tests import patience
from tests.flows.house import is_there, until
from tests.flows.split_off import PARENTS_OWN


def test_a_child_that_dies_at_once_is_started_with_longer_and_longer_pauses(tmp_path: Path) -> None:
    told: list[str] = []
    child = Child("kort", [sys.executable, "-c", "1/0"], dict(os.environ), tmp_path / "kort.log")
    supervisor = Supervisor([child], f"DRIFTSKLAR_STACK={tmp_path}", told.append)
    thread = threading.Thread(target=supervisor.run)

    thread.start()
    until(lambda: len(told) == 3)
    supervisor.stopping.set()
    thread.join()

    assert [sentence.split(" om ")[1].split(" s.")[0] for sentence in told] == ["1", "2", "4"]
    assert "ZeroDivisionError" in (tmp_path / "kort.log").read_text()


def test_a_child_that_the_machine_has_no_room_for_is_started_when_it_has(tmp_path: Path) -> None:
    told: list[str] = []
    program = tmp_path / "program"  # not there yet: what the system refuses to start, whatever the reason
    child = Child("sen", [str(program)], dict(os.environ), tmp_path / "sen.log")
    supervisor = Supervisor([child], f"DRIFTSKLAR_STACK={tmp_path}", told.append)
    thread = threading.Thread(target=supervisor.run)

    thread.start()
    until(lambda: told)
    program.write_text("#!/bin/sh\necho her; exec sleep 600\n")
    program.chmod(0o755)
    until(lambda: child.log.exists() and "her" in child.log.read_text())
    supervisor.stopping.set()
    thread.join()

    assert told[0].startswith("sen kunne ikke startes (No such file or directory)")
    assert child.starts == 1


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_the_supervisor_ends(ending: signal.Signals, tmp_path: Path) -> None:
    mark = f"DRIFTSKLAR_STACK={tmp_path}"
    program = (
        "import os, subprocess, sys, threading; from pathlib import Path;"
        "from flows.running.up import Child, Supervisor; import signal;"
        # a grandchild with a session of its own, as Prefect's runner makes them, deaf to SIGTERM
        "deaf = 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)';"
        'parent = f\'import subprocess, sys, time; subprocess.Popen([sys.executable, "-c", {deaf!r}],'
        " start_new_session=True); time.sleep(600)';"
        f"folder = Path({str(tmp_path)!r});"
        "child = Child('barn', [sys.executable, '-c', parent], dict(os.environ), folder / 'log');"
        f"s = Supervisor([child], {mark!r});"
        "[signal.signal(n, lambda *_: s.stopping.set()) for n in (2, 15)];"
        "s.run()"
    )
    process = subprocess.Popen([sys.executable, "-c", program], cwd=HOUSE)
    until(lambda: len(leftovers.carrying(mark)) == 2)

    process.send_signal(ending)
    process.wait(patience.SECONDS)

    until(lambda: leftovers.carrying(mark) == [])


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux splits them off.")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_children_that_are_split_off_have_what_is_theirs_and_end_with_it(
    ending: signal.Signals, tmp_path: Path
) -> None:
    mark = f"DRIFTSKLAR_STACK={tmp_path}"
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "tests.flows.split_off", str(tmp_path)],
            cwd=HOUSE,
            env=os.environ | {PARENTS_OWN: "1"},
            stdout=said,
        )
    pid = int(until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    until(lambda: "kort standsede (kode 1)" in (tmp_path / "said").read_text())
    assert len(leftovers.carrying(mark)) == 1  # the grandchild

    process.send_signal(ending)
    process.wait(patience.SECONDS)

    until(lambda: not is_there(pid) and leftovers.carrying(mark) == [])
    assert (tmp_path / "barn.log").read_text() == "barn False\n"
    assert (tmp_path / "kort.log").read_text().startswith("nej\n")


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux splits them off.")
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_demo_that_was_ended_as_it_began(ending: signal.Signals, tmp_path: Path) -> None:
    ours = f"THIS_DEMO={tmp_path}"
    # Ctrl-C as a terminal gives it: what is started in the background is deaf to it
    hears = "import signal, driftsklar; signal.signal(2, signal.default_int_handler); driftsklar.main()"
    demo = subprocess.Popen(
        [sys.executable, "-c", hears, "demo", "--prefect-port", str(free_port()), "--var-dir", str(tmp_path)],
        cwd=HOUSE,
        env=os.environ | {"THIS_DEMO": str(tmp_path), "DRIFTSKLAR_PAGE_PORT": str(free_port())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    until(lambda: len(leftovers.carrying(ours)) >= 5)  # demo, supervisor, Prefect, worker, page

    demo.send_signal(ending)
    demo.wait(patience.SECONDS)

    until(lambda: leftovers.carrying(ours) == [])


def test_a_taken_port_and_a_second_start_are_told_with_their_remedy(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} .* --prefect-port"), running(port, var_dir=tmp_path):
            pass

        told = subprocess.run(
            [sys.executable, "-c", f"from flows.running.up import up; up({port}, 1, quiet=True)"],
            cwd=HOUSE,
            env=os.environ | {"PYTHONPATH": str(HOUSE)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 3
    assert "er optaget" in told.stderr


def test_an_unused_port_is_not_healthy() -> None:
    assert not is_healthy(free_port())
