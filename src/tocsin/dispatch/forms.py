"""Forms of the plan panel."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.dispatch.categories import CATEGORIES
from tocsin.dispatch.models import Order
from tocsin.dispatch.release_reasons import REASONS

MOST_WORDS = 4000


class PlanForm(forms.Form):
    """Order, category and the analyst's own words; ticks are read by `views.ticked`."""

    order = forms.ChoiceField(label=_("Who hears first"), choices=Order.choices, widget=forms.RadioSelect)
    category = forms.ChoiceField(label=_("Category"))
    words = forms.CharField(
        label=_("Your words to platforms and hosts"), required=False, max_length=MOST_WORDS
    )
    words_police = forms.CharField(label=_("Your words to police"), required=False, max_length=MOST_WORDS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(row.code, row.label) for row in CATEGORIES.values()]


class ReleaseForm(forms.Form):
    """Why notices leave without an answer of police."""

    why = forms.ChoiceField(label=_("Why"), choices=[("", _("choose")), *REASONS.items()])
