"""Agreements printed: from the rows through the template to an archivable PDF, beside Typst on one constant document.

Typst remembers what it has laid out, so a constant document the second time is no more than written out. The limit
lays it out anew each time, which is what Typst does with a document; the second row has it remembered.
"""

import html
import time
from collections.abc import Iterator
from unittest.mock import Mock, patch

from sqlmodel import col, select

from benchmarks.machine import databases
from benchmarks.measure import Row, in_turn, rates
from benchmarks.town import build
from channels.paper import documents
from channels.paper.agreement_paper import print_agreement
from models.case.agreement import Agreement
from models.database import reading


def rows(*, quick: bool) -> Iterator[Row]:
    """One row: the database hardly matters."""
    size = 50 if quick else 1_000
    with databases() as (kind, _):
        filled = kind.empty()
        build(filled, size * 4, due_every=size * 4)
        with reading(filled) as session:
            agreements = list(session.exec(select(Agreement).order_by(col(Agreement.id))))
            compiler = documents._compiler()
            kept = Mock(wraps=compiler)
            with (
                patch.object(documents, "_compile", wraps=documents._compile) as compiled,
                patch.object(documents, "_compiler", return_value=kept),
            ):
                print_agreement(session, agreements[0])
            template, words, _ = compiled.call_args.args
            constant = kept.compile.call_args.kwargs

            def ours() -> float:
                begun = time.perf_counter()
                for agreement in agreements:
                    print_agreement(session, agreement)
                return time.perf_counter() - begun

            def limit() -> float:
                begun = time.perf_counter()
                for turn in range(size):
                    # the document doesn't ask for its inputs; others than the last time make Typst forget
                    compiler.compile(**constant, sys_inputs={"turn": str(turn)})
                return time.perf_counter() - begun

            def remembered() -> float:
                begun = time.perf_counter()
                for _ in range(size):
                    compiler.compile(**constant)
                return time.perf_counter() - begun

            rounds = 2 if quick else 3
            seconds = in_turn(rounds, ours=ours, limit=limit, remembered=remembered)
    peer = _by_weasyprint(template, words, 5)
    yield rates(
        "agreement PDFs",
        "sqlite",
        size,
        seconds,
        unit="PDFs/s",
        must="≥ 0.7",
        limit_name="Typst, constant, laid out anew",
        peer_name="WeasyPrint (5, extrapolated)" if peer else "",
        peer_seconds=peer * size if peer else None,
        note="" if peer else "(WeasyPrint: not installed here)",
    )
    yield rates(
        "agreement PDFs beside a remembered one",
        "sqlite",
        size,
        seconds | {"limit": seconds["remembered"]},
        unit="PDFs/s",
        limit_name="Typst, constant, as it remembers it",
    )


def _by_weasyprint(template: str, words: dict[str, str], number: int) -> float | None:
    """Seconds for one document of the same words, as PDF/A; None where it or its Pango is missing."""
    try:
        from weasyprint import HTML
    except (ImportError, OSError):
        return None
    said = "".join(f"<p>{html.escape(str(each))}</p>" for each in words.values())
    page = f"<!doctype html><html lang=da><title>{html.escape(template)}</title>{said}"
    begun = time.perf_counter()
    for _ in range(number):
        HTML(string=page).write_pdf(pdf_variant="pdf/a-3u")
    return (time.perf_counter() - begun) / number
