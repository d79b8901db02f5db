"""What becomes of a submission: a proposal of ours, by the same rule as all others, or a no with its reason."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, select

from models import text
from models.alike import folded
from models.case.facility import Facility, LandOwner
from models.case.volunteer_group import VolunteerGroup, add_group, find_group
from models.journal import write_journal
from models.outside.form_submission import UNDECIDED, FormSubmission, SubmissionState
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stages.proposal import MAY_PROPOSE, Proposal, propose

MAY_LOOK = tuple(role for role in MAY_PROPOSE if role is not Role.VOLUNTEER)


class PutRight(NamedTuple):
    """What whoever takes it over says instead of the form; None for what stands as it was sent."""

    type_key: str | None = None
    name: str | None = None
    lat: float | None = None
    lon: float | None = None
    land_owner: LandOwner | None = None
    years: int | None = None
    group: str | None = None
    new_group: str | None = None
    start_on: date | None = None
    anyway: bool = False
    """Whether it is another place than one of the same type and name close by."""


def take_over(session: Session, submission: FormSubmission, put_right: PutRight, said: Said) -> Facility:
    """Make it a proposal and ask operations; twice is the same proposal.

    Raises:
        BadInput: what is missing or can't be used, with the option that says it.
        Refusal: the role may not, or it was declined.
    """
    may_decide(said.by, MAY_LOOK, "En indsendelse")
    if submission.facility_id is not None:
        return session.get_one(Facility, submission.facility_id)
    _must_be_open(submission)
    proposal = _proposal(session, submission, put_right, said)
    facility = propose(session, proposal, said, key=submission.key)
    submission.facility_id = facility.number
    _decide(submission, SubmissionState.TAKEN, said)
    write_journal(session, facility, f"Forslaget kom som indsendelse nr. {submission.id} ({submission.form}).", said)
    session.flush()
    return facility


def decline(session: Session, submission: FormSubmission, reason: str, said: Said) -> FormSubmission:
    """Say no, with a reason that can be told to the sender; twice changes nothing.

    Raises:
        BadInput: no reason is said.
        Refusal: the role may not, or it was taken over.
    """
    may_decide(said.by, MAY_LOOK, "En indsendelse")
    if submission.state is SubmissionState.DECLINED:
        return submission
    _must_be_open(submission)
    submission.reason = text.text(reason, "--reason")
    _decide(submission, SubmissionState.DECLINED, said)
    write_journal(session, None, f"Indsendelse nr. {submission.id} er afvist.", said)
    session.flush()
    return submission


def _must_be_open(submission: FormSubmission) -> None:
    if submission.state not in UNDECIDED:
        raise Refusal("submission.decided", f"Indsendelse nr. {submission.id} er allerede {submission.state.danish}.")


def _decide(submission: FormSubmission, state: SubmissionState, said: Said) -> None:
    submission.state, submission.decided_on, submission.decided_by = state, said.on, said.by


def _proposal(session: Session, submission: FormSubmission, put_right: PutRight, said: Said) -> Proposal:
    type_key = put_right.type_key or submission.type_key
    if not type_key:
        raise BadInput("--type", "det står der ikke, hvad der ønskes. Skriv anlægstypen.")
    name = put_right.name or submission.name
    if not name:
        raise BadInput("--name", "stedet har intet navn. Skriv et, fx “Bænk ved Stege Nor”.")
    lat = put_right.lat if put_right.lat is not None else submission.lat
    lon = put_right.lon if put_right.lon is not None else submission.lon
    if lat is None or lon is None:
        raise BadInput("--lat/--lon", "der er intet punkt på kortet. Skriv grader som 55.04 og 12.21.")
    owner = put_right.land_owner or submission.land_owner
    if owner is None:
        raise BadInput("--land-owner", "det står der ikke, hvem der ejer jorden. Skriv fx municipality.")
    years = put_right.years or submission.years
    if years is None:
        raise BadInput("--years", "det står der ikke, hvor længe gruppen vil passe stedet. Skriv 1 til 10 år.")
    group = _group(session, submission, put_right, said)
    return Proposal(
        type_key, name, group.reference, lat, lon, owner, years, put_right.start_on, anyway=put_right.anyway
    )


def _group(session: Session, submission: FormSubmission, put_right: PutRight, said: Said) -> VolunteerGroup:
    """The group that is said, the new one with the sender as its contact, or the one that is called as the form says."""
    if put_right.group is not None:
        return find_group(session, put_right.group)
    if put_right.new_group is not None:
        parts = (submission.sender_name, submission.sender_mail, submission.sender_phone)
        return add_group(session, put_right.new_group, [";".join(parts)], said, cvr="", key=f"group:{submission.key}")
    wanted = folded(submission.group_name)
    same = [each for each in session.exec(select(VolunteerGroup)) if wanted and folded(each.name) == wanted]
    if len(same) == 1:
        return same[0]
    raise BadInput(
        "--group",
        f"vi kender ingen gruppe “{submission.group_name}”. Skriv --group G-0001 for en, der er her, eller --new-group "
        "NAVN for en ny med afsenderen som kontakt.",
    )
