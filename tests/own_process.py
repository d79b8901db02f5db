"""Processes of their own, for what is killed and what races.

From a fork server, not by a plain fork: printing starts threads, and a fork of a process with threads
may wait for ever on a lock that nobody holds any more.
"""

import multiprocessing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.crash.a_life", "tests.crash.a_page", "tests.models.test_money_races"])
