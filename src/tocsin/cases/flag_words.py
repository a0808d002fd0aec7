"""What a flag asks, in a sentence, for the list of all flags and for the panel of changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tocsin.cases import flags, living_lines
from tocsin.cases.evidence import flagged
from tocsin.cases.models import Flag
from tocsin.identifiers.extract import display
from tocsin.identifiers.models import Identifier

HERE = (flags.BURST, flags.GLUED)  # those that the panel of changes shows; the others stand in "To decide"
SENTENCES = {
    flags.REOPEN: gettext_lazy(
        "Tips came in after this case was closed: look whether it has to be reopened."
    ),
    flags.BURST: gettext_lazy(
        "%(tips)s on %(about)s came in %(minutes)s, %(unknown)s of them from unknown senders and %(alike)s with alike "
        "texts. Perhaps a crowd was called up. It changed no lane."
    ),
    flags.NUMBER_WANTED: gettext_lazy(
        "Write down the numeric id of %(about)s before nobody can read it any more."
    ),
    flags.GLUED: gettext_lazy(
        "%(about)s is a hub now and joins nothing any more. Without it this case comes apart into %(pieces)s pieces; "
        "people worked on it, so nothing was cut."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A flag as a page shows it."""

    flag: Flag
    sentence: str
    identifier: Identifier | None


def lines(rows: Iterable[Flag]) -> list[Line]:
    """These flags in words, in the same order. Two queries, however many."""
    found = list(rows)
    known = flagged(found)
    back = {one.flag.pk: one.sentence for one in living_lines.backs([f for f in found if _is_back(f)])}
    return [Line(row, back.get(row.pk) or _sentence(row, known), known.get(row.about)) for row in found]


def _is_back(flag: Flag) -> bool:
    return flag.kind == flags.BACK_AGAIN


def _sentence(flag: Flag, known: dict[str, Identifier]) -> str:
    one = known.get(flag.about)
    minutes = int(flag.facts.get("minutes", 0))
    tips = int(flag.facts.get("tips", 0))
    words = {
        "unknown": "…",
        "alike": "…",
        "pieces": "…",
        **flag.facts,
        "about": display(one.kind, one.platform, one.canonical) if one else _("something that is sealed now"),
        "tips": ngettext("%(n)d tip", "%(n)d tips", tips) % {"n": tips},
        "minutes": ngettext("within a minute", "within %(n)d minutes", minutes) % {"n": minutes},
    }
    return str(SENTENCES.get(flag.kind, flag.kind)) % words
