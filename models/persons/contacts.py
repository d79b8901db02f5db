"""Kontakter: a group gets a deputy, somebody leaves, somebody has a new address.

Journal and messages say the role of a contact, never the name: both are kept longer than persons are.
"""

from sqlmodel import Session, col, select

from models import text
from models.case.facility import Facility
from models.case.volunteer_group import Contact, Pace, Reach, VolunteerGroup, contacts_of, members_of, missing_readiness
from models.journal import write_journal
from models.operation.who_is_asked import give_all_back
from models.operation.winding_down import minutes_given
from models.persons.known import signatures_by
from models.post.link import revoke_links
from models.post.outbox import THANKS, add_to_daily, tell_contact
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said
from models.stage import Stage

MAY_CHANGE = (Role.VOLUNTEER, Role.COORDINATOR)
MAX_CONTACTS = 10


def add_contact(session: Session, group: VolunteerGroup, name: str, mail: str, phone: str, said: Said) -> Contact:
    """Write somebody on: the second one is the deputy. Somebody who is on with the same address stays so.

    Raises:
        BadInput: a name or address that can't be used, or the group has ten contacts.
    """
    may_decide(said.by, MAY_CHANGE, "Gruppens kontakter")
    name = text.name(name, "name")
    mail, phone = text.mail_address(mail, "mail"), text.phone_number(phone, "phone")
    if not mail and not phone:
        raise BadInput("mail", "skriv en mail eller et telefonnummer, så vi kan få fat i jer.")
    there = contacts_of(session, group)
    for contact in there:
        if (contact.mail.lower() or contact.phone) == (mail.lower() or phone):
            if (contact.name, contact.phone) == (name, phone):
                return contact
            raise BadInput("mail", "en anden i gruppen har den mail eller det nummer.")
    if len(there) >= MAX_CONTACTS:
        raise BadInput("name", f"der er plads til {MAX_CONTACTS} kontakter. Lad en gå ud først.")
    position = max((contact.position for contact in there), default=-1) + 1
    same = ((m, m.mail.lower() or m.phone) for m in members_of(session, group))
    member = next((m for m, address in same if address == (mail.lower() or phone)), None)
    contact = member or Contact(group_id=group.number, position=position, name=name, mail=mail, phone=phone)
    contact.position, contact.is_member = position, False  # a member becomes a contact, and stays the same person
    session.add(contact)
    session.flush()
    say_of_group(session, group, f"Gruppen {group.reference} har fået en {contact.role_danish}.", said)
    facility_id = a_facility(session, group)
    if facility_id is not None:
        add_to_daily(
            session,
            contact_id=contact.id,
            role=None,
            kind="welcome",
            facility_id=facility_id,
            key=f"contact:{contact.id}:welcome" + (":as-contact" if member is not None else ""),
            context={"group_name": group.name, "role_danish": contact.role_danish},
            on=said.on,
        )
    return contact


def leave_group(session: Session, contact: Contact, said: Said) -> Contact:
    """Somebody leaves and is thanked with the group's hours; whoever comes next moves up and is told.

    The links of the one who left stop working.

    Raises:
        Refusal: nobody would be left; then the group stops, or finds a deputy first.
    """
    may_decide(said.by, MAY_CHANGE, "Gruppens kontakter")
    if contact.left_on is not None:
        return contact
    group = session.get_one(VolunteerGroup, contact.group_id)
    if contact.is_member:
        return _member_leaves(session, group, contact, said)
    others = [c for c in contacts_of(session, group) if c.id != contact.id]
    if not others:
        raise Refusal("contacts.last", "Du er den eneste kontakt. Skriv en ny på først, eller sig, at gruppen stopper.")
    left_as = contact.role_danish
    contact.left_on = said.on
    give_all_back(session, contact)
    before = {other.id: other.role_danish for other in others}
    for position, other in enumerate(others):
        other.position = position
    others[0].only_own_places = False
    session.flush()
    facility_id = a_facility(session, group)
    if facility_id is not None:  # else the group has no place, and there is nothing to lead or to thank for
        for other in others:
            if other.role_danish != before[other.id]:
                add_to_daily(
                    session,
                    contact_id=other.id,
                    role=None,
                    kind="group_news",
                    facility_id=facility_id,
                    key=f"contact:{other.id}:moved-up:{contact.id}",
                    context={
                        "what": f"Du er nu gruppens {other.role_danish}, for en {left_as} er gået ud. "
                        "Passer det ikke, så sig det til os."
                    },
                    on=said.on,
                )
        mine = facilities_of(session, group)
        thanks = {"years": 0, "minutes_given": sum(minutes_given(session, each) for each in mine)}
        tell_contact(
            session,
            contact,
            THANKS,
            facility_id=facility_id,
            key=f"contact:{contact.id}:thanks",
            on=said.on,
            context=thanks,
        )
    missing = " ".join(missing_readiness(session, group))
    what = f"En {left_as} er gået ud af gruppen {group.reference}. {missing}".strip()
    say_of_group(session, group, what, said)
    revoke_links(session, said, contact_id=contact.id)
    return contact


