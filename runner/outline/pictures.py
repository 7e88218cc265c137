"""An outline as a drawing: a Mermaid flowchart, a Graphviz graph."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from runner.display import one_line, visible
from runner.outline import Edge, Entry, Outline, counted


def _everything(entries: tuple[Entry, ...]) -> Iterator[Entry]:
    for entry in entries:
        yield entry
        yield from _everything(entry.inside)


def _size(entry: Entry) -> str:
    if entry.task.map is None:
        return ""
    return "n items" if entry.items.total is None else counted(entry.items.total, "item")


def write_mermaid(outline: Outline) -> str:
    """As a flowchart that pages in Markdown draw."""
    ids = {entry.address: f"t{number}" for number, entry in enumerate(_everything(outline.entries), 1)}
    arrows = {"whole": "-->", "items": "-- each item -->", "cleanup": "-.->"}
    lines = [
        "---",
        f"title: {json.dumps(one_line(outline.workflow.name), ensure_ascii=False)}",
        "---",
        "flowchart LR",
    ]
    lines += _mermaid_nodes(outline.entries, ids, "    ")
    lines += [
        f"    {ids[edge.address]} {arrows[edge.how]} {ids[entry.address]}"
        for entry in _everything(outline.entries)
        for edge in entry.needs
    ]
    return "\n".join(lines) + "\n"


def _mermaid_nodes(entries: tuple[Entry, ...], ids: Mapping[str, str], margin: str) -> Iterator[str]:
    for entry in entries:
        size = _size(entry)
        label = f'"{entry.task.name}{f"<br/>{size}" if size else ""}"'
        if entry.inside:
            yield f"{margin}subgraph {ids[entry.address]}[{label}]"
            yield from _mermaid_nodes(entry.inside, ids, margin + "    ")
            yield f"{margin}end"
        else:
            yield f"{margin}{ids[entry.address]}[{f'[{label}]' if entry.task.map else label}]"


def write_dot(outline: Outline) -> str:
    """As a graph for `dot`."""
    entries = {entry.address: entry for entry in _everything(outline.entries)}
    lines = [f"digraph {_quoted(one_line(outline.workflow.name))} {{"]
    lines += ["    compound=true;", "    rankdir=LR;", "    node [shape=box];"]
    lines += _dot_nodes(outline.entries, "    ")
    for entry in entries.values():
        lines += [_dot_edge(entries[edge.address], entry, edge) for edge in entry.needs]
    return "\n".join([*lines, "}"]) + "\n"


def _dot_nodes(entries: tuple[Entry, ...], margin: str) -> Iterator[str]:
    for entry in entries:
        size = _size(entry)
        label = _quoted(entry.task.name + (f"\n{size}" if size else ""))
        if entry.inside:
            yield f"{margin}subgraph {_quoted('cluster ' + entry.address)} {{"
            yield f"{margin}    label={label};"
            yield from _dot_nodes(entry.inside, margin + "    ")
            yield f"{margin}}}"
        else:
            more = ", peripheries=2" if entry.task.map else ""
            yield f"{margin}{_quoted(entry.address)} [label={label}{more}];"


def _dot_edge(source: Entry, target: Entry, edge: Edge) -> str:
    """An edge ends at a node, so that of a group is drawn from its last task or to its first."""
    attributes = []
    tail, head = source, target
    while tail.inside:
        tail = tail.inside[-1]
    while head.inside:
        head = head.inside[0]
    if source.inside:
        attributes.append(f"ltail={_quoted('cluster ' + source.address)}")
    if target.inside:
        attributes.append(f"lhead={_quoted('cluster ' + target.address)}")
    if edge.how == "items":
        attributes.append('label="each item"')
    if edge.how == "cleanup":
        attributes.append("style=dashed")
    more = f" [{', '.join(attributes)}]" if attributes else ""
    return f"    {_quoted(tail.address)} -> {_quoted(head.address)}{more};"


def _quoted(text: str) -> str:
    return '"' + visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
