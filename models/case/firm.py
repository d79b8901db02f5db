"""Firmaer: the companies that build and repair, in one directory. A company's name, mail and phone; never a person's."""

from datetime import date

from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.volunteer_group import is_cvr
from models.database import Numbered
from models.journal import write_journal
from models.numbering import next_number
from models.refusal import BadInput, Refusal, Remedy
from models.role import Role, may_decide
from models.said import Said

MAY_KEEP_FIRMS = (Role.OPERATIONS, Role.OPERATIONS_MANAGER, Role.PROJECT_LEAD, Role.COORDINATOR, Role.LEADER)


class Firm(Numbered, SQLModel, table=True):
    """One company, known by its CVR number. `left_on` is when it stopped working for the municipality."""

    __tablename__ = "firm"

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=16)
    name: str = Field(max_length=text.NAME_LENGTH)
    cvr: str = Field(unique=True, max_length=8)
    mail: str = Field(max_length=254)
    phone: str = Field(default="", max_length=20)
    since_on: date
    left_on: date | None = None


def add_firm(session: Session, name: str, said: Said, *, cvr: str, mail: str, phone: str) -> Firm:
    """Enter a firm; the same CVR number with the same words again returns the firm that is there.

    Raises:
        BadInput: the name, CVR number, mail or phone can't be used.
        Refusal: the role may not, or the CVR number is there with another name, mail or phone, or is of a firm
            that works for the municipality no more.
    """
    may_decide(said.by, MAY_KEEP_FIRMS, "Et firma")
    name, mail = text.name(name, "name"), text.mail_address(mail, "mail")
    phone, cvr = text.phone_number(phone, "phone"), cvr.replace(" ", "").removeprefix("DK")
    if not is_cvr(cvr):
        raise BadInput("cvr", f'"{cvr[:20]}" er ikke et CVR-nummer. Det har 8 cifre og står på fakturaen.')
    if not mail:
        raise BadInput("mail", "firmaet skal have en mailadresse: opgaver sendes som links i mails.")
    there = session.exec(select(Firm).where(Firm.cvr == cvr)).first()
    if there is not None:
        if (there.name, there.mail, there.phone) != (name, mail, phone):
            raise Refusal(
                "firm.known",
                f"CVR {cvr} er {there.reference} {there.name} med mail {there.mail}. Brug {there.reference}.",
                remedy=Remedy.CORRECT_FIRM,
            )
        if there.left_on is not None:
            raise Refusal(
                "firm.left",
                f"CVR {cvr} er {there.reference} {there.name}, som ikke arbejder mere for kommunen. Gør det nu, så tag "
                f"{there.reference} op igen i stedet for at oprette det.",
            )
        return there
    firm = Firm(
        reference=f"F-{next_number(session, 'firm'):04d}", name=name, cvr=cvr, mail=mail, phone=phone, since_on=said.on
    )
    session.add(firm)
    session.flush()
    write_journal(session, None, f"Firmaet {firm.reference} er oprettet: {name}, CVR {cvr}.", said)
    return firm


def correct_firm(
    session: Session, firm: Firm, said: Said, *, name: str | None, mail: str | None, phone: str | None
) -> Firm:
    """Change what the firm is called or how it is reached; its CVR number stays.

    Raises:
        BadInput: a value can't be used.
        Refusal: the role may not.
    """
    may_decide(said.by, MAY_KEEP_FIRMS, "Et firma")
    new = {
        "name": firm.name if name is None else text.name(name, "name"),
        "mail": firm.mail if mail is None else text.mail_address(mail, "mail") or firm.mail,
        "phone": firm.phone if phone is None else text.phone_number(phone, "phone"),
    }
    if new != {"name": firm.name, "mail": firm.mail, "phone": firm.phone}:
        firm.name, firm.mail, firm.phone = new["name"], new["mail"], new["phone"]
        write_journal(session, None, f"Oplysningerne om firmaet {firm.reference} er rettet.", said)
        session.flush()
    return firm


def leave_firm(session: Session, firm: Firm, said: Said) -> Firm:
    """The firm doesn't work for the municipality any more: no new orders, and its links stop.

    Raises:
        Refusal: the role may not.
    """
    may_decide(said.by, MAY_KEEP_FIRMS, "Et firma")
    if firm.left_on is None:
        firm.left_on = said.on
        write_journal(session, None, f"Firmaet {firm.reference} arbejder ikke mere for kommunen.", said)
        session.flush()
    return firm


def take_firm_again(session: Session, firm: Firm, said: Said) -> Firm:
    """A firm that had stopped works for the municipality again: it can be given work, and its links open once more.

    Raises:
        Refusal: the role may not.
    """
    may_decide(said.by, MAY_KEEP_FIRMS, "Et firma")
    if firm.left_on is not None:
        firm.left_on = None
        write_journal(session, None, f"Firmaet {firm.reference} arbejder for kommunen igen.", said)
        session.flush()
    return firm


def find_firm(session: Session, reference: str) -> Firm:
    """The firm with that reference (`F-0001`).

    Raises:
        BadInput: there is no such firm; it says where the list is.
    """
    firm = session.exec(select(Firm).where(Firm.reference == reference.strip().upper())).first()
    if firm is None:
        raise BadInput("firm", f'der er intet firma "{reference[:40]}".', remedy=Remedy.LIST_FIRMS)
    return firm


def working_firm(session: Session, reference: str) -> Firm:
    """The same, when it still works for the municipality.

    Raises:
        BadInput: there is no such firm, or it has left.
    """
    firm = find_firm(session, reference)
    if firm.left_on is not None:
        raise BadInput("firm", f"{firm.reference} {firm.name} arbejder ikke mere for kommunen. Vælg et andet firma.")
    return firm


def firms(session: Session) -> list[Firm]:
    """All firms, by reference."""
    return list(session.exec(select(Firm).order_by(col(Firm.reference))))
