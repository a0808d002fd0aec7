"""Why a person may let notices leave without an answer of police: codes that are kept, words that are shown."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "police_silent": _("police did not answer in time"),
    "child_in_danger": _("a child is in danger: it cannot wait"),
    "said_by_phone": _("police agreed by telephone"),
    "not_competent": _("these police are not competent"),
}
