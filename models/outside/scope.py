"""What a key to the API may do: one word for each, and one for each topic that is decided."""

from models.refusal import BadInput

READ, REPORT, PROPOSE, FINANCE, WEATHER, DECIDE = "read", "report", "propose", "finance", "weather", "decide:"
PLAIN = {
    READ: "læse sager, tjek, grupper, puljen og hændelser",
    REPORT: "melde skader og svare på tjek",
    PROPOSE: "oprette grupper og forslag",
    FINANCE: "læse puljen og skrive bevillinger",
    WEATHER: "melde storm og afbrændingsforbud, og tage det tilbage",
}
#: The topics that can be decided (`Wait.topic`); the questions' own table is held to this one by a test.
TOPICS = (
    "consultation",
    "agreement",
    "funding",
    "insurance",
    "building",
    "handover",
    "incident",
    "inspection",
    "usable",
    "work",
    "satisfaction",
    "winding_down",
)
SCOPES = (*PLAIN, *(f"{DECIDE}{topic}" for topic in TOPICS))


def check_scopes(scopes: tuple[str, ...]) -> list[str]:
    """The scopes, each once, in their own order.

    Raises:
        BadInput: none is given, or one isn't there.
    """
    for each in scopes:
        if each not in SCOPES:
            raise BadInput("--scope", f"“{each[:40]}” kan ikke bruges. Vælg blandt: {', '.join(SCOPES)}.")
    if not scopes:
        raise BadInput("--scope", f"skriv, hvad nøglen må. Vælg blandt: {', '.join(SCOPES)}.")
    return [each for each in SCOPES if each in scopes]


def needs_a_role(scopes: list[str]) -> bool:
    """Whether a key with these scopes decides something, which only a role can."""
    return any(each in (PROPOSE, FINANCE, WEATHER) or each.startswith(DECIDE) for each in scopes)
