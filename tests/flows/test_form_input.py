"""Whatever is put into a form: the form refuses it, or the flow asks again and says why in Danish.

The flows run here without a server. `ask` is replaced by one that checks an answer as the server
does, by the stored schema, and passes it on as Prefect does.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pydantic
import pytest
from prefect import Flow
from prefect._internal.pydantic.v2_schema import create_v2_schema
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools import ValidationError, validate

from channels import domain
from channels.questions.correction import CorrectionProposal, WhatChoice
from channels.questions.estimate import EstimateForm
from channels.questions.funding import FundingForm
from channels.questions.incident import IncidentForm
from channels.questions.money_proposal import MoneyForm, Proposer
from channels.questions.replacement import ReplacementProposal
from channels.questions.transfer import TransferProposal
from channels.questions.year_end import YearEndForm
from config.catalogue import CarryOver, catalogue
from flows import incident, operations_consultation, winding_down, year_end
from flows.asking import drawn_facts, question
from flows.asking import form as asking
from flows.building import building
from flows.care_agreement import care_agreement
from flows.case_file import case_markdown
from flows.correction import correct_entry
from flows.handover import handover
from flows.maintenance import maintenance
from flows.operations_consultation import consult_again
from flows.pool_funding import pool_funding
from flows.proposal import ProposalForm, proposal
from flows.replacement import replace_facility
from flows.running.deployments import STARTED_BY_PEOPLE
from flows.satisfaction import satisfaction
from flows.transfer import transfer_between_years
from models.calendar import today
from models.case.handover import NewDefect
from models.danish import dato
from models.database import engine_for
from models.operation.satisfaction import ask_both_sides
from models.overview.waiting import waits_of
from models.pool.appropriation import appropriate
from models.pool.ledger import year_of
from models.pool.year_end import carried_over
from models.role import Door, Role
from models.said import Said
from models.stage import Stage
from models.stages.consultation_answer import NewCondition
from tests.city import City, Place

ATTACKS = {
    "emoji": "Godt 👍 gjort",
    "control": "Godt\x07gjort",
    "template": "{{ 7*7 }}",
    "script": "<script>alert(1)</script>",
    "formula": "=cmd()",
    "table": "| a | b |",
}
TOO_LONG = "x" * 10_000
NOT_TEXT = (7, True, ["a"], {"a": 1})
NOT_NUMBER = ("mange", "", None, [1], -3, 10**12, 1.5)
NOT_DAY = ("i morgen", "2026-13-01", "2026-1-1", "1826-01-01", "2026-01-01T10:00", 20260101)
NO_SUCH_DAY = "2027-02-30"


class Refused(Exception):
    """The flow would ask again: the form's new description."""


class AskedAgain(Refused):
    """The flow would ask for what started it: the form with what was typed."""

    def __init__(self, form: type[pydantic.BaseModel]) -> None:
        super().__init__(asking.said_above(form))
        self.schema = create_v2_schema(form.__name__, model_base=form)


class Asked:
    """Stands where the person is: holds the answer, and sees the form that is shown."""

    answer: ClassVar[dict[str, Any]] = {}
    form: ClassVar[type[pydantic.BaseModel] | None] = None
    description: ClassVar[str] = ""

    @classmethod
    def schema(cls) -> dict[str, Any]:
        assert cls.form is not None
        return create_v2_schema(cls.form.__name__, model_base=cls.form)

    @classmethod
    def shown(cls, form: Any, given: pydantic.BaseModel) -> Any:
        return asking.with_typed(form, given.model_dump(mode="json"))

    @classmethod
    def ask(
        cls,
        key: str,
        make_form: Callable[[str], Any],
        decide: Callable[[Any], Any],
        *,
        refused: type[Exception],
        given: Any = None,
        discreet: Callable[[str], str] = str,
    ) -> Any:
        if given is not None:
            try:
                return decide(given)
            except refused as refusal:
                raise AskedAgain(cls.shown(make_form(str(refusal)), given)) from refusal
        cls.form = form = make_form("")
        cls.description = asking.said_above(form)
        validate(cls.answer, cls.schema(), raise_on_error=True)  # what `engine.resume` meets
        try:
            return decide(form(**cls.answer))
        except refused as refusal:
            raise Refused(asking.said_above(make_form(str(refusal)))) from refusal
        except pydantic.ValidationError as error:
            raise Refused(asking.field_of(form, error)) from error


