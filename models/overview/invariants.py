"""What must always be so, whatever was killed, raced or restarted: each as a question to the whole database.

`driftsklar doctor` asks them, the nightly run asks them, and the tests ask them after every step. A fault is
named by its reference or number, never by a person. The days a check needs are in the rows themselves,
so the answer is the same on any day.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from models.case.agreement import Agreement, AgreementStatus, CareTask
from models.case.agreement_terms import changed_terms
from models.case.facility import Facility
from models.case.funding import FundingDecision, PoolApplication
from models.case.volunteer_group import Contact
from models.chain import broken_links
from models.danish import dato
from models.guards import missing_guards
from models.operation.check import OPEN_STATES, Check
from models.overview.daily_trace import last_run_at
from models.overview.sound_care import wrong_checks, wrong_links, wrong_next_dates, wrong_work
from models.overview.sound_cases import gaps_in_numbers, stages_left_behind, stages_not_reached, told_otherwise
from models.overview.sound_rows import rows_without_their_own, wrong_values
from models.place_words import missing_keepers, wrong_words
from models.pool.funding_need import split_over_years
from models.pool.ledger import Kind, LedgerEntry, PoolYear, wrong_years
from models.post.outbox import Message
from models.stage import Stage

LONGEST_WAIT = timedelta(days=1, hours=8)
"""What is written just after midnight, on a day whose mail has gone, leaves with the next day's, after the quiet
hours; with a clock put back and a slow morning that is 32 hours at the most."""
LONGEST_PAUSE = timedelta(days=2)
_LIVES = (Stage.OPERATION, Stage.WINDING_DOWN)
_IN_FORCE_FOR_IT = (col(Agreement.facility_id) == Facility.id) & (col(Agreement.status) == AgreementStatus.IN_FORCE)


class Invariant(NamedTuple):
    """One thing that must always be so: what breaks it, what it says when nothing does, and what to do."""

    name: str
    danish: str
    faults: Callable[[Session], Iterable[str]]
    fine: str
    remedy: str


def wrong_balances(session: Session) -> list[str]:
    """The years whose balances aren't what their entries add up to."""
    return [str(year) for year in wrong_years(session)]


def links_broken(session: Session) -> Iterable[str]:
    """The entries of ledger and journal that aren't as they were written, or are gone."""
    return broken_links(session.connection())


def guards_gone(session: Session) -> list[str]:
    """The database's own guards that aren't there: ledger, journal and chain could be rewritten."""
    return missing_guards(session.connection())


def places_not_found(session: Session) -> list[str]:
    """What a search for places goes by and isn't as it must be: triggers that are gone, places by old names."""
    return missing_keepers(session.connection()) or wrong_words(session.connection())


def promises_without_agreement(session: Session) -> list[str]:
    """The commitments in the ledger that no signed agreement with the pool's yes stands behind.

    A commitment's key begins with the version it is for: `VK-2026-0007:funding:1:2027`.
    """
    granted = session.exec(
        select(Facility.reference, Agreement.version)
        .join(Agreement, col(Agreement.facility_id) == Facility.id)
        .join(PoolApplication, col(PoolApplication.agreement_id) == Agreement.id)
        .where(PoolApplication.decision == FundingDecision.GRANT, col(Agreement.signed_on).is_not(None))
    )
    promised = {f"{reference}:funding:{version}" for reference, version in granted}
    entries = select(LedgerEntry.key).where(LedgerEntry.kind == Kind.COMMITMENT)
    return [
        key for key in session.exec(entries.order_by(col(LedgerEntry.id))) if key.rpartition(":")[0] not in promised
    ]


