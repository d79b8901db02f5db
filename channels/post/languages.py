"""Andre sprog: a person's letters in another language, where the municipality has written them.

`templates/messages/<language>/…` holds the letters that are written in it, by the same names as the Danish ones. What isn't
there is said in Danish. A folder is a language when it has a `language.txt` with its name, as people call it.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

from config.settings import settings
from models.refusal import BadInput

_FOLDER = "messages/"


def language_choices() -> list[tuple[str, str]]:
    """The languages there are letters in, beside Danish: the folder's name, and what people call the language."""
    return list(_choices(settings().templates_dir))


def language_meant(said: str) -> str:
    """The language somebody means by its folder's name or its own; "" for Danish.

    Raises:
        BadInput: there are no letters in it.
    """
    wanted = said.strip().casefold()
    if wanted in ("", "da", "dansk"):
        return ""
    for key, name in language_choices():
        if wanted in (key.casefold(), name.casefold()):
            return key
    known = ", ".join(["da", *(key for key, _ in language_choices())])
    raise BadInput("language", f"der er ikke skrevet breve på det sprog. Vælg: {known}.")


@cache
def _choices(templates_dir: Path) -> tuple[tuple[str, str], ...]:
    named = sorted((templates_dir / "messages").glob("*/language.txt"))
    return tuple((file.parent.name, file.read_text(encoding="utf-8").strip()[:40]) for file in named)


def in_language(templates: Environment, language: str) -> Environment:
    """The templates with the letters of a language in place of the Danish ones, where it has them."""
    known = dict(_choices(settings().templates_dir))
    return _of_language(templates, language) if language in known else templates


@cache
def _of_language(templates: Environment, language: str) -> Environment:
    assert templates.loader is not None
    return templates.overlay(loader=_Translated(templates.loader, language))


class _Translated(BaseLoader):
    """Looks for a letter in the language's folder first."""

    def __init__(self, danish: BaseLoader, language: str) -> None:
        self._danish = danish
        self._language = language

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        """The source of a template, in the language where it has one."""
        if template.startswith(_FOLDER):
            try:
                own = f"{_FOLDER}{self._language}/{template.removeprefix(_FOLDER)}"
                return self._danish.get_source(environment, own)
            except TemplateNotFound:
                pass
        return self._danish.get_source(environment, template)
