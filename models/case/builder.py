"""Bygherre og bygger: who built a place, and on which terms. Which rights there are follows from both."""

from enum import StrEnum


class BuiltBy(StrEnum):
    """Who built it. Only a firm can be summoned to an inspection."""

    VOLUNTEERS = "volunteers"
    OWN_CREW = "own_crew"
    FIRM = "firm"

    @property
    def danish(self) -> str:
        """The builder as a word in a sentence."""
        return {"volunteers": "frivillige", "own_crew": "kommunens egne folk", "firm": "et firma"}[self.value]


class Terms(StrEnum):
    """The general conditions that were agreed with a firm; only what was agreed holds."""

    AB18 = "AB18"
    ABT18 = "ABT18"
    AB_FORENKLET = "AB-Forenklet"
    AB92 = "AB92"
    OTHER = "other"
    NONE = "none"

    @property
    def danish(self) -> str:
        """The conditions as they are cited."""
        return {
            "AB18": "AB 18",
            "ABT18": "ABT 18",
            "AB-Forenklet": "AB-Forenklet",
            "AB92": "AB 92",
            "other": "andre vilkår",
            "none": "ingen vilkår",
        }[self.value]

    @property
    def silence_is_yes(self) -> bool:
        """Whether the work counts as handed over when the client doesn't call a meeting in time.

        AB 18 § 45 (3); ABT 18 and AB 92 have the same rule. AB-Forenklet's [check]: it is watched as the others are,
        since a warning too many costs nothing.
        """
        return self not in (Terms.OTHER, Terms.NONE)
