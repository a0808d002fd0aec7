"""What a dispatch is about: neutral codes with labels, and what each is called in XARF.

XARF v4.2 knows `content/csam` (classification) and `content/csem` (exploitation_type); the codes are the public
form's, so that a case may propose one. A person chooses; the code is what leaves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tocsin.cases.models import Case


@dataclass(frozen=True, slots=True)
class Category:
    """One code: its label, and the XARF type with the value of that type's own required field."""

    code: str
    label: str | Promise
    xarf_type: str  # csam or csem
    xarf_value: str  # csam: classification; csem: exploitation_type


FALLBACK = "exploitation"
CATEGORIES: dict[str, Category] = {
    row.code: row
    for row in (
        Category("material", _("Child sexual abuse material"), "csam", "baseline"),
        Category("contact", _("Contact with children for sexual purposes"), "csem", "grooming"),
        Category("recruiting", _("Recruiting of children under a pretext"), "csem", "solicitation"),
        Category("offer", _("Offer or paid access"), "csem", "distribution"),
        Category("group", _("Group or channel that distributes"), "csem", "distribution"),
        Category("live", _("Live stream"), "csem", "production"),
        Category(FALLBACK, _("Sexual exploitation of children"), "csem", "solicitation"),
    )
}


def category(code: str | None) -> Category:
    """The category of a code; an unknown or missing one is the general category."""
    return CATEGORIES.get(code or "", CATEGORIES[FALLBACK])


def proposed(case: Case) -> str:
    """The code that most of the case's reporters chose; the general one where none did."""
    chosen = Counter(case.case_tips.values_list("tip__what", flat=True))
    known = [(count, code) for code, count in chosen.items() if code in CATEGORIES]
    return max(known)[1] if known else FALLBACK
