"""NTLM for a system on Windows that takes no Basic: it belongs to a connection, so one client is used from one thread.

    ours: POST …                                    theirs: 401 WWW-Authenticate: NTLM
    ours: POST … Authorization: NTLM <negotiate>    theirs: 401 WWW-Authenticate: NTLM <challenge>
    ours: POST … Authorization: NTLM <authenticate> theirs: 200, and the connection is ours from then on

The messages are made by pyspnego; what is here carries them. A server that demands channel binding (IIS "Extended Protection:
Required") isn't answered.
"""

import base64
from collections.abc import Generator

import httpx
import spnego
from spnego.exceptions import SpnegoError

_SCHEME = "NTLM"


class Ntlm(httpx.Auth):
    """Our user, as `DOMAIN\\user` or `user@domain`, on each new connection. A server that doesn't offer NTLM is left as it is."""

    requires_response_body = True  # the connection is only free to go on with when the 401 is read

    def __init__(self, user: str, password: str) -> None:
        self._user, self._password = user, password

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The three messages; a 401 after the last is the answer."""
        answer = yield request
        if answer.status_code != 401 or _offer(answer) is None:
            return
        context = spnego.client(self._user, self._password, protocol="ntlm")
        request.headers["Authorization"] = _header(context.step())
        answer = yield request
        challenge = _offer(answer)
        if answer.status_code != 401 or not challenge:
            return
        try:
            request.headers["Authorization"] = _header(context.step(base64.b64decode(challenge, validate=True)))
        except (SpnegoError, ValueError):
            return
        yield request


def _offer(answer: httpx.Response) -> str | None:
    """What stands after `NTLM` in the server's offer, "" for the bare offer; None where it makes none."""
    for said in answer.headers.get_list("www-authenticate", split_commas=True):
        scheme, _, rest = said.strip().partition(" ")
        if scheme.upper() == _SCHEME:
            return rest.strip()
    return None


def _header(token: bytes | None) -> str:
    return f"{_SCHEME} {base64.b64encode(token or b'').decode()}"
