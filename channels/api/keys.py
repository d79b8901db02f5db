"""Who asks, and whether the key opens it. A key comes in the Authorization header; a report by Open311 may have it in its form."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from channels.api.house import house_of
from channels.api.limit import Minute
from config.roles_now import roles_now
from models.database import reading
from models.outside.api_key import ApiKey, key_of, mark_used, require_working
from models.refusal import Refusal
from models.role import Door
from models.said import Said

MAX_SENT = 200

_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="`Authorization: Bearer driftsklar_…`, a key made by `driftsklar api-key make`.",
)
Sent = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class TooMany(Refusal):
    """More than the limit a minute; `seconds` until the next one is taken."""

    def __init__(self, seconds: int) -> None:
        super().__init__("api.too_many", f"For mange forespørgsler. Vent {seconds} sekunder.")
        self.seconds = seconds


class Needs:
    """A dependency: the key that came, when it has one of the scopes."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    def __call__(self, request: Request, sent: Sent) -> ApiKey:
        """The key.

        Raises:
            Refusal: none came, it opens nothing today, it has another scope, or it came too often.
        """
        key = key_sent(request, sent)
        if self.scopes and not key.may(*self.scopes):
            wanted = " eller ".join(self.scopes)
            raise Refusal("api_key.scope", f"Nøgle {key.short_id} må ikke dette. Det kræver {wanted}.")
        return key


def key_sent(request: Request, sent: HTTPAuthorizationCredentials | None) -> ApiKey:
    """The key that came with a request, counted.

    Raises:
        Refusal: none came, it opens nothing today, or it came too often.
    """
    house, minute = house_of(request), minute_of(request)
    stranger = f"from {request.client.host if request.client else ''}"
    try:
        secret = sent.credentials if sent is not None else ""
        if not secret or len(secret) > MAX_SENT or not secret.isascii():
            raise Refusal("api_key.missing", "Send nøglen som: Authorization: Bearer driftsklar_…")
        on = house.today()
        with reading(house.engine) as session:
            key = require_working(key_of(session, secret), on)
    except Refusal:
        if seconds := minute.wait(stranger):
            raise TooMany(seconds) from None
        raise
    if seconds := minute.wait(key.short_id):
        raise TooMany(seconds)
    if key.used_on != on:
        with house.deciding() as session:
            mark_used(session, key, on)
    return key


def minute_of(request: Request) -> Minute:
    """The limit of this API."""
    minute: Minute = request.app.state.minute
    return minute


def said_by(request: Request, key: ApiKey) -> Said:
    """What goes with a decision: today, the key's role, and as the person whoever answers for it, else its short id.

    Raises:
        Refusal: `api_key.scope`, the key acts in no role.
    """
    if key.role is None:
        raise Refusal("api_key.scope", f"Nøgle {key.short_id} handler ikke i nogen rolle.")
    person = roles_now().answers_for_key(key.short_id, key.role.value)
    return Said(house_of(request).today(), key.role, Door.API, person)
