"""OS2Forms: what was sent by one form, fetched once each, as its module `os2forms_rest_api` answers.

    GET /webform_rest/{form}/submissions            {"webform_id": …, "submissions": {"12": ".../submission/<uuid>"}}
    GET /webform_rest/{form}/submission/{uuid}      {"entity": {…}, "data": {…, "linked": {element: {id: {url, …}}}}}

each with the header `api-key`. The list comes whole: a draft that is completed late keeps its first day, so asking from a
day on would miss it. Each submission is written by itself, so what was interrupted goes on where it stopped.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlalchemy import Engine

from channels.records.form_files import keep_form_file
from channels.sheets.os2forms_answers import read_answers
from config.catalogue import catalogue
from config.os2forms import Os2forms
from config.secret import secret
from models.case.enquiry import Enquiry, EnquiryKind, EnquiryState, enquiries
from models.case.enquiry_file import NewFile, files_of
from models.database import reading, transaction
from models.place import Degrees
from models.refusal import BadInput, Refusal
from models.stages.fetched_enquiry import keep_fetched, known_uuids, say_what_it_says, tell_of_fetched

SOURCE = "os2forms"
SECONDS = 30.0
MOST_BYTES = 20_000_000
MAX_FILES = 10
PlaceIn = Callable[[str], Degrees]
"""How a place is read that somebody pasted."""


@dataclass
class Fetched:
    """What one fetch brought: the numbers of what is new, what was read anew, and what couldn't be had this time."""

    new: list[int] = field(default_factory=list)
    unusable: int = 0
    read_anew: int = 0
    drafts: int = 0
    gone: int = 0
    failed: list[str] = field(default_factory=list)


class Gone(Exception):
    """It was deleted over there since it was listed."""


class Os2formsAway(OSError):
    """OS2Forms can't be reached or answers with an error; nothing of ours is lost by it."""

    def __init__(self, why: str) -> None:
        super().__init__(None, why, "OS2Forms")


class Site:
    """An OS2Forms site as our user sees it. The key goes to that site alone, wherever an answer points."""

    def __init__(self, of: Os2forms, key: str) -> None:
        self._of, self._root = of, of.url.rstrip("/")
        self._client = httpx.Client(timeout=SECONDS, headers={"api-key": key, "Accept": "application/json"})

    def __enter__(self) -> "Site":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def elements(self) -> set[str]:
        """The keys of the form's elements, with `composite.part`; empty where the site doesn't say."""
        try:
            return set(_keys_of(self._json(f"/webform_rest/{self._of.form}/fields")))
        except (Gone, Refusal):
            return set()

    def uuids(self) -> dict[str, str]:
        """Each submission's uuid with its running number.

        Raises:
            Refusal: the key isn't taken, or there is no such form.
            Os2formsAway: no answer that can be read.
        """
        try:
            listed = self._json(f"/webform_rest/{self._of.form}/submissions")
        except Gone:
            raise Refusal(
                "os2forms.no_form", f"OS2Forms kender ikke formularen {self._of.form}. Ret form i os2forms.yaml."
            ) from None
        said = listed.get("submissions") if isinstance(listed, dict) else None
        # PHP writes an empty list where nothing was sent
        rows = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else None
        if rows is None:
            raise Os2formsAway("svaret er ikke en liste af indsendelser")
        return {str(url).split("?")[0].rstrip("/").rpartition("/")[2].lower(): str(serial) for serial, url in rows}

    def submission(self, uuid: str) -> dict[str, Any]:
        """One submission as it is answered.

        Raises:
            Gone: it is there no more.
            Os2formsAway: no answer that can be read.
        """
        said = self._json(f"/webform_rest/{self._of.form}/submission/{uuid}")
        if not isinstance(said, dict) or not isinstance(said.get("data"), dict):
            raise Os2formsAway(f"indsendelse {uuid} har intet indhold (data)")
        return said

    def file(self, url: str) -> bytes:
        """A file that came with a submission.

        Raises:
            BadInput: it lies on another site, or is too big.
            Gone: it is there no more.
            Os2formsAway: it can't be had this time.
        """
        whole = url if "://" in url else f"{self._root}/{url.lstrip('/')}"
        if urlsplit(whole)[:2] != urlsplit(self._root)[:2]:
            raise BadInput("files", "filen ligger på en anden adresse end OS2Forms, og hentes ikke.")
        return self._get(whole)

    def _json(self, path: str) -> Any:
        content = self._get(self._root + path)
        try:
            return json.loads(content)
        except ValueError:
            raise Os2formsAway("svaret kan ikke læses. Er url i os2forms.yaml rigtig?") from None

    def _get(self, url: str) -> bytes:
        try:
            with self._client.stream("GET", url) as answer:
                if answer.status_code in (401, 403):
                    raise Refusal(
                        "os2forms.key",
                        "OS2Forms tager ikke nøglen. Se efter DRIFTSKLAR_OS2FORMS_KEY, og om brugeren må se formularen.",
                    )
                if answer.status_code in (404, 410):
                    raise Gone
                if answer.status_code != 200:
                    raise Os2formsAway(f"svarer {answer.status_code}")
                content = b""
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > MOST_BYTES:
                        raise BadInput("files", f"filen fylder mere end {MOST_BYTES // 1_000_000} MB.")
                return content
        except httpx.HTTPError as far:
            raise Os2formsAway(f"{type(far).__name__}") from far


