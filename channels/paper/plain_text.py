"""Markdown som ren tekst: a document for the text part of a mail, and for screen readers."""

from typing import cast

from channels.paper.markdown_tree import Node, UnknownNode, cells_of, read, words_of


def text_of(markdown: str) -> str:
    """The document as plain text for mail and screen readers, one line a paragraph.

    Headings are underlined, links become "text: address". A table with two columns becomes
    "a: b" lines, a wider one an item per row with "heading: value" lines below.
    """
    return text_of_tree(read(markdown)[1])


def text_of_tree(root: Node) -> str:
    """The same of a document that has been read (`channels.paper.markdown_tree`)."""
    return _blocks(root) + "\n"


def _blocks(parent: Node) -> str:
    tight = parent.type == "list_item" and any(c.type == "paragraph" and c.hidden for c in parent.children)
    return ("\n" if tight else "\n\n").join(_block(child) for child in parent.children)


def _block(node: Node) -> str:
    match node.type:
        case "paragraph":
            return words_of(node)
        case "heading":
            text = words_of(node)
            return f"{text}\n{('=' if node.tag == 'h1' else '-') * min(len(text), 72)}"
        case "bullet_list" | "ordered_list":
            return _list(node)
        case "blockquote":
            return "\n".join(f"> {line}".rstrip() for line in _blocks(node).split("\n"))
        case "hr":
            return "-" * 40
        case "table":
            return _table(node)
    raise UnknownNode(f"no plain text for {node.type!r}")


def _list(node: Node) -> str:
    start = int(cast(int, node.attrs.get("start", 1)))
    items = []
    for number, item in enumerate(node.children, start):
        mark = "- " if node.type == "bullet_list" else f"{number}. "
        items.append(mark + _blocks(item).replace("\n", "\n" + " " * len(mark)))
    loose = any(child.type == "paragraph" and not child.hidden for i in node.children for child in i.children)
    return ("\n\n" if loose else "\n").join(items)


def _table(node: Node) -> str:
    head, *rows = cells_of(node)
    if len(head) == 2:
        heading = [": ".join(head)] if any(head) else []
        return "\n".join(heading + [f"{first}: {second}".rstrip() for first, second in rows])
    items = []
    for first, *others in rows:
        lines = [f"  {name}: {cell or '_' * 24}" for name, cell in zip(head[1:], others, strict=True)]
        items.append("\n".join([f"- {head[0]}: {first}" if head[0] else f"- {first}", *lines]))
    return "\n\n".join(items)
