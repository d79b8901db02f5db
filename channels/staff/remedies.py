"""What helps after a rule's no, as one presses it at the desk."""

from models.refusal import Refusal, Remedy

#: Lists are a link in the menu, and what waits stands on the case's page: nothing need be said of them.
BUTTONS: dict[Remedy, str] = {
    Remedy.CONSULT_AGAIN: "Tryk “Spørg driften igen” på sagens side.",
    Remedy.ANSWER_INSURANCE: "Frivilligkoordinatoren svarer på det under “Forsikring” på sagens side.",
    Remedy.ANSWER_INSPECTION: "Det gøres på sagens side: “Et eftersyn eller besøg er holdt”.",
    Remedy.ORDER_WORK: "Det gøres på sagens side: “Bestil arbejde”.",
    Remedy.CORRECT_FACILITY: "Det gøres på sagens side: “Ret navn, sted eller hvem der byggede”.",
    Remedy.CORRECT_FIRM: "Nye oplysninger skrives under “Firmaer”.",
    Remedy.ADD_CONTACT: "Det gøres på gruppens side.",
    Remedy.CARRY_OVER: "Det gøres ved året på siden om puljen.",
    Remedy.APPROPRIATE: "Det gøres på siden om puljen.",
    Remedy.CORRECT_THE_POOL: "Det gøres på siden om puljen: “Ret en post”.",
}


def with_button(sentence: str, refusal: Refusal) -> str:
    """The sentence, and after it where one presses what helps, where there is such a place."""
    where = BUTTONS.get(refusal.remedy) if refusal.remedy is not None else None
    return f"{sentence} {where}" if where else sentence
