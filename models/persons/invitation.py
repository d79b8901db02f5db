"""Invitation: somebody of a group, or the coordinator, invites a member, who writes themselves on and says yes.

The link is good for two weeks, and for one or a few. Nobody is written on without their own tick. A member helps now and
then: they hear of what they have taken, of what the others write, and of the season; they are no contact and no deputy.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models import text
from models.case.volunteer_group import Contact, Reach, VolunteerGroup, contacts_of, everyone_in, members_of
from models.database import Numbered
from models.journal import write_journal
from models.persons.contacts import a_facility, say_of_group
from models.post.link import Link, Purpose, make_link, revoke_links
from models.post.outbox import add_to_daily
from models.refusal import BadInput, Refusal
from models.role import Role, may_decide
from models.said import Said

MAY_INVITE = (Role.VOLUNTEER, Role.COORDINATOR)
AT_MOST = 10
"""How many one invitation may be for."""
MOST_OPEN = 5
"""How many invitations of a group may be open at once."""
MAX_MEMBERS = 40
FIRST_POSITION = 100
"""Where members stand in the order of a group: after all contacts."""


class Invitation(Numbered, SQLModel, table=True):
    """One invitation to a group. Who made it is a number; who came by it is written with them."""

    __tablename__ = "invitation"

    id: int | None = Field(default=None, primary_key=True)
    group_id: int = Field(foreign_key="volunteer_group.id", index=True)
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    most: int
    taken: int = 0
    made_on: date

    @property
    def is_used_up(self) -> bool:
        """Whether as many have come as it is for."""
        return self.taken >= self.most

    @property
    def left(self) -> int:
        """How many may come by it still."""
        return max(0, self.most - self.taken)


def invite(
    session: Session, group: VolunteerGroup, said: Said, *, by_contact: Contact | None, most: int, moment: datetime
) -> str:
    """Make an invitation; returns the token of its link, which whoever made it sends on by their own telephone.

    One that is open for as many, made the same day by the same one, is given again.

    Raises:
        BadInput: it is for nobody or for too many.
        Refusal: a member, who may not invite, or too many invitations are open.
    """
    may_decide(said.by, MAY_INVITE, "En invitation")
    if not 1 <= most <= AT_MOST:
        raise BadInput("most", f"en invitation er til 1–{AT_MOST}.")
    if by_contact is not None and by_contact.is_member:
        raise Refusal("invitation.contacts_only", "Gruppens kontakter inviterer. Sig det til en af dem.")
    if a_facility(session, group) is None:
        raise Refusal("invitation.no_place", f"{group.reference} har ikke noget sted endnu.")
    there = open_invitations(session, group, moment=moment)
    who = by_contact.id if by_contact is not None else None
    same = [each for each in there if (each.contact_id, each.most, each.taken, each.made_on) == (who, most, 0, said.on)]
    if same:
        return token_of_invitation(session, same[0], moment=moment)
    if len(there) >= MOST_OPEN:
        raise Refusal("invitation.too_many", f"{MOST_OPEN} invitationer er åbne. Luk en af dem, eller vent 14 dage.")
    made = Invitation(group_id=group.number, contact_id=who, most=most, made_on=said.on)
    session.add(made)
    session.flush()
    write_journal(session, None, f"Gruppen {group.reference} har en invitation ude til {most}.", said)
    return token_of_invitation(session, made, moment=moment)


def open_invitations(session: Session, group: VolunteerGroup, *, moment: datetime) -> list[Invitation]:
    """The group's invitations that somebody can come by still."""
    rows = (
        select(Invitation)
        .join(Link, col(Link.subject_id) == Invitation.id)
        .where(
            Invitation.group_id == group.id,
            Invitation.taken < Invitation.most,
            Link.purpose == Purpose.INVITATION,
            col(Link.revoked_at).is_(None),
            col(Link.expires_at) > moment + Purpose.INVITATION.lifetime / 4,
        )
        .order_by(col(Invitation.id))
    )
    return list(session.exec(rows))


