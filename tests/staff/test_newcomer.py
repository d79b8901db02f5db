"""What somebody who had never seen the desk stumbled over (docs/desk-tried.md), so that it stays mended."""

import ast
import re
from html import unescape
from pathlib import Path

import pytest

from channels.command_line.remedies import COMMANDS
from channels.staff.remedies import BUTTONS
from models.refusal import Remedy
from models.role import Role
from models.stage import Stage
from tests.city import City
from tests.staff.a_day import wait_about
from tests.staff.conftest import Desk, RolesFile, fields
from tests.staff.test_places_page import inherit
from tests.test_readme import command_of

HOUSE = Path(__file__).parents[2]
PERSONS = (
    "operators: {}\npersons:\n  D-01: {mail: drift@kommune.example, roles: [operations]}\n"
    "  K-01: {mail: mette@kommune.example, roles: [coordinator]}\n"
    "  M-01: {mail: leder@kommune.example, roles: [operations_manager]}\n"
    "  P-01: {mail: projekt@kommune.example, roles: [project_lead]}\n"
    "  L-01: {mail: pulje@kommune.example, roles: [pool_manager]}\n"
)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def answer(desk: Desk, city: City, topic: str, way: str, **typed: str) -> str:
    """The words of the page after an answer: the receipt, or the form that refuses it."""
    path = f"/opgaver/svar/{wait_about(city, topic).key}"
    sent = desk.post(path, **fields(desk.get(f"{path}?svar={way}").text), **typed)
    return words(desk.get(sent.headers["location"]).text if sent.status_code == 303 else sent.text)


@pytest.fixture
def crew(desk: Desk, roles: RolesFile) -> Desk:
    """D-01 of operations, signed in where each role is one person."""
    roles.say(PERSONS)
    desk.sign_in("drift@kommune.example")
    return desk


def test_who_reviews_the_agreement_is_written_to_at_once(crew: Desk, city: City) -> None:
    city.propose("baenk")
    said = answer(crew, city, "consultation", "YES", timer_om_aaret="2", kr_om_aaret="900")

    assert [letter.template for letter in city.letters_to(Role.COORDINATOR)] == ["consultation_yes"]
    assert "Frivilligkoordinatoren har fået besked" in said


def test_who_takes_over_is_written_to_when_the_building_is_finished(city: City) -> None:
    city.to_stage(Stage.HANDOVER)

    assert [letter.template for letter in city.letters_to(Role.OPERATIONS)][-1] == "handover_asked"


def test_a_receipt_says_that_a_role_was_written_to_only_when_it_was(crew: Desk, city: City) -> None:
    place = city.to_stage(Stage.FUNDING, "shelter", money=100_000, insured=None)
    city.fill_the_pool(place)
    crew.sign_in("pulje@kommune.example")
    said = answer(crew, city, "funding", "GRANT")

    assert "Projektlederen har fået besked" in said
    assert "Frivilligkoordinatoren har fået besked" not in said
    assert "hvem der forsikrer de frivillige. Det står på deres liste her og i mandagsmailen" in said


def test_whoever_puts_an_answer_right_finds_what_they_wrote(crew: Desk, city: City) -> None:
    city.propose("baenk")
    key = wait_about(city, "consultation").key
    condition = {"vilkaar.0.hvad": "Fast bund", "vilkaar.0.hvem": "COORDINATOR", "vilkaar.0.frist": "2026-05-01"}
    answer(crew, city, "consultation", "CONDITIONS", timer_om_aaret="2", kr_om_aaret="900", **condition)
    asked = words(crew.get(f"/opgaver/svar/{key}/ret").text)
    form = crew.get(f"/opgaver/svar/{key}/ret?svar=CONDITIONS").text

    assert "Driften bedes svare: kan I drive bænken?" in asked
    assert "Driften svarede ja på betingelser." in asked
    assert ">Fast bund</textarea>" in form
    assert 'value="COORDINATOR" selected' in form
    assert 'value="2026-05-01"' in form


def test_what_is_passed_on_is_thanked_for_and_brings_its_reason_along(crew: Desk, city: City) -> None:
    city.propose("baenk")
    key = wait_about(city, "consultation").key
    path = f"/opgaver/ikke-mig/{key}"
    reason = "Vejen er lederens."
    sent = crew.post(path, **fields(crew.get(path).text), til="OPERATIONS_MANAGER", grund=reason)
    thanks = words(crew.get(sent.headers["location"]).text)
    crew.sign_in("leder@kommune.example")

    assert "sendt videre. Det venter nu på driftslederen" in thanks
    assert f"Sendt videre af driften: {reason}" in words(crew.get(f"/opgaver/svar/{key}").text)


def test_to_approve_an_agreement_asks_for_no_task_to_move(crew: Desk, city: City) -> None:
    city.answer(city.propose("shelter"))
    crew.sign_in("mette@kommune.example")
    path = f"/opgaver/svar/{wait_about(city, 'agreement').key}"

    assert "Flyt til driften" not in crew.get(f"{path}?svar=APPROVE").text
    assert "Flyt til driften" in crew.get(f"{path}?svar=CHANGE").text
    assert "pasningsaftalen for shelteret igennem" in words(crew.get(path).text)


