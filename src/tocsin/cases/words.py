"""Codes in the reader's words: kinds, strengths, states, answers, places."""

from __future__ import annotations

from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from tocsin.identifiers.catalogue_in_use import in_use
from tocsin.identifiers.kinds import KINDS
from tocsin.lib import places
from tocsin.tips import menus

Words = dict[str, str | Promise]

STRENGTHS: Words = {"strong": _("strong"), "handle": _("handle"), "weak": _("weak"), "hub": _("hub")}
STRENGTH_HELP: Words = {
    "strong": _("Names one thing in the world: tips that name it belong together."),
    "handle": _("A handle may change hands: it joins tips of the same half year."),
    "weak": _("Too little to join tips by."),
    "hub": _("Shared by many: joins nothing."),
}
STATES: Words = {
    "open": _("Open"),
    "assessed": _("Assessed"),
    "dispatched": _("Dispatched"),
    "held": _("Held by police"),
    "closed": _("Closed"),
    "reopened": _("Reopened"),
    "merged": _("Merged"),
}
TIP_STATES: Words = {
    "received": _("not opened yet"),
    "opened": _("opened"),
    "actionable": _("actionable"),
    "not_actionable": _("not actionable"),
    "closed": _("closed"),
}
SOURCES: Words = {
    "web": _("public page"),
    "share": _("shared from another app"),
    "phone": _("phone"),
    "letter": _("letter"),
    "visit": _("visit"),
    "api": _("API"),
    "import": _("import"),
    "campaign": _("passed on by a campaigner"),
    "process": _("file"),
    "chat": _("chat"),
    "email": _("e-mail"),
}
DANGER: Words = {
    "yes": _("reporter: a child is in danger now"),
    "unsure": _("reporter: not sure about danger"),
    "no": _("reporter: no danger now"),
}
ABOUT: Words = {"me": _("about the reporter"), "known": _("about somebody the reporter knows")}
GRADES: Words = {
    "said": _("said by a reporter"),
    "seen": _("seen by us"),
    "confirmed": _("confirmed by a provider or police"),
}
CUES: Words = {
    "self": _("the tip speaks of itself"),
    "victim": _("perhaps a child's or victim's"),
    "addressed": _("greeted or thanked"),
}
PERIODS: Words = {
    "day": _("a day"),
    "week": _("a week"),
    "month": _("a month"),
    "quarter": _("a quarter"),
    "year": _("a year"),
    "once": _("once"),
}
TABLES: dict[str, Words] = {
    "kind": KINDS,
    "strength": STRENGTHS,
    "strength_help": STRENGTH_HELP,
    "state": STATES,
    "tip_state": TIP_STATES,
    "source": SOURCES,
    "danger": DANGER,
    "about": ABOUT,
    "cue": CUES,
    "grade": GRADES,
    "period": PERIODS,
}


def word(table: str, code: str) -> str:
    """A code of one of the tables; an unknown code is shown as it is."""
    return str(TABLES[table].get(code, code))


def menu_word(name: str, code: str) -> str:
    """An option of the public form's menus `where` and `what`."""
    return dict(menus.menu(name, language()).options).get(code, code)


@lru_cache(maxsize=1)
def _platforms() -> dict[str, str]:
    return {key: platform.title for key, platform in in_use().platforms.items()}


def platform(code: str) -> str:
    """A platform's title from its data file; nothing for the plain web."""
    return "" if code in ("", "web", "email", "phone", "unknown") else _platforms().get(code, code)


def country(code: str) -> str:
    """A country's name."""
    found = places.country(code) if code else None
    return found.name(language()) if found else code


def city(key: str) -> str:
    """A city's name."""
    return places.city_name(key, language()) if key else ""


def language() -> str:
    """The reader's language code."""
    return get_language() or "en"
