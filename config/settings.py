"""Where this installation keeps its things and reaches people: environment variables."""

import re
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.error import ConfigurationError, explained, wrong

ENV_PREFIX = "DRIFTSKLAR_"
SHIPPED_CONFIG = Path(__file__).resolve().parent
SHIPPED_TEMPLATES = SHIPPED_CONFIG.parent / "templates"


def _a_database(url: str) -> str:
    if not re.match(r"^(sqlite|postgresql)(\+[a-z0-9]+)?://", url):
        raise wrong("adressen er hverken SQLite eller PostgreSQL")
    return url


def _a_mail_server(url: str | None) -> str | None:
    if url is not None and not _is_address(url, ("smtp", "smtps")):
        raise wrong("adressen på mailserveren kan ikke læses")
    return url


def _a_page(url: str) -> str:
    if not _is_address(url, ("http", "https")):
        raise wrong("adressen på siden kan ikke læses")
    return url.rstrip("/")


def _a_sender(address: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+", address):
        raise wrong("afsenderen er ikke en mailadresse")
    return address


def _a_gateway(url: str | None) -> str | None:
    if url is not None and not _is_address(url.replace("{to}", "1").replace("{text}", "1"), ("http", "https")):
        raise wrong("adressen på SMS-tjenesten kan ikke læses")
    return url


def _tiles(url: str | None) -> str | None:
    if url is None:
        return None
    filled = re.sub(r"\{[zxy]\}", "1", url)
    if any(url.count(f"{{{part}}}") != 1 for part in "zxy") or not _is_address(filled, ("http", "https")):
        raise wrong("adressen på kortets fliser kan ikke læses")
    parts = urlsplit(filled)
    # what stands in a page's security policy must be one plain host
    if re.search(r"[\s\"'<>;,{}\\]", filled) or "@" in parts.netloc or "{" in url.partition("//")[2].partition("/")[0]:
        raise wrong("adressen på kortets fliser kan ikke læses")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise wrong("kortets fliser skal hentes med https", "Skriv adressen med https://.")
    return url


def _proxies(told: str) -> str:
    """Addresses and networks with commas between, or * for everybody."""
    for each in filter(None, (part.strip() for part in told.split(","))):
        try:
            if told.strip() != "*":
                ip_network(each)
        except ValueError:
            raise wrong("adressen på webserveren foran siden kan ikke læses") from None
    return told.replace(" ", "").strip(",")


def _hosts(told: str) -> str:
    """Names or addresses with commas between."""
    for each in filter(None, (part.strip() for part in told.split(","))):
        if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", each):
            raise wrong("et af navnene kan ikke læses")
    return told.replace(" ", "").strip(",").lower()


def _a_header(line: str) -> str:
    if line and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,60}: ?[ -~]+", line):
        raise wrong("linjen har ikke form som Navn: værdi")
    return line


def _folder_here(name: str, known_by: str, otherwise: Path) -> Path:
    """The installation's own copy where we stand (`driftsklar init` makes one), else what came with us."""
    here = Path(name).absolute()
    return here if (here / known_by).is_file() else otherwise


