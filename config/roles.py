"""Who may act as whom at the command line: users of the operating system, and their roles."""

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from config.entry import Entry
from config.error import shown, wrong
from config.municipality import MailRole

ActsAs = Literal[MailRole, "volunteer"]


class Operator(Entry):
    """One user: the id that the journal keeps (never a name), and the roles they may act in."""

    id: str = Field(
        pattern=r"^[A-Z]{1,4}-[0-9]{1,4}$", description="Skriv et kort id uden navn, fx D-01. Det står i journalen."
    )
    roles: tuple[ActsAs, ...] = Field(min_length=1, description=f"Skriv en liste af {', '.join(get_args(ActsAs))}.")


def _ids_differ(operators: dict[str, Operator]) -> dict[str, Operator]:
    seen: set[str] = set()
    for user, operator in operators.items():
        if operator.id in seen:
            raise wrong(f"{shown(operator.id)} står to gange", "Giv hver sit id.", at=f"{user}.id")
        seen.add(operator.id)
    return operators


class Roles(Entry):
    """The operators by user name. With none, everybody who may start the program acts in every role."""

    operators: Annotated[dict[str, Operator], AfterValidator(_ids_differ)] = Field(
        description="Skriv brugernavne med id og roller, eller {} for at lade alle."
    )