def token_of_invitation(session: Session, invitation: Invitation, *, moment: datetime) -> str:
    """The token of an invitation's link."""
    role = Role.COORDINATOR if invitation.contact_id is None else None
    return make_link(
        session, Purpose.INVITATION, invitation.number, contact_id=invitation.contact_id, role=role, moment=moment
    )


def close_invitation(session: Session, group: VolunteerGroup, number: int, said: Said) -> None:
    """Take an invitation back: its link stops working. Again, it has stopped already.

    Raises:
        BadInput: the group has no such invitation.
    """
    may_decide(said.by, MAY_INVITE, "En invitation")
    invitation = session.get(Invitation, number)
    if invitation is None or invitation.group_id != group.id:
        raise BadInput("invitation", "den invitation er der ikke.")
    revoke_links(session, said, purpose=Purpose.INVITATION, subject_id=invitation.number)


def accept_invitation(
    session: Session, link: Link, name: str, mail: str, phone: str, said: Said, *, consents: bool, language: str = ""
) -> tuple[Contact, bool]:
    """Somebody writes themselves on as a member; returns them, and whether they are new.

    Who is in the group by that address already stays as they are: nothing is said of who that is, and nobody is
    counted twice.

    Raises:
        BadInput: no tick, no name, an address that can't be used, or none at all.
        Refusal: `invitation.used_up`, as many have come as it was for.
    """
    if not consents:
        raise BadInput("consent", "sæt et flueben, hvis du vil være med.")
    name = text.name(name, "name")
    mail, phone = text.mail_address(mail, "mail"), text.phone_number(phone, "phone")
    if not mail and not phone:
        raise BadInput("mail", "skriv en mail eller et telefonnummer, så vi kan få fat i dig.")
    rows = select(Invitation).where(Invitation.id == link.subject_id).with_for_update()
    invitation = session.exec(rows).one()
    group = session.get_one(VolunteerGroup, invitation.group_id)
    for there in everyone_in(session, group):
        if (there.mail.lower() or there.phone) == (mail.lower() or phone):
            return there, False
    if invitation.is_used_up or len(members_of(session, group)) >= MAX_MEMBERS:
        raise Refusal("invitation.used_up", "Invitationen er brugt. Bed om en ny hos den, der sendte den.")
    position = max((each.position for each in everyone_in(session, group)), default=0)
    member = Contact(
        group_id=group.number,
        position=max(FIRST_POSITION, position + 1),
        name=name,
        mail=mail,
        phone=phone,
        prefers=Reach.MAIL if mail else Reach.SMS,
        is_member=True,
        consented_on=said.on,
        language=language,
    )
    session.add(member)
    invitation.taken += 1
    session.flush()
    say_of_group(session, group, f"Gruppen {group.reference} har fået et medlem ved en invitation.", said, tell=False)
    _welcome(session, group, member, said.on)
    return member, True


def _welcome(session: Session, group: VolunteerGroup, member: Contact, on: date) -> None:
    """The new one gets their own link, and the contact person hears that somebody has come."""
    facility_id = a_facility(session, group)
    if facility_id is None:
        return
    add_to_daily(
        session,
        contact_id=member.id,
        role=None,
        kind="welcome_member",
        facility_id=facility_id,
        key=f"contact:{member.id}:welcome",
        context={"group_name": group.name},
        on=on,
    )
    for contact in contacts_of(session, group)[:1]:
        add_to_daily(
            session,
            contact_id=contact.id,
            role=None,
            kind="group_news",
            facility_id=facility_id,
            key=f"contact:{member.id}:came",
            context={"what": "Der er kommet et nyt medlem i gruppen ved jeres invitation. Se hvem på jeres egen side."},
            on=on,
        )


def forget_invitations(session: Session, *, on: date) -> None:
    """Invitations that nobody can come by any more say nothing: they go with their links."""
    old = select(Invitation).where(col(Invitation.made_on) < on - timedelta(days=90))
    for invitation in session.exec(old).all():
        has_a_link = select(Link.id).where(Link.purpose == Purpose.INVITATION, Link.subject_id == invitation.id)
        if session.exec(has_a_link.limit(1)).first() is None:
            session.delete(invitation)
    session.flush()