def promises_of_another_amount(session: Session) -> list[str]:
    """The commitments that are missing, or aren't what the agreement asks for in that year.

    A year that was closed by then wasn't promised anything.
    """
    closed = {
        year: closed_on
        for year, closed_on in session.execute(rows_of(col(PoolYear.year), col(PoolYear.closed_on)))
        if closed_on is not None
    }
    booked = {
        key: (amount_ore, on)
        for key, amount_ore, on in session.execute(
            rows_of(col(LedgerEntry.key), col(LedgerEntry.amount_ore), col(LedgerEntry.on)).where(
                col(LedgerEntry.kind) == Kind.COMMITMENT
            )
        )
    }
    granted = (
        rows_of(
            col(Facility.reference),
            col(Agreement.version),
            col(Agreement.kr_per_year_ore),
            col(Agreement.from_on),
            col(Agreement.until_on),
            col(PoolApplication.decided_on),
        )
        .join(Agreement, col(Agreement.facility_id) == col(Facility.id))
        .join(PoolApplication, col(PoolApplication.agreement_id) == col(Agreement.id))
        .where(col(PoolApplication.decision) == FundingDecision.GRANT)
    )
    found = []
    for reference, version, ore, from_on, until_on, decided_on in session.execute(granted):
        keys = {
            f"{reference}:funding:{version}:{year}": (year, amount)
            for year, amount in split_over_years(ore, from_on, until_on).items()
            if amount
        }
        days = [booked[key][1] for key in keys if key in booked]
        promised_on = min(days, default=decided_on or from_on)
        for key, (year, amount) in keys.items():
            if key not in booked:
                was_closed = year in closed and closed[year] <= promised_on
                found += [] if was_closed else [key]
            elif booked[key][0] != amount:
                found.append(key)
    return found


def places_without_agreement(session: Session) -> list[str]:
    """The facilities that not just one agreement is in force for in operation, or any at another time."""
    in_force = (
        select(Facility.reference)
        .join(Agreement, _IN_FORCE_FOR_IT, isouter=True)
        .where(col(Facility.stage).in_(_LIVES))
        .group_by(col(Facility.reference))
        .having(func.count(col(Agreement.id)) != 1)
    )
    elsewhere = select(Facility.reference).join(Agreement, _IN_FORCE_FOR_IT).where(col(Facility.stage).not_in(_LIVES))
    return sorted({*session.exec(in_force), *session.exec(elsewhere)})


def forgotten_places(session: Session) -> list[str]:
    """The facilities in operation with a task in force that has no next date."""
    planned = (
        select(Facility.reference)
        .join(Agreement, _IN_FORCE_FOR_IT, isouter=True)
        .join(CareTask, col(CareTask.agreement_id) == Agreement.id, isouter=True)
        .where(Facility.stage == Stage.OPERATION)
        .where(col(CareTask.next_on).is_(None))
    )
    return sorted(set(session.exec(planned)))


def checks_without_task(session: Session) -> list[str]:
    """The checks of no task, of another facility's task, or still open where nothing is looked after."""
    rows = (
        select(Check.id)
        .join(CareTask, col(CareTask.id) == Check.care_task_id, isouter=True)
        .join(Facility, col(Facility.id) == Check.facility_id, isouter=True)
        .where(
            col(CareTask.id).is_(None)
            | (col(CareTask.facility_id) != col(Check.facility_id))
            | (col(Check.state).in_(OPEN_STATES) & col(Facility.stage).not_in(_LIVES))
        )
        .order_by(col(Check.id))
    )
    return [f"tjek {number}" for number in session.exec(rows)]


def asked_after_leaving(session: Session) -> list[str]:
    """The messages to somebody who had left before the day they are from."""
    rows = (
        select(Message.id)
        .join(Contact, col(Contact.id) == Message.contact_id)
        .where(col(Contact.left_on) < Message.on)
        .order_by(col(Message.id))
    )
    return [f"besked {number}" for number in session.exec(rows)]


def forgotten_messages(session: Session, moment: datetime) -> list[str]:
    """The messages that have waited longer than any may before `moment` (UTC), and nobody knows why."""
    rows = (
        select(Message.id)
        .where(
            col(Message.sent_at).is_(None),
            col(Message.given_up_at).is_(None),
            Message.error == "",
            col(Message.created_at) < moment - LONGEST_WAIT,
        )
        .order_by(col(Message.id))
    )
    return [f"besked {number}" for number in session.exec(rows)]


def missed_runs(session: Session, moment: datetime) -> list[str]:
    """Since when the daily run hasn't run, when that is more than two days before `moment` (UTC).

    The moments count, not the days it was run for: it may be told any day.
    """
    last = last_run_at(session)
    if last is None:
        return []
    last = last if last.tzinfo else last.replace(tzinfo=UTC)
    return [f"ikke kørt siden {dato(last.date())}"] if last < moment - LONGEST_PAUSE else []


