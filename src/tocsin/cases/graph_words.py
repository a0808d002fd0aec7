"""The link graph in words: what each node and each edge is told as, in the picture and in the table beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.cases import words
from tocsin.cases.graph_parts import Graph, Node
from tocsin.cases.models import Case, Observation
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier
from tocsin.identifiers.roles import MentionRole
from tocsin.linking.rules import JOINING
from tocsin.tips.models import Tip

LANES: Mapping[str, str | Promise] = {
    "immediate": gettext_lazy("Immediate"),
    "high": gettext_lazy("High"),
    "normal": gettext_lazy("Normal"),
    "low": gettext_lazy("Low"),
}
RULES: Mapping[str, str | Promise] = {  # by linking/rules.py
    "strong": gettext_lazy("joins: it names one thing in the world"),
    "handle": gettext_lazy("joins tips of the same half year: a handle may change hands"),
    "weak": gettext_lazy("does not join by itself: too weak"),
    "hub": gettext_lazy("does not join: shared by many"),
    "list": gettext_lazy("does not join: the tip is a pasted list"),
    "bystander": gettext_lazy("does not join: on the bystander list"),
    "role": gettext_lazy("does not join: it is not what the tip reports"),
}
SHORT = 6  # of the twelve characters of a public id: enough to find a tip in one case


def when(at: datetime) -> str:
    """A time, short, in the reader's format."""
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT")


def number(n: int) -> str:
    """2,000: with the reader's separator."""
    return number_format(n, force_grouping=True)


def n_tips(n: int) -> str:
    """'214 tips'."""
    return ngettext("%(n)s tip", "%(n)s tips", n) % {"n": number(n)}


def days(name: str) -> str:
    """The days that a group stands for, see graph_groups.Group."""
    if name == "all":
        return _("all days")
    if len(name) == len("2026-03"):
        return date_format(date.fromisoformat(f"{name}-01"), "YEAR_MONTH_FORMAT")
    return date_format(date.fromisoformat(name), "SHORT_DATE_FORMAT")


def short(public_id: str) -> str:
    """The beginning of a tip's id."""
    return public_id[:SHORT]


# --- nodes ---------------------------------------------------------------------------------------------------


def lane(code: str) -> str:
    """A lane."""
    return str(LANES.get(code, code))


def case(one: Case, opened: bool) -> list[str]:
    """A case: number, lane, state; whether its tips are shown."""
    said = [_("Case %(number)s") % {"number": one.number}, lane(one.lane), words.word("state", one.state)]
    return [*said, _("its tips are shown") if opened else _("its tips are not shown yet")]


def tip_line(tip: Tip) -> str:
    """Time and language of a tip."""
    return " · ".join(part for part in (when(tip.received_at), tip.language) if part)


def tip(one: Tip) -> list[str]:
    """A tip: id, time, language, way in, what its reporter says of danger."""
    said = [_("Tip %(id)s") % {"id": one.public_id}, _("received %(when)s") % {"when": when(one.received_at)}]
    if one.language:
        said.append(_("in %(language)s") % {"language": one.language})
    said.append(words.word("source", one.source))
    return [*said, words.word("danger", one.danger)] if one.danger in ("yes", "unsure") else said


def shown(one: Identifier) -> str:
    """An identifier as text that nothing turns into a link."""
    return display(one.kind, one.platform, one.canonical)


def what(one: Identifier) -> str:
    """Platform and kind: 'Telegram · account'."""
    return " · ".join(part for part in (words.platform(one.platform), words.word("kind", one.kind)) if part)


def role(code: str) -> str:
    """A role."""
    return str(MentionRole(code).label)


def identifier(
    one: Identifier,
    its_role: str,
    tips: int,
    joined: int,
    rules: Iterable[str],
    found: bool,
    detached: bool,
) -> list[str]:
    """An identifier: kind, strength, role; how many tips name it, and how many of them it joins, and why not all."""
    said = [what(one), _("strength: %(word)s") % {"word": words.word("strength", one.strength)}]
    said.append(_("role: %(word)s") % {"word": role(its_role)})
    if tips:
        said.append(_("named by %(tips)s") % {"tips": n_tips(tips)})
        said.append(_("joins %(tips)s") % {"tips": n_tips(joined)} if joined else _("joins nothing"))
        said += [rule(name) for name in sorted(set(rules) - JOINING)]
    if found:
        said.append(_("found by us"))
    if detached:
        said.append(_("detached by a person: joins nothing in this case"))
    return said


def group(tips: int, joined: int, name: str, is_open: bool) -> list[str]:
    """A group of tips."""
    said = [
        _("%(tips)s, received: %(days)s") % {"tips": n_tips(tips), "days": days(name)},
        group_link(tips, joined),
    ]
    return [*said, _("the newest of them are shown one by one")] if is_open else said


def more(n: int) -> str:
    """The node that stands for what is named and not in the picture."""
    said = ngettext("%(n)d more identifier", "%(n)d more identifiers", n) % {"n": n}
    return said if n else _("fewer identifiers")


def nothing_shown() -> str:
    """Second line of the group of tips that name nothing in the picture."""
    return _("name nothing shown here")


