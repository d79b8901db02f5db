"""Who may act as whom: users at the command line, persons at the desk, and which questions a role's link answers."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from config.entry import Entry, whole
from config.error import known, shown, wrong
from config.municipality import MailRole

ActsAs = Literal[MailRole, "volunteer"]

#: What may be answered with the link in a role's mailbox alone: the topics of the questions that grant no money.
BY_LINK = ("consultation", "agreement", "building", "handover", "incident", "satisfaction", "winding_down")
#: Money: always decided by somebody with a name, whatever the configuration says.
NEVER_BY_LINK = ("funding", "correction", "transfer", "replacement", "year_end", "appropriation", "carry_over")

_ID = r"^[A-Z]{1,4}-[0-9]{1,4}$"
_ROLES = f"Skriv en liste af {', '.join(get_args(ActsAs))}."


class Operator(Entry):
    """One user: the id that the journal keeps (never a name), and the roles they may act in."""

    id: str = Field(pattern=_ID, description="Skriv et kort id uden navn, fx D-01. Det står i journalen.")
    roles: tuple[ActsAs, ...] = Field(min_length=1, description=_ROLES)


class Person(Entry):
    """A member of staff who signs in at the desk: where their one-time link is sent, and their roles. Never a name."""

    mail: str = Field(
        pattern=r"^[^\s@<>,;\"]+@[^\s@<>,;\"]+$",
        max_length=200,
        description="Skriv personens egen mail som navn@sted.dk.",
    )
    roles: tuple[ActsAs, ...] = Field(min_length=1, description=_ROLES)
    api_keys: tuple[Annotated[str, Field(pattern=r"^A-[0-9]{2,6}$")], ...] = Field(
        default=(), description="Skriv en liste af de nøgler til API'et, personen svarer for, fx [A-03]."
    )
    oidc: str = Field(
        default="",
        pattern=r"^(O-[0-9a-f]{8})?$",
        description="Skriv det id, journalen giver personen ved kommunens login, fx O-1a2b3c4d, eller lad det stå tomt.",
    )


class Sessions(Entry):
    """How long somebody stays signed in."""

    idle_minutes: int = whole("minutter uden et klik, før man er logget ud,", 5, 10_080, default=720)
    longest_hours: int = whole("timer, man højst er logget ind,", 1, 744, default=168)
    oidc_minutes: int = whole("minutter, før rollerne hentes igen hos kommunens login,", 2, 1_440, default=30)


def _ids_differ(operators: dict[str, Operator]) -> dict[str, Operator]:
    seen: set[str] = set()
    for user, operator in operators.items():
        if operator.id in seen:
            raise wrong(f"{shown(operator.id)} står to gange", "Giv hver sit id.", at=f"{user}.id")
        seen.add(operator.id)
    return operators


def _persons_differ(persons: dict[str, Person]) -> dict[str, Person]:
    mails: dict[str, str] = {}
    keys: dict[str, str] = {}
    subjects: dict[str, str] = {}
    for id_, person in persons.items():
        if (mail := person.mail.casefold()) in mails:
            remedy = f"{mails[mail]} har den allerede. Giv hver person sin egen mail."
            raise wrong(f"{shown(person.mail)} står to gange", remedy, at=f"{id_}.mail")
        mails[mail] = id_
        if person.oidc and person.oidc in subjects:
            remedy = f"{subjects[person.oidc]} har det allerede. Giv hver person sit eget."
            raise wrong(f"{shown(person.oidc)} står to gange", remedy, at=f"{id_}.oidc")
        subjects[person.oidc] = id_
        for key in person.api_keys:
            if key in keys:
                raise wrong(
                    f"{shown(key)} står to gange", "En nøgle har én person, der svarer for den.", at=f"{id_}.api_keys"
                )
            keys[key] = id_
    return persons


def _never_money(topics: tuple[str, ...]) -> tuple[str, ...]:
    for number, topic in enumerate(topics):
        if topic in NEVER_BY_LINK:
            remedy = (
                "Slet den her. Penge besluttes af en person, der er logget ind på /opgaver, eller ved kommandolinjen."
            )
            raise wrong(f"{shown(topic)} er om penge og kan ikke besvares med et link alene", remedy, at=f"[{number}]")
        if topic not in BY_LINK:
            raise wrong(f"{shown(topic)} kender vi ikke", known(list(BY_LINK), topic), at=f"[{number}]")
        if topic in topics[:number]:
            raise wrong(f"{shown(topic)} står to gange", "Slet den ene.", at=f"[{number}]")
    return topics


PersonId = Annotated[str, Field(pattern=_ID, description="Skriv et kort id uden navn, fx L-01. Det står i journalen.")]


class Roles(Entry):
    """Operators by user name, persons by id. With neither, everybody who may start the program acts in every role.

    The same id may stand at an operator and at a person: then it is one human at two doors, and four eyes see one.
    """

    operators: Annotated[dict[str, Operator], AfterValidator(_ids_differ)] = Field(
        description="Skriv brugernavne med id og roller, eller {} for at lade alle."
    )
    persons: Annotated[dict[PersonId, Person], AfterValidator(_persons_differ)] = Field(
        default_factory=dict, description="Skriv korte id'er med mail og roller, eller {} så længe ingen logger ind."
    )
    by_link: Annotated[tuple[str, ...], AfterValidator(_never_money)] = Field(
        default=BY_LINK, description=f"Skriv en liste af {', '.join(BY_LINK)}, eller [] for altid at kræve login."
    )
    sessions: Sessions = Field(
        default_factory=Sessions, description="Skriv idle_minutes, longest_hours og oidc_minutes, eller slet blokken."
    )
    claims: dict[str, ActsAs] = Field(
        default_factory=dict,
        description='Skriv kommunens grupper med hver sin rolle, fx "Driftsklar-Drift": operations.',
    )

    def person_with_mail(self, mail: str) -> str:
        """The id of the person with that mail address; empty when there is none."""
        wanted = mail.strip().casefold()
        return next((id_ for id_, person in self.persons.items() if person.mail.casefold() == wanted), "")

    def answers_for_key(self, key: str, role: str) -> str:
        """The id of the person who answers for an API key that acts in a role of theirs; else the key's own id."""
        owners = (id_ for id_, person in self.persons.items() if key in person.api_keys and role in person.roles)
        return next(owners, key)

    def known_as(self, subject: str) -> str:
        """The id of a person who came by OIDC: the one of `persons` that says it is the same human, else their own."""
        return next((id_ for id_, person in self.persons.items() if person.oidc == subject), subject)
