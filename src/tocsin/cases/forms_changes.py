"""Forms by which people say which tips belong together."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.cases import evidence
from tocsin.cases.models import Case
from tocsin.identifiers.extract import display

REASON = _("Why (sealed; whoever undoes it later reads it)")


class ReasonForm(forms.Form):
    """Why, in a few words."""

    reason = forms.CharField(
        label=REASON, max_length=2000, widget=forms.Textarea(attrs={"class": "form-control", "rows": 2})
    )


def _number(label: Any) -> forms.CharField:
    attrs = {
        "class": "form-control",
        "placeholder": "2026-000123",
        "spellcheck": "false",
        "autocomplete": "off",
    }
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attrs))


class MergeForm(ReasonForm):
    """The other case."""

    other = _number(_("Number of the other case"))
    field_order = ["other", "reason"]


class MoveForm(ReasonForm):
    """The case to which a tip goes."""

    to = _number(_("Number of the case to which it goes"))
    field_order = ["to", "reason"]


class DetachForm(ReasonForm):
    """One identifier of the case."""

    identifier = forms.ChoiceField(label=_("Identifier"), widget=forms.Select(attrs={"class": "form-select"}))
    field_order = ["identifier", "reason"]

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        """`case`: its readable identifiers are the choices."""
        super().__init__(*args, **kwargs)
        self.fields["identifier"].choices = choices(case)  # type: ignore[attr-defined]  # a ChoiceField


def choices(case: Case) -> list[tuple[str, str]]:
    """(public id, inert text with the number of tips) of each readable identifier of the case."""
    return [
        (one.public_id, f"{display(one.kind, one.platform, one.canonical)} ({n})")
        for one, n in evidence.identifiers(case)
    ]
