"""Damage is followed to its end: the pages say that a place may not be used, and who reported it hears what became of it."""

import json
from datetime import date

import pytest
from click.testing import CliRunner

from channels import domain
from channels.command_line.person import person
from channels.post.deliver import deliver
from channels.records.personal_data import keep_retention
from config.settings import settings
from models.database import transaction
from models.operation.incident import Incident
from models.operation.public_report import PublicReport, ReportState, confirm_report, dismiss_report, find_public_report
from models.post.outbox import Message
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.page.conftest import Page

MUST_NOT = "Må ikke bruges lige nu"
ANNA = "anna@example.dk"


def tell(page: Page, place: Place, what: str = "Ryglænet er løst", **more: str) -> str:
    """What somebody at the sign sends; the receipt they see."""
    told = {"what": what, "safe": "yes", "shown": page.shown(place)} | more
    return page.send(f"/sted/{place.reference}", **told).text


def confirm(city: City, number: int) -> int:
    with transaction(city.engine) as session:
        report = find_public_report(session, number)
        incident = confirm_report(session, report, Said(city.today, Role.OPERATIONS, Door.CLI)).incident_id
    assert incident is not None
    return incident


def dismiss(city: City, number: int) -> None:
    with transaction(city.engine) as session:
        dismiss_report(session, find_public_report(session, number), Said(city.today, Role.OPERATIONS, Door.CLI))


def heard(city: City) -> list[str]:
    """What those who left an address were told, in order."""
    return [str(m.context["heard"]) for m in city.all(Message) if m.public_report_id is not None]


def mails_to(address: str) -> list[str]:
    folder = settings().var_dir / "mail" / "new"
    texts = [path.read_text("utf-8") for path in sorted(folder.glob("*"))]
    return [text for text in texts if address in text]


def test_the_pages_say_that_a_place_may_not_be_used_until_operations_says_it_may(
    city: City, page: Page, bench: Place
) -> None:
    paths = (f"/sted/{bench.reference}", page.group_link(bench))
    before = [MUST_NOT in page.get(path).text for path in paths]
    number = city.damage(bench, "Brædderne er rådne", safe=False)
    reported = [page.get(path).text for path in paths]
    city.decide_incident(number)
    decided = [page.get(path).text for path in paths]
    city.mend(number)
    mended = [page.get(path).text for path in paths]
    city.use_again(number)

    after = [MUST_NOT in page.get(path).text for path in paths]

    assert before == after == [False, False]
    assert all(MUST_NOT in html and "vi ser på det" in html for html in reported)
    assert all(MUST_NOT in html and "bliver lavet" in html for html in decided)
    assert all(MUST_NOT in html and "ser efter" in html for html in mended)


def test_a_passer_by_gets_a_number_hears_what_was_decided_and_that_it_is_mended_and_is_forgotten(
    city: City, page: Page, bench: Place
) -> None:
    receipt = tell(page, bench, mail=ANNA)
    incident = confirm(city, 1)
    city.decide_incident(incident)
    deliver(city.engine)
    still_known = city.all(PublicReport)[0].mail
    city.mend(incident)
    deliver(city.engine)

    (report,) = city.all(PublicReport)

    assert "nummer 1" in receipt
    assert still_known == ANNA
    assert heard(city) == ["repair", "mended"]
    assert len(mails_to(ANNA)) == 2
    assert report.mail == ""
    assert ANNA not in repr(city.dump())


def test_who_reported_something_unsafe_hears_that_it_is_mended_when_it_may_be_used(
    city: City, page: Page, bench: Place
) -> None:
    tell(page, bench, safe="no", mail=ANNA)
    incident = confirm(city, 1)
    city.mend(incident)
    mended = heard(city)

    city.use_again(incident)

    assert mended == ["repair"]
    assert heard(city) == ["repair", "mended"]


def test_who_reported_what_was_nothing_hears_that_and_is_forgotten(city: City, page: Page, bench: Place) -> None:
    tell(page, bench, mail=ANNA)

    dismiss(city, 1)
    deliver(city.engine)

    assert heard(city) == ["nothing"]
    assert city.all(PublicReport)[0].mail == ""


def test_nobody_is_written_to_who_left_no_address(city: City, page: Page, bench: Place) -> None:
    tell(page, bench)

    city.mend(confirm(city, 1))

    assert heard(city) == []


def test_an_address_that_can_not_be_one_is_told_and_what_was_written_stays(
    city: City, page: Page, bench: Place
) -> None:
    told = {"what": "Løst bræt", "safe": "yes", "shown": page.shown(bench), "mail": "anna"}

    answer = page.post(f"/sted/{bench.reference}", **told)

    assert answer.status_code == 422
    assert "ligner ikke en mailadresse" in answer.text
    assert "Løst bræt" in answer.text
    assert city.all(PublicReport) == []


def test_the_place_shows_what_is_reported_in_words_only_when_somebody_has_looked(
    city: City, page: Page, bench: Place
) -> None:
    clean = page.get(f"/sted/{bench.reference}").text
    tell(page, bench, "Aase Holm har ødelagt ryglænet")
    unread = page.get(f"/sted/{bench.reference}").text
    confirm(city, 1)

    looked_at = page.get(f"/sted/{bench.reference}").text

    assert "Er det det samme" not in clean
    assert "Er det det samme" in unread
    assert "ryglænet" not in unread
    assert "har ødelagt ryglænet" in looked_at
    assert "Aase" not in looked_at


@pytest.mark.parametrize("is_confirmed", [False, True])
def test_who_says_it_is_the_same_hears_with_the_first_and_nobody_is_sent_out_twice(
    city: City, page: Page, bench: Place, is_confirmed: bool
) -> None:
    tell(page, bench)
    incident = confirm(city, 1) if is_confirmed else 0
    before = len(city.letters_to(Role.OPERATIONS))

    tell(page, bench, "Det samme ryglæn", same=f"i{incident}" if is_confirmed else "m1", mail=ANNA)
    told_again = len(city.letters_to(Role.OPERATIONS)) - before
    incident = incident or confirm(city, 1)
    city.mend(incident)

    reports = city.all(PublicReport)
    assert told_again == 0
    assert [report.state for report in reports] == [ReportState.CONFIRMED] * 2
    assert [report.what for report in reports] == ["Ryglænet er løst", "Det samme ryglæn"]
    assert len(city.all(Incident)) == 1
    assert heard(city) == ["repair", "mended"]


def test_the_same_that_has_become_dangerous_is_told_anew(city: City, page: Page, bench: Place) -> None:
    tell(page, bench)
    before = len(city.letters_to(Role.OPERATIONS))

    tell(page, bench, "Nu er det knækket", same="m1", safe="no")

    assert len(city.letters_to(Role.OPERATIONS)) == before + 1


def test_an_address_that_was_never_told_goes_with_the_retention(city: City, page: Page, bench: Place) -> None:
    tell(page, bench, mail=ANNA)

    keep_retention(city.engine, on=date(2028, 1, 1))

    (report,) = city.all(PublicReport)
    assert (report.mail, report.state) == ("", ReportState.SUGGESTED)


def test_who_left_an_address_may_see_it_and_have_it_erased(
    city: City, page: Page, bench: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "engine", lambda: city.engine)
    tell(page, bench, mail=ANNA)

    seen = CliRunner().invoke(person, ["export", ANNA])
    erased = CliRunner().invoke(person, ["erase", ANNA, "--json"])

    assert "Melding nr. 1" in seen.output
    assert json.loads(erased.output)["reports"] == 1
    assert city.all(PublicReport)[0].mail == ""
