"""A toy that asks like a real stage: an answer and an amount, with a rule that can refuse them.

Its "domain database" is a folder of files, named by what they are about: writing is repeatable.
"""

import os
import time
from enum import StrEnum
from pathlib import Path

from prefect import flow
from prefect.input import RunInput
from pydantic import Field

from flows.asking.form import ask, form

MOST_MB = 700
"""The memory after which the toys' worker lets another take its place."""
_eaten: list[bytes] = []


class No(Exception):
    """The toy's refusal."""


class Choice(StrEnum):
    YES = "Ja"
    CONDITIONS = "Ja på betingelser"
    NO = "Nej"


class Answer(RunInput):
    choice: Choice = Field(default=Choice.YES, title="Svar")
    kr: int = Field(default=0, ge=0, title="Kr. om året")
    reason: str = Field(default="", max_length=200, title="Begrundelse")


@flow(name="Legetøj")
def toy(folder: str, stem: str = "VK-2026-0007:1") -> str:
    """Ask, and write down each answer that was looked at and the one that was accepted."""
    place = Path(folder)

    def decide(answer: Answer) -> str:
        with (place / "seen").open("a") as seen:
            seen.write(f"{answer.choice}|{answer.kr}|{answer.reason}\n")
        while (place / "hold").exists():  # a test kills us here
            (place / "held").write_text(str(os.getpid()))
            time.sleep(0.05)
        if answer.choice is Choice.NO and not answer.reason and not (place / "lenient").exists():
            raise No("Et nej skal have en begrundelse.")
        (place / f"decision-{answer.kr}").write_text(answer.choice)
        return answer.choice

    return ask(stem, lambda told: form(Answer, f"{told}\n\nHvad siger I?", kr=7), decide, refused=No)


@flow(name="Sulten")
def hungry() -> int:
    """Take more memory than the worker may have, and keep it; the process it was in."""
    _eaten.append(b"x" * (MOST_MB * 1024**2))
    return os.getpid()
