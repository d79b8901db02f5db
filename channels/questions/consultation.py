"""Driftshøring: operations is asked before anything is promised."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from channels.questions.facts import Facts, Link, Listed, Named, Sentence, Strong, says
from channels.questions.fields import HIDDEN, UNCHOSEN, Choice, Shown, day, day_of, long_text, role_of, with_values
from channels.questions.question import Outcome, Question, Way, by_choice
from channels.questions.real_costs import cost_of_such_places
from channels.views.shapes.case import FacilityCase
from channels.views.shapes.facility import Waits
from config.catalogue import catalogue
from models.case.consultation import AnswerKind, conditions_of, last_round
from models.case.facility import Facility
from models.case.inheritance import inheritance_of
from models.case.volunteer_group import VolunteerGroup, missing_readiness
from models.danish import dato, kr, minutter, timer
from models.overview.learned import learned_from
from models.overview.waiting import Wait
from models.role import Role
from models.said import Said
from models.stages.consultation import MAY_ANSWER, answer_consultation
from models.stages.consultation_answer import MAX_HOURS, MAX_KR, Answer, NewCondition
from models.stages.consultation_correction import correct_consultation, why_not_correct

AFTERWARDS = says(
    Strong("Stedet er arvet:"),
    " det stod her, før driften kunne spørges. Ved et nej begynder et ophør, og "
    "koordinatoren afgør, hvad der skal ske med stedet.",
)

ALL_WELL = "gik, som det skulle."


class ConditionOwner(Choice):
    """Who can be asked to see to a condition."""

    PROJECT_LEAD = "Projektlederen"
    COORDINATOR = "Frivilligkoordinatoren"
    OPERATIONS = "Driften"
    VOLUNTEER = "Gruppen"


class AnswerChoice(Choice):
    """What operations can say."""

    YES = "Ja"
    CONDITIONS = "Ja på betingelser"
    NO = "Nej"


class ConditionRow(Shown):
    """One condition, with who sees to it and until when; where a door can show rows."""

    hvad: str = long_text("Hvad skal være i orden?", "")
    hvem: ConditionOwner = Field(
        default=ConditionOwner.PROJECT_LEAD, title="Hvem sørger for det?", json_schema_extra=UNCHOSEN
    )
    frist: str = day("Senest", "Tomt: inden afleveringen; ved et arvet sted ingen frist.")


class ConsultationForm(Shown):
    """Operations' answer."""

    svar: AnswerChoice = Field(title="Jeres svar", description="Et nej med en begrundelse er et godt svar.")
    timer_om_aaret: int = Field(
        title="Timer om året", ge=0, le=MAX_HOURS, description="Driftens egen tid, som I ser den."
    )
    kr_om_aaret: int = Field(title="Kroner om året", ge=0, le=MAX_KR, description="Hele kroner, som I ser dem.")
    begrundelse: str = long_text("Begrundelse", "Skal med ved et nej. Gruppen får den at læse.")
    kan_blive_ja: str = long_text("Hvad kunne gøre det til et ja?", "Ved et nej: hvad der skulle være anderledes.")
    betingelser: str = long_text(
        "Betingelser", "Ved ja på betingelser: en betingelse på hver linje. De skal være opfyldt før afleveringen."
    )
    frist: str = day("Betingelserne senest", "Tomt: inden afleveringen; ved et arvet sted ingen frist.")
    vilkaar: list[ConditionRow] = Field(default=[], title="Betingelser", json_schema_extra=HIDDEN)


def facts(session: Session, facility: Facility, wait: Wait) -> Facts:
    """The place and who takes care of it, what it will cost operations, and what such places did cost."""
    kind = catalogue().type(facility.type_key)
    group = session.get_one(VolunteerGroup, facility.group_id)
    came = inheritance_of(session, facility)
    where = f"{facility.lat:.5f}, {facility.lon:.5f} · UTM32 {facility.utm_east}, {facility.utm_north}"
    if came is not None and not facility.is_placed:  # the list knew only an address
        where = came.address
    deadline = f" senest {dato(wait.deadline_on)}" if wait.deadline_on else ""  # none once it is answered
    tasks = [says(f"{t.name}: {t.interval_danish}, {minutter(t.minutes)} ({t.who.danish})") for t in kind.tasks]
    inherited: list[Sentence] = [AFTERWARDS] if came is not None else []
    return Facts(
        f"Driften bedes svare{deadline}: kan I drive {kind.definite}?",
        (
            Link(facility.reference, facility.name),
            *inherited,
            says(
                f"{kind.name}, {facility.years} år fra {dato(facility.start_on)}. "
                f"Jorden ejes af {facility.land_owner.danish}. "
                f"Sted: {where}."
            ),
            _readiness(session, group),
            says(
                Strong("Skøn for driften om året:"),
                f" {timer(facility.minutes_per_year)} og {kr(facility.kr_per_year_ore)} "
                f"Genopførelse koster {kr(facility.replacement_ore)} efter {facility.life_years} år.",
            ),
            cost_of_such_places(session, facility),
            *_learned(session, facility),
            Listed("Opgaverne, som typen har dem:", tuple(tasks)),
        ),
    )


