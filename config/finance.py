"""How the finance department wants a month's bookings: a layout of columns, signs and encoding. Theirs, in a file."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from config.entry import Entry, whole
from config.error import shown, wrong
from config.yaml_file import read_as

LAYOUT = "finance.yaml"
"""The layout that holds where no other is named."""
#: What a column can say.
Value = Literal[
    "account",
    "amount",
    "amount_turned",
    "debit",
    "credit",
    "day",
    "month",
    "year",
    "reference",
    "place",
    "kind",
    "text",
    "invoice",
    "case_number",
    "key",
    "line",
    "late",
]
_DAYS = {
    "dd-mm-yyyy": "%d-%m-%Y",
    "dd.mm.yyyy": "%d.%m.%Y",
    "dd/mm/yyyy": "%d/%m/%Y",
    "yyyy-mm-dd": "%Y-%m-%d",
    "ddmmyyyy": "%d%m%Y",
    "yyyymmdd": "%Y%m%d",
}
DayForm = Literal["dd-mm-yyyy", "dd.mm.yyyy", "dd/mm/yyyy", "yyyy-mm-dd", "ddmmyyyy", "yyyymmdd"]


class Column(Entry):
    """One column: its heading, and what it says of a booking or of all alike."""

    name: str = Field(max_length=60, pattern=r"^[^\x00-\x1f]*$", description="Skriv kolonnens navn på én linje.")
    value: Value | None = Field(default=None, description=f"Skriv en af {', '.join(Value.__args__)}.")  # type: ignore[attr-defined]
    fixed: str | None = Field(
        default=None, max_length=200, pattern=r"^[^\x00-\x1f]*$", description="Skriv det, der skal stå i hver linje."
    )
    longest: int = whole("det højeste antal tegn", 1, 1000, default=1000)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.value is None) == (self.fixed is None):
            raise wrong("skal have enten value eller fixed", "Skriv den ene.", at="value")
        return self


def _a_month(value: str) -> str:
    if value:
        try:
            date.fromisoformat(f"{value}-01")
        except ValueError:
            raise wrong(f"{shown(value)} er ingen måned", 'Skriv den som "2026-01".') from None
    return value


def _differ(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    names = [each.name for each in columns if each.name]
    for name in names:
        if names.count(name) > 1:
            raise wrong(f"{shown(name)} står to gange", "Giv hver kolonne sit navn.")
    return columns


class FinanceLayout(Entry):
    """A layout. `first_month` is the month the finance department takes bookings from."""

    encoding: Literal["utf-8", "utf-8-sig", "cp1252", "iso-8859-1"] = Field(
        default="utf-8-sig", description="Skriv utf-8, utf-8-sig, cp1252 eller iso-8859-1."
    )
    separator: Literal[";", ",", "\t", "|"] = Field(default=";", description='Skriv ";", ",", "|" eller "\\t".')
    decimal: Literal[",", ".", ""] = Field(
        default=",", description='Skriv "," eller ".", eller "" for beløb i hele øre.'
    )
    day: DayForm = Field(default="dd-mm-yyyy", description=f"Skriv en af {', '.join(_DAYS)}.")
    line_end: Literal["crlf", "lf"] = Field(default="crlf", description="Skriv crlf eller lf.")
    heading: bool = Field(default=True, description="Skriv true for en linje med navne, ellers false.")
    first_month: Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2})?$"), AfterValidator(_a_month)] = Field(
        default="", description='Skriv den første måned som "2026-01", eller "" for alt, hvad der er bogført.'
    )
    columns: Annotated[tuple[Column, ...], AfterValidator(_differ)] = Field(
        min_length=1, max_length=60, description="Skriv mindst en kolonne som - {name: Konto, value: account}."
    )

    @model_validator(mode="after")
    def _signs_differ(self) -> Self:
        if self.separator == self.decimal:
            raise wrong("er det samme tegn som decimal", "Vælg to forskellige.", at="separator")
        return self

    @property
    def first_day(self) -> date | None:
        """The first day of the first month; None for all that is booked."""
        return date.fromisoformat(f"{self.first_month}-01") if self.first_month else None

    def day_as(self, on: date) -> str:
        """A day as the layout writes it."""
        return on.strftime(_DAYS[self.day])


def read_layout(file: Path) -> FinanceLayout:
    """The layout of a file.

    Raises:
        ConfigurationError: it is missing, or something in it is wrong.
    """
    return read_as(FinanceLayout, file)
