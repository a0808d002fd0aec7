"""What the recipients' pages need to show codes and times in words."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from tocsin.dispatch.replies import ItemAnswer, ReferralAnswer
from tocsin.identifiers.kinds import kind_name

register = template.Library()

HELP = {
    "received": _("You have it; nothing else is decided."),
    "hold": _("We keep silent about these items until you say “go ahead”."),
    "go_ahead": _("Your own hold ends, and notices to platforms may leave."),
    "not_ours": _("Please write below who is competent, if you know."),
    "arrested": _(
        "Somebody was arrested. Thank you for telling us: the people who reported it hear no detail."
    ),
}


@register.filter
def kind_label(kind: str) -> str:
    """The kind of an identifier in words."""
    return kind_name(kind)


@register.filter
def item_answer(code: str) -> str:
    """A provider's answer in words."""
    return str(ItemAnswer(code).label) if code in ItemAnswer.values else code


@register.filter
def referral_answer(code: str) -> str:
    """An answer to a referral in words."""
    return str(ReferralAnswer(code).label) if code in ReferralAnswer.values else code


@register.filter
def referral_help(code: str) -> str:
    """One line that explains an answer, or an empty text."""
    return str(HELP.get(code, ""))


@register.filter
def moment(text: str) -> datetime:
    """A time of the sealed copy (ISO 8601)."""
    return datetime.fromisoformat(text)


@register.filter
def held_until(text: str) -> datetime:
    """The day that was asked for: a hold ends when it has ended everywhere, twelve hours later."""
    return datetime.fromisoformat(text) - timedelta(hours=13)


@register.filter
def told(field: BoundField) -> SafeString:
    """The widget, tied to its error for those who cannot see it."""
    if not field.errors:
        return field.as_widget()
    name = f"{field.id_for_label}_error"
    return field.as_widget(attrs={"aria-invalid": "true", "aria-describedby": name})