def fetch_submissions(engine: Engine, place_in: PlaceIn, *, on: date) -> Fetched:
    """Fetch what is new, read anew what couldn't be used before, and tell the project lead.

    Raises:
        Refusal: nothing is set up, the key isn't taken, or a field that os2forms.yaml names isn't in the form.
        Os2formsAway: not even the list can be had.
    """
    of = catalogue().os2forms
    if not of.is_on:
        raise Refusal("os2forms.off", "OS2Forms er ikke sat op. Skriv url og form i os2forms.yaml.")
    key = secret("os2forms_key")
    if not key:
        raise Refusal("os2forms.no_key", "Nøglen til OS2Forms mangler. Sæt DRIFTSKLAR_OS2FORMS_KEY eller …_KEY_FILE.")
    with Site(of, key) as site:
        _require_elements(of, site.elements())
        listed = site.uuids()
        with reading(engine) as session:
            there = known_uuids(session, SOURCE)
        done = Fetched()
        _read_anew(engine, of, place_in, done)
        try:
            for uuid, serial in listed.items():
                if uuid not in there:
                    _fetch_one(engine, site, of, place_in, uuid, serial, done, on)
        finally:  # also where the key was taken back half way
            with transaction(engine) as session:
                tell_of_fetched(session, on=on)
    return done


def _fetch_one(
    engine: Engine, site: Site, of: Os2forms, place_in: PlaceIn, uuid: str, serial: str, done: Fetched, on: date
) -> None:
    try:
        said = site.submission(uuid)
        if _first(said.get("entity"), "in_draft") in (True, 1, "1"):
            done.drafts += 1
            return
        files = list(_files(site, of, said["data"]))
    except Gone:
        done.gone += 1
        return
    except BadInput as bad:
        done.failed.append(f"{serial}: {bad.sentence}")
        return
    except OSError as away:
        done.failed.append(f"{serial}: {away.strerror}")
        return
    completed = _first(said.get("entity"), "completed") or _first(said.get("entity"), "created")
    answers = {name: value for name, value in said["data"].items() if name not in ("linked", "attachments")}
    new = Enquiry(
        key=f"{SOURCE}:{uuid[:64]}",
        kind=EnquiryKind.PROPOSAL,
        state=EnquiryState.UNUSABLE,
        source=SOURCE,
        form=of.form,
        uuid=uuid[:64],
        serial=str(_first(said.get("entity"), "serial") or serial)[:20],
        sent_at=_moment(completed),
        received_on=on,
        answers=_without_nul(answers),
    )
    missing = [f"{each.name}: {each.trouble}" for each in files if each.trouble]
    _say(new, of, place_in, missing)
    with transaction(engine) as session:
        kept = keep_fetched(session, new, files)
        done.new.append(kept.number)
        done.unusable += kept.state is EnquiryState.UNUSABLE


