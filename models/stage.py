"""The lifecycle of a facility: its stages, and the only moves there are between them."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a facility is. Order matters: up to `operation` each stage needs the one before."""

    PROPOSAL = "proposal"
    CONSULTATION = "consultation"
    AGREEMENT = "agreement"
    FUNDING = "funding"
    BUILDING = "building"
    HANDOVER = "handover"
    OPERATION = "operation"
    WINDING_DOWN = "winding_down"
    CLOSED = "closed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def danish(self) -> str:
        """The word people see."""
        return _DANISH[self]

    @property
    def is_open(self) -> bool:
        """Whether anything is still to happen."""
        return self not in OVER


_DANISH = {
    Stage.PROPOSAL: "Forslag",
    Stage.CONSULTATION: "Driftshøring",
    Stage.AGREEMENT: "Pasningsaftale",
    Stage.FUNDING: "Puljetilsagn",
    Stage.BUILDING: "Bygning",
    Stage.HANDOVER: "Aflevering",
    Stage.OPERATION: "Drift",
    Stage.WINDING_DOWN: "Ophør",
    Stage.CLOSED: "Nedlagt",
    Stage.REFUSED: "Afvist",
    Stage.WITHDRAWN: "Trukket tilbage",
}

#: Nothing is still to happen, unless somebody asks again about what operations or the pool refused or what was withdrawn.
OVER = (Stage.CLOSED, Stage.REFUSED, Stage.WITHDRAWN)

#: What may be asked about again: it was never built.
NEVER_BUILT = (Stage.REFUSED, Stage.WITHDRAWN)

#: The road to operation, in order.
ROAD = (
    Stage.PROPOSAL,
    Stage.CONSULTATION,
    Stage.AGREEMENT,
    Stage.FUNDING,
    Stage.BUILDING,
    Stage.HANDOVER,
    Stage.OPERATION,
)

MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.PROPOSAL: (Stage.CONSULTATION,),
    Stage.CONSULTATION: (Stage.AGREEMENT, Stage.REFUSED, Stage.WITHDRAWN),
    Stage.AGREEMENT: (Stage.FUNDING, Stage.REFUSED, Stage.WITHDRAWN),
    Stage.FUNDING: (Stage.BUILDING, Stage.REFUSED, Stage.WITHDRAWN),
    Stage.BUILDING: (Stage.HANDOVER, Stage.REFUSED),
    Stage.HANDOVER: (Stage.OPERATION,),
    Stage.OPERATION: (Stage.WINDING_DOWN,),
    Stage.WINDING_DOWN: (Stage.OPERATION, Stage.CLOSED),
    Stage.CLOSED: (),
    Stage.REFUSED: (Stage.CONSULTATION,),
    Stage.WITHDRAWN: (Stage.CONSULTATION,),
}
