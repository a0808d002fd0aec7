"""What the link graph consists of: nodes in columns, edges, and how much of the case they show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tocsin.cases.models import Case
from tocsin.identifiers.models import Identifier

MOST_NODES = 300

# columns of the picture, from left to right: the case, its tips, what they name, its owners, tips and cases elsewhere
HERE, TIPS, NAMED, OWNERS, TIPS_ELSEWHERE, ELSEWHERE = range(6)


@dataclass(slots=True)
class Node:
    """One thing in the picture; `id` is "case:NUMBER", "tip:ID", "identifier:ID" or "group:CASE:ID:DAYS"."""

    id: str
    kind: str  # case, tip, identifier, group, more
    label: str
    detail: str  # second line
    column: int
    words: list[str] = field(default_factory=list)  # what a person is told of it
    expands: bool = False  # asking for it shows more, or folds it again
    opened: bool = False
    tips: int = 1  # how many tips a group, an identifier or a case stands for
    mark: str = ""  # the lane of a case, the role of an identifier, the danger that a tip tells


@dataclass(slots=True)
class Edge:
    """`kind`: in_case, names, owns, copy_of, touches. `joins` is None where nothing can join."""

    source: str
    target: str
    kind: str
    words: str
    joins: bool | None = None
    label: str = ""


@dataclass(slots=True)
class Graph:
    """The picture, and how much of the case it shows."""

    case: Case
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    tips: int = 0  # of the cases that are opened
    grouped: int = 0  # of these, how many stand in groups
    copies: int = 0
    more_identifiers: int = 0  # named, and not in the picture
    more_cases: int = 0  # touched, and not in the picture
    expanded: list[str] = field(default_factory=list)

    def add(self, node: Node) -> bool:
        """Take a node in, unless the picture is full."""
        if node.id not in self.nodes and len(self.nodes) >= MOST_NODES:
            return False
        self.nodes.setdefault(node.id, node)
        return True

    def connect(self, edge: Edge) -> None:
        """Take an edge in if both of its ends are in the picture."""
        if edge.source in self.nodes and edge.target in self.nodes:
            self.edges.append(edge)

    @property
    def room(self) -> int:
        """How many nodes still fit."""
        return MOST_NODES - len(self.nodes)


@dataclass(slots=True)
class Named:
    """An identifier of the opened cases: in how many tips, how many of them it joins, and by which rule."""

    identifier: Identifier
    tips: int = 0
    joined: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    found: bool = False  # by an analyst, without a tip