def group_of_nothing(n: int) -> str:
    """The same, as a sentence."""
    return _("%(tips)s that name nothing of what is shown") % {"tips": n_tips(n)}


def summary(graph: Graph) -> str:
    """The picture in a sentence: what a person hears who does not see it."""
    counts = Counter(node.kind for node in graph.nodes.values())
    said = [n_tips(graph.tips)]
    named = counts["identifier"] + graph.more_identifiers
    said.append(ngettext("%(n)d identifier", "%(n)d identifiers", named) % {"n": named})
    if others := counts["case"] - 1 + graph.more_cases:
        said.append(ngettext("%(n)d other case", "%(n)d other cases", others) % {"n": others})
    return _("Case %(number)s: %(what)s.") % {"number": graph.case.number, "what": ", ".join(said)}


def limits(graph: Graph) -> list[str]:
    """What the picture does not show one by one, in sentences; empty where it shows all."""
    said = []
    if graph.grouped:
        groups = sum(1 for node in graph.nodes.values() if node.kind == "group")
        facts = {"grouped": number(graph.grouped), "tips": number(graph.tips), "groups": groups}
        said.append(
            _(
                "%(grouped)s of %(tips)s tips stand in %(groups)d groups, by identifier and day. A tip that names "
                "several identifiers is counted at each of them."
            )
            % facts
        )
    if graph.copies:
        n = graph.copies
        said.append(
            ngettext(
                "%(n)d tip is a copy of a message that another tip forwards as well.",
                "%(n)d tips are copies of messages that other tips forward as well.",
                n,
            )
            % {"n": n}
        )
    if n := graph.more_identifiers:
        said.append(
            ngettext("%(n)d more identifier is not drawn.", "%(n)d more identifiers are not drawn.", n)
            % {"n": n}
        )
    if n := graph.more_cases:
        said.append(
            ngettext("%(n)d more case names the same.", "%(n)d more cases name the same.", n) % {"n": n}
        )
    return said


# --- edges ---------------------------------------------------------------------------------------------------


def owns() -> str:
    """Label."""
    return _("owns")


def copy_label() -> str:
    """Label."""
    return _("copy")


def rule(name: str, joins: bool = False) -> str:
    """Why a link joins, or why not; a rule without words is shown as it is."""
    said = str(RULES.get(name, name))
    return said if not joins or name in JOINING else _("%(rule)s; joined") % {"rule": said}


def link(by: str, strength: str, joins: bool, at: datetime) -> str:
    """A tip names an identifier: strength, rule, time."""
    said = _("%(strength)s; %(rule)s; linked %(when)s")
    return said % {"strength": words.word("strength", strength), "rule": rule(by, joins), "when": when(at)}


def in_case(because: Sequence[str], names: Mapping[str, str]) -> str:
    """Why a tip is in its case. `because`: public ids; one without a name is sealed now, or is not in the picture."""
    if not because:
        return _("opened the case")
    known = [names[public_id] for public_id in because if public_id in names]
    if not known:
        return _("joined by something that is not shown")
    return _("joined by %(what)s") % {"what": ", ".join(known)}


def ownership(row: Observation) -> str:
    """Who owns what, who says so, and when."""
    grade = words.word("grade", row.grade)
    return _("%(grade)s, %(when)s") % {"grade": grade, "when": when(row.observed_at)}


def copy(likeness: int) -> str:
    """How alike two texts are."""
    return _("the texts are %(n)d %% alike: one forwarded message") % {"n": likeness}


def touches(n: int, case: str) -> str:
    """Another case names the same."""
    said = ngettext("%(n)s tip of case %(case)s names it too", "%(n)s tips of case %(case)s name it too", n)
    return said % {"n": number(n), "case": case}


def group_link(tips: int, joined: int) -> str:
    """A group names an identifier."""
    if joined == tips:
        return _("all of them are joined by it")
    if not joined:
        return _("it joins none of them")
    return _("it joins %(joined)d of %(tips)d") % {"joined": joined, "tips": tips}


def group_in_case(tips: int) -> str:
    """A group is in a case."""
    return _("%(tips)s of this case") % {"tips": n_tips(tips)}


def columns() -> list[str]:
    """What stands over the columns of the picture, from left to right (graph_parts)."""
    return [
        _("This case"),
        _("Its tips"),
        _("They name"),
        _("Owned by"),
        _("Tips elsewhere"),
        _("Other cases"),
    ]


def forward(kind: str, target: Node) -> str:
    """An edge as read from its source: 'names kiln_room'."""
    return {
        "names": _("names %(what)s"),
        "in_case": _("in case %(what)s"),
        "owns": _("owns %(what)s"),
        "copy_of": _("copy of %(what)s"),
        "touches": _("also in case %(what)s"),
    }[kind] % {"what": target.label}


def backward(kind: str, source: Node) -> str:
    """The same edge as read from its target: 'owned by kiln_room'."""
    return {
        "owns": _("owned by %(what)s"),
        "copy_of": _("copied by %(what)s"),
        "touches": _("shares %(what)s"),
    }[kind] % {"what": source.label}
