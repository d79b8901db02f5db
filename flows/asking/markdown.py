"""Markdown for Prefect's pages: what people typed is shown, not obeyed, and a form is narrow."""

import re
from typing import Any

_CELLS = re.compile(r"(?<!\\)\|")
_HEADING = re.compile(r"^#{1,4} ", re.MULTILINE)


def cell(value: Any) -> str:
    """A value that can stand in a Markdown table or sentence."""
    text = str(value)
    for sign in "\\`*_[]<>|#~":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def table(headings: str, rows: list[list[str]]) -> str:
    """A table; `headings` divided by `|`, a column that ends in `:` is set to the right."""
    names = headings.split("|")
    lines = ["|".join(name.rstrip(":") for name in names)]
    lines.append("|".join("---:" if name.endswith(":") else "---" for name in names))
    return "\n".join(f"|{line}|" for line in [*lines, *("|".join(row) for row in rows)])


def narrow(markdown: str) -> str:
    """A whole document for the width of a form: small headings, and tables as lists."""
    lines: list[str] = []
    headings: list[str] | None = None
    for line in _HEADING.sub("#### ", markdown).splitlines():
        if not line.startswith("|"):
            headings = None
            lines.append(line)
            continue
        cells = [part.strip() for part in _CELLS.split(line.strip().strip("|"))]
        if headings is None:
            headings = cells
        elif any(part.strip(":-") for part in cells):
            first, *others = cells
            about = [
                f"{name}: {value}" if value[0].isupper() else value  # a whole sentence
                for name, value in zip(headings[1:], others, strict=False)
                if value
            ]
            lines.append(f"- **{first}**: {' · '.join(about)}" if about else f"- **{first}**")
    return "\n".join(lines)
