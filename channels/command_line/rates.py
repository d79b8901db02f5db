"""Rates in percent and differences in kroner, as people type them."""

import re
from decimal import Decimal
from typing import Any

import click

_RATE = re.compile(r"(-?)([0-9]{1,3})(?:[,.]([0-9]{1,2}))?")


_FRACTION = re.compile(r"-?0[,.](?=[0-9]*[1-9])[0-9]{1,4}")


_SIGNED = re.compile(r"(-?)([0-9]{1,10}|[0-9]{1,3}(?:\.[0-9]{3}){1,3})(?:,([0-9]{1,2}))?")


class Percent(click.ParamType[int]):
    """A rate in percent with at most two decimals, kept in hundredths of a percent: 2,6 is 260."""

    name = "PROCENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _RATE.fullmatch(value.strip().removesuffix("%").strip())
        if found is None:
            self.fail(f"“{value[:40]}” er ikke en sats. Skriv procent, fx 2,6.", param, ctx)
        points = int(Decimal(f"{found[2]}.{found[3] or 0}") * 100)
        return -points if found[1] else points


class TriedPercent(Percent):
    """A rate in percent where a share was written once: a bare 0,03 could be meant as either, and is asked about."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, str) and _FRACTION.fullmatch(value.strip()):
            hundredfold = Decimal(value.strip().replace(",", ".")) * 100
            meant = f"{hundredfold.normalize():f}".replace(".", ",")
            self.fail(
                f"“{value[:40]}” er en andel. Skriv procent: {meant} for {meant} %. Mener I {value.strip()} %, "
                "så skriv tegnet % med.",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


class Difference(click.ParamType[int]):
    """A plus or a minus in kroner, kept in øre: -500 or 1.250,50."""

    name = "KR"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = _SIGNED.fullmatch(value.strip())
        if found is None:
            self.fail(f"“{value[:40]}” er ikke et beløb. Skriv fx 500 eller -500.", param, ctx)
        ore = int(Decimal(f"{found[2].replace('.', '')}.{found[3] or 0}") * 100)
        return -ore if found[1] else ore


unusual_option = click.option(
    "--unusual-rate", is_flag=True, help="Ja, satsen er rigtig, selv om intet år har haft en som den."
)
