"""The municipality's own sign-in (OpenID Connect), by Authlib: where one is led, and who comes back.

Of what it tells, only two things are kept: which of our roles the person has, and a short keyed hash of who they are.
Names, mail addresses, tokens and claims are looked at and forgotten.
"""

import base64
import hashlib
import hmac
import logging
import time
import warnings
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import httpx

from channels.addresses import desk_address
from config.roles_now import roles_now
from config.settings import settings
from models.post.link import secret_key
from models.role import Role

JOURNEY_SECONDS = 600
PATIENCE_SECONDS = 10
CLOCKS_DIFFER_SECONDS = 60
_ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What an id token may be signed with: never `none`, and no secret that we hold ourselves."""

log = logging.getLogger("driftsklar.page")


class NotLetIn(Exception):
    """The sign-in didn't hold; `sentence` is Danish and for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Away(Exception):
    """The municipality's sign-in can't be reached, or isn't what the settings say."""


class Came(NamedTuple):
    """Who came back: their id in the journal (O- and a keyed hash), and the roles of their groups; maybe none."""

    person: str
    roles: frozenset[Role]


def way_there(journey: str) -> str:
    """The address that the browser is led to; `journey` is what its cookie notes.

    Raises:
        Away: it can't be reached.
    """
    with _reaching():
        there = made_provider().create_authorization_url(
            _way_back(),
            state=_of(journey, "state"),
            nonce=_of(journey, "nonce"),
            code_verifier=_of(journey, "verifier"),
        )
        return str(there["url"])


def who_comes_back(journey: str, told: Mapping[str, str]) -> Came:
    """Who it is that the browser brings back, by the query of the address it was led to.

    Raises:
        NotLetIn: the journey is too old or not this browser's, or code or token don't hold.
        Away: it can't be reached.
    """
    _require_journey(journey, told.get("state", ""))
    if "error" in told or not told.get("code"):
        raise NotLetIn("Kommunens login lod dig ikke komme ind.")
    with _reaching():
        provider = made_provider()
        metadata = provider.load_server_metadata()
        if told.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise NotLetIn("Svaret kommer fra et andet login end kommunens.")
        token = provider.fetch_access_token(
            _way_back(), code=told["code"], code_verifier=_of(journey, "verifier"), grant_type="authorization_code"
        )
        claims = _claims(provider, token, _of(journey, "nonce"))
        words = _words(claims)
        if words is None:
            words = _words(_more_claims(provider, token, str(claims["sub"]))) or []
    known = roles_now().claims
    roles = frozenset(Role(known[word]) for word in words if word in known)
    return Came(_short_id(str(claims["iss"]), str(claims["sub"])), roles)


def way_out() -> str | None:
    """Where one signs out there as well; None where it has no such page.

    Raises:
        Away: it can't be reached.
    """
    with _reaching():
        provider = made_provider()
        if not provider.load_server_metadata().get("end_session_endpoint"):
            return None
        back = desk_address("/log-ud")
        there = provider.create_logout_url(post_logout_redirect_uri=back, client_id=settings().oidc_client_id)
        return str(there["url"])


def _claims(provider: Any, token: Mapping[str, Any], nonce: str) -> Mapping[str, Any]:
    """The id token's claims, once signature, issuer, audience, times and nonce have been checked."""
    if "id_token" not in token:
        raise NotLetIn("Kommunens login sendte ikke det, vi skal bruge.")
    must_be = {
        "iss": {"essential": True, "value": provider.server_metadata["issuer"]},
        "aud": {"essential": True, "value": settings().oidc_client_id},
    }
    claims: Mapping[str, Any] = provider.parse_id_token(
        token, nonce, claims_options=must_be, leeway=CLOCKS_DIFFER_SECONDS
    )
    return claims


