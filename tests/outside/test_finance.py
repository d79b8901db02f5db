"""Months for the finance department: each booking once, the same bytes each time, and what comes late is marked."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from channels import domain
from channels.command_line.export import export
from channels.command_line.pool import pool
from channels.records import doctor
from channels.sheets.finance import export_month
from channels.sheets.payments import COLUMNS, payments_in
from channels.sheets.reading import read_sheet
from config.error import ConfigurationError
from config.finance import FinanceLayout, read_layout
from config.settings import settings
from models.case.facility import Facility, find
from models.database import reading, transaction
from models.figures.accounting import compare
from models.operation.work import finish_work
from models.operation.work_by_hand import order_by_hand
from models.operation.work_order import find_work
from models.outside.finance_export import FinanceEntry
from models.pool.ledger import ledger
from models.refusal import Refusal
from models.role import Door, Role
from models.said import Said
from tests.city import City, Place
from tests.outside.conftest import Write

ACCOUNTS = "ledger: {spending: '4.05.10'}\nwork: {other: '4.05.99'}\n"
LAYOUT = """
encoding: cp1252
separator: ";"
decimal: ","
day: ddmmyyyy
columns:
  - {name: Art, fixed: D}
  - {name: Konto, value: account}
  - {name: Dato, value: day}
  - {name: Beløb, value: amount}
  - {name: Faktura, value: invoice}
  - {name: Sted, value: place}
  - {name: Sen, value: late}
