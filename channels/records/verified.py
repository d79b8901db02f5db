"""Whether ledger and journal are as they were written: the balances, the chain, and a head that was kept elsewhere."""

from itertools import islice

from sqlalchemy import Connection
from sqlmodel import Session

from channels.records.known_heads import differs_from_last_known, rewritten
from models.chain import Head, broken_links
from models.pool.ledger import wrong_years
from models.refusal import Refusal

MOST_NAMED = 10
REWRITTEN = "Gendan fra den sidste kopi, hvis hoved står (--backup FIL), og se, hvem der kan skrive i databasen."


def require_head(connection: Connection, head: Head, said_by: str) -> None:
    """See whether all that stood when this was the chain's head stands unchanged.

    Raises:
        Refusal: `pool.chain_rewritten`.
    """
    wrong = rewritten(connection, head)
    if wrong:
        raise Refusal(
            "pool.chain_rewritten", f"Kæden er skrevet om eller forkortet efter {said_by}: {wrong}. {REWRITTEN}"
        )


def require_unaltered(session: Session) -> None:
    """Add the ledger up and follow the chain.

    Raises:
        Refusal: `pool.ledger_wrong`: the balances aren't what the entries say; `pool.chain_broken`: an entry of the
            ledger or a line of the journal was altered or deleted; `pool.chain_rewritten`: it isn't the one of the last
            night or backup.
    """
    wrong = wrong_years(session)
    if wrong:
        raise Refusal(
            "pool.ledger_wrong",
            f"Posterne passer ikke med saldiene i {', '.join(map(str, wrong))}. "
            "Ret aldrig i databasen; gendan den fra en kopi.",
        )
    faults = list(islice(broken_links(session.connection()), MOST_NAMED + 1))
    if faults:
        more = " og flere" if len(faults) > MOST_NAMED else ""
        raise Refusal(
            "pool.chain_broken",
            f"Kæden er brudt: {', '.join(faults[:MOST_NAMED])}{more}. Nogen har ændret uden om Driftsklar. "
            "Sammenlign med en kopi (--backup FIL), og gendan fra den sidste, der står uændret.",
        )
    wrong_head = differs_from_last_known(session.connection())
    if wrong_head:
        raise Refusal(
            "pool.chain_rewritten",
            f"Kæden er skrevet om eller forkortet siden den sidste nat eller kopi: {wrong_head}. {REWRITTEN}",
        )
