"""Betalinger: the economy system's list of what was paid, with the invoice's reference, the amount and the day."""

from channels.sheets.cells import Reader
from channels.sheets.columns import Column
from channels.sheets.grid import Fault
from channels.sheets.reading import Sheet
from models.figures.accounting import Payment
from models.refusal import BadInput

MOST_KR = 1_000_000_000
COLUMNS = (
    Column(
        "invoice",
        "Faktura",
        ("Fakturanummer", "Fakturanr", "Faktura nr", "Invoice"),
        "Fakturaens nummer, som det står på arbejdet.",
        ("F-2027-118",),
        is_required=True,
        # a list often has its own voucher number beside the invoice's
        otherwise=("Bilag", "Bilagsnummer", "Reference"),
    ),
    Column(
        "amount",
        "Beløb",
        ("Kr", "Kroner", "Beløb i kr", "Betalt", "Amount"),
        "Det, der er betalt, i kroner; en kreditnota er negativ.",
        (4250,),
        is_required=True,
    ),
    Column("date", "Dato", ("Betalt den", "Betalingsdato", "Bogføringsdato", "Date"), "Dagen.", ("03-05-2027",)),
)


def payments_in(sheet: Sheet) -> list[Payment]:
    """The payments of the list.

    Raises:
        BadInput: a cell can't be read; names the first one and how many there are.
    """
    payments: list[Payment] = []
    faults: list[Fault] = []
    for row in sheet.rows:
        faults.extend(row.faults)
        reader = Reader(row, COLUMNS, sheet.letters)
        invoice, on = reader.words("invoice"), reader.day("date")
        amount = reader.whole("amount", -MOST_KR, MOST_KR, "kroner")
        faults.extend(reader.faults)
        if invoice and amount is not None:
            payments.append(Payment(invoice, round(amount * 100), on))
    if faults:
        more = f" Der er {len(faults)} celler at rette i alt." if len(faults) > 1 else ""
        raise BadInput("FIL", f"celle {faults[0].at} ({faults[0].column}): {faults[0].sentence}{more}")
    return payments
