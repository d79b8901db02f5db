"""docs/refusals.md: every rule's no, with its code, its sentence and who says it; read from the source."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flows.running.up import HOUSE

PAGE: Path = HOUSE / "docs" / "refusals.md"
TOP = """# Refusals

A rule's no has a stable code for programs and a Danish sentence for people; it comes with exit code 1 at the command line, and
above the form elsewhere. Bad input names its field and comes with exit code 2. Words in {braces} are filled in. Written by
`python -m tests.reference` from the source; a test compares it.
"""


class No(NamedTuple):
    """One place that says no."""

    code: str
    sentence: str
    where: str


def text() -> str:
    """The whole page."""
    found = defaultdict(list)
    for no in _all():
        found[no.code, no.sentence].append(no.where)
    rules = {key: where for key, where in found.items() if not key[0].startswith("input.")}
    inputs = {key: where for key, where in found.items() if key[0].startswith("input.")}
    head = "| code | sentence | said by |\\n|---|---|---|".replace("\\n", "\n")
    return "\n".join([TOP, "## By a rule", "", head, *_rows(rules), "", "## Bad input", "", head, *_rows(inputs), ""])


def _rows(found: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    for (code, sentence), where in sorted(found.items()):
        yield f"| `{code}` | {sentence.replace('|', chr(92) + '|')} | {', '.join(f'`{each}`' for each in sorted(set(where)))} |"


def _all() -> Iterator[No]:
    for root in ("models", "channels", "flows", "config"):
        for path in sorted((HOUSE / root).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
            yield from _in(tree, module, _constants(tree))


def _constants(tree: ast.Module) -> dict[str, str]:
    """The texts a module keeps under a name."""
    return {
        line.targets[0].id: line.value.value
        for line in tree.body
        if isinstance(line, ast.Assign)
        and isinstance(line.targets[0], ast.Name)
        and isinstance(line.value, ast.Constant)
        and isinstance(line.value.value, str)
    }


def _in(node: ast.AST, where: str, kept: dict[str, str]) -> Iterator[No]:
    for child in ast.iter_child_nodes(node):
        inside = where
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inside = f"{where}.{child.name}"
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Name)
            and child.func.id in ("Refusal", "BadInput")
        ):
            no = _said(child, where, kept)
            if no is not None:
                yield no
        yield from _in(child, inside, kept)


def _said(call: ast.Call, where: str, kept: dict[str, str]) -> No | None:
    if len(call.args) != 2 or isinstance(call.args[0], ast.Attribute):  # a code that is passed on stands elsewhere
        return None
    code, sentence = (kept.get(each.id, "") if isinstance(each, ast.Name) else "" for each in call.args)
    code, sentence = code or _words(call.args[0]), sentence or _words(call.args[1])
    return No(f"input.{code}" if call.func.id == "BadInput" else code, sentence, where)  # type: ignore[attr-defined]


def _words(node: ast.expr) -> str:
    """The text as it is written, with what is filled in as a name in braces."""
    match node:
        case ast.Constant(value=str(text)):
            return " ".join(text.split())
        case ast.JoinedStr(values=values):
            parts = (
                each.value if isinstance(each, ast.Constant) else "{" + _name(each.value) + "}"  # type: ignore[attr-defined]
                for each in values
            )
            return " ".join("".join(map(str, parts)).split())
        case ast.IfExp(body=body, orelse=orelse):
            return f"{_words(body)} / {_words(orelse)}"
        case ast.BinOp(left=left, right=right):
            return _words(left) + _words(right)
    return "{" + _name(node) + "}"


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(args=[first, *_]):
            return _name(first)
        case ast.Call(func=ast.Attribute(value=value)):
            return _name(value)
        case ast.Subscript(value=value):
            return _name(value)
        case ast.BoolOp(values=[first, *_]) | ast.IfExp(body=first):
            return _name(first)
    return "…"
