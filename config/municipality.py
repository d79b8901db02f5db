"""The municipality itself, and how long it waits for an answer before it asks again."""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from config.entry import Entry, MonthDay, whole, words
from config.error import wrong

MailRole = Literal[
    "project_lead", "operations", "operations_manager", "coordinator", "pool_manager", "leader", "committee"
]
_ROLES: tuple[MailRole, ...] = get_args(MailRole)
_MAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_~-]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.[A-Za-z]{2,24}$"
_MailAddress = Annotated[str, StringConstraints(pattern=_MAIL, max_length=254)]


def _one_for_each_role(mailboxes: dict[MailRole, _MailAddress]) -> dict[MailRole, _MailAddress]:
    for role in _ROLES:
        if role not in mailboxes:
            raise wrong("mangler", "Skriv rollens mailadresse som navn@sted.dk.", at=role)
    return mailboxes


def _rising_and_distinct(numbers: tuple[int, ...]) -> tuple[int, ...]:
    if list(numbers) != sorted(set(numbers)):
        raise wrong("tallene stiger ikke", "Skriv hvert tal en gang, det mindste først.")
    return numbers


def _falling_and_distinct(numbers: tuple[int, ...]) -> tuple[int, ...]:
    if list(numbers) != sorted(set(numbers), reverse=True):
        raise wrong("tallene falder ikke", "Skriv hvert tal en gang, det største først.")
    return numbers


_Days = Annotated[int, Field(ge=1, le=3650)]
_Percent = Annotated[int, Field(ge=1, le=200)]
_Weekday = Annotated[int, Field(ge=1, le=7)]


_DistrictName = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f<>&\"]{1,60}$")]

_SOUTH, _NORTH, _WEST, _EAST = 54.4, 57.9, 7.9, 15.3


def _degrees(what: str, lowest: float, highest: float) -> float:
    remedy = f"Skriv {what} i grader som et tal fra {lowest} til {highest}, med punktum."
    field: float = Field(ge=lowest, le=highest, description=remedy)
    return field


class Area(Entry):
    """The box the municipality lies in, in degrees (WGS84). A place outside it is probably a mistake."""

    south: float = _degrees("kommunens sydligste punkt", _SOUTH, _NORTH)
    north: float = _degrees("kommunens nordligste punkt", _SOUTH, _NORTH)
    west: float = _degrees("kommunens vestligste punkt", _WEST, _EAST)
    east: float = _degrees("kommunens østligste punkt", _WEST, _EAST)

    @model_validator(mode="after")
    def _has_sides(self) -> Self:
        if self.south >= self.north:
            raise wrong("ligger ikke syd for north", "Skriv det mindste tal i south.", at="south")
        if self.west >= self.east:
            raise wrong("ligger ikke vest for east", "Skriv det mindste tal i west.", at="west")
        return self


class Municipality(Entry):
    """Its name, mailboxes (one a role, never a person), calendar and hourly rate."""

    name: str = words("kommunens navn", longest=80)
    reference_prefix: str = Field(pattern="^[A-Z]{2,6}$", description="Skriv 2 til 6 store bogstaver A-Z, fx VK.")
    mailboxes: Annotated[dict[MailRole, _MailAddress], AfterValidator(_one_for_each_role)] = Field(
        description=f"Skriv en mailadresse som navn@sted.dk for hver af {', '.join(_ROLES)}."
    )
    phone: str = Field(
        pattern=r"^\+?[0-9](?: ?[0-9]){4,14}$", description='Skriv telefonnummeret som "12 34 56 78" med anførselstegn.'
    )
    cvr: str = Field(
        default="",
        pattern=r"^([0-9]{8})?$",
        description='Skriv kommunens CVR-nummer som "12345678", eller slet linjen.',
    )
    hourly_rate_kr: int = whole("timeprisen i kroner", 1, 5000)
    days_off: tuple[MonthDay, ...] = Field(max_length=60, description='Skriv en liste af dage som "12-24", eller [].')
    working_weekdays: Annotated[tuple[_Weekday, ...], AfterValidator(_rising_and_distinct)] = Field(
        min_length=1, description="Skriv arbejdsdagene som tal fra 1 (mandag) til 7 (søndag), fx [1, 2, 3]."
    )
    volunteers_prefer_weekend: bool = Field(
        description="Skriv true, hvis grupper helst vil gøre det i weekenden, ellers false."
    )
    area: Area | None = Field(
        default=None,
        description="Skriv {south: 54.8, north: 55.2, west: 11.7, east: 12.6} i grader, eller slet linjen.",
    )
    districts: dict[_DistrictName, Area] = Field(
        default_factory=dict,
        max_length=60,
        description="Skriv områder som Møn: {south: 54.87, north: 55.05, west: 12.1, east: 12.6}, eller slet linjerne.",
    )


