"""A Prefect of its own for a measurement: the real server, and what else of the stack is wanted; gone afterwards."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

from config.settings import settings
from flows.engine.prefect_environment import prefect_environment
from flows.running.up import free_port, running

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05

Found = TypeVar("Found")


@contextmanager
def stack(runner: str | None) -> Iterator[Path]:
    """Prefect in a new folder, which is told, up and talked to by this process for as long as the block lasts.

    With a `runner` (a module that serves deployments) the reconcile runs, too; without, the server is alone.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        var_dir, port = Path(folder), free_port()
        prefects = prefect_environment(var_dir, port)
        ours = {"DRIFTSKLAR_VAR_DIR": folder, "DRIFTSKLAR_DATABASE_URL": f"sqlite:///{folder}/driftsklar.db"}
        with patch.dict(os.environ, prefects | ours):
            # imported only now, when its settings stand; a second stack of one process changes them
            from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, PREFECT_HOME, temporary_settings

            from channels import domain
            from flows.engine import engine

            _read_anew()
            named = (PREFECT_API_URL, PREFECT_API_AUTH_STRING, PREFECT_HOME)
            here = {name: prefects[name.name] for name in named}
            with temporary_settings(here), running(port, var_dir=var_dir, tell=tell, runner=runner):
                until(engine.is_up, "Prefect answers")
                yield var_dir
            domain.engine().dispose()
        _read_anew()


def until(look: Callable[[], Found | None], what: str) -> Found:
    """What `look` finds, as soon as it is true; the run ends when it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := look()):
        if time.monotonic() > deadline:
            sys.exit(f"Not within {PATIENCE_SECONDS:.0f} s: {what}.")
        time.sleep(LOOK_SECONDS)
    return found


def tell(sentence: str) -> None:
    """A line to whoever looks on."""
    print(sentence, file=sys.stderr, flush=True)


def _read_anew() -> None:
    """Forget the settings, and the domain database that they named."""
    from channels import domain

    settings.cache_clear()
    domain.engine.cache_clear()
