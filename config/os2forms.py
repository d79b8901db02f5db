"""The OS2Forms form that proposals come by: where it is, and which of its fields says what."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.entry import Entry
from config.error import wrong

#: What we read of a submission.
Said = Literal[
    "name",
    "type",
    "place",
    "lat",
    "lon",
    "land_owner",
    "years",
    "group",
    "what",
    "sender_name",
    "sender_mail",
    "sender_phone",
]
LandOwnerWord = Literal["municipality", "private", "state", "public", "church", "association"]
_ELEMENT = r"^[a-zA-Z0-9_]{1,128}(\.[a-zA-Z0-9_]{1,128})?$"
Element = Annotated[
    str,
    Field(
        pattern=_ELEMENT,
        description="Skriv feltets nøgle i formularen, fx stedets_navn, eller felt.del for et felt med flere dele.",
    ),
]


class Os2forms(Entry):
    """One webform of an OS2Forms site. Without an address nothing is fetched."""

    url: str = Field(
        default="",
        pattern=r"^(https?://[^\s?#@]{1,300})?$",
        description='Skriv adressen på OS2Forms som "https://selvbetjening.kommune.dk", eller "" for at hente intet.',
    )
    form: str = Field(
        default="",
        pattern=r"^([a-z0-9_]{1,64})?$",
        description="Skriv formularens id (maskinnavn) i OS2Forms, fx forslag_til_sted.",
    )
    fields: dict[Said, Element] = Field(
        default_factory=dict, description="Skriv, hvilket felt i formularen der siger hvad, fx name: stedets_navn."
    )
    files: tuple[Element, ...] = Field(
        default=(), max_length=10, description="Skriv de felter, der har billeder og filer, fx [billeder], eller []."
    )
    types: dict[str, str] = Field(
        default_factory=dict,
        max_length=60,
        description='Skriv hvert svar på type med vores anlægstype, fx "Bænk": baenk.',
    )
    land_owners: dict[str, LandOwnerWord] = Field(
        default_factory=dict,
        max_length=60,
        description='Skriv hvert svar på land_owner med vores ord, fx "Kommunen": municipality.',
    )

    @property
    def is_on(self) -> bool:
        """Whether anything is fetched."""
        return bool(self.url)

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        if not self.url:
            return self
        if not self.form:
            raise wrong("mangler", "Skriv formularens id i OS2Forms.", at="form")
        if "name" not in self.fields:
            raise wrong("mangler", "Skriv, hvilket felt stedets navn står i.", at="fields.name")
        if "place" not in self.fields and not {"lat", "lon"} <= set(self.fields):
            raise wrong(
                "mangler", "Skriv, hvilket felt stedet står i, eller lat og lon hver for sig.", at="fields.place"
            )
        return self
