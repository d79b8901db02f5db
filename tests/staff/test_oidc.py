"""Staff sign in at a real OpenID Connect server (Canaille by pytest-iam), and what must not let them in."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from channels.staff import provider
from config.settings import settings
from models.role import Role
from tests.city import City
from tests.staff.conftest import ADDRESS, Desk, RolesFile, fields

CLAIMS = """operators: {}
claims: {Driftsklar-Drift: operations, Driftsklar-Chef: leader}
"""


class Login:
    """The municipality's sign-in, with one user who is in one group."""

    def __init__(self, server: Any, client: Any) -> None:
        self.server, self.client = server, client
        self.user = server.random_user(user_name=f"u{uuid.uuid4().hex[:8]}")
        self.be_in("Driftsklar-Drift")
        server.login(self.user)
        server.consent(self.user, client)

    def be_in(self, *groups: str) -> None:
        """The user is in exactly these groups."""
        backend, models = self.server.backend, self.server.models
        for group in list(backend.query(models.Group)):
            if group.display_name.startswith(("Driftsklar", "Kantinen")):
                backend.delete(group)
        for name in groups:
            group = models.Group(display_name=name, members=[self.user])
            backend.save(group)
        backend.reload(self.user)

    def visit(self, address: str) -> str:
        """Go there as a browser that is signed in; where it leads back to."""
        parts = urlsplit(address)
        answer = self.server.test_client.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 302, answer.text
        return str(answer.location)


@pytest.fixture
def login(iam_server: Any, roles: RolesFile, city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Login]:
    client = iam_server.models.Client(
        client_id=f"driftsklar-{uuid.uuid4().hex[:8]}",
        client_secret="not-a-real-secret",
        client_name="Driftsklar",
        client_uri=ADDRESS,
        redirect_uris=[f"{ADDRESS}/opgaver/log-ind/oidc/tilbage"],
        post_logout_redirect_uris=[f"{ADDRESS}/opgaver/log-ud"],
        scope=["openid", "profile", "groups"],
        grant_types=["authorization_code"],
        response_types=["code"],
        token_endpoint_auth_method="client_secret_basic",
    )
    iam_server.backend.save(client)
    iam_server.backend.update(client, audience=[client])
    iam_server.backend.save(client)
    monkeypatch.setenv("DRIFTSKLAR_OIDC_ISSUER", iam_server.url.rstrip("/"))
    monkeypatch.setenv("DRIFTSKLAR_OIDC_CLIENT_ID", client.client_id)
    monkeypatch.setenv("DRIFTSKLAR_OIDC_CLIENT_SECRET", "not-a-real-secret")
    monkeypatch.setenv("DRIFTSKLAR_OIDC_SCOPE", "openid groups")
    settings.cache_clear()
    provider._made.cache_clear()
    roles.say(CLAIMS)
    made = Login(iam_server, client)
    yield made
    iam_server.logout()
    settings.cache_clear()
    provider._made.cache_clear()


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def set_out(desk: Desk, login: Login, videre: str = "") -> str:
    """From the desk to the provider; the path that leads back."""
    there = desk.get("/opgaver/log-ind/oidc", params={"videre": videre})
    assert there.status_code == 303, there.text
    return path_of(login.visit(there.headers["location"]))


def tampered(
    monkeypatch: pytest.MonkeyPatch, iam_configuration: Any, change: Callable[[dict[str, Any]], object]
) -> None:
    """What the provider signs says something else, with its own true signature."""
    made = provider.made_provider()
    real = made.fetch_access_token
    keys = KeySet.import_key_set({"keys": iam_configuration["CANAILLE_OIDC"]["ACTIVE_JWKS"]})

    def fetch(*args: Any, **more: Any) -> Any:
        token = real(*args, **more)
        read = jwt.decode(token["id_token"], keys, algorithms=["RS512"])
        claims = dict(read.claims)
        change(claims)
        return {**token, "id_token": jwt.encode(dict(read.header), claims, keys.keys[0], algorithms=["RS512"])}

    monkeypatch.setattr(made, "fetch_access_token", fetch)


def test_a_person_comes_in_with_the_role_of_their_group(desk: Desk, login: Login) -> None:
    back = set_out(desk, login, videre="/opgaver/steder")

    answer = desk.get(back)

    assert (answer.status_code, answer.headers["location"]) == (303, "/opgaver/steder")
    assert "driften" in desk.get("/opgaver/log-ud").text
    [session] = desk.sessions()
    assert session.roles == Role.OPERATIONS
    assert session.person.startswith("O-")
    assert len(session.person) == 10


def test_nothing_of_who_they_are_is_stored(desk: Desk, login: Login) -> None:
    desk.get(set_out(desk, login))

    stored = str(desk.city.dump())

    for told in (login.user.user_name, login.user.emails[0], login.user.family_name, "Driftsklar-Drift"):
        assert str(told) not in stored


def test_the_same_person_has_the_same_id_next_time(desk: Desk, login: Login) -> None:
    desk.get(set_out(desk, login))
    other = desk.another()
    other.get(set_out(other, login))

    first, second = desk.sessions()

    assert first.person == second.person


