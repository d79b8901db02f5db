"""What helps after a rule's no, as one types it here."""

from models.refusal import Refusal, Remedy

COMMANDS: dict[Remedy, str] = {
    Remedy.SEE_THE_CASE: "Se, hvad sagen venter på: driftsklar facility show REF",
    Remedy.LIST_FACILITIES: "Se listen med: driftsklar facility list",
    Remedy.LIST_GROUPS: "Se listen med: driftsklar group list",
    Remedy.LIST_FIRMS: "Se listen med: driftsklar firm list",
    Remedy.LIST_CHECKS: "Se listen med: driftsklar check list",
    Remedy.LIST_WORK: "Se listen med: driftsklar work list",
    Remedy.LIST_PAPERS: "Se dem med: driftsklar paper list REF",
    Remedy.LIST_ENQUIRIES: "Se listen med: driftsklar enquiry list",
    Remedy.LIST_SUGGESTIONS: "Se listen med: driftsklar suggestion list",
    Remedy.LIST_WEBHOOKS: "Se dem med: driftsklar webhook list",
    Remedy.LIST_API_KEYS: "Se dem med: driftsklar api-key list",
    Remedy.LIST_CALENDARS: "Se dem med: driftsklar calendar list",
    Remedy.CONSULT_AGAIN: "Spørg med: driftsklar consult-again REF --change TEKST",
    Remedy.ANSWER_INSURANCE: "Svar med: driftsklar answer insurance REF --cover municipality|association|none_needed",
    Remedy.ANSWER_INSPECTION: "Skriv resultatet med: driftsklar answer inspection ID",
    Remedy.ORDER_WORK: "Bestil det med: driftsklar work order REF",
    Remedy.REPORT_WORK_DONE: "Meld det gjort med: driftsklar work done NR --minutes TAL --certificate FIL",
    Remedy.CORRECT_FACILITY: "Skriv det med: driftsklar facility correct REF --built-by firm --firm F-0001 --terms AB18 --reason TEKST",
    Remedy.CORRECT_FIRM: "Nye oplysninger skrives med: driftsklar firm correct F-0001",
    Remedy.ADD_CONTACT: "Det gøres med: driftsklar contact add G-0001 eller driftsklar wind-down REF",
    Remedy.CARRY_OVER: "Det gøres med: driftsklar pool carry-over --year ÅR",
    Remedy.APPROPRIATE: "Det gøres med: driftsklar pool appropriate",
    Remedy.CORRECT_THE_POOL: "Det gøres med: driftsklar pool correct",
}


def with_command(sentence: str, refusal: Refusal) -> str:
    """The sentence, and after it the command that helps, where there is one."""
    return f"{sentence} {COMMANDS[refusal.remedy]}" if refusal.remedy is not None else sentence
