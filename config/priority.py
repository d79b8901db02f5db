"""Who comes first when the pool can't carry everybody: criteria with weights."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from config.entry import Entry, whole, words
from config.error import shown, wrong

#: What the program can give points for; the weights are the municipality's.
CriterionKey = Literal["readiness", "use", "distance", "operations_answer", "age"]
HIGHEST_SCORE = 10
WEIGHTS_IN_ALL = 100

_Score = Annotated[int, Field(ge=0, le=HIGHEST_SCORE, description="Skriv et helt tal fra 0 til 10.")]


class Criterion(Entry):
    """One reason to come first, and how many of the 100 points it may give."""

    key: CriterionKey = Field(description="Skriv readiness, use, distance, operations_answer eller age.")
    name: str = words("kriteriets navn", longest=60)
    weight: int = whole("vægten i point", 0, WEIGHTS_IN_ALL)


def _sum_to_a_hundred(criteria: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
    seen: set[str] = set()
    for number, criterion in enumerate(criteria):
        if criterion.key in seen:
            raise wrong(f"{shown(criterion.key)} står to gange", "Slet den ene.", at=f"[{number}].key")
        seen.add(criterion.key)
    total = sum(criterion.weight for criterion in criteria)
    if total != WEIGHTS_IN_ALL:
        raise wrong(f"vægtene giver {total}", f"Lad dem tilsammen give {WEIGHTS_IN_ALL}.")
    return criteria


class Priority(Entry):
    """Everything in `config/priority.yaml`."""

    criteria: Annotated[tuple[Criterion, ...], AfterValidator(_sum_to_a_hundred)] = Field(
        min_length=1, description="Skriv mindst et kriterium med key, name og weight."
    )
    use_by_type: dict[str, _Score] = Field(
        description="Skriv 0 til 10 for hver anlægstype: hvor mange får glæde af den."
    )
    distance_full_points_m: int = whole("afstanden i meter, der giver fulde point", 1, 100_000)
    age_full_points_days: int = whole("ventetiden i dage, der giver fulde point", 1, 3_650)
    pass_over_too_big: bool = Field(
        description="Skriv true, hvis en mindre ansøgning må gå foran en, der ikke kan betales endnu."
    )