def test_pkce_and_nonce_go_along(desk: Desk, login: Login) -> None:
    there = desk.get("/opgaver/log-ind/oidc").headers["location"]

    asked = parse_qs(urlsplit(there).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert asked["nonce"] != asked["state"]
    assert asked["response_type"] == ["code"]


def is_let_in(desk: Desk, back: str) -> bool:
    answer = desk.get(back)
    assert answer.status_code in (303, 403), answer.text
    assert (answer.status_code == 303) == bool([s for s in desk.sessions() if s.ended_at is None])
    return answer.status_code == 303


WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    "another issuer": lambda claims: claims.update(iss="https://evil.example"),
    "another audience": lambda claims: claims.update(aud=["somebody-else"]),
    "another audience, in our name": lambda claims: claims.update(aud=["else"], azp=settings().oidc_client_id),
    "expired": lambda claims: claims.update(exp=int(time.time()) - 3600),
    "another nonce": lambda claims: claims.update(nonce="planted"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "nobody": lambda claims: claims.pop("sub"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_token_that_says_something_else_lets_nobody_in(
    desk: Desk,
    login: Login,
    iam_configuration: Any,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[dict[str, Any]], object],
) -> None:
    back = set_out(desk, login)
    tampered(monkeypatch, iam_configuration, change)

    assert not is_let_in(desk, back)


def test_the_same_token_unchanged_does(
    desk: Desk, login: Login, iam_configuration: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = set_out(desk, login)
    tampered(monkeypatch, iam_configuration, lambda claims: None)

    assert is_let_in(desk, back)


def test_a_code_works_once(desk: Desk, login: Login) -> None:
    back = set_out(desk, login)
    cookie = {c.name: c.value for c in desk.client.cookies.jar}
    assert is_let_in(desk, back)
    thief = desk.another()
    for name, value in cookie.items():  # even with the cookie of the browser that began
        thief.client.cookies.set(name, value)

    again = thief.get(back)

    assert again.status_code == 403
    assert len(desk.sessions()) == 1


def test_a_code_that_another_browser_brings_lets_nobody_in(desk: Desk, login: Login) -> None:
    back = set_out(desk, login)

    assert desk.another().get(back).status_code == 403
    assert desk.sessions() == []


def test_a_state_that_was_changed_lets_nobody_in(desk: Desk, login: Login) -> None:
    back = set_out(desk, login)
    state = parse_qs(urlsplit(back).query)["state"][0]

    assert not is_let_in(desk, back.replace(state, "planted"))


def test_a_journey_of_more_than_ten_minutes_begins_anew(
    desk: Desk, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    back = set_out(desk, login)
    later = time.time() + 601
    monkeypatch.setattr(provider.time, "time", lambda: later)

    assert not is_let_in(desk, back)


def test_somebody_without_one_of_our_groups_is_told_their_id(desk: Desk, login: Login) -> None:
    login.be_in("Kantinen")

    answer = desk.get(set_out(desk, login))

    assert answer.status_code == 403
    assert "ingen rolle" in answer.text
    assert "O-" in answer.text
    assert desk.sessions() == []


def test_a_role_that_was_taken_away_is_gone_at_the_next_look(desk: Desk, login: Login) -> None:
    login.be_in("Driftsklar-Drift", "Driftsklar-Chef")
    desk.get(set_out(desk, login))
    assert "chefen" in desk.get("/opgaver/log-ud").text
    login.be_in("Driftsklar-Drift")
    desk.at(timedelta(minutes=16))

    renewed = desk.get("/opgaver/proevesten")
    back = set_out(desk, login)
    desk.get(back)

    assert "log-ind/oidc?videre=%2Fopgaver%2Fproevesten" in renewed.headers["refresh"]
    assert "chefen" not in desk.get("/opgaver/log-ud").text
    assert "driften" in desk.get("/opgaver/log-ud").text


def test_somebody_whose_last_role_was_taken_is_out_at_once(desk: Desk, login: Login) -> None:
    desk.get(set_out(desk, login))
    login.be_in()

    answer = desk.get(set_out(desk, login))

    assert answer.status_code == 403
    assert [session.ended_at is None for session in desk.sessions()] == [False]


def test_roles_of_the_municipalitys_sign_in_are_believed_for_half_an_hour(desk: Desk, login: Login) -> None:
    desk.get(set_out(desk, login))
    desk.at(timedelta(minutes=29))
    before = desk.get("/opgaver/log-ud").text

    desk.at(timedelta(minutes=31))

    assert "driften" in before
    assert "driften" not in desk.get("/opgaver/log-ud").text


def test_a_person_of_roles_yaml_keeps_their_id_through_this_door(desk: Desk, login: Login, roles: RolesFile) -> None:
    desk.get(set_out(desk, login))
    [session] = desk.sessions()

    roles.say(CLAIMS + f"persons: {{D-01: {{mail: d@x.dk, roles: [operations], oidc: {session.person}}}}}\n")

    assert "logget ind som D-01" in desk.get("/opgaver/log-ud").text


def test_one_signs_out_there_as_well(desk: Desk, login: Login) -> None:
    desk.get(set_out(desk, login))
    left = desk.post("/opgaver/log-ud", **fields(desk.get("/opgaver/log-ud").text))
    page = desk.get(left.headers["location"])

    there = desk.get("/opgaver/log-ud/oidc")

    assert "/opgaver/log-ud/oidc" in page.text
    assert there.status_code == 303
    assert there.headers["location"].startswith(login.server.url)
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked["post_logout_redirect_uri"] == [f"{ADDRESS}/opgaver/log-ud"]
    assert asked["client_id"] == [login.client.client_id]


def test_another_issuer_than_the_setting_names_is_not_trusted(
    desk: Desk, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = provider.made_provider()
    monkeypatch.setitem(made.server_metadata, "issuer", "https://evil.example")

    answer = desk.get("/opgaver/log-ind/oidc")

    assert answer.status_code == 503


def test_a_provider_that_is_away_is_said_so(desk: Desk, login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFTSKLAR_OIDC_ISSUER", "http://localhost:1")
    settings.cache_clear()

    answer = desk.get("/opgaver/log-ind/oidc")

    assert answer.status_code == 503
    assert "kan ikke nås" in answer.text