def change_contact(
    session: Session, contact: Contact, mail: str, phone: str, prefers: Reach, said: Said, *, name: str | None = None
) -> Contact:
    """Somebody has a new address, would rather have an SMS, or is spelt otherwise; without `name` they are called as before.

    What they signed keeps the name it was signed with, and the right one is written beside it: so it is still known
    whose it is when they are erased.

    Raises:
        BadInput: a name or an address that can't be used, or none for the way that is wished.
    """
    may_decide(said.by, MAY_CHANGE, "Gruppens kontakter")
    mail, phone = text.mail_address(mail, "mail"), text.phone_number(phone, "phone")
    if not mail and not phone:
        raise BadInput("mail", "skriv en mail eller et telefonnummer, så vi kan få fat i jer.")
    if prefers is Reach.SMS and not phone:
        raise BadInput("phone", "skriv et telefonnummer, når I helst vil have en SMS.")
    name = contact.name if name is None else text.name(name, "name")
    renamed, moved = name != contact.name, (contact.mail, contact.phone, contact.prefers) != (mail, phone, prefers)
    if not renamed and not moved:
        return contact
    if contact.mail != mail:
        contact.mail_refused = ""
    if renamed:
        _rename_in_signatures(session, contact, name, said)
    contact.name, contact.mail, contact.phone, contact.prefers = name, mail, phone, prefers
    session.flush()
    group = session.get_one(VolunteerGroup, contact.group_id)
    changed = " og ".join(word for word, is_so in (("navnet", renamed), ("adressen", moved)) if is_so)
    what = f"Gruppen {group.reference} har rettet {changed} på sin {contact.role_danish}."
    say_of_group(session, group, what, said, tell=False)
    return contact


def _rename_in_signatures(session: Session, contact: Contact, name: str, said: Said) -> None:
    """Write the right name beside what the contact signed, as `models.stages.correction.correct_signature` does."""
    for signature, agreement in signatures_by(session, contact):
        right = "" if name == signature.name else name
        if signature.corrected_name != right:
            signature.corrected_name = right
            facility = session.get_one(Facility, agreement.facility_id)
            line = f"Rettet: navnet i underskriften for {signature.side.danish} på aftale {agreement.version}."
            write_journal(session, facility, f"{line} Begrundelse: kontaktens navn er rettet.", said)


def choose_pace(session: Session, group: VolunteerGroup, pace: Pace, said: Said) -> VolunteerGroup:
    """How often the group is written to: once a week, for each check, or by SMS alone. The same again changes nothing.

    Raises:
        Refusal: the role may not.
        BadInput: SMS alone, and one of the contacts has no telephone number.
    """
    may_decide(said.by, MAY_CHANGE, "Gruppens mails")
    if group.pace is pace:
        return group
    if pace is Pace.SMS and not all(contact.phone for contact in contacts_of(session, group)):
        raise BadInput("pace", "kun SMS kræver et telefonnummer på hver kontakt. Skriv dem på først.")
    group.pace = pace
    session.flush()
    say_of_group(session, group, f"Gruppen {group.reference} får nu {pace.danish}.", said, tell=False)
    return group


def choose_language(session: Session, contact: Contact, language: str, said: Said) -> Contact:
    """The language of somebody's letters, as the folder of the municipality's own letters is called; "" for Danish.

    The door has seen that there are letters in it.
    """
    may_decide(said.by, MAY_CHANGE, "Gruppens kontakter")
    if contact.language != language:
        contact.language = language
        session.flush()
        group = session.get_one(VolunteerGroup, contact.group_id)
        say_of_group(session, group, f"{group.name}: en får sine breve på et andet sprog.", said, tell=False)
    return contact


def facilities_of(session: Session, group: VolunteerGroup) -> list[Facility]:
    """What the group looks after or waits for, the first one first."""
    rows = select(Facility).where(Facility.group_id == group.id).order_by(col(Facility.id))
    return [facility for facility in session.exec(rows) if facility.stage.is_open]


def a_facility(session: Session, group: VolunteerGroup) -> int | None:
    """The number of a place of the group's to write to it about, one in operation first; None where it has none."""
    mine = facilities_of(session, group)
    in_operation = [facility for facility in mine if facility.stage is Stage.OPERATION]
    return next((facility.id for facility in in_operation + mine), None)


def say_of_group(session: Session, group: VolunteerGroup, what: str, said: Said, *, tell: bool = True) -> None:
    """Write down what happened to a group, without a name, and tell the coordinator."""
    line = write_journal(session, None, what, said)
    facility_id = a_facility(session, group)
    if tell and facility_id is not None:
        add_to_daily(
            session,
            contact_id=None,
            role=Role.COORDINATOR,
            kind="group_news",
            facility_id=facility_id,
            key=f"contacts:{line}",
            context={"what": what},
            on=said.on,
        )


def _member_leaves(session: Session, group: VolunteerGroup, member: Contact, said: Said) -> Contact:
    """Nobody moves up for a member, and nobody is missed by the calendar; thanks, and their links stop."""
    member.left_on = said.on
    give_all_back(session, member)
    facility_id = a_facility(session, group)
    if facility_id is not None:
        minutes = sum(minutes_given(session, each) for each in facilities_of(session, group))
        thanks = {"years": 0, "minutes_given": minutes}
        key = f"contact:{member.id}:thanks"
        tell_contact(session, member, THANKS, facility_id=facility_id, key=key, on=said.on, context=thanks)
    say_of_group(session, group, f"Et medlem er gået ud af gruppen {group.reference}.", said, tell=False)
    revoke_links(session, said, contact_id=member.id)
    return member
