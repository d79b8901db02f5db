"""Links: one purpose each, kindly refused when they don't work, harmless to look at, useless to guess."""

import os
import secrets
from datetime import timedelta

import pytest

from channels.addresses import PATHS
from config.settings import settings
from models.database import now, transaction
from models.post.link import Purpose, make_link, open_link, revoke_links, secret_key
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said


def test_the_database_holds_no_token(city, page, bench):
    link = page.check_link(bench, "look")

    token = link.rsplit("/", 1)[1]
    assert len(token) == 43
    assert token not in repr(city.dump())


def test_rendering_a_mail_again_gives_the_same_link_and_no_other_row(page, bench):
    first = page.check_link(bench, "look")
    rows = len(page.links())

    assert page.check_link(bench, "look") == first
    assert len(page.links()) == rows
    assert page.check_link(bench, "look", contact=1) != first


def test_the_key_is_readable_by_its_owner_alone(page, bench):
    page.check_link(bench, "look")

    path = settings().var_dir / "secret.key"
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_when_the_key_is_lost_links_that_are_out_still_work(page, bench):
    link = page.check_link(bench, "look")
    (settings().var_dir / "secret.key").unlink()
    secret_key()

    assert page.check_link(bench, "look") != link
    assert page.get(link).status_code == 200


@pytest.mark.parametrize("other", [p for p in Purpose if p is not Purpose.ANSWER])
def test_a_link_of_one_purpose_is_useless_for_another(city, page, bench, other):
    token = page.check_link(bench, "look").rsplit("/", 1)[1]
    path = PATHS[other].format(token=token)
    before = city.dump()

    assert page.get(path).status_code == 404
    if other is Purpose.GROUP:
        assert page.post(f"{path}/kalender", what="make").status_code == 404
    elif other is not Purpose.FEED:
        assert page.post(path, what="all", sure="yes").status_code == 404
    assert city.dump() == before


def test_a_revoked_link_says_so_kindly(city, page, bench):
    link = page.check_link(bench, "look")
    with transaction(city.engine) as session:
        subject = city.check_of(bench, "look").id
        gone = revoke_links(session, Said(city.today, Role.COORDINATOR, Door.CLI), subject_id=subject)

    answer = page.get(link)

    assert gone == 1
    assert answer.status_code == 410
    assert "trukket tilbage" in answer.text
    assert "12 34 56 78" in answer.text
    assert page.post(link, result="ok").status_code == 410


def test_an_old_link_says_so_kindly(page, bench):
    link = page.check_link(bench, "look")
    page.desk.moment = lambda: now() + timedelta(days=91)

    assert page.get(link).status_code == 410
    assert "for gammelt" in page.get(link).text
    assert page.post(link, result="ok").status_code == 410


def test_a_link_that_has_little_time_left_is_not_sent_again(city, bench):
    with transaction(city.engine) as session:
        subject = city.check_of(bench, "look").id
        told = {"contact_id": None, "role": Role.OPERATIONS}
        old = make_link(session, Purpose.ANSWER, subject, moment=now() - timedelta(days=80), **told)
        new = make_link(session, Purpose.ANSWER, subject, moment=now(), **told)

    assert old != new


@pytest.mark.parametrize("broken", ["", "x", "x" * 42, "æ" * 43, "../" * 14 + "x", "%00" * 43, "x" * 5000])
def test_a_broken_link_is_no_error_of_ours(page, broken):
    for path in ("/svar/", "/underskriv/", "/stop/", "/kontakter/", "/gruppe/", "/melding/"):
        assert page.get(path + broken).status_code in (404, 429)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_looking_changes_nothing(city, page, bench, method):
    city.damage(bench, "Slat", safe=True)
    paths = [
        page.check_link(bench, "look"),
        page.check_link(bench, "look") + "/galt",
        page.check_link(bench, "look") + "/ikke",
        page.sign_link(bench),
        page.sign_link(bench) + "/aftale.pdf",
        page.stop_link(bench),
        page.stop_link(bench) + "/tak",
        page.group_link(bench),
        page.group_link(bench) + "/tak",
        page.group_link(bench) + "/aftale/1.pdf",
        page.group_link(bench, Purpose.CONTACTS),
        page.group_link(bench, Purpose.FEED),
        f"/sted/{bench.reference.lower()}",
        f"/sted/{bench.reference}/tak",
        "/",
        "/healthz",
        "/side.css",
        "/robots.txt",
    ]
    before = city.dump()

    for path in paths:
        answer = page.client.request(method, path)
        assert answer.status_code in (200, 404, 410), path
        if method == "HEAD":
            assert not answer.content

    # a feed keeps what it told, so that what changes has the next number
    after = city.dump()
    assert after | {"calendar_event": []} == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:4281"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(city, page, bench, headers):
    link = page.check_link(bench, "look")
    before = city.dump()

    answer = page.client.post(link, data={"result": "ok"}, headers=headers)

    assert answer.status_code == 403
    assert city.dump() == before


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://127.0.0.1:4280"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}]
)
def test_our_own_form_is_taken(page, bench, headers):
    link = page.check_link(bench, "look")

    assert page.client.post(link, data={"result": "ok"}, headers=headers).status_code == 303


