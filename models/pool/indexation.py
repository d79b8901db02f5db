"""P/L-regulering: the commitments of a year and those after it follow prices and wages, once a year."""

from sqlmodel import Session, col, select

from config.catalogue import catalogue
from models import text
from models.danish import kr
from models.journal import write_journal
from models.pool.funding_need import MAY_FUND, describe_shortfall, shortfalls
from models.pool.ledger import Kind, LedgerEntry, book, promised, saved, sums_of
from models.refusal import BadInput, Refusal, Remedy
from models.role import may_decide
from models.said import Said

LOWEST_BASIS_POINTS, HIGHEST_BASIS_POINTS = -500, 1_500
"""From -5 % to +15 %; a rate beyond is a slip of the hand."""


def percent(basis_points: int) -> str:
    """A rate in Danish: 348 is "3,48 %", 300 is "3 %"."""
    whole, rest = divmod(abs(basis_points), 100)
    sign = "-" if basis_points < 0 else ""
    return f"{sign}{whole}" + (f",{rest:02}".rstrip("0") if rest else "") + " %"


def require_usual(basis_points: int, *, is_sure: bool, field: str) -> None:
    """A rate no year has seen is only taken from somebody who says that it is right.

    What is usual: `config/pool.yaml`.

    Raises:
        BadInput: it is unusual and nobody said so; the sentence says what to write.
    """
    usual = catalogue().pool.usual_rate
    lowest, highest = round(usual.lowest_percent * 100), round(usual.highest_percent * 100)
    if is_sure or lowest <= basis_points <= highest:
        return
    meant = basis_points * 100
    hint = f" Mener I {percent(meant)}, så skriv det." if lowest <= meant <= highest else ""
    raise BadInput(
        field,
        f"{percent(basis_points)} er uden for det sædvanlige, {percent(lowest)} til {percent(highest)}.{hint} "
        f"Er {percent(basis_points)} rigtigt, så skriv også --unusual-rate.",
    )


def indexed(ore: int, basis_points: int) -> int:
    """What the rate adds to an amount, in øre, halves away from zero."""
    product = ore * basis_points
    return (abs(product) + 5_000) // 10_000 * (1 if product >= 0 else -1)


def additions(session: Session, year: int, basis_points: int) -> dict[tuple[int, int, Kind], int]:
    """What the rate adds in `year` and later: øre by (facility, year, kind).

    INDEXATION is what it adds to a commitment, RESERVE what it adds to the savings for a replacement:
    both what was carried there and what is set aside for the year.
    """
    ids = session.exec(
        select(LedgerEntry.facility_id)
        .where(LedgerEntry.year >= year, col(LedgerEntry.facility_id).is_not(None))
        .distinct()
        .order_by(col(LedgerEntry.facility_id))
    )
    found = {}
    for facility_id in [each for each in ids if each is not None]:
        for of, sums in sorted(sums_of(session, facility_id).items()):
            if of < year:
                continue
            for kind, ore in ((Kind.INDEXATION, promised(sums)), (Kind.RESERVE, saved(sums))):
                if more := indexed(ore, basis_points):
                    found[facility_id, of, kind] = more
    return found


def index_commitments(
    session: Session, year: int, basis_points: int, source: str, said: Said, *, is_sure: bool = False
) -> int:
    """Adjust the commitments for `year` and every later year; returns the øre added in all.

    `basis_points` is the rate in hundredths of a percent, `source` where it comes from (KL's letter).
    The price level rises for good, so all later years follow; next year's rate comes on top. Savings for
    replacements follow, too, since what is built anew costs what it costs then. A year is never indexed twice.
    `is_sure` says that a rate beyond the usual ones is meant.

    Raises:
        Refusal: the year is indexed with another rate, it is closed, or the pool can't carry it.
        BadInput: a rate out of bounds or unusual, no source, or the year is over.
    """
    may_decide(said.by, MAY_FUND, "En P/L-regulering")
    source = text.name(source, "source")
    if not LOWEST_BASIS_POINTS <= basis_points <= HIGHEST_BASIS_POINTS or basis_points == 0:
        raise BadInput(
            "rate",
            f"skriv satsen i procent fra {percent(LOWEST_BASIS_POINTS)} til {percent(HIGHEST_BASIS_POINTS)}, fx 2,6.",
        )
    key, what = f"index:{year}", f"P/L-regulering {year}: {percent(basis_points)} ({source})"
    there = session.exec(select(LedgerEntry).where(LedgerEntry.key == key)).first()
    if there is not None:
        if there.what == what:
            return sum(entry.amount_ore for entry in _entries(session, key))
        raise Refusal("index.done", f"{year} er reguleret allerede ({there.what}). Et år reguleres kun en gang.")
    require_usual(basis_points, is_sure=is_sure, field="rate")
    if year < said.on.year:
        raise BadInput("year", f"{year} er slut. Regulér {said.on.year} eller et senere år.")
    more = additions(session, year, basis_points)
    by_year: dict[int, int] = {}
    for (_, of, _), ore in more.items():
        by_year[of] = by_year.get(of, 0) + ore
    if short := shortfalls(session, by_year):
        raise Refusal(
            "index.too_little",
            f"Puljen kan ikke bære reguleringen: {describe_shortfall(short)} Giv en tillægsbevilling først.",
            remedy=Remedy.APPROPRIATE,
        )
    book(session, Kind.INDEXATION, year, 0, said, key=key, facility_id=None, what=what)
    for (facility_id, of, kind), ore in sorted(more.items()):
        part = f"{key}:{facility_id}:{of}" + (":reserve" if kind is Kind.RESERVE else "")
        book(session, kind, of, ore, said, key=part, facility_id=facility_id, what=what)
    total = sum(more.values())
    write_journal(session, None, f"{what}, {kr(total)} i alt.", said)
    return total


def _entries(session: Session, key: str) -> list[LedgerEntry]:
    rows = select(LedgerEntry).where(
        col(LedgerEntry.key).like(f"{key}:%"), col(LedgerEntry.kind).in_((Kind.INDEXATION, Kind.RESERVE))
    )
    return list(session.exec(rows))