"""


def cared_for(city: City) -> None:
    """A bench in operation with money for work."""
    city.in_operation(years=5, from_=date(2026, 2, 1), name="Bænk ved åen – nord")


pytestmark = pytest.mark.lived(life=cared_for)


@pytest.fixture
def bench(city: City, write_config: Write) -> Place:
    write_config("accounts.yaml", ACCOUNTS)
    return Place(city, city.all(Facility)[0].reference)


@pytest.fixture
def layout(tmp_path: Path) -> FinanceLayout:
    (tmp_path / "layout.yaml").write_text(LAYOUT, encoding="utf-8")
    return read_layout(tmp_path / "layout.yaml")


def spend(bench: Place, on: date, kr: int, invoice: str) -> None:
    """Work that is ordered and done on a day, with its invoice."""
    said = Said(on, Role.OPERATIONS_MANAGER, Door.CLI)
    with transaction(bench.city.engine) as session:
        place = find(session, bench.reference)
        work = order_by_hand(session, place, "Mal", on, said, key=invoice, minutes=30, ore=kr * 100, firm="")
        finish_work(session, find_work(session, work.number), said, minutes=30, ore=kr * 100, invoice=invoice)


def exported(city: City, month: date, layout: FinanceLayout, on: date) -> str:
    with transaction(city.engine) as session:
        said = Said(on, Role.POOL_MANAGER, Door.CLI)
        return export_month(session, month, layout, said)[1].decode(layout.encoding)


def rows(text: str) -> list[list[str]]:
    return [line.split(";") for line in text.split("\r\n")[1:-1]]


FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in (2, 3, 4))


def test_a_month_is_as_the_layout_says_and_the_same_bytes_ever_after(bench: Place, layout: FinanceLayout) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")

    first = exported(bench.city, FEBRUARY, layout, date(2026, 3, 2))
    spend(bench, date(2026, 2, 20), 100, "F-2")
    again = exported(bench.city, FEBRUARY, layout, date(2026, 9, 9))

    assert first == "Art;Konto;Dato;Beløb;Faktura;Sted;Sen\r\nD;4.05.99;10022026;300,00;F-1;Bænk ved åen – nord;\r\n"
    assert again == first


def test_what_is_booked_late_is_in_the_next_month_marked_and_nothing_is_in_two(
    bench: Place, layout: FinanceLayout
) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")
    february = exported(bench.city, FEBRUARY, layout, date(2026, 3, 2))
    spend(bench, date(2026, 2, 20), 100, "F-2")
    spend(bench, date(2026, 3, 5), 200, "F-3")

    march = exported(bench.city, MARCH, layout, date(2026, 4, 1))
    april = exported(bench.city, APRIL, layout, date(2026, 5, 1))

    invoices = [(row[4], row[6]) for text in (february, march, april) for row in rows(text)]
    assert invoices == [("F-1", ""), ("F-2", "x"), ("F-3", "")]
    with reading(bench.city.engine) as session:
        spent = [entry.id for entry in ledger(session) if entry.kind in ("spending", "replacement", "correction")]
        assert sorted(session.exec(select(FinanceEntry.ledger_entry_id))) == spent


def test_another_layout_has_the_same_bookings(bench: Place, layout: FinanceLayout) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")
    exported(bench.city, FEBRUARY, layout, date(2026, 3, 2))
    spend(bench, date(2026, 2, 20), 100, "F-2")
    other = FinanceLayout.model_validate_json(
        '{"decimal": "", "separator": ",", "encoding": "utf-8", "heading": false, "line_end": "lf",'
        '"columns": [{"name": "", "value": "credit"}, {"name": "", "value": "amount_turned"}, {"name": "", "value": "key"}]}'
    )

    assert exported(bench.city, FEBRUARY, other, date(2026, 3, 3)).split(",")[:2] == ["0", "-30000"]
    assert exported(bench.city, FEBRUARY, other, date(2026, 3, 3)).count("\n") == 1


@pytest.mark.parametrize(
    ("month", "on", "said"),
    [(MARCH, date(2026, 3, 31), "2026-03 er ikke slut"), (FEBRUARY, date(2026, 5, 1), "2026-04 er allerede udlæst")],
)
def test_a_month_that_is_not_over_or_was_passed_by_is_refused(
    bench: Place, layout: FinanceLayout, month: date, on: date, said: str
) -> None:
    if month == FEBRUARY:
        exported(bench.city, APRIL, layout, on)

    with pytest.raises(Refusal, match=said):
        exported(bench.city, month, layout, on)


def test_a_booking_without_an_account_stops_the_file_and_says_where_to_write_it(
    bench: Place, layout: FinanceLayout, write_config: Write
) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")
    write_config("accounts.yaml", "ledger: {}\nwork: {}\n")

    with pytest.raises(Refusal, match=r"1 poster har ingen konto \(spending\). Skriv den i accounts.yaml"):
        exported(bench.city, FEBRUARY, layout, date(2026, 3, 2))

    with reading(bench.city.engine) as session:
        assert list(session.exec(select(FinanceEntry.ledger_entry_id))) == []


def test_nothing_from_before_the_first_month_is_handed_over(bench: Place, layout: FinanceLayout) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")
    spend(bench, date(2026, 3, 10), 200, "F-2")
    later = layout.model_copy(update={"first_month": "2026-03"})

    assert [row[4] for row in rows(exported(bench.city, MARCH, later, date(2026, 4, 2)))] == ["F-2"]
    with pytest.raises(Refusal, match="før den første måned"):
        exported(bench.city, FEBRUARY, later, date(2026, 4, 2))


def test_what_was_handed_over_compares_with_itself_and_with_what_was_paid(
    bench: Place, layout: FinanceLayout, tmp_path: Path
) -> None:
    spend(bench, date(2026, 2, 10), 300, "F-1")
    spend(bench, date(2026, 2, 11), 250, "F-2")
    paid = exported(bench.city, FEBRUARY, layout.model_copy(update={"day": "dd-mm-yyyy"}), date(2026, 3, 2))
    (tmp_path / "betalt.csv").write_bytes(paid.replace("250,00", "275,00").encode("utf-8-sig"))

    with reading(bench.city.engine) as session:
        lines = compare(session, payments_in(read_sheet(tmp_path / "betalt.csv", COLUMNS, None)))

    assert [(each.invoice, each.difference_ore) for each in lines] == [("F-1", 0), ("F-2", 2500)]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value: account}", "value: konto}", "columns[1].value"),
        ("fixed: D}", "fixed: D, value: kind}", "columns[0].value: skal have enten value eller fixed"),
        ("name: Konto", "name: Art", '"Art" står to gange'),
        ('separator: ";"', 'separator: ","', "separator: er det samme tegn som decimal"),
        ("day: ddmmyyyy", "day: d/m/y", "day: "),
        ("encoding: cp1252", "encoding: ansi", "encoding: "),
    ],
)
def test_a_wrong_layout_says_which_key_and_what_to_write(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "layout.yaml").write_text(LAYOUT.replace(old, new), encoding="utf-8")

    with pytest.raises(ConfigurationError) as wrong:
        read_layout(tmp_path / "layout.yaml")

    assert told in str(wrong.value)


def test_the_layout_that_is_shipped_can_be_read() -> None:
    assert read_layout(Path(__file__).resolve().parents[2] / "config/finance.yaml").columns


def test_from_the_exported_file_to_what_was_paid_by_command_alone(
    bench: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "engine", lambda: bench.city.engine)
    spend(bench, date(2026, 2, 10), 300, "F-1")
    spend(bench, date(2026, 2, 11), 250, "F-2")
    run, file = CliRunner().invoke, tmp_path / "februar.csv"

    made = run(export, ["finance", "--month", "2026-02", "--out", str(file), "--on", "2026-03-02"])
    head, *lines = file.read_text(encoding="utf-8-sig").splitlines()
    paid = [line.replace("250,00", "275,00") for line in lines] + ["X;05-03-2026;99,00;Kage;K-7;;;"]
    file.write_text("\n".join([head, *paid]), encoding="utf-8-sig")
    compared = run(pool, ["compare", str(file), "--json"])
    said = run(pool, ["compare", str(file)])

    assert made.exit_code == 0, made.output
    assert {each["invoice"]: (each["side"], each["difference_kr"]) for each in json.loads(compared.output)} == {
        "F-1": ("both", 0),
        "F-2": ("both", 25),
        "K-7": ("only_paid", 99),
    }
    assert "2 af 3 fakturaer stemmer ikke." in said.output


def test_the_doctor_names_the_file_the_field_and_what_to_write(bench: Place, write_config: Write) -> None:
    def finding() -> tuple[bool, str, str]:
        with reading(bench.city.engine) as session:
            found = doctor._finance(session)
        return found["ok"], found["detail"], found["remedy"]

    assert finding()[0]
    spend(bench, date(2026, 2, 10), 300, "F-1")
    exported(bench.city, FEBRUARY, read_layout(settings().config_dir / "finance.yaml"), date(2026, 3, 2))
    spend(bench, date(2026, 3, 10), 300, "F-2")
    assert finding()[0]

    write_config("accounts.yaml", "ledger: {spending: ''}\n")
    ok, detail, remedy = finding()
    assert (ok, detail) == (False, "accounts.yaml: ledger.spending: mangler, og 1 poster venter")
    assert "accounts.yaml" in remedy

    write_config("finance.yaml", LAYOUT.replace("value: account", "value: konto"))
    ok, detail, remedy = finding()
    assert not ok
    assert "finance.yaml: columns[1].value" in detail
    assert "Skriv en af account" in detail
    assert remedy == "Ret finance.yaml."
