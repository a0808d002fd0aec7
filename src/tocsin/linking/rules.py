"""The rules: whether a tip's identifier joins other tips that name it. Each has a name that a page can tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tocsin.identifiers.roles import JOINING_ROLES

HANDLE_REACH = timedelta(days=180)  # a handle can change hands: it joins tips that lie this close together
LONG_LIST = 20  # a tip that names more identifiers is a pasted list: it joins nothing by itself

STRONG, HANDLE = "strong", "handle"  # these two join
HUB, WEAK, LIST, BYSTANDER, ROLE = "hub", "weak", "list", "bystander", "role"
JOINING = frozenset({STRONG, HANDLE})
SIGNS = frozenset({STRONG, HANDLE, WEAK})
UNKNOWN_PLATFORMS = frozenset({"", "unknown"})  # the same nickname on two platforms is two people's


@dataclass(frozen=True, slots=True)
class Naming:
    """What the rules look at: one identifier as one tip names it."""

    strength: str  # of the identifier: strong, handle, weak, hub
    role: str  # of the mention
    listed: bool  # on the bystander list
    named: int  # how many identifiers the tip names
    hub: bool | None = None  # what degree or people said about it; None: nobody said anything


def rule(naming: Naming) -> str:
    """The name of the rule that decides; it joins if the name is in `JOINING`.

    A sealed identifier (a child's, a reporter's) has no row and so never comes here.
    """
    if naming.listed:
        return BYSTANDER
    if naming.role not in JOINING_ROLES:
        return ROLE
    if naming.named > LONG_LIST:
        return LIST
    if naming.hub or (naming.hub is None and naming.strength == "hub"):
        return HUB
    return {"strong": STRONG, "handle": HANDLE, "hub": STRONG}.get(naming.strength, WEAK)


def pairs(naming: Naming, platform: str) -> bool:
    """Whether a weak name joins tips of its platform that share a second sign: another identifier, or the text."""
    return rule(naming) == WEAK and platform not in UNKNOWN_PLATFORMS


def is_sign(by: str) -> bool:
    """Whether an identifier under this rule counts as the second sign beside a weak name."""
    return by in SIGNS
