"""Times as files write them. A time without a zone needs one; a date of three small numbers needs an order."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_OLDEST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")
_NUMBERS = re.compile(
    r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})日?(?:[T,\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([AaPp])?[.]?[Mm]?[.]?)?"
)
ORDERS = ("dmy", "mdy", "ymd")


class NoZone(Exception):
    """A time without a zone, and nobody said which one it is in."""


class NoOrder(Exception):
    """A date that is read in two ways, and nobody said which."""


class BadZone(ValueError):
    """A time zone that is not known."""


def zone(name: str) -> tzinfo | None:
    """The zone of a name like `Europe/Paris` or `+08:00`; None for an empty name. Raises `BadZone`."""
    name = name.strip()
    if not name:
        return None
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        if offset := _OFFSET.fullmatch(name):
            ahead = timedelta(hours=int(offset[2]), minutes=int(offset[3] or 0))
            return timezone(ahead if offset[1] == "+" else -ahead)
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise BadZone(f"There is no time zone {name!r}: write it like Europe/Paris or +08:00.") from None


class Clock:
    """Reads times with the zone and the order of dates that the user named."""

    def __init__(self, zone_name: str = "", order: str = "") -> None:
        self.zone, self.order = zone(zone_name), order

    def aware(self, said: datetime) -> datetime:
        """In UTC. What no database can hold becomes 1970 or 2999, which is marked as doubtful."""
        if said.tzinfo is None:
            if self.zone is None:
                raise NoZone
            said = said.replace(tzinfo=self.zone)
        try:
            return min(max(said.astimezone(UTC), _OLDEST), _LAST)
        except OverflowError:
            return _OLDEST if said.year < 2000 else _LAST

    def read(self, text: str) -> datetime | None:
        """A time of a table or of JSON: ISO 8601, seconds or milliseconds since 1970, or numbers in an order.

        None for an empty text; `ValueError` for one that is no time.
        """
        text = text.strip()
        if not text:
            return None
        if re.fullmatch(r"-?\d{9,16}(?:\.\d+)?", text):
            return self.aware(_since_1970(float(text)))
        try:
            return self.aware(datetime.fromisoformat(text))
        except ValueError:
            return self.aware(self._numbers(text))

    def _numbers(self, text: str) -> datetime:
        found = _NUMBERS.fullmatch(text)
        if found is None:
            raise ValueError("the time cannot be read: write it like 2026-11-20T21:03:00Z")
        year, month, day = self.date(int(found[1]), int(found[2]), int(found[3]), text)
        hour = twelve(int(found[4] or 0), (found[7] or "").lower())
        return datetime(year, month, day, hour, int(found[5] or 0), int(found[6] or 0))

    def date(self, first: int, second: int, third: int, text: str) -> tuple[int, int, int]:
        """Year, month and day of three numbers. Raises `NoOrder` where both readings are possible."""
        if first > 31 or self.order == "ymd":
            return year_of(first), second, third
        if first > 12 or self.order == "dmy" or ("." in text and not self.order):
            return year_of(third), second, first
        if second > 12 or self.order == "mdy" or first == second:
            return year_of(third), first, second
        raise NoOrder(text)


def year_of(number: int) -> int:
    """Two digits belong to this century."""
    return number + 2000 if number < 100 else number


def twelve(hour: int, half: str) -> int:
    """The hour of a day from one of a clock with `a`m and `p`m."""
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _since_1970(number: float) -> datetime:
    seconds = number / 1000 if abs(number) > 1e11 else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return _LAST
