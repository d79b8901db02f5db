"""The second press of a button: the same form again, within one process, is led to the receipt of the first."""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock


class Repeats:
    """What was taken lately, as hashes only; a bounded number of them."""

    def __init__(self, *, most: int = 5_000) -> None:
        self._most = most
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def take(self, path: str, typed: Mapping[str, str]) -> None:
        """Remember that this form was taken at this address."""
        with self._lock:
            self._taken[_hash(path, typed)] = None
            if len(self._taken) > self._most:
                self._taken.popitem(last=False)

    def is_repeat(self, path: str, typed: Mapping[str, str]) -> bool:
        """Whether just this was taken before; whoever sent something else must not be thanked for it."""
        with self._lock:
            return _hash(path, typed) in self._taken


def _hash(path: str, typed: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([path, sorted(typed.items())]).encode()).hexdigest()