def test_every_answer_is_guarded(page, bench):
    for path in (page.check_link(bench, "look"), "/nowhere", "/svar/x", "/"):
        headers = page.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "same-origin"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["x-content-type-options"] == "nosniff"


def test_no_page_has_a_script_or_a_style_of_its_own(page, bench):
    for path in (page.check_link(bench, "look"), page.stop_link(bench), page.sign_link(bench)):
        html = page.get(path).text
        assert "<script" not in html
        assert "style=" not in html
        assert "http://" not in html.replace("http://127.0.0.1:4280", "")


def test_ten_thousand_guesses_find_nothing_and_are_slowed(city, page, bench):
    link = page.check_link(bench, "look")
    before = city.dump()

    told = [page.get(f"/svar/{secrets.token_urlsafe(32)}").status_code for _ in range(1000)]
    with transaction(city.engine) as session:
        for _ in range(9000):
            with pytest.raises(Refusal, match="virker ikke"):
                open_link(session, secrets.token_urlsafe(32), Purpose.ANSWER, moment=now())

    assert told == [404] * 20 + [429] * 980
    assert page.get("/svar/" + "x" * 43).headers["retry-after"] == "600"
    assert page.get(link).status_code == 200, "the neighbour behind the same address is not punished"
    assert city.dump() == before


def test_a_wrong_link_waits_longer_each_time(page, monkeypatch):
    waited = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("channels.page.app.asyncio.sleep", note)
    page.desk.longest_pause_seconds = 2.0

    for _ in range(60):
        page.get(f"/svar/{secrets.token_urlsafe(32)}")

    assert waited[:2] == [0.1, 0.2]
    assert waited[-1] == 2.0


def test_the_limit_remembers_a_bounded_number_of_addresses(page):
    limit = page.desk.guesses
    while not limit.over("192.0.2.1"):
        pass

    for number in range(9_999):
        limit.over(f"10.0.{number // 256}.{number % 256}")
    assert limit.over("192.0.2.1"), "so many are remembered"
    for number in range(10_000):
        limit.over(f"10.1.{number // 256}.{number % 256}")

    assert not limit.over("192.0.2.1"), "and more aren't"


def test_links_of_a_contact_stop_with_the_contact(city, page, bench):
    mine, theirs = (page.check_link(bench, "look", contact=number) for number in (1, 0))
    leave = page.group_link(bench, Purpose.CONTACTS, contact=1)

    page.send(leave, what="leave", sure="yes")

    assert page.get(mine).status_code == 410
    assert page.get(theirs).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:4280", "localhost.", ""])
def test_the_page_under_a_foreign_name_shows_and_takes_nothing(city, page, bench, host):
    link = page.check_link(bench, "look")
    before = city.dump()

    shown = page.client.get(link, headers={"Host": host})
    sent = page.client.post(link, data={"result": "ok"}, headers={"Host": host})

    assert (shown.status_code, sent.status_code) == (421, 421)
    assert "Stege Nor" not in shown.text
    assert city.dump() == before


@pytest.mark.parametrize("host", ["localhost:9999", "127.0.0.1", "[::1]:4280"])
def test_the_page_under_a_name_of_the_machine_itself_is_shown(page, bench, host):
    link = page.check_link(bench, "look")

    assert page.client.get(link, headers={"Host": host}).status_code == 200
