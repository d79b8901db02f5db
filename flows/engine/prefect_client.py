"""The one client of this process for Prefect's API.

Making a client costs 50 ms, most of it for certificates, and opening a connection is not free
either; who looks every second would do little else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import get_current_settings


class PrefectOutOfReach(Exception):
    """Prefect does not answer. Nothing is lost: the next reconcile carries on."""


@contextmanager
def prefect() -> Iterator[SyncPrefectClient]:
    """The client for the server that `PREFECT_API_URL` names now.

    Without that setting Prefect would start a server of its own behind our back, so then we raise.

    Raises:
        PrefectOutOfReach: the server does not answer, or is not named.
    """
    api = get_current_settings().api
    if not api.url:
        raise PrefectOutOfReach("PREFECT_API_URL is not set")
    key = api.auth_string.get_secret_value() if api.auth_string else ""
    try:
        yield _client_for(api.url, key)
    except httpx.TransportError as error:
        raise PrefectOutOfReach(str(error)) from error


@cache
def _client_for(_url: str, _key: str) -> SyncPrefectClient:
    return get_client(sync_client=True).__enter__()  # open until the process ends
