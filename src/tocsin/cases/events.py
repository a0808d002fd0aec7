"""The timeline: what happened to a case, as codes and numbers; words are found when a person reads it.

Rooms above name their own kinds, codes and actors here by `register`, so that one page can tell all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.accounts.models import User
from tocsin.cases.kinds import CODES, KINDS
from tocsin.cases.models import Case, CaseEvent
from tocsin.lib.rows import insert, new

Labels = Callable[[list[str]], dict[str, str]]
LABELS: dict[str, Labels] = {}  # "recipient" -> {public id: name}: registered by the room that knows them
OWN_ACTORS = {
    "worker": gettext_lazy("Tocsin"),
    "door": gettext_lazy("public form"),
    "cli": gettext_lazy("command line"),
}
Row = tuple[Case, str, str, datetime | None, Mapping[str, Any]]


class UnknownKind(ValueError):
    """An event of a kind that no sentence tells."""


def register(
    kinds: Mapping[str, str | Promise] | None = None,
    codes: Mapping[str, Mapping[str, str | Promise]] | None = None,
) -> None:
    """Add kinds (kind -> sentence with %(fact)s) and words for codes (fact name -> code -> words)."""
    KINDS.update(kinds or {})
    for fact, words in (codes or {}).items():
        CODES.setdefault(fact, {}).update(words)


def register_labels(prefix: str, labels: Labels) -> None:
    """Say how actors "prefix:ID" are called: `labels(ids)` gives names by id, in one query."""
    LABELS[prefix] = labels


def add(case: Case, kind: str, actor: str, at: datetime | None = None, **facts: Any) -> None:
    """One line in the case's timeline. `facts`: codes, numbers and public ids only. Inside `with write():`."""
    add_many([(case, kind, actor, at, facts)])


def add_many(rows: Iterable[Row]) -> None:
    """Many lines at once: (case, kind, actor, at or None for now, facts)."""
    now, events = timezone.now(), []
    for case, kind, actor, at, facts in rows:
        if kind not in KINDS:
            raise UnknownKind(f"{kind}: add its sentence to cases/kinds.py or register it")
        events.append(
            new(CaseEvent, case_id=case.pk, kind=kind, actor=actor, at=at or now, facts=dict(facts))
        )
    insert(events)


def sentence(kind: str, facts: Mapping[str, Any]) -> str:
    """The event in words, in the reader's language."""
    template = KINDS.get(kind)
    return str(template) % _Words(facts) if template else kind.replace("_", " ")


class _Words(dict[str, str]):
    """Facts as words: codes by their labels, times in the reader's form, what is missing as an ellipsis."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({name: _word(name, value) for name, value in facts.items()})
        if isinstance(tips := facts.get("tips"), int):
            self["tips"] = ngettext("%(n)d tip", "%(n)d tips", tips) % {"n": tips}

    def __missing__(self, name: str) -> str:
        return "…"


def _word(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_word(name, one) for one in value)
    if name == "until":
        return str(value)[:10]
    return str(CODES.get(name, {}).get(str(value), value))


def actor_labels(actors: Iterable[str]) -> dict[str, str]:
    """How the timeline calls each of these actors; one query for all people."""
    by_prefix: dict[str, list[str]] = {}
    for actor in set(actors):
        prefix, _colon, name = actor.partition(":")
        by_prefix.setdefault(prefix, []).append(name)
    labels: dict[str, str] = {}
    for prefix, names in by_prefix.items():
        known = _known(prefix, names)
        for name in names:
            actor = f"{prefix}:{name}" if name else prefix
            labels[actor] = known.get(name) or str(OWN_ACTORS.get(prefix, actor))
    return labels


def _known(prefix: str, names: list[str]) -> dict[str, str]:
    if prefix == "user":
        people = User.objects.filter(pk__in=[name for name in names if name.isdigit()])
        return {str(user.pk): user.get_full_name() or user.get_username() for user in people}
    if prefix in LABELS:
        return LABELS[prefix](names)
    return {name: _("a recipient") for name in names} if prefix == "recipient" else {}
