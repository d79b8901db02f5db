"""Letters: how a message is put into words.

`templates/messages/<template>.md.j2` has two blocks, `subject` and `body`; the shared layout adds
greeting, signature and reference. A `daily` letter bundles all that a recipient is told on one day:
each of its items has a template of its own in `templates/messages/items`. Letters that leave together
stand one after the other in `together.md.j2`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from channels.paper.documents import Markdown, html_of_tokens
from channels.paper.markdown_tree import blocks_of, read
from channels.paper.plain_text import text_of_tree
from channels.paper.read_once import NAME, Slots, fill, slotted

SUBJECT_LENGTH = 120
DATES = frozenset({"inspections"})  # the one list of days whose name does not end in `_on`

_LINK = re.compile(r"(https?://[^\s<>\"]*[^\s<>\".,;:!?)])")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def letter(letters: Sequence[tuple[str, Mapping[str, Any]]], env: Environment) -> tuple[str, str, str]:
    """The subject, the text and the page of one mail that says all of `letters` (template, context).

    The same as `compose_together` and `dress` give one after the other, each template's Markdown read only once.

    Raises:
        jinja2.TemplateNotFound, jinja2.UndefinedError, ValueError: as `compose`.
    """
    slots = Slots()
    subject, marked = compose_together([(name, {**told, NAME: slots}) for name, told in letters], env, slotted(env))
    pieces = [fill(piece, slots, _dressed) for piece in blocks_of(slots.without_numbers_first(marked))]
    return subject, *_page(subject, pieces, env)


def compose_together(
    letters: Sequence[tuple[str, Mapping[str, Any]]], env: Environment, filled_by: Environment | None = None
) -> tuple[str, Markdown]:
    """Several letters to one person as one: each under its subject, and the first one's is that of the mail.

    `letters` are (template, context) as for `compose`; what stands around them (greeting, links,
    signature) is taken from the first. `filled_by` fills in the letters themselves, in place of `env`.

    Raises:
        jinja2.TemplateNotFound, jinja2.UndefinedError, ValueError: as `compose`.
    """
    if len(letters) == 1:
        return compose(*letters[0], env, filled_by)
    sections = [section for name, told in letters for section in _sections(name, told, env, filled_by or env)]
    facilities = _facilities(sections)
    sections = _with_stop_links(sections, letters[0][1])
    told = {**letters[0][1], "sections": sections, "facilities": facilities}
    told.pop("question_link", None)  # each section has its own
    told.pop("case_link", None)
    markdown = (filled_by or env).get_template("messages/together.md.j2").render(told)
    more = f" (og {len(sections) - 1} ting mere)"
    return _shortened(str(sections[0]["subject"]), SUBJECT_LENGTH - len(more)) + more, _tidy(markdown)


def compose(
    template: str, context: Mapping[str, Any], env: Environment, filled_by: Environment | None = None
) -> tuple[str, Markdown]:
    """The subject (plain text, one line, at most 120 characters) and the letter in Markdown.

    `context` may come straight from the outbox: ISO texts under names ending in `_on` become dates.
    Templates also get `sted` and `Sted`, "shelteret ved Nyord Havn" with a small and a big letter.

    Raises:
        jinja2.TemplateNotFound: there is no such template or item.
        jinja2.UndefinedError: the context lacks what the template says.
        ValueError: a value is None or a float, which nobody can read in a letter.
    """
    told = _told(template, context)
    name, subject_of = template, told
    if template == "daily":
        told["items"] = items = _with_stop_links(told["items"], told)
        told["facilities"] = _facilities(items)
        subject_of = {**told, "item": items[0]}
        if len(items) == 1:
            name = f"items/{items[0]['kind']}"
    subject = _block("subject", name, subject_of, _plain(env))
    return _shortened(subject), _tidy((filled_by or env).get_template(f"messages/{template}.md.j2").render(told))


def _sections(
    template: str, context: Mapping[str, Any], env: Environment, filled_by: Environment
) -> list[dict[str, Any]]:
    """What a letter says, one section for each thing, without what stands around it."""
    told = _told(template, context)
    things = [(template, told, told)]
    if template == "daily":
        things = [(f"items/{i['kind']}", {**told, "item": i}, i) for i in told["items"]]
    return [
        {
            "facility": about["facility"],
            "places": _places(about),
            "subject": _block("subject", name, said, _plain(env)).strip(),
            "body": Markdown(_block("body", name, said, filled_by).strip()),
            "question_link": said.get("question_link", ""),
            "question_what": said.get("question_what", ""),
        }
        for name, said, about in things
    ]


def _told(template: str, context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with days as dates, and with what a template may say about the place."""
    told = _dated(context)
    told |= _place_words(told)
    if template == "daily":
        told["items"] = [{**item, **_place_words(item)} for item in told["items"]]
        if not told["items"]:
            raise ValueError("a daily letter with nothing to say")
    return told


