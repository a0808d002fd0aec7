"""A duration in words: two units, no false precision."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _


def spoken(span: timedelta) -> str:
    """ "1 h 2 min", "3 d 4 h", "12 min", "under a minute"; a negative span counts as none."""
    minutes = max(0, int(span.total_seconds()) // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return (
            _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
            if hours
            else _("%(days)s d") % {"days": days}
        )
    if hours:
        return (
            _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": rest}
            if rest
            else _("%(hours)s h") % {"hours": hours}
        )
    return _("%(minutes)s min") % {"minutes": rest} if rest else _("under a minute")