def _say(new: Enquiry, of: Os2forms, place_in: PlaceIn, missing: list[str]) -> bool:
    """Note what it says, or why it can't be used; whether it can."""
    try:
        say_what_it_says(new, read_answers(new.answers, of, place_in))
        new.trouble = "; ".join(missing)[:500]
        return True
    except BadInput as bad:
        new.trouble = "; ".join([bad.sentence, *missing])[:500]
        return False


def _read_anew(engine: Engine, of: Os2forms, place_in: PlaceIn, done: Fetched) -> None:
    """What couldn't be used may be, now that os2forms.yaml was put right."""
    with transaction(engine) as session:
        for each in enquiries(session, only_open=True):
            if each.source == SOURCE and each.form == of.form and each.state is EnquiryState.UNUSABLE:
                missing = [f"{file.name}: {file.trouble}" for file in files_of(session, each) if file.trouble]
                done.read_anew += _say(each, of, place_in, missing)
        session.flush()


def _require_elements(of: Os2forms, there: set[str]) -> None:
    """Refuse a mapping to an element that the form hasn't got, before anything is read by it."""
    from config.error import known

    if not there:
        return
    named = [(f"fields.{word}", element) for word, element in of.fields.items()]
    named += [(f"files[{number}]", element) for number, element in enumerate(of.files)]
    for key, element in named:
        if element not in there and element.partition(".")[0] not in there:
            raise BadInput(
                f"os2forms.yaml: {key}", f"formularen har intet felt “{element}”. {known(sorted(there), element)}"
            )


def _keys_of(elements: Any) -> Iterator[str]:
    """The keys of a form's elements, which lie within each other; what begins with # is a property."""
    for key, inner in elements.items() if isinstance(elements, dict) else ():
        if not str(key).startswith("#"):
            yield str(key)
            yield from _keys_of(inner)


def _files(site: Site, of: Os2forms, data: dict[str, Any]) -> Iterator[NewFile]:
    linked, attached = data.get("linked"), data.get("attachments")
    found: list[tuple[str, str]] = []
    for element in of.files:
        for group in (linked, attached):
            there = group.get(element) if isinstance(group, dict) else None
            entries = [there] if isinstance(there, dict) and "url" in there else _values(there)
            for each in entries:
                if isinstance(each, dict) and isinstance(each.get("url"), str):
                    url = each["url"]
                    found.append((str(each.get("name") or urlsplit(url).path.rpartition("/")[2])[:120], url))
    for name, url in found[:MAX_FILES]:
        try:
            yield keep_form_file(name, io.BytesIO(site.file(url)))
        except Gone:
            yield NewFile(name, "", "", "filen findes ikke mere i OS2Forms.")
        except BadInput as bad:  # said with the file: what was written is a proposal all the same
            yield NewFile(name, "", "", bad.sentence)
    for name, _ in found[MAX_FILES:]:
        yield NewFile(name, "", "", f"der hentes højst {MAX_FILES} filer. Den ligger i OS2Forms.")


def _values(of: Any) -> list[Any]:
    return list(of.values()) if isinstance(of, dict) else of if isinstance(of, list) else []


def _first(entity: Any, name: str) -> Any:
    """A property of the entity as Drupal writes it: [{"value": …}]."""
    said = entity.get(name) if isinstance(entity, dict) else None
    return said[0].get("value") if isinstance(said, list) and said and isinstance(said[0], dict) else None


def _moment(said: Any) -> datetime | None:
    try:
        if isinstance(said, str) and not said.isdigit():
            moment = datetime.fromisoformat(said)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        return datetime.fromtimestamp(int(said), UTC) if said else None
    except (ValueError, OverflowError, OSError):
        return None


def _without_nul(said: Any) -> Any:
    """The same without the one sign that PostgreSQL keeps in no text."""
    if isinstance(said, str):
        return said.replace("\0", "")
    if isinstance(said, dict):
        return {_without_nul(str(key)): _without_nul(value) for key, value in said.items()}
    return [_without_nul(each) for each in said] if isinstance(said, list) else said
