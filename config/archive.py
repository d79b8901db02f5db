"""The municipality's archive (ESDH): which one, where it is, and what a case of ours is made with there."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.entry import Entry, whole, words_or_empty
from config.error import wrong

System = Literal["", "folder", "sbsys", "getorganized"]
_URL = r"^(https?://[^\s?#@]{1,300})?$"
_KLE = r"^([0-9]{2}(\.[0-9]{2}){0,2})?$"


class Sbsys(Entry):
    """What SBSYS needs to make a case: a case template, who handles it, and the party it is about."""

    token_url: str = Field(
        default="", pattern=_URL, description='Skriv adressen, der giver adgangskoder (token), som "https://…/token".'
    )
    client_id: str = words_or_empty("det client id, Driftsklar har i SBSYS", default="")
    template: int = whole("id på sagsskabelonen", 0, 2_000_000_000, default=0)
    templates: dict[Annotated[str, Field(pattern=_KLE)], int] = Field(
        default_factory=dict, description='Skriv KLE-nummer og skabelon, fx "04.05.00": 117, eller slet blokken.'
    )
    handler: int = whole("id på sagsbehandleren", 0, 2_000_000_000, default=0)
    party: int = whole("id på parten, fx kommunen selv,", 0, 2_000_000_000, default=0)
    party_type: Literal["Person", "Firma"] = Field(default="Firma", description="Skriv Firma eller Person.")


class GetOrganized(Entry):
    """What GetOrganized needs to make a case: its kind, and fields that are the same for all."""

    case_type: str = Field(
        default="EMN", pattern=r"^[A-Z]{3}$", description="Skriv sagstypen med tre bogstaver, fx EMN."
    )
    case_fields: dict[Annotated[str, Field(pattern=r"^ows_[A-Za-z0-9_]{1,60}$")], str] = Field(
        default_factory=dict, description='Skriv felter som ows_CaseOwner: "12;#Driften", eller slet blokken.'
    )
    sign_in: Literal["basic", "ntlm"] = Field(default="basic", description="Skriv basic eller ntlm.")
    list_name: str = Field(default="Dokumenter", max_length=60, description="Skriv dokumentbibliotekets navn.")


class Archive(Entry):
    """One archive. Without `system` nothing is sent anywhere."""

    system: System = Field(default="", description='Skriv folder, sbsys eller getorganized, eller "" for intet arkiv.')
    folder: str = words_or_empty("mappen, sagerne lægges i,", longest=300, default="")
    url: str = Field(default="", pattern=_URL, description='Skriv arkivets adresse som "https://esdh.kommune.dk".')
    kle: str = Field(
        default="", pattern=_KLE, description='Skriv KLE-nummeret for typer, der intet har, som "04.05.00", eller "".'
    )
    since: str = Field(
        default="",
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
        description='Skriv den første dag, sager skal i arkivet fra, som "2026-01-01", eller "" for alle.',
    )
    behind_days: int = whole("dage, et dokument må mangle i arkivet,", 1, 365, default=7)
    sbsys: Sbsys = Field(default_factory=Sbsys, description="Skriv blokken sbsys, eller slet den.")
    getorganized: GetOrganized = Field(
        default_factory=GetOrganized, description="Skriv blokken getorganized, eller slet den."
    )

    @property
    def is_on(self) -> bool:
        """Whether anything is sent."""
        return bool(self.system)

    @property
    def since_on(self) -> date | None:
        """The first day of the cases that go into it; None for all."""
        return date.fromisoformat(self.since) if self.since else None

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> Self:
        try:
            _ = self.since_on
        except ValueError:
            raise wrong("findes ikke", 'Skriv dagen som "2026-01-01".', at="since") from None
        if self.system == "folder" and not self.folder:
            raise wrong("mangler", "Skriv mappen, sagerne lægges i.", at="folder")
        if self.system in ("sbsys", "getorganized") and not self.url:
            raise wrong("mangler", "Skriv arkivets adresse.", at="url")
        if self.system == "sbsys":
            for name in ("token_url", "client_id", "template", "handler", "party"):
                if not getattr(self.sbsys, name):
                    raise wrong("mangler", "Spørg jeres SBSYS-administrator.", at=f"sbsys.{name}")
        return self
