"""Grupper i et regneark: the municipality's list of volunteer groups with their contacts."""

from datetime import date
from hashlib import sha256

from sqlmodel import Session, col, select

from channels.sheets.addresses import mail_in, phone_in
from channels.sheets.cells import Reader
from channels.sheets.columns import Column
from channels.sheets.outcome import TELL_EVERY, Import, Outcome, Tell, quietly
from channels.sheets.reading import Row, Sheet
from models.alike import folded, same_number
from models.case.volunteer_group import VolunteerGroup, add_group, contacts_of, is_cvr
from models.danish import ental_flertal
from models.refusal import BadInput
from models.role import Door, Role, may_decide
from models.said import Said

MAY_IMPORT = (Role.COORDINATOR, Role.PROJECT_LEAD, Role.OPERATIONS, Role.OPERATIONS_MANAGER)

COLUMNS = (
    Column("reference", "Reference", (), "Driftsklars eget nummer, når listen er hentet ud herfra.", ("", "")),
    Column(
        "number",
        "Nummer",
        ("Nr", "Gruppenr", "Gruppenummer", "ID", "Foreningsnr"),
        "Kommunens eget nummer. Det er det, vi kender rækken på, når filen læses igen.",
        ("F-01", "F-02"),
    ),
    Column(
        "name",
        "Gruppe",
        ("Gruppens navn", "Navn", "Forening", "Frivilliggruppe", "Gruppenavn"),
        "Hvad gruppen hedder.",
        ("Nyord Bylaug", "Stedets venner"),
        is_required=True,
    ),
    Column("cvr", "CVR", ("CVR-nummer", "CVR-nr"), "8 cifre, hvis gruppen har et.", ("", "")),
    Column(
        "contact",
        "Kontaktperson",
        ("Kontakt", "Kontaktpersonens navn", "Kontaktperson navn", "Formand", "Person"),
        "Den, der får beskederne.",
        ("Aase Eksempel", "Bo Eksempel"),
        is_required=True,
        is_personal=True,
    ),
    Column(
        "mail",
        "Mail",
        ("E-mail", "Email", "Mailadresse", "Kontaktpersonens mail", "Kontaktperson mail", "Kontaktperson e-mail"),
        "Mail eller telefon skal være der.",
        ("aase@eksempel.example", ""),
        is_personal=True,
    ),
    Column(
        "phone",
        "Telefon",
        ("Tlf", "Telefonnummer", "Mobil", "Kontaktpersonens telefon", "Kontaktperson telefon", "Kontaktperson tlf"),
        "Mail eller telefon skal være der.",
        ("12 34 56 78", "12 34 56 70"),
        is_personal=True,
    ),
    Column(
        "deputy",
        "Stedfortræder",
        ("Suppleant", "Næstformand", "Stedfortræderens navn", "Stedfortræder navn"),
        "Den, der træder til. Kan komme senere.",
        ("Cilie Eksempel", ""),
        is_personal=True,
    ),
    Column(
        "deputy_mail",
        "Stedfortræders mail",
        ("Stedfortræder mail", "Stedfortræderens mail", "Suppleant mail"),
        "",
        ("cilie@eksempel.example", ""),
        is_personal=True,
    ),
    Column(
        "deputy_phone",
        "Stedfortræders telefon",
        ("Stedfortræder telefon", "Stedfortræderens telefon", "Suppleant telefon"),
        "",
        ("", ""),
        is_personal=True,
    ),
)
_PERSONS = (("contact", "mail", "phone"), ("deputy", "deputy_mail", "deputy_phone"))


def import_groups(
    session: Session, sheet: Sheet, *, on: date, by: Role, door: Door, is_kept: bool = True, tell: Tell = quietly
) -> Import:
    """Register every group; what is wrong is gathered. Nothing stays when a cell is wrong, or unless `is_kept`.

    Raises:
        Refusal: the role may not.
    """
    may_decide(by, MAY_IMPORT, "Listen over grupper")
    done = Import([], [], [])
    seen = _Seen(session)
    for count, row in enumerate(sheet.rows, start=1):
        if count % TELL_EVERY == 0:
            tell("læst", count)
        if row.faults:
            done.faults.extend(row.faults)
            continue
        reader = Reader(row, COLUMNS, sheet.letters)
        if reader.has("reference"):
            _by_reference(session, row, reader, seen, done)
        else:
            _register(session, row, reader, seen, done, Said(on, by, door))
        done.faults.extend(reader.faults)
        done.warnings.extend(reader.warnings)
    if done.faults or not is_kept:
        session.rollback()
    return done


class _Seen:
    """The rows of the list by what they are known by, and the names of the groups that were there before."""

    def __init__(self, session: Session) -> None:
        self.keys: dict[str, int] = {}
        self.names: dict[str, tuple[str, int, str]] = {}
        there = select(VolunteerGroup).order_by(col(VolunteerGroup.id).desc())
        groups = [group for group in session.exec(there) if not group.is_nobody]
        self.by_reference = {group.reference: group for group in groups}
        self.by_name = {group.name: group for group in groups}  # the oldest of two with one name
        self.alike: dict[str, list[VolunteerGroup]] = {}
        for group in groups:
            self.alike.setdefault(folded(group.name), []).append(group)