def _more_claims(provider: Any, token: Mapping[str, Any], subject: str) -> Mapping[str, Any]:
    """What the provider tells beside the token, about the same person; nothing where it has no such page."""
    if not provider.server_metadata.get("userinfo_endpoint"):
        return {}
    told: Mapping[str, Any] = provider.userinfo(token=token)
    return told if told.get("sub") == subject else {}


def _words(claims: Mapping[str, Any]) -> list[str] | None:
    """The words in the claim of the setting, whose name may be a path (`realm_access.roles`); None without it."""
    name = settings().oidc_roles_claim
    found: Any = claims.get(name)
    if found is None:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    if found is None:
        return None
    return [found] if isinstance(found, str) else [each for each in found if isinstance(each, str)]


def _require_journey(journey: str, state: str) -> None:
    begun = journey.partition(".")[0]
    if not journey or not hmac.compare_digest(_of(journey, "state"), state):
        raise NotLetIn("Det var ikke denne browser, der begyndte. Prøv igen herfra.")
    if not (begun.isascii() and begun.isdigit() and 0 <= time.time() - int(begun) <= JOURNEY_SECONDS):
        raise NotLetIn("Der gik for lang tid. Prøv igen.")


def _of(journey: str, what: str) -> str:
    """State, nonce and PKCE's verifier: each follows from what the browser's cookie notes and from our own key."""
    digest = hmac.new(secret_key(), f"oidc:{what}:{journey}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _short_id(issuer: str, subject: str) -> str:
    told = f"oidc:person:{issuer}:{subject}".encode()
    return f"O-{hmac.new(secret_key(), told, hashlib.sha256).hexdigest()[:8]}"


def _way_back() -> str:
    return desk_address("/log-ind/oidc/tilbage")


class _reaching:
    """What goes wrong on the way, in our two kinds; the log gets the kind of trouble and nothing of what was told."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, trouble: BaseException | None, _where: object) -> None:
        if trouble is None or isinstance(trouble, (NotLetIn, Away)):
            return
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError

        log.warning("OpenID Connect: %s", type(trouble).__name__)
        if isinstance(trouble, httpx.HTTPError):
            raise Away from None
        if isinstance(trouble, (AuthlibBaseError, JoseError)):
            raise NotLetIn("Svaret fra kommunens login holder ikke. Prøv igen.") from None
        if isinstance(trouble, (KeyError, ValueError, TypeError, RuntimeError)):
            raise Away from None


def made_provider() -> Any:
    """The provider of the settings; what it says of itself is asked again every hour.

    Raises:
        Away: it says it is another one than the settings name.
    """
    told = settings()
    made = _made(told.oidc_issuer or "", told.oidc_client_id, told.oidc_client_secret, int(time.time() // 3600))
    metadata = made.load_server_metadata()
    if str(metadata["issuer"]).rstrip("/") != (told.oidc_issuer or "").rstrip("/"):
        log.warning("OpenID Connect: the issuer is another one than DRIFTSKLAR_OIDC_ISSUER says")
        raise Away
    can = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [each for each in can if each in _ASYMMETRIC]
    return made


@lru_cache(maxsize=2)
def _made(issuer: str, client_id: str, client_secret: str, _hour: int) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Authlib would rather have httpx2; we have httpx
        from authlib.integrations.base_client.sync_app import OAuth2Mixin
        from authlib.integrations.base_client.sync_openid import OpenIDMixin
        from authlib.integrations.httpx_client import OAuth2Client

    class Provider(OAuth2Mixin, OpenIDMixin):  # type: ignore[misc]
        client_cls = OAuth2Client

        def get(self, url: str, **more: Any) -> Any:
            """What Authlib asks userinfo with."""
            return self.request("GET", url, **more)

        def _on_update_token(self, token: Any, refresh_token: Any = None, access_token: Any = None) -> None:
            """No token is kept, so none is renewed."""

    return Provider(
        framework=None,
        name="driftsklar",
        client_id=client_id,
        client_secret=client_secret or None,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={"scope": settings().oidc_scope, "code_challenge_method": "S256", "timeout": PATIENCE_SECONDS},
    )
