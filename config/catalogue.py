"""The catalogue: what a municipality has written in its YAML files, checked as a whole."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from config.accounts import Accounts
from config.archive import Archive
from config.delegation import DecisionWithLimit, Delegation, Limit
from config.entry import Entry, own_key, words
from config.error import ConfigurationError, known, shown
from config.facility_types import FacilityType, Season, TaskType, Who
from config.indicators import Indicator, IndicatorKey
from config.mails import Mails
from config.municipality import Escalation, Municipality
from config.os2forms import Os2forms
from config.pool import CarryOver, IncidentRate, PoolRules
from config.priority import Criterion, Priority
from config.public import Public
from config.retention import Retention
from config.roles import Operator, Person, Roles
from config.settings import settings
from config.weather import WeatherRules
from config.yaml_file import read_as, shown_path

_Optional = TypeVar("_Optional", bound=Entry)

__all__ = [
    "CarryOver",
    "Catalogue",
    "ConfigurationError",
    "Criterion",
    "DecisionWithLimit",
    "Delegation",
    "Escalation",
    "FacilityType",
    "IncidentRate",
    "Indicator",
    "IndicatorKey",
    "Limit",
    "Mails",
    "Municipality",
    "Operator",
    "Paper",
    "Permit",
    "Person",
    "PoolRules",
    "Priority",
    "Public",
    "Retention",
    "Roles",
    "Season",
    "TaskType",
    "WeatherRules",
    "Who",
    "catalogue",
    "load_catalogue",
]


class Permit(Entry):
    """A permit that may be asked for before building, and the law it stands in."""

    key: str = own_key()
    name: str = words("tilladelsens navn")
    law: str = words("loven og paragraffen")


class Paper(Entry):
    """A paper the builder hands over with the facility."""

    key: str = own_key()
    name: str = words("papirets navn")


class Catalogue(Entry):
    """What may be built and how it is run here; the same for as long as the process lives."""

    types: dict[str, FacilityType]
    escalation: Escalation
    mails: Mails
    municipality: Municipality
    delegation: Delegation
    permits: dict[str, Permit]
    papers: dict[str, Paper]
    pool: PoolRules
    priority: Priority
    indicators: dict[IndicatorKey, Indicator]
    retention: Retention
    roles: Roles
    accounts: Accounts
    public: Public
    weather: WeatherRules
    os2forms: Os2forms = Os2forms()
    archive: Archive = Archive()

    def paper_names(self, keys: Iterable[str]) -> list[str]:
        """What people call the papers; one that is no longer in papers.yaml is called by its key."""
        return [self.papers[key].name if key in self.papers else key for key in keys]

    def type(self, key: str) -> FacilityType:
        """The facility type with that key.

        Raises:
            KeyError: there is no such type.
        """
        return self.types[key]


def load_catalogue(config_dir: Path) -> Catalogue:
    """Read the files of the folder and check them, also against each other.

    Raises:
        ConfigurationError: the first thing to put right, with its file, key and remedy.
    """
    permits = read_as(dict[str, Permit], config_dir / "permits.yaml", keyed=True)
    papers = read_as(dict[str, Paper], config_dir / "papers.yaml", keyed=True)
    types = read_as(dict[str, FacilityType], config_dir / "facility_types.yaml", keyed=True)
    file = shown_path(config_dir / "facility_types.yaml")
    if not types:
        raise ConfigurationError(file, "", "der er ingen anlægstyper", "Skriv mindst en, fx shelter.")
    for kind in types.values():
        _are_known(kind.permits, list(permits), file, f"{kind.key}.permits")
        _are_known(kind.papers, list(papers), file, f"{kind.key}.papers")
    pool = read_as(PoolRules, config_dir / "pool.yaml")
    priority = read_as(Priority, config_dir / "priority.yaml")
    file, there_are = shown_path(config_dir / "pool.yaml"), list(types)
    _are_known(pool.replacement_reserve, there_are, file, "replacement_reserve")
    _is_each_known([key for key in pool.incidents if key != "default"], there_are, file, "incidents")
    file = shown_path(config_dir / "priority.yaml")
    _is_each_known(list(priority.use_by_type), there_are, file, "use_by_type")
    for key in there_are:
        if key not in priority.use_by_type:
            raise ConfigurationError(file, f"use_by_type.{key}", "mangler", "Skriv et helt tal fra 0 til 10.")
    os2forms = _or_none(Os2forms, config_dir / "os2forms.yaml")
    file = shown_path(config_dir / "os2forms.yaml")
    for said, key in os2forms.types.items():
        if key not in there_are:
            raise ConfigurationError(file, f"types.{said}", f"{shown(key)} kender vi ikke", known(there_are, key))
    return Catalogue(
        types=types,
        escalation=read_as(Escalation, config_dir / "escalation.yaml"),
        mails=read_as(Mails, config_dir / "mails.yaml"),
        municipality=read_as(Municipality, config_dir / "municipality.yaml"),
        delegation=read_as(Delegation, config_dir / "delegation.yaml"),
        permits=permits,
        papers=papers,
        pool=pool,
        priority=priority,
        indicators=read_as(dict[IndicatorKey, Indicator], config_dir / "indicators.yaml", keyed=True),
        retention=read_as(Retention, config_dir / "retention.yaml"),
        roles=read_as(Roles, config_dir / "roles.yaml"),
        public=_or_none(Public, config_dir / "public.yaml"),
        weather=_weather(config_dir / "weather.yaml", types),
        accounts=_or_none(Accounts, config_dir / "accounts.yaml"),
        os2forms=os2forms,
        archive=_or_none(Archive, config_dir / "archive.yaml"),
    )


@lru_cache
def catalogue() -> Catalogue:
    """The catalogue of this installation, read once.

    Raises:
        ConfigurationError: see `load_catalogue` and `settings`.
    """
    return load_catalogue(settings().config_dir)


def _or_none(shape: type[_Optional], file: Path) -> _Optional:
    """A file that a municipality which was there before it doesn't have: then nothing is set."""
    return read_as(shape, file) if file.exists() else shape()


def _weather(file: Path, types: dict[str, FacilityType]) -> WeatherRules:
    """What the weather sets off; a municipality that was there before it has no such file, and nothing is set off."""
    rules = _or_none(WeatherRules, file)
    shown_file = shown_path(file)
    _is_each_known(list(rules.storm.checks), list(types), shown_file, "storm.checks")
    for type_key, task_key in rules.storm.checks.items():
        tasks = [task.key for task in types[type_key].tasks]
        if task_key not in tasks:
            at = f"storm.checks.{type_key}"
            raise ConfigurationError(shown_file, at, f"{shown(task_key)} kender vi ikke", known(tasks, task_key))
    _are_known(rules.fire_ban.closes, list(types), shown_file, "fire_ban.closes")
    return rules


def _are_known(used: tuple[str, ...], there_are: list[str], file: str, path: str) -> None:
    for number, key in enumerate(used):
        place = f"{path}[{number}]"
        if key not in there_are:
            raise ConfigurationError(file, place, f"{shown(key)} kender vi ikke", known(there_are, key))
        if key in used[:number]:
            raise ConfigurationError(file, place, f"{shown(key)} står to gange", "Slet den ene.")


def _is_each_known(used: list[str], there_are: list[str], file: str, path: str) -> None:
    for key in used:
        if key not in there_are:
            raise ConfigurationError(file, f"{path}.{key}", "kender vi ikke", known(there_are, key))
