"""The gate: what must be true before each stage. The one place that knows it; no door gets round it.

The sentences are computed from what really happened (answers, signatures, ledger, permits), never from
the stage column, so a stage that was set wrongly would be caught here.

One kind of facility never stood before it: what the municipality already had when Driftsklar came. It enters in
operation by a marked door (`Door.INHERITED`), and `models.case.inheritance` keeps the list of them.
"""

from datetime import date

from sqlmodel import Session

from config.catalogue import catalogue
from models.case.agreement import AgreementStatus, Side, agreements_of, is_signed, last_agreement, signatures_of
from models.case.consultation import AnswerKind, has_yes, last_round, unmet_conditions
from models.case.facility import Facility
from models.case.funding import has_grant
from models.case.handover import is_taken_over, last_handover
from models.case.inheritance import is_inherited
from models.case.insurance import has_answer
from models.case.permit import PermitResult, missing_permits
from models.danish import dato
from models.refusal import BadInput, Refusal, Remedy
from models.stage import ROAD, Stage

NOBODY_INSURES = "Der er ikke svaret på, hvem der forsikrer de frivillige."


def missing_before(session: Session, facility: Facility, stage: Stage) -> list[str]:
    """What is missing, in Danish sentences, before the facility may be in `stage`; empty means it may.

    Everything on the road before it counts too: a facility can't be in operation without the yes. An
    inherited one stood there already.
    """
    wanted = ROAD.index(stage) if stage in ROAD else ROAD.index(Stage.OPERATION)
    sentences: list[str] = []
    for step in ROAD[1 : wanted + 1]:
        sentences += _BEFORE[step](session, facility)
    return [] if sentences and is_inherited(session, facility) else sentences


def missing_before_promise(session: Session, facility: Facility) -> list[str]:
    """What is missing before the pool may promise an inherited place money: operations' yes, as for any other.

    The others have met it on their road.
    """
    if not is_inherited(session, facility) or has_yes(session, facility):
        return []
    return [f"Driften er ikke hørt om {facility.reference}, som er arvet, og har ikke sagt ja. Spørg driften først."]


def missing_to_start_building(session: Session, facility: Facility) -> list[str]:
    """What is missing before the first spade: the gate to building, and the permits."""
    permits = [
        f"Tilladelsen “{catalogue().permits[permit.key].name}” er {permit.result.danish}."
        if permit.result is PermitResult.REFUSED
        else f"Tilladelsen “{catalogue().permits[permit.key].name}” mangler."
        for permit in missing_permits(session, facility)
    ]
    return missing_before(session, facility, Stage.BUILDING) + permits


def missing_to_next(session: Session, facility: Facility) -> list[str]:
    """What stands between the facility and its next stage; empty in operation and when the case is closed."""
    if facility.stage is Stage.BUILDING and facility.building_started_on is None:
        return missing_to_start_building(session, facility) or ["Byggeriet er ikke meldt i gang."]
    if facility.stage not in ROAD or facility.stage is Stage.OPERATION:
        return []
    following = ROAD[ROAD.index(facility.stage) + 1]
    return missing_before(session, facility, following)


def require_stage(session: Session, facility: Facility, stage: Stage, *, on: date, to: str) -> None:
    """Refuse a decision that belongs to another stage, or to a day before this stage began.

    `to` says in Danish what was tried ("tages i drift").

    Raises:
        Refusal: `stage.too_early` naming all that is missing, or `stage.passed`.
        BadInput: `on` lies before the facility came into the stage.
    """
    if facility.stage is stage:
        if missing := missing_before(session, facility, stage):
            raise Refusal(
                "gate.missing", f"{facility.reference} kan ikke {to}: {' '.join(missing)}", remedy=Remedy.SEE_THE_CASE
            )
        if on < facility.stage_since:
            raise BadInput(
                "on",
                f"{dato(on)} ligger før {dato(facility.stage_since)}, hvor {facility.reference} kom i "
                f"“{stage.danish}”. Skriv en senere dato.",
            )
        return
    if facility.stage in ROAD and stage in ROAD and ROAD.index(facility.stage) < ROAD.index(stage):
        missing = missing_before(session, facility, stage)
        raise Refusal(
            "stage.too_early",
            f"{facility.reference} kan ikke {to} endnu. {' '.join(missing)}",
            remedy=Remedy.SEE_THE_CASE,
        )
    raise Refusal(
        "stage.passed",
        f"{facility.reference} kan ikke {to}: sagen er i “{facility.stage.danish}” siden {dato(facility.stage_since)}.",
    )


def _before_consultation(_session: Session, _facility: Facility) -> list[str]:
    return []


def _before_agreement(session: Session, facility: Facility) -> list[str]:
    if has_yes(session, facility):
        return []
    last = last_round(session, facility)
    if last is not None and last.answer is AnswerKind.NO:
        return ["Driften har svaret nej i driftshøringen."]
    return ["Driften har ikke svaret på driftshøringen."]


def _before_funding(session: Session, facility: Facility) -> list[str]:
    if is_signed(session, facility) or any(
        a.status in (AgreementStatus.IN_FORCE, AgreementStatus.ENDED) for a in agreements_of(session, facility)
    ):
        return []
    last = last_agreement(session, facility)
    if last is None or last.status is AgreementStatus.REVIEW:
        return ["Pasningsaftalen er ikke godkendt af frivilligkoordinatoren."]
    signed = {signature.side for signature in signatures_of(session, last)}
    return [f"Pasningsaftalen mangler underskrift fra {side.danish}." for side in Side if side not in signed]


def _before_building(session: Session, facility: Facility) -> list[str]:
    return [] if has_grant(session, facility) else ["Puljen har ikke givet tilsagn om penge til driften."]


def _before_handover(session: Session, facility: Facility) -> list[str]:
    if last_handover(session, facility) is not None:
        return []
    return ["Byggeriet er ikke meldt færdigt."]


def _before_operation(session: Session, facility: Facility) -> list[str]:
    unmet = [
        f"Betingelse {condition.number} er ikke opfyldt: {condition.text}"
        for condition in unmet_conditions(session, facility)
    ]
    insured = [] if has_answer(session, facility) else [NOBODY_INSURES]
    taken = [] if is_taken_over(session, facility) else ["Driften har ikke overtaget anlægget ved aflevering."]
    return unmet + insured + taken


_BEFORE = {
    Stage.CONSULTATION: _before_consultation,
    Stage.AGREEMENT: _before_agreement,
    Stage.FUNDING: _before_funding,
    Stage.BUILDING: _before_building,
    Stage.HANDOVER: _before_handover,
    Stage.OPERATION: _before_operation,
}
