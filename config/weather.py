"""What the weather sets off: which places are looked at after a storm, and which are closed in a fire ban."""

from pydantic import Field

from config.entry import Entry, whole, words


class Storm(Entry):
    """An extra check after a storm: the task of each type that is brought forward."""

    checks: dict[str, str] = Field(
        description="Skriv anlægstype og den opgave, der skal gøres en ekstra gang, fx {sti: fallen_trees}."
    )
    within_days: int = whole("dage til det ekstra tjek", 1, 14)
    words: str = words("beskeden efter en storm", longest=400)


class FireBan(Entry):
    """What nobody may use while there is a fire ban."""

    closes: tuple[str, ...] = Field(description="Skriv de anlægstyper, der lukkes, fx [baalplads].")
    words: str = words("beskeden om et afbrændingsforbud", longest=400)


class WeatherRules(Entry):
    """Both; a municipality that was there before them has none, and nothing is set off."""

    storm: Storm = Storm(checks={}, within_days=3, words="Der har været storm. Se til stedet, når det er sikkert.")
    fire_ban: FireBan = FireBan(closes=(), words="Der er afbrændingsforbud. Bålpladsen må ikke bruges.")
