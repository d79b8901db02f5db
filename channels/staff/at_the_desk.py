"""A rule's sentence as the desk says it: what names a command for the other doors names a button here.

Rules know no doors, and most of them are met at the command line first, so their sentences end on what one types there.
"""

import re

_COMMAND = r"driftsklar [^.]*\."
_CASE = "på sagens side"
_POOL = "på siden om puljen"

#: The words before a command with the command, and what is done at the desk instead; the last two take what is left.
_INSTEAD = tuple(
    (re.compile(said), instead)
    for said, instead in (
        (
            r"(hvem der forsikrer de frivillige): driftsklar answer insurance [^.]*\.",
            rf"\1. Det gør frivilligkoordinatoren under “Forsikring” {_CASE}.",
        ),
        (rf"Spørg først: {_COMMAND}", f"Tryk først “Spørg driften igen” {_CASE}."),
        (r"med driftsklar work order,", f"{_CASE},"),
        (
            r"Skriv det med: driftsklar facility correct [^.]*\.",
            f"Skriv det {_CASE}: “Ret navn, sted eller hvem der byggede”.",
        ),
        (
            r"skriv resultatet med: driftsklar answer inspection\.",
            f"skriv resultatet {_CASE}: “Et eftersyn eller besøg er holdt”.",
        ),
        (r", eller med: driftsklar work done [^.]*\.", "."),
        (r"først: driftsklar pool carry-over [^.]*\.", f"først ved året {_POOL}."),
        (r"først: driftsklar pool appropriate\.", f"først {_POOL}."),
        (r"nye oplysninger skrives med: driftsklar firm correct\.", "administratoren skriver nye oplysninger ind."),
        (r": driftsklar pool correct\.", f": “Ret en post” {_POOL}."),
        (rf" (?:Se|Søg)(?: dem| listen)?(?: med)?: {_COMMAND}", ""),
        (r" ?\(driftsklar [^)]*\)", ""),
        (rf"(?:: | med:? ){_COMMAND}?", ". Bed administratoren om det."),
    )
)


def at_the_desk(sentence: str) -> str:
    """The sentence without a command in it, with what one presses instead."""
    if "driftsklar " not in sentence:
        return sentence
    for said, instead in _INSTEAD:
        sentence = said.sub(instead, sentence)
    return sentence.strip()
