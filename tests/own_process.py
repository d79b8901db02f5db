"""Processes of their own, for what is killed and what races.

From a fork server, not by a plain fork: printing starts threads, and a fork of a process with threads
may wait for ever on a lock that nobody holds any more.
"""

import multiprocessing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        f"tests.{each}"
        for each in ("crash.a_life", "crash.a_page", "crash.a_restore", "crash.racers", "models.test_money_races")
    ]
)
