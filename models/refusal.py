"""How a rule says no: with a stable code and a Danish sentence that says what, why and what now."""

from enum import StrEnum


class Remedy(StrEnum):
    """What helps after a no, where it is done elsewhere. Rules know no doors: each door says where it is done there."""

    SEE_THE_CASE = "see_the_case"
    LIST_FACILITIES = "list_facilities"
    LIST_GROUPS = "list_groups"
    LIST_FIRMS = "list_firms"
    LIST_CHECKS = "list_checks"
    LIST_WORK = "list_work"
    LIST_PAPERS = "list_papers"
    LIST_ENQUIRIES = "list_enquiries"
    LIST_SUGGESTIONS = "list_suggestions"
    LIST_WEBHOOKS = "list_webhooks"
    LIST_API_KEYS = "list_api_keys"
    LIST_CALENDARS = "list_calendars"
    CONSULT_AGAIN = "consult_again"
    ANSWER_INSURANCE = "answer_insurance"
    ANSWER_INSPECTION = "answer_inspection"
    ORDER_WORK = "order_work"
    REPORT_WORK_DONE = "report_work_done"
    CORRECT_FACILITY = "correct_facility"
    CORRECT_FIRM = "correct_firm"
    ADD_CONTACT = "add_contact"
    CARRY_OVER = "carry_over"
    APPROPRIATE = "appropriate"
    CORRECT_THE_POOL = "correct_the_pool"


class Refusal(Exception):
    """A rule says no. Shown to people as it is; nothing has been written when it is raised.

    `code` is stable (`consultation.not_open`) and meant for programs; `sentence` is for people; `remedy` is what a door
    may say where to do.
    """

    def __init__(self, code: str, sentence: str, *, remedy: Remedy | None = None) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


class BadInput(Refusal):
    """What was typed can't be used: `field` is the name people see, the sentence says the remedy."""

    def __init__(self, field: str, sentence: str, *, remedy: Remedy | None = None) -> None:
        super().__init__(f"input.{field}", f"{field}: {sentence}", remedy=remedy)
        self.field = field
