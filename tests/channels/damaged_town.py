"""The town that is damaged: a few years with everything in it that Driftsklar keeps, files and links too."""

import io
from datetime import date, timedelta

from PIL import Image
from sqlmodel import Session

from channels.paper.agreement_paper import print_agreement
from channels.post.deliver import deliver
from channels.records.papers import keep_paper
from channels.records.photos import keep_photos
from models.case.agreement import Side
from models.case.facility import LandOwner, find
from models.case.handover import NewDefect
from models.case.photo import add_photos
from models.database import now, transaction
from models.operation.pause import pause_care
from models.operation.public_report import report_publicly
from models.operation.satisfaction import answer_satisfaction
from models.place import Degrees
from models.pool.year_end import close_year
from models.post.link import Purpose, make_link
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.attached_paper import add_paper
from models.stages.enquiry import Sender, Wish, offer_to_help, wish_publicly
from models.stages.inheritance import ExistingPlace, take_in
from tests.city import City, Place

FROM = date(2026, 4, 1)
LAST = date(2026, 8, 31)


def the_town(city: City) -> None:
    """Eight facilities in all stages, one inherited; money granted, spent, moved; a closed year; post, photos, links."""
    city.printer = print_agreement
    city.today = date(2025, 10, 1)
    city.appropriate(2025, 50_000, key="pool 2025")
    city.today = date(2026, 1, 2)
    city.carry_over(2025, 1_000)
    with transaction(city.engine) as session:
        close_year(session, 2025, Said(city.today, Role.POOL_MANAGER, Door.CLI))
    bench = city.in_operation(years=2, from_=FROM, name="Bænk ved havnen")
    shelter = _shelter(city)
    city.today = date(2026, 1, 5)
    city.to_stage(Stage.CONSULTATION, name="Bænk ved kirken")
    city.to_stage(Stage.AGREEMENT, name="Bænk ved skolen")
    half = city.to_stage(Stage.AGREEMENT, name="Bænk ved møllen")
    city.review(half)
    city.sign(half, "municipality")
    city.to_stage(Stage.FUNDING, name="Bænk ved stranden")
    city.to_stage(Stage.BUILDING, name="Bænk ved søen")
    city.to_stage(Stage.HANDOVER, name="Bænk ved åen")
    _inherited(city)
    _a_year_of_care(city, bench, shelter)
    city.today = LAST
    over = city.to_stage(Stage.WINDING_DOWN, name="Bænk ved fyret")
    assert over.stage is Stage.WINDING_DOWN
    _files_and_links(city, bench)
    city.sweep(LAST)
    deliver(city.engine)


def _shelter(city: City) -> Place:
    """Taken over with defects and a paper missing, on land that a private owner has."""
    city.today = date(2026, 1, 5)
    shelter = city.propose("shelter", name="Shelter i skoven", land_owner="private", start_on=FROM)
    city.answer(shelter, "conditions", conditions=("Der er en sti til traktoren",))
    city.review(shelter)
    city.sign(shelter)
    city.fill_the_pool(shelter)
    city.fund(shelter)
    city.permit(shelter, case_number="25/117")
    city.build(shelter)
    city.meet_condition(shelter)
    city.today = FROM
    defects = (NewDefect("Taget er utæt", date(2026, 5, 1)), NewDefect("En skrue mangler", date(2026, 5, 1)))
    city.hand_over(shelter, "accepted_with_defects", defects=defects, papers=("drawing",))
    city.fix_defect(shelter, 1)
    return shelter


def _inherited(city: City) -> None:
    with transaction(city.engine) as session:
        place = ExistingPlace("baenk", "Gammel bænk", LandOwner.MUNICIPALITY, "B-1", lat=55.0, lon=12.1)
        take_in(session, place, Said(city.today, Role.OPERATIONS_MANAGER, Door.INHERITED))


def _a_year_of_care(city: City, bench: Place, shelter: Place) -> None:
    """Checks done, damaged, never answered; an incident repaired, a pause, satisfaction, a stranger's word."""
    for month in (4, 5, 6, 7):
        for day in (2, 12, 16, 22, 27):
            city.today = date(2026, month, day)
            city.sweep()
        waiting = [c for c in city.checks(bench, only_open=True) if c.due_on <= city.today]
        for number, check in enumerate(waiting):
            if number == 0:
                city.report(check, "ok", minutes=20)
    damaged = next(c for c in city.checks(shelter, only_open=True))
    city.report(damaged, "damaged", note="Brædder er rådne")
    city.decide_incident(city.damage(bench, "Benet er brækket"), "repair", kr=500)
    city.damage(shelter, "Hærværk")
    with transaction(city.engine) as session:
        said = Said(city.today, Role.VOLUNTEER, Door.CLI)
        place = find(session, bench.reference)
        days = {"from_on": date(2026, 9, 5), "until_on": date(2026, 9, 15)}
        pause_care(session, place, said, **days)
        answer_satisfaction(session, place, Side.VOLUNTEERS, 4, "Det går godt", said)
        report_publicly(
            session, place, "Der mangler en skrue", safe=True, photos=[], key="p-1", on=city.today, door=Door.PAGE
        )
        sender = Sender("Ane Bo", "ane@nabo.example", "", "Fire naboer")
        wish = Wish("shelter", "", Degrees(55.05, 12.2), "En dejlig udsigt")
        wish_publicly(session, wish, sender, photos=(), key="e-1", on=city.today, looks_automatic=False)
        offer_to_help(session, place, sender, "Gerne", key="e-2", on=city.today, looks_automatic=False)
    assert any(c.escalated_on for c in city.checks())


def _files_and_links(city: City, bench: Place) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "PNG")
    with transaction(city.engine) as session:
        stored = keep_photos([picture])
        add_photos(session, stored, incident_id=1, on=city.today)
        paper = keep_paper(io.BytesIO(b"%PDF-1.7\n% what the builder promised\n%%EOF\n"))
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        add_paper(session, find(session, bench.reference), paper, said, what="Garantibevis", kind="warranty")
        _links(session)


def _links(session: Session) -> None:
    moment = now()
    for purpose, subject in ((Purpose.GROUP, 1), (Purpose.STOP, 1), (Purpose.ANSWER, 1)):
        make_link(session, purpose, subject, contact_id=1, role=None, moment=moment + timedelta(seconds=1))
