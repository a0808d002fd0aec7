"""What a group may earn, in sentences and as a picture: read by a person, computed in `earnings.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tocsin.cases import words
from tocsin.cases.earnings import Count, Earning, Income
from tocsin.cases.observations import Line

WIDTH, HEIGHT, EDGE = 320, 96, 8  # of the picture, in its own units
MOST_DOTS = 60  # a picture of so many is still read


def number(value: Decimal | int) -> str:
    """With the reader's separators; decimals only where there are some."""
    places = 0 if value == int(value) else 2
    return formats.number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def day(at: datetime) -> str:
    """A date in the reader's form and zone."""
    return formats.date_format(timezone.localtime(at), "SHORT_DATE_FORMAT")


def money(value: Decimal, currency: str) -> str:
    """A sum with its currency; without one it is said that nobody named it."""
    return f"{number(value)} {currency}" if currency else number(value)


def fee(line: Line) -> str:
    """A fee with its period."""
    said = money(line.amount or Decimal(0), line.currency)
    if not line.currency:
        said = _("%(sum)s (currency not said)") % {"sum": said}
    period = words.word("period", line.period) if line.period else _("nobody said how often")
    return _("%(fee)s, %(period)s") % {"fee": said, "period": period}


def source(line: Line) -> str:
    """Who says so and when: "said in 3 tips, 20 to 22 November"."""
    grade = words.word("grade", line.grade)
    when = day(line.first_at)
    if day(line.last_at) != when:
        when = _("%(first)s to %(last)s") % {"first": when, "last": day(line.last_at)}
    if line.by is not None:
        who = line.by.get_full_name() or line.by.get_username()
        return _("%(grade)s: %(who)s, %(when)s") % {"grade": grade, "who": who, "when": when}
    tips = ngettext("said in %(n)d tip", "said in %(n)d tips", line.tips) % {"n": line.tips}
    return _("%(tips)s, %(when)s") % {"tips": tips, "when": when}


def between(low: Decimal | int, high: Decimal | int) -> str:
    """One number, or a range."""
    if low == high:
        return number(low)
    return _("%(low)s to %(high)s") % {"low": number(low), "high": number(high)}


def income(one: Income) -> str:
    """The range a month, and how it comes about."""
    said = {
        "sum": between(one.low, one.high),
        "currency": one.currency,
        "members": between(*one.members),
        "fees": between(*one.fees),
    }
    if one.currency:
        return _("%(sum)s %(currency)s a month, if %(members)s members pay %(fees)s a month each") % said
    return (
        _("%(sum)s a month in a currency that nobody named, if %(members)s members pay %(fees)s a month each")
        % said
    )


def sentences(earning: Earning) -> list[str]:
    """What is known, in order: income, why there is none, how the number of members changed."""
    found = [income(one) for one in earning.incomes]
    if earning.tiers and not earning.counts:
        found.append(_("No member count is known: there is no sum."))
    if earning.counts and not earning.tiers:
        found.append(_("No fee that is paid again and again is known: there is no sum."))
    return [*found, *_change(earning)]


def _change(earning: Earning) -> list[str]:
    if len(earning.counts) < 2:
        return []
    first, last = earning.counts[0], earning.counts[-1]
    said = {
        "before": number(first.members),
        "first": day(first.at),
        "now": number(last.members),
        "last": day(last.at),
    }
    if earning.grown == 0:
        return (
            []
            if first.at.date() == last.at.date()
            else [_("%(now)s members on %(first)s and on %(last)s") % said]
        )
    return [_("From %(before)s members on %(first)s to %(now)s on %(last)s") % said]


@dataclass(frozen=True, slots=True)
class Picture:
    """Members over time as a line in a box of `width` x `height` units."""

    points: str  # of an SVG polyline
    dots: tuple[tuple[str, str, str], ...]  # x, y, words
    width: int = WIDTH
    height: int = HEIGHT


def picture(counts: list[Count]) -> Picture | None:
    """None where there are no two moments to compare, or nothing changed. The scale of members begins at nothing."""
    if len({count.members for count in counts}) < 2 or counts[0].at == counts[-1].at:
        return None
    counts = thinned(counts)
    span = (counts[-1].at - counts[0].at).total_seconds()
    most = max(count.members for count in counts)
    dots = tuple(
        (
            f"{EDGE + (WIDTH - 2 * EDGE) * (count.at - counts[0].at).total_seconds() / span:.1f}",
            f"{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * count.members / most:.1f}",
            _("%(n)s members, %(when)s") % {"n": number(count.members), "when": day(count.at)},
        )
        for count in counts
    )
    return Picture(" ".join(f"{x},{y}" for x, y, _said in dots), dots)


def thinned(counts: list[Count]) -> list[Count]:
    """At most `MOST_DOTS` of these counts, by time: the first and the last, and the smallest and the largest of what
    lies between in each of equal stretches."""
    if len(counts) <= MOST_DOTS:
        return counts
    stretches, between = MOST_DOTS // 2 - 1, counts[1:-1]
    kept = [counts[0]]
    for n in range(stretches):
        some = between[n * len(between) // stretches : (n + 1) * len(between) // stretches]
        ends = {id(one): one for one in (min(some, key=_members), max(some, key=_members))}
        kept += sorted(ends.values(), key=lambda one: one.at)
    return [*kept, counts[-1]]


def _members(count: Count) -> int:
    return count.members
