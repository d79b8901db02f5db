"""What strangers write and photos show is kept for as long as config/retention.yaml says, not longer."""

import os
from datetime import date, timedelta

import pytest

from channels.records.personal_data import keep_retention
from config.catalogue import catalogue
from config.settings import settings
from models.calendar import add_months
from models.case.photo import Photo
from models.operation.incident import Incident
from models.operation.public_report import PublicReport
from models.post.link import Purpose
from tests.channels.cli import CommandLine, start_anew

SECRET = "Naboen Ib Olsen har savet i bænken"


@pytest.fixture
def reported(city, page, bench, picture) -> date:
    """A stranger's report with a photo, and the day it was made."""
    shown = page.shown(bench)
    page.send(f"/sted/{bench.reference}", [("a.jpg", picture())], what=SECRET, safe="yes", shown=shown)
    return city.today


def files() -> list[str]:
    return [path.name for path in (settings().var_dir / "photos").glob("*/*.jpg")]


def the_day_it_goes(reported: date) -> date:
    return add_months(reported, catalogue().retention.reports_months) + timedelta(days=1)


def test_a_decided_report_is_forgotten_after_its_time_and_only_counted(city, page, reported):
    page.post(page.link(Purpose.SUGGESTION, 1), what="dismiss")
    over = the_day_it_goes(reported)

    early = keep_retention(city.engine, on=over - timedelta(days=1))
    assert (early.reports, SECRET in repr(city.dump()), len(files())) == (0, True, 1)
    then = keep_retention(city.engine, on=over)
    again = keep_retention(city.engine, on=over)

    assert (then.reports, again.reports) == (1, 0)
    assert SECRET not in repr(city.dump())
    assert [r.state for r in city.all(PublicReport)] == ["dismissed"]
    assert (city.all(Photo), files()) == ([], [])


def test_what_nobody_has_looked_at_is_not_forgotten(city, reported):
    keep_retention(city.engine, on=the_day_it_goes(reported))

    assert [r.what for r in city.all(PublicReport)] == [SECRET]
    assert len(files()) == 1


def test_a_confirmed_report_lives_on_as_the_incident_with_its_photo(city, page, reported):
    page.post(page.link(Purpose.SUGGESTION, 1), what="confirm")

    keep_retention(city.engine, on=the_day_it_goes(reported))

    assert [r.what for r in city.all(PublicReport)] == [""]
    assert [i.what for i in city.all(Incident)] == [SECRET]
    assert [p.incident_id for p in city.all(Photo)] == [1]
    assert len(files()) == 1


def test_photos_of_checks_go_after_their_time(city, page, bench, picture):
    told = {"what": "Slat", "severity": "small", "safe": "yes"}
    page.post(page.check_link(bench, "look"), [("a.jpg", picture())], result="damaged", **told)
    over = add_months(city.today, catalogue().retention.photos_months) + timedelta(days=1)

    assert keep_retention(city.engine, on=over - timedelta(days=1)).photos == 0
    assert len(files()) == 1
    assert keep_retention(city.engine, on=over).photos == 1

    assert (city.all(Photo), files()) == ([], [])
    assert city.check_of(bench, "look").state == "damaged"


def test_a_photo_that_nothing_shows_is_swept_the_next_day(city, page, bench, picture):
    page.post(page.check_link(bench, "look"), result="ok")
    page.post(page.check_link(bench, "look"), [("a.jpg", picture())], result="not_done")
    assert len(files()) == 1
    (path,) = (settings().var_dir / "photos").glob("*/*.jpg")

    keep_retention(city.engine, on=date.fromtimestamp(path.stat().st_mtime))
    assert len(files()) == 1, "it may be on its way"
    os.utime(path, (0, 0))
    keep_retention(city.engine, on=city.today)

    assert files() == []


def test_the_daily_run_by_hand_forgets_too(city, page, reported, monkeypatch):
    page.post(page.link(Purpose.SUGGESTION, 1), what="dismiss")
    file = city.engine.url.database
    monkeypatch.setenv("DRIFTSKLAR_DATABASE_URL", f"sqlite:///{file}")
    start_anew()

    CommandLine(file).must("sweep", "--on", str(the_day_it_goes(reported)))

    assert SECRET not in repr(city.dump())
    start_anew()