def _block(block: str, name: str, told: Mapping[str, Any], env: Environment) -> str:
    page = env.get_template(f"messages/{name}.md.j2")
    return "".join(page.blocks[block](page.new_context(dict(told))))


def _tidy(markdown: str) -> Markdown:
    return Markdown(re.sub(r"\n\s*\n", "\n\n", markdown).strip() + "\n")


def dress(subject: str, markdown: Markdown, env: Environment) -> tuple[str, str]:
    """The letter as the two parts of a mail: text, and HTML within `messages/mail.html.j2`."""
    return _page(subject, [_dressed(block) for block in blocks_of(markdown)], env)


def _page(subject: str, pieces: Sequence[tuple[str, str]], env: Environment) -> tuple[str, str]:
    page = _html(env).get_template("messages/mail.html.j2")
    body = Markup("".join(html for _, html in pieces))
    return "\n\n".join(text for text, _ in pieces) + "\n", page.render(subject=subject, body=body)


@lru_cache(maxsize=256)
def _dressed(block: str) -> tuple[str, str]:
    """A block as text and as HTML; half of a letter is what every letter says."""
    tokens, root = read(block)
    return text_of_tree(root).removesuffix("\n"), html_of_tokens(tokens)


def the_place(facility: Mapping[str, str]) -> str:
    """The facility in a sentence: "Shelter ved Nyord Havn" is "shelteret ved Nyord Havn"."""
    name, kind, definite = facility["name"], facility["type_name"], facility["definite"]
    if name.casefold() == kind.casefold():
        return definite
    if name.casefold().startswith(f"{kind} ".casefold()):
        return definite + name[len(kind) :]
    if name.casefold().startswith(definite.casefold()):
        return name[0].lower() + name[1:]
    return f"{definite} »{name}«"


def _place_words(told: Mapping[str, Any]) -> dict[str, Any]:
    """What a template may say about the place, and how to answer as text and links apart."""
    words: dict[str, Any] = {}
    if "facility" in told:
        place = the_place(told["facility"])
        words = {"sted": place, "Sted": place[0].upper() + place[1:]}
    if "answer_how" in told:
        parts = _LINK.split(told["answer_how"])
        words["answer_parts"] = [{"text": part, "link": bool(n % 2)} for n, part in enumerate(parts) if part]
    return words


def _facilities(items: Sequence[Mapping[str, Any]]) -> list[Mapping[str, str]]:
    """The facilities of a daily letter, each once, in the order they are told of."""
    return list({place["reference"]: place for item in items for place in _places(item)}.values())


def _places(item: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The place an item is about; a week's item has several."""
    places: Sequence[Mapping[str, str]] = item.get("places") or (item["facility"],)
    return places


def _with_stop_links(things: Sequence[Mapping[str, Any]], told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The things a letter tells, the last one of each place with that place's own link to stop.

    Where all are about one place the link stands at the foot of the letter.
    """
    last = {place["reference"]: number for number, thing in enumerate(things) for place in _places(thing)}
    links = told.get("stop_links", {}) if len(last) > 1 else {}
    with_links = []
    for number, thing in enumerate(things):
        stops = [
            {"name": place["name"], "link": links[place["reference"]]}
            for place in _places(thing)
            if last[place["reference"]] == number and links.get(place["reference"])
        ]
        with_links.append({**thing, "stops": stops})
    return with_links


def _dated(told: Mapping[str, Any]) -> dict[str, Any]:
    """The same with days as dates, at any depth."""
    return {key: _as_date(key, value) for key, value in told.items()}


def _as_date(key: str, value: Any) -> Any:
    if isinstance(value, str) and value and (key.endswith("_on") or key in DATES):
        return date.fromisoformat(value)
    if isinstance(value, Mapping):
        return _dated(value)
    if isinstance(value, list | tuple):
        return [_as_date(key, each) for each in value]
    return value


def _shortened(subject: str, most: int = SUBJECT_LENGTH) -> str:
    line = " ".join(_INVISIBLE.sub(" ", subject).split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,:;–") + "…"


@lru_cache(maxsize=8)
def _plain(env: Environment) -> Environment:
    """The same environment for text that is no Markdown: a subject shows a `*` as it is."""
    return env.overlay(finalize=_sayable, autoescape=False)


@lru_cache(maxsize=8)
def _html(env: Environment) -> Environment:
    return env.overlay(finalize=_sayable, autoescape=True)


def _sayable(value: Any) -> Any:
    if value is None or isinstance(value, float):
        raise ValueError(f"nobody can read this in a letter: {value!r}")
    return value
