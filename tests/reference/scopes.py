"""docs/api.md's table: which scope opens which address. tests/api/test_scopes.py tries each of them."""

from pathlib import Path

from channels.api.app import routes_with_scopes
from models.outside.scope import SCOPES

PAGE = Path(__file__).parents[2] / "docs/api.md"
BEGIN, END = "<!-- written by python -m tests.reference -->\n", "<!-- end -->"


def text() -> str:
    """The page with the table as the code has it."""
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    return before + begin + table(routes_with_scopes()) + end + after


def table(routes: list[tuple[str, str, tuple[str, ...]]]) -> str:
    """The table itself; the topics of `decide:` share a column, as each opens its own address."""
    plain = [scope for scope in SCOPES if not scope.startswith("decide:")]
    lines = [f"| address | {' | '.join(f'`{each}`' for each in plain)} | other |", "|---" * (len(plain) + 2) + "|"]
    for method, path, scopes in routes:
        marks = ["✓" if not scopes or scope in scopes else "" for scope in plain]
        other = ", ".join(f"`{scope}`" for scope in scopes if scope not in plain) or ("any key" if not scopes else "")
        lines.append(f"| `{method} {path}` | {' | '.join(marks)} | {other} |")
    return "\n".join(lines) + "\n"
