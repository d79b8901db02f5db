"""Who decides (roles) and through which door a decision came in."""

from enum import StrEnum

from models.refusal import Refusal


class Role(StrEnum):
    """A role in the municipality or around the facility; never a person."""

    PROJECT_LEAD = "project_lead"
    OPERATIONS = "operations"
    OPERATIONS_MANAGER = "operations_manager"
    COORDINATOR = "coordinator"
    POOL_MANAGER = "pool_manager"
    LEADER = "leader"
    COMMITTEE = "committee"
    VOLUNTEER = "volunteer"
    PASSER_BY = "passer_by"
    FIRM = "firm"
    CALENDAR = "calendar"

    @property
    def danish(self) -> str:
        """The word people see, in the definite form that fits in a sentence."""
        return _DANISH[self]

    @property
    def greeted(self) -> str:
        """The word that fits after "Kære" in a letter to the role's mailbox."""
        return _GREETED.get(self, self.danish)


_DANISH = {
    Role.PROJECT_LEAD: "projektlederen",
    Role.OPERATIONS: "driften",
    Role.OPERATIONS_MANAGER: "driftslederen",
    Role.COORDINATOR: "frivilligkoordinatoren",
    Role.POOL_MANAGER: "puljeforvalteren",
    Role.LEADER: "chefen",
    Role.COMMITTEE: "udvalget",
    Role.VOLUNTEER: "frivilliggruppen",
    Role.PASSER_BY: "en forbipasserende",
    Role.FIRM: "firmaet",
    Role.CALENDAR: "kalenderen",
}

#: A letter greets somebody and not a function: "Kære projektleder", not "Kære projektlederen".
_GREETED = {
    Role.PROJECT_LEAD: "projektleder",
    Role.OPERATIONS: "kolleger i driften",
    Role.OPERATIONS_MANAGER: "driftsleder",
    Role.COORDINATOR: "frivilligkoordinator",
    Role.POOL_MANAGER: "puljeforvalter",
    Role.LEADER: "chef",
    Role.COMMITTEE: "medlemmer af udvalget",
}

#: The roles a person can act as (`--by`); the calendar acts only by the daily run, a passer-by at the sign, a firm by
#: its link.
PEOPLE = tuple(role for role in Role if role not in (Role.CALENDAR, Role.PASSER_BY, Role.FIRM))


class Door(StrEnum):
    """Where a decision came in; one rule stands behind all of them."""

    PREFECT = "prefect"
    CLI = "cli"
    PAGE = "page"
    CALENDAR = "calendar"
    DESK = "desk"
    """The staff's desk, where whoever decides is signed in."""
    LINK = "link"
    """The link in a role's mailbox, where the role is known and the person isn't."""
    API = "api"
    INHERITED = "inherited"
    """What stood before Driftsklar came (`models.stages.inheritance`): the one door past the gate."""


def may_decide(by: Role, allowed: tuple[Role, ...], what: str) -> None:
    """Refuse when `by` is not among the roles that may take the decision `what` (Danish).

    Raises:
        Refusal: `role.not_allowed`, naming who may.
    """
    if by not in allowed:
        names = " eller ".join(role.danish for role in allowed)
        raise Refusal("role.not_allowed", f"{what} kan ikke afgøres af {by.danish}. Det kan {names}.")
