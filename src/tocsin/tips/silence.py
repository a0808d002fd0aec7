"""Which mailboxes must be told nothing: rooms above say it (police holds), every message asks.

This room knows no holds. Whoever does registers a rule here, so that no way of writing to a reporter can forget it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from tocsin.tips.models import Tip

Rule = Callable[[Collection[int]], set[int]]
RULES: list[Rule] = []
_AT_ONCE = 400  # boxes a query: SQLite's variables are limited


def register(rule: Rule) -> None:
    """Add a rule: from ids of tips to those about which reporters may be told nothing now."""
    if rule not in RULES:
        RULES.append(rule)


def bound(box_tags: Iterable[str]) -> set[str]:
    """Those of these mailboxes that hold a tip under silence: nothing may be written to them now."""
    tags, found = [tag for tag in dict.fromkeys(box_tags) if tag], set[str]()
    for start in range(0, len(tags), _AT_ONCE):
        rows = Tip.objects.filter(box_tag__in=tags[start : start + _AT_ONCE]).values_list("pk", "box_tag")
        boxes = dict(rows)
        for rule in RULES:
            found |= {boxes[pk] for pk in rule(boxes.keys()) if pk in boxes}
    return found
