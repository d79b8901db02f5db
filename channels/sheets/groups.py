"""Grupper i et regneark: the municipality's list of volunteer groups with their contacts."""

from datetime import date
from hashlib import sha256

from sqlmodel import Session, select

from channels.sheets.cells import Reader
from channels.sheets.columns import Column, folded
from channels.sheets.facilities import Import, Outcome
from channels.sheets.reading import Row, Sheet
from models import text
from models.refusal import BadInput
from models.role import Door, Role, may_decide
from models.volunteer_group import VolunteerGroup, add_group, contacts_of, is_cvr

MAY_IMPORT = (Role.COORDINATOR, Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER)

COLUMNS = (
    Column("number", "Nummer", ("Nr", "Gruppenr", "Gruppenummer", "ID", "Foreningsnr"),
           "Kommunens eget nummer. Det er det, vi kender rækken på, når filen læses igen.",
           ("F-01", "F-02")),
    Column("name", "Gruppe", ("Gruppens navn", "Navn", "Forening", "Frivilliggruppe", "Gruppenavn"),
           "Hvad gruppen hedder.", ("Nyord Bylaug", "Stedets venner"), is_required=True),
    Column("cvr", "CVR", ("CVR-nummer", "CVR-nr"), "8 cifre, hvis gruppen har et.", ("", "")),
    Column("contact", "Kontaktperson", ("Kontakt", "Kontaktpersonens navn", "Formand"),
           "Den, der får beskederne.", ("Aase Eksempel", "Bo Eksempel"),
           is_required=True, is_personal=True),
    Column("mail", "Mail", ("E-mail", "Email", "Mailadresse", "Kontaktpersonens mail"),
           "Mail eller telefon skal være der.", ("aase@eksempel.example", ""), is_personal=True),
    Column("phone", "Telefon", ("Tlf", "Telefonnummer", "Mobil", "Kontaktpersonens telefon"),
           "Mail eller telefon skal være der.", ("12 34 56 78", "12 34 56 70"), is_personal=True),
    Column("deputy", "Stedfortræder", ("Suppleant", "Næstformand", "Stedfortræderens navn"),
           "Den, der træder til. Kan komme senere.", ("Cilie Eksempel", ""), is_personal=True),
    Column("deputy_mail", "Stedfortræders mail", ("Stedfortræder mail", "Stedfortræderens mail", "Suppleant mail"),
           "", ("cilie@eksempel.example", ""), is_personal=True),
    Column("deputy_phone", "Stedfortræders telefon", ("Stedfortræder telefon", "Stedfortræderens telefon", "Suppleant telefon"),
           "", ("", ""), is_personal=True),
)  # fmt: skip
_PERSONS = (("contact", "mail", "phone"), ("deputy", "deputy_mail", "deputy_phone"))


def import_groups(session: Session, sheet: Sheet, *, on: date, by: Role) -> Import:
    """Register every group; what is wrong is gathered. Whoever calls commits, or lets it go.

    Raises:
        Refusal: the role may not.
    """
    may_decide(by, MAY_IMPORT, "Listen over grupper")
    done = Import([], [])
    seen: dict[str, int] = {}
    for row in sheet.rows:
        reader = Reader(row, COLUMNS, sheet.letters)
        name, number, cvr = reader.words("name"), reader.words("number"), _cvr(reader)
        contacts = [person for keys in _PERSONS if (person := _person(reader, *keys))]
        key = f"import:{sha256(folded(number or name).encode()).hexdigest()}"
        if name and key in seen:
            reader.fault(
                "number" if number else "name",
                "twice",
                f"står også i række {seen[key]}. Slet den ene.",
            )
        seen.setdefault(key, row.number)
        if not reader.faults:
            _add(session, row, reader, name, contacts, cvr, key, done, on=on, by=by)
        done.faults.extend(reader.faults)
    return done


def _add(
    session: Session,
    row: Row,
    reader: Reader,
    name: str,
    contacts: list[str],
    cvr: str,
    key: str,
    done: Import,
    *,
    on: date,
    by: Role,
) -> None:
    there = session.exec(select(VolunteerGroup).where(VolunteerGroup.key == key)).first()
    others = select(VolunteerGroup).where(VolunteerGroup.name == name)
    namesake = session.exec(others).first()
    if there is None and namesake is not None:
        reader.fault(
            "name",
            "there",
            f"gruppen findes allerede som {namesake.reference}. Slet rækken, eller giv den et andet navn.",
        )
        return
    try:
        made = add_group(session, name, contacts, cvr=cvr, key=key, on=on, by=by, door=Door.CLI)
    except BadInput as bad:
        if there is not None:
            reader.fault(
                "name",
                "differs",
                f"gruppen er {there.reference} i Driftsklar, men med andre oplysninger. Ret dem der: "
                "driftsklar contact --help",
            )
        else:
            # the sentence may repeat what was typed, and a person's cell is repeated nowhere else
            sentence = "kontaktpersonerne kan ikke bruges: to af dem har den samme mail."
            same = bad.field == "contact"
            reader.fault("contact", "contact", sentence if same else bad.sentence)
        return
    line = {
        "number": "",
        "type": "gruppe",
        "name": made.name,
        "where": f"{len(contacts_of(session, made))} kontakter",
    }
    done.outcomes.append(
        Outcome(row.number, "new" if there is None else "unchanged", made.reference, line)
    )


def _cvr(reader: Reader) -> str:
    number = "".join(reader.words("cvr").split())
    if number and not is_cvr(number):
        reader.fault("cvr", "cvr", "det er ikke et CVR-nummer. Det har 8 cifre.")
    return number


def _person(reader: Reader, name_key: str, mail_key: str, phone_key: str) -> str:
    """NAME;MAIL;PHONE, or "" when nobody is named."""
    name, mail, phone = (reader.words(key) for key in (name_key, mail_key, phone_key))
    if not name:
        if mail or phone:
            reader.fault(
                name_key, "no_name", "navnet mangler. Skriv, hvem mailen eller nummeret er til."
            )
        return ""
    if ";" in name:
        reader.fault(name_key, "text", "tegnet ; kan ikke bruges i et navn.")
    for key, value, check in (
        (mail_key, mail, text.mail_address),
        (phone_key, phone, text.phone_number),
    ):
        try:
            check(value, key)
        except BadInput as bad:
            reader.fault(key, key, bad.sentence.partition(": ")[2])
    if not mail and not phone:
        reader.fault(
            name_key, "no_address", "der er hverken mail eller telefon. Skriv mindst én af dem."
        )
    return f"{name};{mail};{phone}"