@pytest.fixture(scope="module")
def world(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    path = tmp_path_factory.mktemp("bad") / "driftsklar.db"
    path.write_bytes(migrated_file.read_bytes())
    engine = engine_for(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(domain, "engine", lambda: engine)
        patch.setattr(question, "ask", Asked.ask)
        patch.setattr(drawn_facts, "case_link", lambda _: "")
        patch.setattr(question, "follow_up", lambda _: None)
        yield City(engine, today())
    engine.dispose()


@pytest.fixture(scope="module")
def places(world: City) -> dict[str, Place]:
    """A facility before each question."""
    named = {
        stage.value: world.to_stage(stage)
        for stage in Stage
        if stage
        in (
            Stage.CONSULTATION,
            Stage.AGREEMENT,
            Stage.FUNDING,
            Stage.BUILDING,
            Stage.HANDOVER,
            Stage.OPERATION,
            Stage.WINDING_DOWN,
        )
    }
    named["satisfaction"] = world.to_stage(Stage.OPERATION)
    with domain.recording() as session:
        ask_both_sides(session, date(today().year - 1, 11, 1))
    world.damage(named["operation"])
    named["signing"] = world.to_stage(Stage.AGREEMENT)
    world.review(named["signing"])
    world.permit(named["building"])
    named["permit"] = world.to_stage(Stage.BUILDING, "shelter")
    named["conditions"] = world.propose()
    world.answer(named["conditions"], "conditions", conditions=(NewCondition("Sti"),))
    return named


#: question -> the flow and an answer that is right
QUESTIONS: dict[str, tuple[Flow[Any, Any], dict[str, Any]]] = {
    "consultation": (
        operations_consultation.operations_consultation,
        {
            "svar": "Nej",
            "timer_om_aaret": 2,
            "kr_om_aaret": 900,
            "begrundelse": "Erosion",
            "kan_blive_ja": "Flyt den",
            "hvem": "Driften",
        },
    ),
    "agreement": (care_agreement, {"svar": "Godkend og send til underskrift"}),
    "signing": (care_agreement, {"underskriver": "Gruppens kontaktperson"}),
    "funding": (
        pool_funding,
        {
            "svar": "Giv afslag",
            "begrundelse": "Puljen er brugt",
            "hvem": "Udvalget",
            "besluttet": "2026-01-05",
            "sagsnummer": "26/1",
        },
    ),
    "permit": (building, {"tilladelse": "Byggetilladelse", "svar": "Givet", "sagsnummer": "26/1"}),
    "building": (building, {"haendelse": "Byggeriet er i gang"}),
    "handover": (
        handover,
        {
            "svar": "Overtaget med mangler",
            "papirer": [],
            "mangler": "Løs skrue",
            "mangler_senest": "2099-01-01",
            "begrundelse": "Fin",
            "hvem": "Driften",
        },
    ),
    "operation": (
        incident.incident,
        {"svar": "Reparér", "kroner": 100, "begrundelse": "Det skal kunne bruges", "hvem": "Driftslederen"},
    ),
    "satisfaction": (satisfaction, {"svar": "4: godt", "bemaerkning": "Det går fint", "hvem": "Driften"}),
    "winding_down": (
        winding_down.winding_down,
        {"svar": "En ny gruppe tager over", "gruppe": "G-0001", "hvem": "Frivilligkoordinatoren"},
    ),
}


def answer(world: City, places: dict[str, Place], asked: str, values: dict[str, Any]) -> Any:
    """What comes of this answer: the form refuses, the flow asks again, or it is taken."""
    flow, _ = QUESTIONS[asked]
    reference = places[asked].reference
    with domain.looking() as session:
        key = waits_of(session, places[asked].facility)[0].key
    Asked.answer = values
    return flow.fn(reference, key)


def bad_values(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each field with each value that it must not take."""
    for name, about in schema["properties"].items():
        if name in schema["required"]:
            yield name, None
        if "$ref" in about:
            yield from ((name, bad) for bad in ("Måske", "", 1, TOO_LONG))
        elif about["type"] in ("integer", "number"):
            for bad in NOT_NUMBER:
                is_fine = (about["type"] == "number" and bad == 1.5) or (bad is None and name not in schema["required"])
                if not is_fine:
                    yield name, bad
        elif about["type"] == "boolean":
            yield from ((name, bad) for bad in ("ja", 1))
        elif about["type"] == "array":
            yield from ((name, bad) for bad in ("Sti", ["findes ikke"], [1]))
        elif about.get("format") == "date":
            yield from ((name, bad) for bad in (*NOT_DAY, NO_SUCH_DAY, TOO_LONG))
        else:
            yield from ((name, bad) for bad in (*ATTACKS.values(), TOO_LONG, *NOT_TEXT))


@pytest.mark.parametrize("asked", QUESTIONS)
def test_no_form_takes_what_it_must_not(asked: str, world: City, places: dict[str, Place]) -> None:
    _, right = QUESTIONS[asked]
    with pytest.raises(ValidationError):
        answer(world, places, asked, {"unknown": 1} | right)
    validate(right, Asked.schema(), raise_on_error=True)
    before = world.dump()

    for name, bad in bad_values(Asked.schema()):
        with pytest.raises((ValidationError, Refused)) as refusal:
            answer(world, places, asked, right | {name: bad})
        if isinstance(refusal.value, Refused):
            says = str(refusal.value)
            title = (Asked.form.model_fields[name].title or "") if Asked.form else ""
            assert title.split()[0] in says or "Politisk" in says, (name, bad, says[:200])

    assert world.dump() == before


@pytest.mark.parametrize("asked", QUESTIONS)
def test_a_form_is_in_danish_and_wants_what_it_shows(asked: str, world: City, places: dict[str, Place]) -> None:
    with pytest.raises(ValidationError):
        answer(world, places, asked, {"unknown": 1})
    schema = Asked.schema()

    assert places[asked].reference in Asked.description
    assert "Aase" not in Asked.description
    for name, about in schema["properties"].items():
        assert about["title"] != name, f"{name} shows its Python name"
        assert "anyOf" not in about, f"{name} shows a toggle of types"
        assert about.get("default", "") is not None
        assert not re.search(r"\*\*|^#|\]\(|\n", about.get("description", "")), "Markdown in a field"
        filled = "default" in about
        assert not filled or name in schema["required"], f"{name} is filled in, yet (Optional)"
    english = [d for d in schema.get("definitions", {}).values() if "description" in d]
    assert english == []
    assert "dato" in schema["properties"]
    assert "default" not in schema["properties"]["dato"]  # today is the day of the answer


def test_the_day_of_an_answer_is_neither_tomorrow_nor_a_day_that_is_not(world: City, places: dict[str, Place]) -> None:
    _, right = QUESTIONS["consultation"]
    tomorrow = (today() + timedelta(days=1)).isoformat()

    with pytest.raises(Refused, match="Dato: dagen er ikke kommet endnu"):
        answer(world, places, "consultation", right | {"dato": tomorrow})
    with pytest.raises(Refused, match="Dato: dagen findes ikke"):
        answer(world, places, "consultation", right | {"dato": "2024-02-30"})


@pytest.mark.parametrize("asked", QUESTIONS)
def test_nobody_and_nothing_is_chosen_beforehand(asked: str, world: City, places: dict[str, Place]) -> None:
    with pytest.raises(ValidationError):
        answer(world, places, asked, {"unknown": 1})
    fields = Asked.schema()["properties"]

    of_several = [
        name
        for name, about in fields.items()
        if "$ref" in about and len(Asked.schema()["definitions"][about["$ref"].split("/")[-1]]["enum"]) > 1
    ]
    assert of_several or asked == "building"
    assert [name for name in of_several if "default" in fields[name]] == []


@pytest.mark.parametrize("asks", [EstimateForm, FundingForm, IncidentForm, MoneyForm, YearEndForm])
def test_what_becomes_of_money_is_chosen_by_a_person_and_not_by_the_form(asks: type) -> None:
    schema = create_v2_schema(asks.__name__, model_base=asks)

    decided = {"svar", "kroner", "overfoeres", "aaret"} & set(schema["properties"])
    assert decided
    assert not [name for name in decided if "default" in schema["properties"][name]]
    with pytest.raises(ValidationError):
        validate({"hvem": "Udvalget"}, schema, raise_on_error=True)


def test_the_funding_form_shows_what_the_pool_can_carry_and_chooses_nothing(
    world: City, places: dict[str, Place]
) -> None:
    with pytest.raises(ValidationError):
        answer(world, places, "funding", {})

    assert "default" not in Asked.schema()["properties"]["svar"]


def test_a_handover_asks_about_conditions_only_where_some_are_open(world: City, places: dict[str, Place]) -> None:
    with pytest.raises(ValidationError):
        answer(world, places, "handover", {})

    assert "betingelser_opfyldt" not in Asked.schema()["properties"]


def test_conditions_and_rules_over_several_fields_are_told_on_top(world: City, places: dict[str, Place]) -> None:
    _, no = QUESTIONS["consultation"]
    cases = [
        ("consultation", no | {"begrundelse": ""}, "Begrundelse|begrundelse"),
        ("consultation", no | {"svar": "Ja på betingelser"}, "betingelse"),
        ("consultation", no | {"svar": "Ja på betingelser", "betingelser": "= sti"}, "Betingelser:"),
        ("agreement", {"svar": "Godkend med ændringer"}, "flytte mindst én opgave"),
        ("funding", QUESTIONS["funding"][1] | {"sagsnummer": ""}, "Politisk beslutning:"),
        ("handover", QUESTIONS["handover"][1] | {"mangler_senest": ""}, "senest"),
        ("winding_down", QUESTIONS["winding_down"][1] | {"gruppe": ""}, "Gruppe:"),
        ("winding_down", QUESTIONS["winding_down"][1] | {"gruppe": "G-9999"}, "G-9999"),
    ]
    before = world.dump()

    for asked, values, reason in cases:
        with pytest.raises(Refused, match=rf"^\*\*Svaret kunne ikke bruges.\*\* .*({reason})"):
            answer(world, places, asked, values)

    assert world.dump() == before


def test_what_is_typed_is_shown_and_not_obeyed(world: City) -> None:
    place = world.propose(name="[Klik](http://x.example) *nu* #1")
    Asked.answer = {}
    with pytest.raises(ValidationError):
        operations_consultation.operations_consultation.fn(place.reference, f"{place.reference}:consultation:1")

    assert r"\[Klik\](http://x.example) \*nu\* \#1" in Asked.description


def test_the_case_file_says_what_is_open_and_not_that_the_calendar_takes_care(world: City) -> None:
    place = world.to_stage(Stage.HANDOVER)
    defect = NewDefect("Skilt mangler", today() + timedelta(days=30))
    world.hand_over(place, "accepted_with_defects", defects=(defect,), papers=("photo",))

    page = case_markdown(place.reference, {})

    assert "Kalenderen passer sagen" not in page
    assert f"- Mangel nr. 1: Skilt mangler, rettes senest {dato(today() + timedelta(days=30))}." in page
    assert "- Der mangler papirer: Produktblade, Garantibevis." in page
    world.fix_defect(place)
    assert "Skilt mangler, rettes" not in case_markdown(place.reference, {})


# -- what people start ----------------------------------------------------------------------------

STARTED = {flow.name: flow for flow, _, _ in STARTED_BY_PEOPLE}
PROPOSED = {"begrundelse": "Byggeriet er forsinket", "foreslaaet_af": "Puljeforvalteren"}
RIGHT_PARAMETERS: dict[str, dict[str, Any]] = {
    "Forslag": {
        "forslag": {
            "anlaegstype": "Bænk",
            "navn": "Bænk ved åen",
            "gruppe": "G-0001",
            "breddegrad": 55.0,
            "laengdegrad": 12.2,
            "ejer": "Kommunen",
            "aar": 3,
        }
    },
    "Ny høring": {"anmodning": {"reference": "VK-2026-9999", "aendring": "Den er flyttet"}},
    "Meld skade": {"skade": {"reference": "VK-2026-9999", "hvad": "Taget er brændt", "sikkert": True}},
    "Opsigelse": {"opsigelse": {"reference": "VK-2026-9999", "grund": "De er flyttet"}},
    "Årsafslutning": {"afslutning": {"aar": 2025}},
    "Årsberetning": {"beretning": {"aar": 2025}},
    "Flytning mellem år": {"flytning": {"fra_aar": 2026, "til_aar": 2027, "kroner": "500", **PROPOSED}},
    "Rettelse": {"rettelse": {"aar": 2026, "hvad": "Forbruget", "kroner": "-12,50", "reference": "", **PROPOSED}},
    "Udskiftning": {"udskiftning": {"reference": "VK-2026-9999", "kroner": "6.000", **PROPOSED}},
}


@pytest.mark.parametrize("name", STARTED)
def test_no_parameter_form_takes_what_it_must_not(name: str, world: City) -> None:
    flow, right = STARTED[name], RIGHT_PARAMETERS[name]
    schema = parameter_schema(flow).model_dump()
    (parameter, values), *_ = right.items()
    validate(right, schema, raise_on_error=True)
    model = next(d for key, d in schema["definitions"].items() if "properties" in d)
    before = world.dump()

    for field, bad in bad_values(model):
        tried = {parameter: values | {field: bad}}
        try:
            validate(tried, schema, raise_on_error=True)
        except ValidationError:
            continue
        taken = flow.validate_parameters(tried)  # the run would fail here
        if field != "aar" or name == "Forslag":  # any year between the bounds may be closed
            with pytest.raises(AskedAgain, match="Svaret kunne ikke bruges") as again:
                flow.fn(**taken)
            shown = {n: about.get("default") for n, about in again.value.schema["properties"].items()}
            typed = {n: value for n, value in tried[parameter].items() if value != ""}
            assert {n: shown[n] for n in typed} == typed, "what was typed is lost"

    assert world.dump() == before


def test_a_proposal_form_shows_titles_choices_and_bounds() -> None:
    schema = parameter_schema(proposal).model_dump()
    form = schema["definitions"]["ProposalForm"]

    assert "description" not in form
    place = ["anlaegstype", "navn", "gruppe", "breddegrad", "laengdegrad", "ejer", "aar"]
    assert form["required"] == place  # what came later a program need not send
    assert all(about["title"][0].isupper() for about in form["properties"].values())
    assert form["properties"]["driftsstart"]["format"] == "date"
    assert "Shelter" in schema["definitions"]["FacilityTypeChoice"]["enum"]
    assert set(ProposalForm.model_fields) == set(form["properties"])


def test_a_new_round_after_a_no_needs_what_changed(world: City) -> None:
    place = world.propose()
    world.answer(place, "no", reason="Erosion")

    tried = {"reference": place.reference, "aendring": "Den er flyttet <b>"}
    with pytest.raises(AskedAgain, match=r"Hvad er ændret\?: tegnet \\<") as again:
        consult_again.fn(**consult_again.validate_parameters({"anmodning": tried}))

    assert again.value.schema["properties"]["aendring"]["default"] == "Den er flyttet <b>"


def test_the_daily_run_of_a_day_that_is_not_is_refused() -> None:
    state = maintenance.fn(NO_SUCH_DAY)

    assert state.name == "Ikke kørt"


def test_a_whole_amount_that_moves_on_loses_no_ore(
    world: City, places: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    year, everything = today().year - 1, CarryOver(rule="all", percent=100, at_most_kr=None)
    rules = catalogue().pool.model_copy(update={"carry_over": everything})
    changed = catalogue().model_copy(update={"pool": rules})
    monkeypatch.setattr("models.pool.year_end.catalogue", lambda: changed)
    with domain.recording() as session:
        appropriate(session, year, 1_000_55, Said(today(), Role.POOL_MANAGER, Door.CLI), reason="", key=None)
    Asked.answer = {"overfoeres": 1_000, "aaret": "Luk året", "hvem": "Puljeforvalteren"}

    done = year_end.year_end.fn(year_end.WhichYear(aar=year))

    assert "1.000,55 kr." in done.message
    with domain.looking() as session:
        assert year_of(session, year).free_ore == 0
        assert carried_over(session, year).amount_ore == 1_000_55


# -- the pool's money: one proposes, another decides ---------------------------------------------------


def test_a_transfer_is_proposed_by_one_and_booked_by_another(world: City) -> None:
    year = today().year + 7
    world.appropriate(year, 100_000)
    wish = TransferProposal(
        fra_aar=year,
        til_aar=year + 1,
        kroner="60.000",
        begrundelse="Byggeriet er forsinket",
        foreslaaet_af=Proposer["POOL_MANAGER"],
    )
    yes = {"svar": "Godkend", "hvem": "Puljeforvalteren"}

    Asked.answer = yes
    with pytest.raises(Refused, match="over, hvad puljeforvalteren må beslutte"):
        transfer_between_years.fn(wish)
    assert "Chefen bedes beslutte" in Asked.description
    assert "60.000 kr." in Asked.description
    before = world.dump()
    Asked.answer = {"svar": "Afvis", "grund": "Pengene er lovet væk", "hvem": "Chefen"}
    no = transfer_between_years.fn(wish)
    assert (no.name, no.message) == ("Afvist", "Afvist: Pengene er lovet væk")
    Asked.answer = {"svar": "Afvis", "hvem": "Chefen"}
    with pytest.raises(Refused, match="Begrundelse:"):
        transfer_between_years.fn(wish)
    assert world.dump() == before

    Asked.answer = yes | {"hvem": "Chefen"}
    assert transfer_between_years.fn(wish).name == "Bogført"
    assert (world.pot(year)[0], world.pot(year + 1)[0]) == (40_000, 60_000)


def test_a_correction_names_the_year_before_and_after(world: City) -> None:
    year = today().year + 9
    world.appropriate(year, 1_000)
    wish = CorrectionProposal(
        aar=year,
        hvad=WhatChoice.SPENDING,
        kroner="250,50",
        begrundelse="Regningen var større",
        foreslaaet_af=Proposer["OPERATIONS"],
    )
    Asked.answer = {"svar": "Godkend", "hvem": "Puljeforvalteren"}

    assert correct_entry.fn(wish).name == "Bogført"

    assert "749,50 kr." in Asked.description
    assert world.pot(year) == (749.5, 0, 250.5)
    wrong = wish.model_copy(update={"reference": "VK-2026-9999"})
    with pytest.raises(AskedAgain, match="VK-2026-9999"):
        correct_entry.fn(wrong)


def test_a_replacement_before_its_time_is_asked_again_with_the_reason(world: City, places: dict[str, Place]) -> None:
    wish = ReplacementProposal(
        reference=places["operation"].reference,
        kroner="6.000",
        begrundelse="Slidt op",
        foreslaaet_af=Proposer["OPERATIONS"],
    )
    Asked.answer = {"svar": "Godkend", "hvem": "Puljeforvalteren"}

    with pytest.raises(Refused, match="har sin levetid ud i"):
        replace_facility.fn(wish)

    assert "Levetiden løber ud i" in Asked.description