def _register(session: Session, row: Row, reader: Reader, seen: _Seen, done: Import, said: Said) -> None:
    name, number, cvr = reader.words("name"), reader.words("number"), _cvr(reader)
    contacts = [person for keys in _PERSONS if (person := _person(reader, *keys))]
    key = _key(number, name)
    if name:
        _not_twice(row, reader, seen, name, number, key)
    if reader.faults:
        return
    # lists that came in before numbers were compared as numbers are known by the key of that time
    old = f"import:{sha256(_signless(number or name).encode()).hexdigest()}"
    keys = select(VolunteerGroup).where(col(VolunteerGroup.key).in_([key, old]))
    there = next((each for each in session.exec(keys) if each.key == key or each.name == name), None)
    namesake = seen.by_name.get(name)
    if there is None and namesake is not None:
        sentence = f"gruppen findes allerede som {namesake.reference}. Slet rækken, eller giv den et andet navn."
        reader.fault("name", "there", sentence)
        return
    if there is None and (near := seen.alike.get(folded(name))):
        which = " og ".join(f"{group.reference} {group.name}" for group in near)
        reader.warn("name", "alike", f"ligner {which}. Er det den samme, så slet rækken.")
    used = key if there is None else there.key
    try:
        made = add_group(session, name, contacts, said, cvr=cvr, key=used)
    except BadInput as bad:
        _refused(reader, there, bad)
        return
    what = "new" if there is None else "unchanged"
    done.outcomes.append(_outcome(row, what, made, len(contacts_of(session, made))))


def _key(number: str, name: str) -> str:
    if number:
        return f"import:nr:{sha256(same_number(number).encode()).hexdigest()}"
    return f"import:{sha256(_signless(name).encode()).hexdigest()}"


def _signless(words: str) -> str:
    """As keys have been made from the first import on: `folded` would keep no accents."""
    words = words.casefold().replace("æ", "ae").replace("ø", "oe").replace("å", "aa")
    return "".join(sign for sign in words if sign.isalnum())


def _not_twice(row: Row, reader: Reader, seen: _Seen, name: str, number: str, key: str) -> None:
    """Two rows with one number are one too many; two names that only look alike must be told apart by numbers."""
    if key in seen.keys and (number or seen.names[folded(name)][0] == name):
        sentence = f"står også i række {seen.keys[key]}. Slet den ene."
        reader.fault("number" if number else "name", "twice", sentence)
    elif (other := seen.names.get(folded(name))) is not None:
        other_name, other_row, other_number = other
        if other_name == name:
            sentence = (
                f"gruppen står også i række {other_row} med et andet nummer. Slet den ene, eller giv den et andet navn."
            )
            reader.fault("name", "twice_name", sentence)
        elif not number or not other_number:
            sentence = (
                f"ligner række {other_row}. Er det to grupper, så giv dem hver sit nummer; er det én, så slet den ene."
            )
            reader.fault("name", "alike", sentence)
        else:
            sentence = f"ligner række {other_row}. De bliver to grupper, for de har hver sit nummer."
            reader.warn("name", "alike", sentence)
    seen.keys.setdefault(key, row.number)
    seen.names.setdefault(folded(name), (name, row.number, number))


def _refused(reader: Reader, there: VolunteerGroup | None, bad: BadInput) -> None:
    if there is not None:
        sentence = f"gruppen er {there.reference} i Driftsklar, men med andre oplysninger. Ret dem der: driftsklar contact --help"
        reader.fault("name", "differs", sentence)
        return
    # the sentence may repeat what was typed, and a person's cell is repeated nowhere else
    sentence = "kontaktpersonerne kan ikke bruges: to af dem har den samme mail."
    reader.fault("contact", "contact", sentence if bad.field == "contact" else bad.sentence)


def _by_reference(session: Session, row: Row, reader: Reader, seen: _Seen, done: Import) -> None:
    """A row of our own list: what it says must be what stands. A group with several contacts has a row for each."""
    reference = reader.words("reference").upper()
    there = seen.by_reference.get(reference)
    if there is None:
        reader.fault(
            "reference", "no_reference", "der er ingen gruppe med den reference. Lad cellen være tom, hvis den er ny."
        )
        return
    persons = contacts_of(session, there)
    person = _person(reader, *_PERSONS[0]) if reader.has("contact") else ""
    known = {f"{each.name};{each.mail};{each.phone}" for each in persons}
    for key, is_same in (
        ("name", not reader.has("name") or reader.words("name") == there.name),
        ("cvr", not reader.has("cvr") or _cvr(reader) == there.cvr),
        ("contact", not person or person in known),
    ):
        if not is_same:
            sentence = (
                f"{reference} har noget andet i Driftsklar. Ret det der: driftsklar contact --help, eller slet rækken."
            )
            reader.fault(key, "differs", sentence)
    if not reader.faults:
        done.outcomes.append(_outcome(row, "unchanged", there, len(persons)))


def _outcome(row: Row, what: str, group: VolunteerGroup, contacts: int) -> Outcome:
    where = ental_flertal(contacts, "kontakt", "kontakter")
    line = {"number": "", "type": "gruppe", "name": group.name, "where": where}
    return Outcome(row.number, what, group.reference, line)


def _cvr(reader: Reader) -> str:
    number = "".join(reader.words("cvr").split())
    if number and not is_cvr(number):
        reader.fault("cvr", "cvr", "det er ikke et CVR-nummer. Det har 8 cifre.")
    return number


def _person(reader: Reader, name_key: str, mail_key: str, phone_key: str) -> str:
    """NAME;MAIL;PHONE, or "" when nobody is named."""
    name, mail, phone = (reader.words(name_key), mail_in(reader, mail_key), phone_in(reader, phone_key))
    if not name:
        if mail or phone:
            sentence = "navnet mangler. Skriv, hvem mailen eller nummeret er til."
            reader.fault(name_key, "no_name", sentence)
        return ""
    if ";" in name:
        reader.fault(name_key, "text", "tegnet ; kan ikke bruges i et navn.")
    if not mail and not phone and not reader.faults:
        sentence = "der er hverken mail eller telefon. Skriv mindst én af dem."
        reader.fault(name_key, "no_address", sentence)
    return f"{name};{mail};{phone}"