SEE_THE_CASE = "Se sagen: driftsklar facility show REF"
RESTORE = "Ret aldrig i databasen; gendan fra en kopi."

INVARIANTS = (
    Invariant("ledger", "Puljens poster", wrong_balances, "posterne giver saldiene i alle år", RESTORE),
    Invariant(
        "chain",
        "Kæden",
        links_broken,
        "poster og journal er, som de blev skrevet",
        "Nogen har ændret i databasen uden om Driftsklar. Sammenlign med en kopi: driftsklar pool ledger --verify "
        "--backup FIL. Gendan fra den sidste, der står uændret.",
    ),
    Invariant(
        "guards",
        "Databasens vagter",
        guards_gone,
        "intet i poster, journal og kæde kan ændres eller slettes",
        "Nogen har taget dem væk. Se, hvad der er ændret: driftsklar pool ledger --verify. Sæt dem igen: driftsklar "
        "migrate",
    ),
    Invariant(
        "found",
        "Søgning efter steder",
        places_not_found,
        "hvert sted findes på sit navn, sin gruppe og sin vej",
        "Søgeordene laves igen med: driftsklar migrate",
    ),
    Invariant("values", "Værdier", wrong_values, "ingen værdi er umulig", RESTORE),
    Invariant("rows", "Sammenhæng", rows_without_their_own, "alt hører til noget, der er der", RESTORE),
    Invariant("numbers", "Numre", gaps_in_numbers, "intet nummer mangler", RESTORE),
    Invariant("gate", "Trin", stages_not_reached, "ingen sag er kommet uden om et trin", SEE_THE_CASE),
    Invariant("stage", "Trin og hændelser", stages_left_behind, "hver sag står, hvor den er nået til", RESTORE),
    Invariant("told", "Journal og sager", told_otherwise, "journalen og sagerne siger det samme", RESTORE),
    Invariant(
        "commitment", "Tilsagn", promises_without_agreement, "hvert tilsagn har sin underskrevne aftale", RESTORE
    ),
    Invariant(
        "promised", "Tilsagnenes beløb", promises_of_another_amount, "hvert tilsagn er på det, aftalen siger", RESTORE
    ),
    Invariant(
        "agreed",
        "Aftalernes vilkår",
        changed_terms,
        "ingen aftale er ændret, efter den blev bindende",
        "Sammenlign med den underskrevne PDF: driftsklar facility show REF. " + RESTORE,
    ),
    Invariant("work", "Udført arbejde", wrong_work, "alt arbejde er betalt én gang", RESTORE),
    Invariant(
        "in_force",
        "Gældende aftaler",
        places_without_agreement,
        "hvert anlæg i drift har én gældende aftale",
        SEE_THE_CASE,
    ),
    Invariant("next_check", "Næste tjek", forgotten_places, "hvert anlæg i drift har sit næste tjek", SEE_THE_CASE),
    Invariant("check_task", "Tjek og opgaver", checks_without_task, "intet tjek uden opgave", RESTORE),
    Invariant("next_date", "Næste tjeks dage", wrong_next_dates, "intet tjek er skubbet ud i fremtiden", RESTORE),
    Invariant("check_state", "Tjekkenes forløb", wrong_checks, "hvert tjek er, hvor det er nået til", RESTORE),
    Invariant(
        "links",
        "Links",
        wrong_links,
        "intet link virker længere, end det skal",
        "Træk linkene tilbage: driftsklar link revoke. " + RESTORE,
    ),
    Invariant(
        "left",
        "Fratrådte",
        asked_after_leaving,
        "ingen er spurgt, efter de er gået",
        "Ring til gruppens kontaktperson, og sig det, der stod i beskeden.",
    ),
)


def broken(session: Session) -> dict[str, list[str]]:
    """The faults found, by the invariant's name; empty when all is well."""
    found = {each.name: list(each.faults(session)) for each in INVARIANTS}
    return {name: faults for name, faults in found.items() if faults}
