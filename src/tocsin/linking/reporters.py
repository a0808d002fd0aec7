"""How many people report something, independently of each other, as far as that can be told without knowing them.

One reporter: the same contact, the same sender of an import, chat or e-mail, the same API client (where it passes on
no sender of its own), or a tip added in the same mailbox. One message counts once, whoever forwards it, and one
network within the hour counts once. An own mailbox says nothing: everybody gets one with every tip.

The count is the largest number of tips of which no two come from one reporter, one network or one message. It looks
at what is known now: numbers of networks are erased after a day, so who needs the count of a moment keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.lib.ask import ask

# One person can send any number of tips that leave no trace. Together they never outweigh two people who can be told
# apart; so they alone never make "several" (three).
UNKNOWN_MOST = 4
_SENT = """SELECT t.id, t.contact_tag, t.sender_tag, t.client_id, t.box_tag, t.network, c.of_id
    FROM tips_tip t LEFT JOIN linking_copy c ON c.tip_id = t.id WHERE t.id {among}"""
Clue = tuple[str, object]


@dataclass(frozen=True, slots=True)
class Count:
    """Independent reporters of some tips: those who left a trace that tells them apart, and those who left none."""

    known: int
    unknown: int

    @property
    def value(self) -> Decimal:
        """How much they count together, in halves."""
        return self.known + min(self.unknown, UNKNOWN_MOST) / Decimal(2)


@dataclass(frozen=True, slots=True)
class Sent:
    """What tells who sent a tip, and which message it forwards."""

    clues: tuple[Clue, ...]  # shared with another tip: one reporter
    known: bool  # whether one of them is more than a mailbox or a network
    message: int


def independent(tip_ids: Sequence[int]) -> Count:
    """How many independent reporters these tips have. One query."""
    return independent_of_cases({0: tip_ids})[0]


def independent_of_cases(cases: Mapping[int, Sequence[int]]) -> dict[int, Count]:
    """The same for each case (or whatever the keys stand for), all in one query."""
    sent = _sent({tip for tips in cases.values() for tip in tips})
    return {
        case: counted([sent[tip] for tip in dict.fromkeys(tips) if tip in sent])
        for case, tips in cases.items()
    }


def sentence(count: Count) -> str:
    """The count in words, and how it came about."""
    known = ngettext("%(n)d independent reporter", "%(n)d independent reporters", count.known) % {
        "n": count.known
    }
    if not count.unknown:
        return _("%(known)s.") % {"known": known}
    capped = count.unknown > UNKNOWN_MOST
    unknown = ngettext(
        "%(n)d tip that does not tell who sent it counts half",
        "%(n)d tips that do not tell who sent them count half each",
        count.unknown,
    ) % {"n": count.unknown}
    most = (
        _(", together no more than %(most)s") % {"most": _shown(Decimal(UNKNOWN_MOST) / 2)} if capped else ""
    )
    return _("%(known)s; %(unknown)s%(most)s: %(value)s in all.") % {
        "known": known,
        "unknown": unknown,
        "most": most,
        "value": _shown(count.value),
    }


def _shown(value: Decimal) -> str:
    return number_format(value.normalize() if value else value, use_l10n=True)


def counted(sent: Sequence[Sent]) -> Count:
    """The count for what was sent, whatever its order."""
    if len(sent) == 1:
        return Count(1, 0) if sent[0].known else Count(0, 1)
    reporters = _reporters(sent)
    pairing = _Pairing()
    known = sum(pairing.add(messages) for messages, told in reporters if told)
    return Count(known, sum(pairing.add(messages) for messages, told in reporters if not told))


def _reporters(sent: Sequence[Sent]) -> list[tuple[set[int], bool]]:
    """For each reporter the messages that came from them, and whether anything but a mailbox tells who it is."""
    owner: dict[Clue, int] = {}
    up = list(range(len(sent)))

    def top(one: int) -> int:
        while up[one] != one:
            up[one] = one = up[up[one]]
        return one

    for place, one in enumerate(sent):
        for clue in one.clues:
            up[top(place)] = top(owner.setdefault(clue, place))
    found: dict[int, tuple[set[int], bool]] = {}
    for place, one in enumerate(sent):
        messages, told = found.setdefault(top(place), (set(), False))
        messages.add(one.message)
        found[top(place)] = messages, told or one.known
    return list(found.values())


class _Pairing:
    """Reporters paired with messages, each at most once, as many as can be (augmenting paths, Berge 1957).

    Who is added first stays paired, so the known ones come first and the number of pairs is still the largest.
    """

    def __init__(self) -> None:
        self._messages: list[set[int]] = []
        self._taken: dict[int, int] = {}  # message -> reporter
        self._holds: dict[int, int] = {}  # reporter -> message
        self._closed: set[int] = (
            set()
        )  # a search that failed came here: no later one can succeed through them

    def add(self, messages: set[int]) -> bool:
        """Whether the reporter could be paired, others moving to another of their messages where they can."""
        self._messages.append(messages)
        came: dict[int, int] = {}  # message -> reporter from whom the search came to it
        queue = [len(self._messages) - 1]
        for reporter in queue:
            for message in self._messages[reporter] - self._closed:
                if message in came:
                    continue
                came[message] = reporter
                if message not in self._taken:
                    self._turn(message, came)
                    return True
                queue.append(self._taken[message])
        self._closed.update(came)
        return False

    def _turn(self, message: int | None, came: dict[int, int]) -> None:
        while message is not None:
            reporter = came[message]
            before = self._holds.get(reporter)
            self._taken[message], self._holds[reporter] = reporter, message
            message = before


def _sent(tip_ids: Iterable[int]) -> dict[int, Sent]:
    return {
        pk: Sent(tuple(_clues(*told, network=network, box=box)), any(told), first or pk)
        for pk, contact, sender, client, box, network, first in ask(_SENT, tip_ids)
        for told in [(contact, sender, client if not (contact or sender) else None)]
    }


def _clues(contact: str, sender: str, client: int | None, *, network: int | None, box: str) -> Iterator[Clue]:
    """A mailbox joins the tips that were added in it; one that holds a single tip joins nothing."""
    said = {"contact": contact, "sender": sender, "client": client, "box": box}
    yield from ((name, value) for name, value in said.items() if value)
    if network is not None:
        yield "network", network  # drawn anew every hour: equal numbers are of one hour