def _readiness(session: Session, group: VolunteerGroup) -> Sentence:
    if group.is_nobody:
        return says("Ingen gruppe passer stedet endnu.")
    named = Named(group.reference, group.name)
    missing = " ".join(each.removeprefix(group.reference) for each in missing_readiness(session, group))
    return says("Gruppen ", named, missing or " har en stedfortræder.")


def _learned(session: Session, facility: Facility) -> list[Listed]:
    """What befell the last places of the type; nothing where there are none yet."""
    lines = [
        says(Strong(f"{place.facility.reference} {place.facility.name}:"), " " + (" ".join(place.lessons) or ALL_WELL))
        for place in learned_from(session, facility)
    ]
    return [Listed("Det lærte vi af de sidste af samme type:", tuple(lines))] if lines else []


def form(session: Session, facility: Facility, wait: Wait) -> type[BaseModel]:
    """With the hours and kroner of the last round, or of the type's estimate."""
    round_ = wait.asked or last_round(session, facility)
    return with_values(
        ConsultationForm,
        timer_om_aaret=(round_.minutes_per_year if round_ else facility.minutes_per_year) // 60,
        kr_om_aaret=(round_.kr_per_year_ore if round_ else facility.kr_per_year_ore) // 100,
    )


def decide(session: Session, facility: Facility, wait: Wait, answer: ConsultationForm, said: Said) -> Outcome:
    """Yes, yes on conditions, or no.

    Raises:
        Refusal: see `models.stages.consultation.answer_consultation`.
        BadInput: the day of the conditions isn't there.
    """
    given = _given(answer)
    answer_consultation(session, facility, given, said, of=wait.asked)
    return _outcome(given)


def minutes(_session: Session, facility: Facility, _wait: Wait, answer: ConsultationForm) -> tuple[int, int] | None:
    """Operations' own time a year, beside the type's estimate; a no says none."""
    if answer.svar is AnswerChoice.NO:
        return None
    return answer.timer_om_aaret * 60, facility.minutes_per_year


def correct(session: Session, facility: Facility, _wait: Wait, answer: ConsultationForm, said: Said) -> Outcome:
    """Another answer than the last one.

    Raises:
        Refusal: see `models.stages.consultation_correction.correct_consultation`.
        BadInput: the day of the conditions isn't there.
    """
    given = _given(answer)
    correct_consultation(session, facility, given, said)
    return _outcome(given)


def answered(session: Session, facility: Facility) -> dict[str, str]:
    """The words of the last answer, so that whoever puts one thing right types only that."""
    round_ = last_round(session, facility)
    if round_ is None:
        return {}
    said = {"begrundelse": round_.reason, "kan_blive_ja": round_.could_be_yes}
    for number, condition in enumerate(conditions_of(session, facility)):
        row = {"hvad": condition.text, "hvem": condition.owner.name, "frist": f"{condition.deadline_on or ''}"}
        said |= {f"vilkaar.{number}.{name}": value for name, value in row.items()}
    return said


def _given(answer: ConsultationForm) -> Answer:
    deadline_on = day_of(answer.frist, "Betingelserne senest")
    conditions = tuple(
        NewCondition(line.strip(" -"), Role.PROJECT_LEAD, deadline_on)
        for line in answer.betingelser.splitlines()
        if line.strip(" -")
    )
    conditions += tuple(
        NewCondition(row.hvad.strip(), role_of(row.hvem), day_of(row.frist, "Senest"))
        for row in answer.vilkaar
        if row.hvad.strip()
    )
    kind = AnswerKind[answer.svar.name]
    return Answer(kind, answer.timer_om_aaret, answer.kr_om_aaret, conditions, answer.begrundelse, answer.kan_blive_ja)


def _outcome(given: Answer) -> Outcome:
    if given.kind is AnswerKind.NO:
        return Outcome("Afvist", f"Driften svarede nej: {given.reason}")
    return Outcome(
        "Ja" if given.kind is AnswerKind.YES else "Ja på betingelser", f"Driften svarede {given.kind.danish}."
    )


def command(_wait: Waits, case: FacilityCase) -> str:
    """The command that answers."""
    return f"answer consultation {case.reference} --answer yes|conditions|no"


QUESTION = Question(
    topic="consultation",
    word="Driftshøring",
    asked_by="operations_consultation",
    waits_for="Venter på driftens svar: ja, ja på betingelser, eller nej med begrundelse.",
    roles=MAY_ANSWER,
    who="Hvem svarer?",
    facts=facts,
    form=form,
    decide=decide,
    command=command,
    ends_as=by_choice({AnswerChoice.NO: "Afvist"}),
    why_not_correct=lambda session, facility, _wait: why_not_correct(session, facility),
    correct=correct,
    answered=answered,
    minutes=minutes,
    ways=(
        Way("YES", "Ja, vi kan drive det", ("timer_om_aaret", "kr_om_aaret")),
        Way("CONDITIONS", "Ja, hvis …", ("vilkaar", "timer_om_aaret", "kr_om_aaret")),
        Way("NO", "Nej, fordi …", ("begrundelse", "kan_blive_ja"), is_no=True),
    ),
)