class Escalation(Entry):
    """How long is waited, and what happens then. The steps of a check are days from its due day."""

    consultation_deadline_working_days: int = whole("driftens frist i arbejdsdage", 1, 120)
    signing_days: int = whole("dage til underskrift", 1, 365)
    renewal_days_before_end: int = whole("dage før aftalens udløb", 1, 365)
    notice_months: int = whole("opsigelsen i måneder", 0, 24)
    notice_days_before: int = whole("dage før tjekket, hvor gruppen får besked,", 0, 60)
    reminder_days_after: int = whole("dage til første påmindelse", 0, 365)
    second_reminder_days_after: int = whole("dage til anden påmindelse", 0, 365)
    escalation_days_after: int = whole("dage til koordinatoren får besked", 0, 365)
    work_order_days_after: int = whole("dage til driften tager opgaven", 0, 365)
    # with defaults, so that the file of a municipality that was there before is still read
    work_days: int = whole("driftens frist i dage for et tjek, som gruppen ikke nåede,", 0, 365, default=14)
    repair_days: int = whole("driftens frist i dage for at lave en skade", 1, 365, default=30)
    unsafe_repair_days: int = whole("driftens frist i dage, når stedet ikke må bruges,", 1, 365, default=14)
    work_reminder_days_after: int = whole("dage efter fristen til driften rykkes", 1, 365, default=1)
    work_manager_days_after: int = whole("dage efter fristen til driftslederen får besked", 1, 365, default=8)
    work_leader_days_after: int = whole("dage efter fristen til chefen får besked", 1, 365, default=15)
    missed_in_a_row_is_sleeping: int = whole("antal tjek i træk uden svar", 1, 20)
    missing_paper_days: int = whole("dage til manglende papirer", 1, 365)
    inherited_decide_within_years: int = whole(
        "år, til det skal besluttes, hvem der tager et arvet sted,", 1, 50, default=5
    )
    inherited_remind_days_before: Annotated[tuple[_Days, ...], AfterValidator(_falling_and_distinct)] = Field(
        default=(365, 90),
        min_length=1,
        max_length=10,
        description="Skriv dage som hele tal, det største først, fx [365, 90].",
    )
    inherited_levels_percent: Annotated[tuple[_Percent, ...], AfterValidator(_falling_and_distinct)] = Field(
        default=(100, 60, 30), min_length=1, max_length=6, description="Skriv procent fra 1 til 200, det største først."
    )
    removal_percent_of_replacement: int = whole(
        "procent af genopførelsen, som en nedtagning koster,", 0, 200, default=15
    )

    # A copy from before the inspections followed the building terms may still say when they are; nobody reads it. A
    # validator before the fields would do, too, but then a YAML list is no tuple any more.
    inspection_months: Any = Field(default=None, exclude=True, repr=False)
    inspection_notice_days: Any = Field(default=None, exclude=True, repr=False)

    @model_validator(mode="after")
    def _steps_rise(self) -> Self:
        steps = (
            ("notice_days_before", -self.notice_days_before),
            ("reminder_days_after", self.reminder_days_after),
            ("second_reminder_days_after", self.second_reminder_days_after),
            ("escalation_days_after", self.escalation_days_after),
            ("work_order_days_after", self.work_order_days_after),
        )
        of_work = (
            ("work_reminder_days_after", self.work_reminder_days_after),
            ("work_manager_days_after", self.work_manager_days_after),
            ("work_leader_days_after", self.work_leader_days_after),
        )
        for (earlier, before), (later, after) in (*pairwise(steps), *pairwise(of_work)):
            if before >= after:
                problem = f"kommer ikke senere end {earlier}"
                raise wrong(problem, "Lad trinnene komme efter hinanden, mindst en dag imellem.", at=later)
        return self
