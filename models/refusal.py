"""How a rule says no: with a stable code and a Danish sentence that says what, why and what now."""


class Refusal(Exception):
    """A rule says no. Shown to people as it is; nothing has been written when it is raised.

    `code` is stable (`consultation.not_open`) and meant for programs; `sentence` is for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class BadInput(Refusal):
    """What was typed can't be used: `field` is the name people see, the sentence says the remedy."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(f"input.{field}", f"{field}: {sentence}")
        self.field = field