def test_only_the_committee_is_asked_for_its_meeting(crew: Desk, city: City) -> None:
    city.to_stage(Stage.FUNDING)
    crew.sign_in("pulje@kommune.example")
    form = crew.get(f"/opgaver/svar/{wait_about(city, 'funding').key}?svar=GRANT").text

    assert "Send: Giv tilsagn" in form
    assert "Politisk besluttet den" not in form


def test_a_handover_with_a_defect_tells_what_is_left(crew: Desk, city: City) -> None:
    city.to_stage(Stage.HANDOVER)
    defect = {"fejl.0.hvad": "Skilt mangler", "fejl.0.senest": "2026-07-01", "vi_underskrev": "Lone Holm"}
    said = answer(crew, city, "handover", "ACCEPTED_WITH_DEFECTS", **defect)

    assert "Mangel: Skilt mangler, rettes senest 1. juli 2026." in said
    assert "Papirer, der bliver rykket for: " in said
    assert "mangler at skrive protokollen under" in said
    assert "Ingen skal gøre mere" not in said


def test_a_refused_handover_names_a_button_and_no_command(crew: Desk, city: City) -> None:
    city.to_stage(Stage.HANDOVER, insured=None)
    said = answer(crew, city, "handover", "ACCEPTED", vi_underskrev="Lone Holm")

    assert "Frivilligkoordinatoren svarer på det under “Forsikring” på sagens side." in said
    assert "driftsklar answer" not in said


def sentences() -> list[str]:
    """What rules and questions say, an unknown value as XX; not what is for who runs it."""
    files = [*(HOUSE / "models").rglob("*.py"), *(HOUSE / "channels" / "questions").glob("*.py")]
    read = [file for file in files if file.name not in ("invariants.py", "migration.py")]
    nodes = [node for file in read for node in ast.walk(ast.parse(file.read_text()))]
    told = [each for node in nodes if isinstance(node, ast.Call) for each in node.args]
    parts = [each.values for each in told if isinstance(each, ast.JoinedStr)]
    parts += [[each] for each in told if isinstance(each, ast.Constant)]
    return ["".join(str(p.value) if isinstance(p, ast.Constant) else "XX" for p in each) for each in parts]


def test_no_rule_says_a_command() -> None:
    said = sentences()

    assert len(said) > 500
    assert [each for each in said if "driftsklar " in each] == []


def test_what_helps_after_a_no_is_a_command_and_a_button_that_are_there() -> None:
    for told in COMMANDS.values():
        for command in told.split(": ", 1)[1].split(" eller "):
            words = command.split()
            known = {name for param in command_of(words[1:]).params for name in param.opts}
            assert {word for word in words if word.startswith("--")} <= known, command
    assert COMMANDS.keys() == set(Remedy)

    pressed = {word for told in BUTTONS.values() for word in re.findall("“(.+?)”", told)}
    rooms = (HOUSE / "channels" / room for room in ("staff", "questions"))
    page = "".join(file.read_text() for room in rooms for file in room.glob("*.py") if file.name != "remedies.py")
    page += "".join(file.read_text() for file in (HOUSE / "templates" / "staff").glob("*.j2"))
    assert [word for word in pressed if f'"{word}"' not in page and f">{word}<" not in page] == []


def test_an_inherited_place_can_be_asked_about_at_the_desk(crew: Desk, city: City) -> None:
    inherit(city, "Bænk ved mosen", address="Mosevej 1")
    crew.sign_in("mette@kommune.example")
    path = "/opgaver/sag/VK-2026-0001/goer/spoerg-igen"
    sent = crew.post(path, **fields(crew.get(path).text), aendret="Vi vil have den gjort op.")

    assert sent.status_code == 303, words(sent.text)
    assert wait_about(city, "consultation").role is Role.OPERATIONS


def test_a_place_that_cannot_be_read_is_told_beside_its_field(crew: Desk, city: City) -> None:
    city.add_group("Stege Nors Venner")
    crew.sign_in("projekt@kommune.example")
    path = "/opgaver/forslag/nyt"
    typed = {
        "type": "baenk",
        "navn": "Bænk",
        "sted": "Ærøvænget 7",
        "gruppe": "G_0001",
        "ejer": "MUNICIPALITY",
        "aar": "5",
    }
    sent = crew.post(path, **fields(crew.get(path).text), **typed)

    assert sent.status_code == 422
    assert re.search(r'id="sted-fejl">Hvor er det\? “Ærøvænget 7” kan ikke læses', sent.text)


def test_an_empty_list_of_places_says_how_the_first_one_comes(crew: Desk) -> None:
    assert "Her er ingen steder endnu" in crew.get("/opgaver/steder").text
    assert "Ingen steder passer til det" in crew.get("/opgaver/steder?q=bro").text
