"""`deploy/keycloak`: what the realm, the settings and the roles say fits together, and a sign-in with claims in Keycloak's shape.

Keycloak itself isn't run here: the sign-in is at the server of `test_oidc.py`, whose id token says what the realm's mapper puts in.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.staff import provider
from config.roles import Roles
from config.settings import settings
from models.role import PEOPLE, Role
from tests.staff.conftest import Desk, RolesFile
from tests.staff.test_oidc import Login, login, set_out, tampered  # noqa: F401  the fixture

DEPLOY = Path(__file__).parents[2] / "deploy/keycloak"

#: The fields that Keycloak's import knows (org.keycloak.representations.idm); one that it doesn't know stops it.
REALM = {
    "realm",
    "displayName",
    "enabled",
    "sslRequired",
    "registrationAllowed",
    "bruteForceProtected",
    "ssoSessionIdleTimeout",
    "ssoSessionMaxLifespan",
    "internationalizationEnabled",
    "supportedLocales",
    "defaultLocale",
    "roles",
    "groups",
    "clients",
}
CLIENT = {
    "clientId",
    "name",
    "enabled",
    "protocol",
    "publicClient",
    "clientAuthenticatorType",
    "secret",
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
    "fullScopeAllowed",
    "redirectUris",
    "webOrigins",
    "attributes",
    "protocolMappers",
}
MAPPER = {"name", "protocol", "protocolMapper", "consentRequired", "config"}


@pytest.fixture
def realm() -> dict[str, Any]:
    said: dict[str, Any] = json.loads((DEPLOY / "kommune-realm.json").read_text())
    return said


@pytest.fixture
def claims() -> dict[str, str]:
    said = yaml.safe_load((DEPLOY / "roles.yaml").read_text())
    return dict(Roles.model_validate({"operators": {}} | said).claims)


def told() -> dict[str, str]:
    lines = (DEPLOY / "driftsklar.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_realm_says_only_what_keycloak_knows(realm: dict[str, Any]) -> None:
    [client] = realm["clients"]
    [mapper] = client["protocolMappers"]

    assert set(realm) <= REALM
    assert set(client) <= CLIENT
    assert set(mapper) <= MAPPER
    assert all(isinstance(each, str) for each in (*mapper["config"].values(), *client["attributes"].values()))


def test_only_the_code_flow_with_a_secret_and_pkce_is_open_and_leads_back_to_us(realm: dict[str, Any]) -> None:
    [client] = realm["clients"]

    open_flows = {name for name, is_on in client.items() if name.endswith(("FlowEnabled", "GrantsEnabled")) and is_on}
    assert open_flows == {"standardFlowEnabled"}
    assert not client["publicClient"]
    assert not client["serviceAccountsEnabled"]
    assert client["attributes"]["pkce.code.challenge.method"] == "S256"
    assert client["attributes"]["id.token.signed.response.alg"] in provider._ASYMMETRIC
    assert client["redirectUris"] == ["${DRIFTSKLAR_PAGE_URL}/opgaver/log-ind/oidc/tilbage"]
    assert client["attributes"]["post.logout.redirect.uris"] == "${DRIFTSKLAR_PAGE_URL}/opgaver/log-ud"
    assert client["secret"].startswith("${")


def test_each_role_of_the_realm_is_one_of_ours_and_comes_in_the_claim_that_we_read(
    realm: dict[str, Any], claims: dict[str, str]
) -> None:
    named = [each["name"] for each in realm["roles"]["realm"]]
    config = realm["clients"][0]["protocolMappers"][0]["config"]

    assert sorted(claims) == sorted(named)
    assert {Role(each) for each in claims.values()} == set(PEOPLE) - {Role.VOLUNTEER}
    assert {role for group in realm["groups"] for role in group["realmRoles"]} == set(named)
    assert config["claim.name"] == told()["DRIFTSKLAR_OIDC_ROLES_CLAIM"]
    assert config["id.token.claim"] == "true"


def test_the_settings_are_ours(realm: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in told().items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()

    said = settings()

    assert said.oidc_client_id == realm["clients"][0]["clientId"]
    assert str(said.oidc_issuer).endswith(f"/realms/{realm['realm']}")
    settings.cache_clear()


@pytest.mark.parametrize(
    ("roles_there", "is_let_in"),
    [
        (["default-roles-kommune", "offline_access", "driftsklar-drift", "driftsklar-driftsleder"], True),
        (["default-roles-kommune", "offline_access"], False),
    ],
)
def test_who_comes_with_keycloaks_nested_roles_has_ours_and_no_other(
    desk: Desk,
    login: Login,  # noqa: F811
    roles: RolesFile,
    iam_configuration: Any,
    monkeypatch: pytest.MonkeyPatch,
    roles_there: list[str],
    is_let_in: bool,
) -> None:
    monkeypatch.setenv("DRIFTSKLAR_OIDC_ROLES_CLAIM", told()["DRIFTSKLAR_OIDC_ROLES_CLAIM"])
    settings.cache_clear()
    provider._made.cache_clear()
    roles.say("operators: {}\n" + (DEPLOY / "roles.yaml").read_text())
    back = set_out(desk, login)
    tampered(
        monkeypatch,
        iam_configuration,
        lambda claims: (claims.pop("groups", None), claims.update(realm_access={"roles": roles_there})),
    )

    answer = desk.get(back)

    assert answer.status_code == (303 if is_let_in else 403), answer.text
    said = [session.roles for session in desk.sessions()]
    assert said == (["operations operations_manager"] if is_let_in else [])