def _is_address(url: str, schemes: tuple[str, ...]) -> bool:
    if re.search(r"\s", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that isn't one
        return False


def _an_issuer(url: str | None) -> str | None:
    if url is None:
        return None
    if not _is_address(url, ("http", "https")):
        raise wrong("adressen på kommunens login kan ikke læses")
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise wrong("kommunens login skal nås med https", "Skriv adressen med https://.")
    return url


def is_loopback(host: str) -> bool:
    """Whether a host name or address leads to this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Settings(BaseSettings):
    """One installation. The descriptions are the remedies people read, so they are Danish.

    Addresses that may hold a password are kept out of `repr` and out of error texts.
    """

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    database_url: Annotated[str, AfterValidator(_a_database)] = Field(
        default="sqlite:///var/driftsklar.db",
        repr=False,
        description="Skriv databasens adresse som sqlite:///var/driftsklar.db eller postgresql://bruger:kode@host/navn.",
    )
    var_dir: Path = Field(default=Path("var"), description="Skriv mappen til det, programmet selv gemmer, fx var.")
    config_dir: Path = Field(
        default_factory=lambda: _folder_here("config", "facility_types.yaml", SHIPPED_CONFIG),
        description="Skriv mappen med facility_types.yaml og de andre filer.",
    )
    templates_dir: Path = Field(
        default_factory=lambda: _folder_here("templates", "messages/layout.md.j2", SHIPPED_TEMPLATES),
        description="Skriv mappen med skabeloner til aftaler og breve.",
    )
    smtp_url: Annotated[str | None, AfterValidator(_a_mail_server)] = Field(
        default=None,
        repr=False,
        description="Skriv mailserveren som smtp://bruger:kode@host:587?starttls=1 eller smtps://bruger:kode@host.",
    )
    mail_from: Annotated[str, AfterValidator(_a_sender)] = Field(
        default="driftsklar@localhost", description="Skriv afsenderens mailadresse som navn@sted.dk."
    )
    page_port: int = Field(
        default=4280, ge=1, le=65535, description="Skriv sidens port som et helt tal fra 1 til 65535."
    )
    page_url: Annotated[str, AfterValidator(_a_page)] = Field(
        default_factory=lambda told: f"http://127.0.0.1:{told.get('page_port', 4280)}",
        description="Skriv adressen på de frivilliges side, som den ser ud udefra, fx https://pas.kommune.dk.",
    )
    api_a_minute: int = Field(
        default=300,
        ge=1,
        le=100_000,
        description="Skriv, hvor mange forespørgsler i minuttet en API-nøgle må sende, fra 1 til 100000.",
    )
    webhook_hosts: Annotated[str, AfterValidator(_hosts)] = Field(
        default="",
        description="Skriv de servere på jeres eget net, som en webhook må kalde, med komma imellem, fx esb.kommune.local.",
    )
    prefect_port: int = Field(
        default=4200, ge=1, le=65535, description="Skriv Prefects port som et helt tal fra 1 til 65535."
    )

    keep_runs_days: int = Field(
        default=400,
        ge=7,
        le=36500,
        description="Skriv, hvor mange dage Prefect husker det, der er afsluttet, fra 7 til 36500.",
    )
    map_tiles: Annotated[str | None, AfterValidator(_tiles)] = Field(
        default=None,
        description="Skriv adressen på kortfliser, fx https://fliser.example/{z}/{x}/{y}.png, eller slet linjen for en tegning.",
    )
    map_credit: str = Field(
        default="", max_length=120, description="Skriv, hvem kortet er fra, fx © OpenStreetMaps bidragydere."
    )
    page_proxy: Annotated[str, AfterValidator(_proxies)] = Field(
        default="",
        description="Skriv adressen på den webserver, der står foran siden, fx 127.0.0.1, eller lad den stå tom.",
    )
    photo_megabytes: int = Field(
        default=12, ge=1, le=50, description="Skriv, hvor mange MB et billede må fylde, fra 1 til 50."
    )
    photo_megapixels: int = Field(
        default=25, ge=1, le=100, description="Skriv, hvor mange millioner punkter et billede må have, fra 1 til 100."
    )
    photo_side_pixels: int = Field(
        default=1600,
        ge=320,
        le=4000,
        description="Skriv den længste side af et gemt billede i punkter, fra 320 til 4000.",
    )
    sms_url: Annotated[str | None, AfterValidator(_a_gateway)] = Field(
        default=None,
        repr=False,
        description="Skriv SMS-tjenestens adresse med {to} (og {text}), fx https://sms.dk/send?to={to}&text={text}.",
    )
    sms_header: Annotated[str, AfterValidator(_a_header)] = Field(
        default="",
        repr=False,
        description="Skriv den linje, SMS-tjenesten kender os på, fx Authorization: Bearer kode.",
    )
    sms_body: str = Field(
        default="",
        max_length=2000,
        repr=False,
        description='Skriv det JSON, der skal sendes (POST), fx {"to": "{to}", "message": "{text}"}, eller lad det stå tomt.',
    )
    sms_quiet_from: int = Field(
        default=21, ge=0, le=23, description="Skriv timen, hvor der ikke mere sendes SMS, fx 21."
    )
    sms_quiet_until: int = Field(default=8, ge=0, le=23, description="Skriv timen, hvor der igen sendes SMS, fx 8.")

    oidc_issuer: Annotated[str | None, AfterValidator(_an_issuer)] = Field(
        default=None,
        description="Skriv udstederen (issuer) for kommunens login, fx https://login.kommune.dk/realms/kommune.",
    )
    oidc_client_id: str = Field(
        default="", max_length=200, description="Skriv det client id, Driftsklar har hos kommunens login."
    )
    oidc_client_secret: str = Field(
        default="", max_length=500, repr=False, description="Skriv den hemmelighed, der hører til client id'et."
    )
    oidc_scope: str = Field(
        default="openid",
        pattern=r"^openid( [A-Za-z0-9:/._-]{1,100}){0,10}$",
        description="Skriv det, Driftsklar beder om ved login, fx openid eller openid groups.",
    )
    oidc_roles_claim: str = Field(
        default="groups",
        pattern=r"^[^\x00-\x1f\x7f]{1,200}$",
        description="Skriv navnet på den claim, rollerne står i, fx groups, roles eller realm_access.roles.",
    )

    os2forms_key: str = Field(
        default="", max_length=500, repr=False, description="Skriv den api-nøgle, OS2Forms gav Driftsklars bruger."
    )
    os2forms_key_file: Path | None = Field(default=None, description="Skriv filen, som api-nøglen til OS2Forms står i.")
    archive_user: str = Field(default="", max_length=200, description="Skriv Driftsklars bruger i arkivet (ESDH).")
    archive_password: str = Field(
        default="", max_length=500, repr=False, description="Skriv koden til Driftsklars bruger i arkivet."
    )
    archive_password_file: Path | None = Field(
        default=None, description="Skriv filen, som koden til arkivets bruger står i."
    )
    archive_client_secret: str = Field(
        default="",
        max_length=500,
        repr=False,
        description="Skriv den hemmelighed, der hører til client_id i archive.yaml.",
    )
    archive_client_secret_file: Path | None = Field(
        default=None, description="Skriv filen, som hemmeligheden til client_id står i."
    )

    @model_validator(mode="after")
    def _oidc_is_whole(self) -> Self:
        if self.oidc_issuer is not None and not self.oidc_client_id:
            raise wrong("mangler, når DRIFTSKLAR_OIDC_ISSUER er sat", at="oidc_client_id")
        return self

    @model_validator(mode="after")
    def _ports_differ(self) -> Self:
        if self.prefect_port == self.page_port:
            raise wrong("er den samme som Prefects port", "Vælg to forskellige porte.", at="page_port")
        return self


@lru_cache
def settings() -> Settings:
    """The settings of this process, read from the environment once.

    Raises:
        ConfigurationError: naming the environment variable and what to write in it.
    """
    try:
        return Settings()
    except ValidationError as error:
        told = explained(error, Settings, "miljøet")
        # not chained: pydantic's own text repeats the value, which may hold a password
        raise ConfigurationError(told.file, f"{ENV_PREFIX}{told.key.upper()}", told.problem, told.remedy) from None
