"""Every page and form of the desk: who is let in, who isn't, and that nothing that was typed is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from models.database import now, transaction
from models.persons.staff_session import revoke
from models.role import Door, Role
from tests.staff.conftest import PERSONS, STONE, Desk, RolesFile, fields

LEADER, OPERATIONS = "leder@kommune.example", "drift@kommune.example"


def test_who_is_signed_in_decides_and_the_journal_keeps_their_id(desk: Desk) -> None:
    desk.sign_in(LEADER)

    answer = desk.decide()

    [line] = desk.journal()
    assert answer.status_code == 204
    assert (line.operator, line.by, line.door) == ("L-01", Role.LEADER, Door.DESK)


def signed_out(desk: Desk) -> None:
    desk.post("/opgaver/log-ud", csrf=desk.csrf())


def revoked(desk: Desk) -> None:
    with transaction(desk.city.engine) as session:
        assert revoke(session, person="L-01", moment=now()) == 1


def idle(desk: Desk) -> None:
    desk.at(timedelta(hours=12, minutes=1))


def foreign_cookie(desk: Desk) -> None:
    [cookie] = desk.client.cookies.jar
    desk.client.cookies.clear()
    desk.client.cookies.set(cookie.name, "x" * 43)


AWAY: list[Callable[[Desk], None]] = [signed_out, revoked, idle, foreign_cookie]


@pytest.mark.parametrize("go", AWAY)
def test_who_is_not_there_is_led_to_the_sign_in_and_back(desk: Desk, go: Callable[[Desk], None]) -> None:
    desk.sign_in(LEADER)
    assert desk.get(STONE).status_code == 200

    go(desk)

    answer = desk.get(f"{STONE}?side=2")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/opgaver/log-ind?videre=%2Fopgaver%2Fproevesten%3Fside%3D2"


@pytest.mark.parametrize("go", AWAY)
def test_a_form_of_somebody_who_is_not_there_changes_nothing_and_is_kept(
    desk: Desk, go: Callable[[Desk], None]
) -> None:
    desk.sign_in(LEADER)
    csrf = desk.csrf()
    go(desk)

    answer = desk.decide(csrf=csrf, reason="Der er <langt> derud.")

    assert answer.status_code == 403
    assert "Der er &lt;langt&gt; derud." in answer.text
    assert desk.journal() == []


def test_what_was_kept_can_be_sent_once_one_is_signed_in_again(desk: Desk) -> None:
    desk.sign_in(LEADER)
    csrf = desk.csrf()
    signed_out(desk)
    kept = fields(desk.decide(csrf=csrf, reason="Der er langt derud.").text)

    desk.sign_in(LEADER)
    answer = desk.post(STONE, **kept)

    assert answer.status_code == 204
    assert [line.operator for line in desk.journal()] == ["L-01"]


def test_a_form_of_a_session_that_was_revoked_is_no_good_afterwards(desk: Desk) -> None:
    desk.sign_in(LEADER)
    csrf = desk.csrf()
    revoked(desk)
    desk.sign_in(LEADER)

    assert desk.decide(csrf=csrf).status_code == 403
    assert desk.journal() == []


@pytest.mark.parametrize("csrf", ["", "0.x", "1.0000000000000000000000000000000000000000", "9" * 30, "١.x", "."])
def test_a_forged_form_changes_nothing(desk: Desk, csrf: str) -> None:
    desk.sign_in(LEADER)

    answer = desk.decide(csrf=csrf, reason="Der er langt derud.")

    assert answer.status_code == 403
    assert "Send det igen" not in answer.text
    assert "Der er langt derud." in answer.text
    assert desk.journal() == []


def test_a_form_that_somebody_else_was_given_changes_nothing(desk: Desk) -> None:
    other = desk.another()
    other.sign_in("anden@kommune.example")
    desk.sign_in(LEADER)

    assert desk.decide(csrf=other.csrf()).status_code == 403
    assert desk.journal() == []


def test_a_form_from_another_site_changes_nothing(desk: Desk) -> None:
    desk.sign_in(LEADER)
    csrf = desk.csrf()

    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        answer = desk.post(STONE, headers, by="leader", what="Nej", csrf=csrf)
        assert answer.status_code == 403

    assert desk.journal() == []


def test_a_role_that_is_not_theirs_is_refused(desk: Desk) -> None:
    desk.sign_in(OPERATIONS)

    answer = desk.decide(Role.LEADER)

    assert answer.status_code == 403
    assert "chefen" in answer.text
    assert desk.journal() == []


def test_who_was_taken_out_of_roles_yaml_is_out_at_the_next_click(desk: Desk, roles: RolesFile) -> None:
    desk.sign_in(LEADER)
    csrf = desk.csrf()

    roles.path.write_text(PERSONS.replace("  L-01", "  X-01").replace("leder@", "ny-leder@"))

    assert desk.get(STONE).status_code == 303
    assert desk.decide(csrf=csrf).status_code == 403
    assert desk.journal() == []


def test_who_lost_a_role_has_lost_it_at_the_next_click(desk: Desk, roles: RolesFile) -> None:
    desk.sign_in(LEADER)
    before = desk.get(STONE).json()["roles"]

    roles.path.write_text(PERSONS.replace("[leader, pool_manager]", "[pool_manager]"))

    assert before == ["leader", "pool_manager"]
    assert desk.get(STONE).json()["roles"] == ["pool_manager"]
    assert desk.decide(Role.LEADER).status_code == 403


def test_a_roles_file_that_cannot_be_read_lets_nobody_in(desk: Desk, roles: RolesFile) -> None:
    desk.sign_in(LEADER)

    roles.path.write_text("persons: [")

    assert desk.get(STONE).status_code == 503
    assert desk.get("/opgaver/log-ind").status_code == 503


def test_nobody_stays_longer_than_the_longest_time_however_busy(desk: Desk) -> None:
    desk.sign_in(LEADER)
    for hours in range(6, 168, 6):
        desk.at(timedelta(hours=hours))
        assert desk.get(STONE).status_code == 200

    desk.at(timedelta(hours=169))

    assert desk.get(STONE).status_code == 303


def test_looking_writes_nothing_most_of_the_time(desk: Desk) -> None:
    desk.sign_in(LEADER)
    before = desk.sessions()[0].seen_at
    desk.at(timedelta(minutes=4))
    desk.get(STONE)
    meanwhile = desk.sessions()[0].seen_at

    desk.at(timedelta(minutes=6))
    desk.get(STONE)

    assert meanwhile == before
    assert desk.sessions()[0].seen_at > before


ROUTES = [
    ("/opgaver/log-ind", {"GET": 200, "HEAD": 200, "POST": 422}),
    ("/opgaver/log-ind/" + "x" * 43, {"GET": 404, "HEAD": 404, "POST": 404}),
    ("/opgaver/log-ind/oidc", {"GET": 404, "HEAD": 404, "POST": 404}),
    ("/opgaver/log-ind/oidc/tilbage", {"GET": 404, "HEAD": 405, "POST": 405}),
    ("/opgaver/log-ud", {"GET": 200, "HEAD": 200, "POST": 403}),
    ("/opgaver/log-ud/oidc", {"GET": 404, "HEAD": 404, "POST": 405}),
    ("/opgaver/proev/leader", {"GET": 404, "HEAD": 404, "POST": 404}),
    (STONE, {"GET": 303, "HEAD": 405, "POST": 403}),
]


@pytest.mark.parametrize(("path", "answers"), ROUTES, ids=[path for path, _ in ROUTES])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("who", ["nobody", "foreign", "revoked"])
def test_every_route_with_every_method_tells_a_stranger_nothing_and_does_nothing(
    desk: Desk, path: str, answers: dict[str, int], method: str, who: str
) -> None:
    if who == "foreign":
        desk.client.cookies.set("driftsklar-opgaver-4280", "x" * 43)
    elif who == "revoked":
        desk.sign_in(LEADER)
        revoked(desk)
    before = desk.city.dump()

    answer = desk.client.request(method, path)

    assert answer.status_code == answers.get(method, 405)
    assert desk.city.dump() == before
    assert "no-store" in answer.headers["cache-control"] or answer.status_code == 422
    assert answer.headers["x-frame-options"] == "DENY"
