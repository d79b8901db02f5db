"""A day at the desk on which everything can be asked: the same for the table of routes and for what nobody thought of."""

import io
from datetime import date

from PIL import Image

from channels.questions.money_proposal import Proposer
from channels.questions.money_table import MONEY_KINDS
from config.settings import settings
from models.case.enquiry_file import NewFile, add_files
from models.case.facility import find
from models.case.firm import add_firm
from models.case.photo import StoredPhoto, add_photos
from models.case.volunteer_group import contacts_of, find_group
from models.database import now, reading, transaction
from models.overview.waiting import Wait, all_waits
from models.persons.staff_session import Way, revoke, sign_in
from models.place import Degrees
from models.pool.money_wish import propose_money
from models.post.link import Purpose, make_link
from models.role import Door, Role
from models.said import Said
from models.stages.enquiry import Sender, Wish, offer_to_help, wish_publicly
from tests.city import City
from tests.staff.conftest import Desk

TODAY = date(2026, 8, 3)
PHOTO, ERRORS = "photos/bench.jpg", "0" * 32 + ".xlsx"
SHA = "ab" * 32
ROLE_OF = {
    "consultation": Role.OPERATIONS,
    "agreement": Role.COORDINATOR,
    "incident": Role.OPERATIONS_MANAGER,
    "funding": Role.POOL_MANAGER,
}


def live(city: City) -> None:
    """A bench with damage, one that operations is late about, one to be signed, one that wants money; a firm; money proposed."""
    city.appropriate(2025, 1_000)
    bench = city.in_operation("baenk", name="Bænk ved havnen")
    with transaction(city.engine) as session:
        sender = Sender("Ane Bo", "ane@nabo.example", "", "Seks naboer")
        wish = Wish("baenk", "", Degrees(55.3, 12.3), "Udsigten")
        shown = [StoredPhoto(SHA, PHOTO, 80, 60)]
        sent = wish_publicly(session, wish, sender, photos=shown, key="wish", on=city.today, looks_automatic=False)
        add_files(session, sent, [NewFile("foto.jpg", shown[0].path, shown[0].sha256, "")])
        place = find(session, bench.reference)
        offer_to_help(session, place, sender, "Gerne", key="offer", on=city.today, looks_automatic=False)
        said = Said(city.today, Role.OPERATIONS, Door.CLI)
        add_firm(session, "Møn Tømrer", said, cvr="12345674", mail="post@firma.example", phone="")
    number = city.damage(bench, safe=True)
    with transaction(city.engine) as session:
        add_photos(session, [StoredPhoto(SHA, PHOTO, 80, 60)], incident_id=number, on=city.today)
    city.today = date(2026, 5, 4)
    city.propose(name="Bænk ved kirken", lat=55.0, group="G-0001")
    agreed = city.propose(name="Bænk ved skolen", lat=55.1, group="G-0001")
    city.answer(agreed)
    wanting = city.propose(name="Bænk ved åen", lat=55.2, group="G-0001")
    city.answer(wanting)
    city.review(wanting)
    city.sign(wanting)
    city.today = TODAY
    city.order(bench, what="Mal gavlen", due=TODAY)
    propose_money_as(city, "K-01", Role.COORDINATOR)


def propose_money_as(city: City, person: str, role: Role) -> int:
    """What that person proposes about the pool; its number."""
    of = MONEY_KINDS["appropriation"]
    told = {"aar": 2027, "kroner": "60.000", "begrundelse": "Budgettet.", "foreslaaet_af": Proposer[role.name]}
    wish = of.form.model_validate(told).model_dump(mode="json")
    with transaction(city.engine) as session:
        said = Said(city.today, role, Door.DESK, person)
        return propose_money(session, "appropriation", wish, "60.000?", 6_000_000, said, key=f"by {person}").number


def lay_files() -> None:
    """What stands beside the database: the photo, and a list whose wrong cells are marked."""
    var = settings().var_dir
    (var / "photos").mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "darkgreen").save(out, "JPEG")
    (var / PHOTO).write_bytes(out.getvalue())
    (var / "lists").mkdir(parents=True, exist_ok=True)
    for name in (ERRORS, ERRORS.replace(".xlsx", ".errors.xlsx")):
        (var / "lists" / name).write_bytes(b"PK")
    (var / "overview").mkdir(parents=True, exist_ok=True)
    (var / "overview" / "pool.svg").write_text("<svg/>")


def wait_about(city: City, topic: str) -> Wait:
    """The open question of that topic."""
    with reading(city.engine) as session:
        return next(wait for _, waits in all_waits(session) for wait in waits if wait.topic == topic)


def link_about(city: City, topic: str) -> str:
    """The path of the link in the mail of the role that is asked."""
    wait = wait_about(city, topic)
    with transaction(city.engine) as session:
        token = make_link(
            session, Purpose.QUESTION, 1, contact_id=None, role=ROLE_OF[topic], moment=now(), about=wait.key
        )
    return f"/opgaver/link/{token}"


def paths(city: City) -> dict[str, str]:
    """What stands for each parameter of a path on this day."""
    with reading(city.engine) as session:
        contact = contacts_of(session, find_group(session, "G-0001"))[1].number
        photo = session.connection().exec_driver_sql("SELECT max(id) FROM photo").scalar_one()
    topics = ("consultation", "agreement", "incident", "funding")
    return {topic: wait_about(city, topic).key for topic in topics} | {
        "contact": str(contact),
        "place": "VK-2026-0001",
        "work": str(max(work.number for work in city.work_orders())),
        "photo": str(photo),
        "answered": "VK-2026-0003:consultation:1",
    }


def come_in(desk: Desk, person: str) -> str:
    """Sign somebody in past the mail; the token of their cookie."""
    with transaction(desk.city.engine) as session:
        token = sign_in(session, Way.MAIL, person, (), moment=now())
    desk.client.cookies.clear()
    desk.client.cookies.set("driftsklar-opgaver-4280", token)
    return token


def throw_out(desk: Desk, person: str) -> None:
    """Revoke every session of somebody."""
    with transaction(desk.city.engine) as session:
        assert revoke(session, person=person, moment=now())
