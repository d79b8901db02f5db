"""Which public functions say no without saying so in their docstring.

A command's docstring is its Danish `--help`, and every command says no by its exit code, so commands are left out. So is
what a function catches itself: a page says it above the form.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from flows.running.up import HOUSE

NO = ("Refusal", "BadInput")


def silent() -> list[str]:
    """Public functions of models/ and channels/ that raise a `Refusal` or `BadInput` and have no "Raises:"."""
    return sorted(
        name for root in ("models", "channels") for path in (HOUSE / root).rglob("*.py") for name in _in(path)
    )


def _in(path: Path) -> Iterator[str]:
    module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    for node in _public(ast.parse(path.read_text(encoding="utf-8")).body):
        if any(_is_command(each) for each in node.decorator_list):
            continue
        if any(_says_no(each) for each in _of(node)) and "Raises:" not in (ast.get_docstring(node) or ""):
            yield f"{module}.{node.name}"


def _public(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """A module's functions and its classes' methods; what stands inside a function is its own affair."""
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node


def _is_command(decorator: ast.expr) -> bool:
    return isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "command"


def _of(node: ast.AST) -> Iterator[ast.AST]:
    """Everything in a function but what stands in functions inside it, or where a refusal is caught."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Try) and child in node.body and any(_catches(each) for each in node.handlers):
            continue
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield child
            yield from _of(child)


def _catches(handler: ast.ExceptHandler) -> bool:
    return isinstance(handler.type, ast.Name) and handler.type.id in NO


def _says_no(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and node.exc.func.id in NO
    )
