"""Forms of the page of hubs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

LEAST, MOST = 2, 1_000_000


class ThresholdForm(forms.Form):
    """From which number on."""

    value = forms.IntegerField(
        label=_("From so many on"),
        min_value=LEAST,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )


class HubForm(forms.Form):
    """Propose that something is a hub."""

    text = forms.CharField(
        label=_("Identifier"),
        max_length=2000,
        help_text=_("A site or an address that tips name, such as https://example.org."),
        widget=forms.TextInput(attrs={"class": "form-control", "spellcheck": "false", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Why (sealed)"), max_length=2000, widget=forms.TextInput(attrs={"class": "form-control"})
    )
