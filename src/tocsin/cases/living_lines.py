"""What a case asks a person, in words: tips on a closed case, what may be back with its history, wanted numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.cases import back_again, flags, living, wanted, words
from tocsin.cases.back_again import Gone
from tocsin.cases.kinds import CODES
from tocsin.cases.models import Case, CaseState, Flag
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier

HOW = {
    "same": gettext_lazy(
        "%(about)s is named again, after it was gone. Look whether it is back or the tip is only late."
    ),
    "number": gettext_lazy("%(about)s is back again: it has the number %(by)s of an account that is gone."),
    "payment": gettext_lazy(
        "%(about)s may be back again: it is paid through %(by)s, like something that is gone."
    ),
    "confirmed": gettext_lazy(
        "%(about)s is back again: a person wrote down that it belongs together with %(by)s, which is gone."
    ),
}


@dataclass(frozen=True, slots=True)
class Back:
    """Something that may be back, why, and what happened before."""

    flag: Flag
    sentence: str
    history: list[str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reported name whose number is asked for."""

    public_id: str
    shown: str
    platform: str


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a case asks; false where it asks nothing."""

    reopen: Flag | None = None
    new_tips: str = ""
    back: Sequence[Back] = field(default_factory=list)
    numbers: Sequence[Wanted] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether anything waits for a person."""
        return bool(self.reopen or self.back or self.numbers)


def of_case(case: Case) -> Asked:
    """What waits for a person on this case. A bounded number of queries, however much waits."""
    waiting = flags.of_case(case)
    reopen = next((flag for flag in waiting if flag.kind == flags.REOPEN), None)
    if case.state != CaseState.CLOSED:
        reopen = None
    return Asked(
        reopen,
        _new_tips(reopen) if reopen else "",
        backs([flag for flag in waiting if flag.kind == flags.BACK_AGAIN]),
        [_wanted(row) for row in wanted.wanted(case)] if case.state not in _OVER else [],
    )


def asks(case: Case) -> bool:
    """Whether `of_case` would show anything. Cheaper: nothing is put into words."""
    kinds = {flag.kind for flag in flags.of_case(case)}
    if flags.BACK_AGAIN in kinds or (flags.REOPEN in kinds and case.state == CaseState.CLOSED):
        return True
    return case.state not in _OVER and bool(wanted.wanted(case))


_OVER = (CaseState.CLOSED, CaseState.MERGED)


def _wanted(row: Identifier) -> Wanted:
    return Wanted(row.public_id, _shown(row), words.platform(row.platform))


def _new_tips(flag: Flag) -> str:
    tips = living.tips_since_closing(flag.case)
    said = ngettext(
        "%(n)d tip came in after this case was closed.",
        "%(n)d tips came in after this case was closed.",
        tips,
    )
    return said % {"n": tips}


def backs(waiting: Sequence[Flag]) -> list[Back]:
    """These flags in words, with their history. Two queries."""
    names = {flag.about for flag in waiting} | {str(flag.facts.get("by")) for flag in waiting}
    rows = {row.public_id: row for row in Identifier.objects.filter(public_id__in=names)} if names else {}
    items = {str(item) for flag in waiting for item in flag.facts.get("items", ())}
    gone = {one.item: one for one in back_again.history(items=items)}
    return [Back(flag, sentence(flag, rows), _history(flag, gone)) for flag in waiting]


def sentence(flag: Flag, rows: Mapping[str, Identifier]) -> str:
    """Why something is taken for back."""
    about, by = rows.get(flag.about), rows.get(str(flag.facts.get("by")))
    return str(HOW.get(str(flag.facts.get("how")), HOW["same"])) % {"about": _named(about), "by": _named(by)}


def _history(flag: Flag, gone: Mapping[str, Gone]) -> list[str]:
    known = [gone[item] for item in flag.facts.get("items", ()) if item in gone]
    return [told(one) for one in known]


def told(one: Gone) -> str:
    """When it was reported, to whom, when it was gone, in which case."""
    said = _(
        "%(what)s, case %(number)s: %(recipient)s was told on %(told)s and answered on %(gone)s: %(answer)s."
    )
    return said % {
        "what": _named(one.identifier),
        "number": one.number,
        "recipient": one.recipient,
        "told": _day(one.told_at) if one.told_at else "…",
        "gone": _day(one.gone_at),
        "answer": CODES["answer"].get(one.answer, one.answer),
    }


def _day(at: object) -> str:
    return date_format(localtime(at), "SHORT_DATETIME_FORMAT")  # type: ignore[arg-type]  # a time


def _shown(row: Identifier) -> str:
    return display(row.kind, row.platform, row.canonical)


def _named(row: Identifier | None) -> str:
    if row is None:
        return _("something that is sealed now")
    platform = words.platform(row.platform)
    return f"{platform} {_shown(row)}".strip()
