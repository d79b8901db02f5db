"""Reading one YAML file strictly: no YAML 1.1 surprises, duplicate keys, tags or aliases.

Only true/false are booleans, only decimal digits are numbers, and a date stays text, so that
`no`, `010` and `2026-04-01` mean what they look like.
"""

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from config.error import FROM_THE_KEY, ConfigurationError, dotted, explained

MOST_BYTES = 1_000_000

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_TAG + kind for kind in ("map", "seq", "str", "null", "bool", "int", "float")}
_RESTORE = "Hent den udgave, der fulgte med programmet, og ret den igen."
_Shape = TypeVar("_Shape")


class _StrictLoader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - as its base declares it

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "* (alias) kan ikke bruges", mark)
        return super().compose_node(parent, index)


for _kind, _pattern, _first in (
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^-?(?:0|[1-9][0-9]{0,14})$", list("-0123456789")),
    ("float", r"^-?[0-9]{1,15}\.[0-9]{1,15}$", list("-0123456789")),
):
    _StrictLoader.add_implicit_resolver(_TAG + _kind, re.compile(_pattern), _first)


class _FastLoader(getattr(yaml, "CSafeLoader", _StrictLoader)):  # type: ignore[misc]  # which it is, depends on the wheel
    """The same by libyaml, where PyYAML has it: ten times as fast, and each command reads sixteen files."""

    yaml_implicit_resolvers = _StrictLoader.yaml_implicit_resolvers


def read_as(shape: type[_Shape], path: Path, *, keyed: bool = False) -> _Shape:
    """The file as `shape`. With `keyed` each block of the file is given its own key as `key`.

    Raises:
        ConfigurationError: the file is missing, isn't YAML, or doesn't fit the shape.
    """
    data = _read(path)
    file = shown_path(path)
    if keyed and isinstance(data, dict):
        data = {key: _with_key(key, block, file) for key, block in data.items()}
    try:
        # by way of JSON: there pydantic's strict mode takes lists and words for tuples and enums
        return TypeAdapter(shape).validate_json(to_json(data))
    except ValidationError as error:
        raise explained(error, shape, file) from error


def shown_path(path: Path) -> str:
    """The path as people know it: relative when it is below the folder they stand in."""
    here = Path.cwd()
    path = path.absolute()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _with_key(key: str, block: object, file: str) -> object:
    if not isinstance(block, dict):
        return block
    if "key" in block:
        raise ConfigurationError(file, f"{key}.key", "skal ikke skrives her", f"{FROM_THE_KEY} Slet linjen.")
    return {**block, "key": key}


def _read(path: Path) -> object:
    file = shown_path(path)
    text = _text(path, file)
    try:
        loader, node = _composed(text)
        if node is None:
            raise ConfigurationError(file, "", "filen er tom", _RESTORE)
        _check(node, (), file)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        raise ConfigurationError(file, "", *_broken(error)) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(file, "", "filen kan ikke læses som YAML", _RESTORE) from error


def _composed(text: str) -> tuple[Any, Any]:
    """The file's tree, and who made it. What libyaml stumbles over, Python reads once more and says what is wrong."""
    try:
        if not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_FastLoader)):
            fast = _FastLoader(text)
            return fast, fast.get_single_node()
    except (yaml.YAMLError, ValueError, RecursionError):
        pass
    strict = _StrictLoader(text)
    return strict, strict.get_single_node()


def _text(path: Path, file: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        remedy = "Læg filen der, eller ret DRIFTSKLAR_CONFIG_DIR til mappen med konfigurationen."
        raise ConfigurationError(file, "", "filen findes ikke", remedy) from error
    except OSError as error:
        remedy = "Se efter, at det er en fil, og at programmet må læse den."
        raise ConfigurationError(file, "", "filen kan ikke åbnes", remedy) from error
    if len(raw) > MOST_BYTES:
        raise ConfigurationError(file, "", "filen fylder over 1 MB", _RESTORE)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigurationError(file, "", f"linje {line} er ikke UTF-8", "Gem filen som UTF-8.") from error


def _check(node: Any, path: tuple[int | str, ...], file: str) -> None:
    line = node.start_mark.line + 1
    if node.tag not in _PLAIN_TAGS:
        remedy = "Slet ordet med udråbstegn foran, eller sæt værdien i anførselstegn."
        raise ConfigurationError(file, dotted(path), f"linje {line} har et mærke ({node.tag})", remedy)
    if isinstance(node, yaml.ScalarNode) and re.search(r"[\ud800-\udfff]", node.value):
        problem = f"linje {line} har et halvt tegn (\\ud800 til \\udfff)"
        raise ConfigurationError(file, dotted(path), problem, "Skriv tegnet selv, ikke koden.")
    if isinstance(node, yaml.SequenceNode):
        for number, child in enumerate(node.value):
            _check(child, (*path, number), file)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or key.tag != f"{_TAG}str":
                problem = f"linje {line} har en nøgle, der ikke er et ord"
                raise ConfigurationError(file, dotted(path), problem, "Skriv nøglen som et ord.")
            _check(key, path, file)
            here = (*path, key.value)
            if key.value in seen:
                problem = f"står to gange, i linje {seen[key.value]} og {line}"
                raise ConfigurationError(file, dotted(here), problem, "Slet den ene.")
            seen[key.value] = line
            _check(child, here, file)


def _broken(error: yaml.YAMLError) -> tuple[str, str]:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return ("filen har et tegn, der ikke kan læses", "Slet usynlige styretegn, og gem filen som UTF-8.")
    why = getattr(error, "problem", None) or "ukendt fejl"
    problem = f"linje {mark.line + 1} er ikke gyldig YAML ({why})"
    return (problem, "Ret linjen eller den lige over: se efter indrykning, kolon, anførselstegn og tabulatorer.")
