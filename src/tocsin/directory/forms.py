"""Forms of the directory."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.directory.models import RecipientKind


class ConfirmForm(forms.Form):
    """How a route was confirmed."""

    note = forms.CharField(label=_("How did you confirm it?"), max_length=300)


class FilterForm(forms.Form):
    """Filters of the list."""

    kind = forms.ChoiceField(
        label=_("Kind"), required=False, choices=[("", _("all")), *RecipientKind.choices]
    )
    q = forms.CharField(label=_("Name"), required=False, max_length=100)
