"""Forms of the bystander page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.identifiers.extract.model import MAX_CHARACTERS

REASONS = [
    ("own hotline", _("Our own hotline")),
    ("campaigner", _("Campaigner")),
    ("police", _("Police")),
    ("platform", _("Official account of a platform")),
    ("helpline", _("Helpline")),
    ("news", _("News")),
]


class BystanderForm(forms.Form):
    """Propose an entry of the list."""

    text = forms.CharField(
        label=_("Identifier"),
        max_length=2000,
        help_text=_("An address, or a platform and a name, such as weibo: pottery_square."),
        widget=forms.TextInput(attrs={"class": "form-control", "spellcheck": "false", "autocomplete": "off"}),
    )
    label = forms.CharField(
        label=_("Who it is"), max_length=120, widget=forms.TextInput(attrs={"class": "form-control"})
    )
    why = forms.ChoiceField(
        label=_("Why it is a bystander"), choices=REASONS, widget=forms.Select(attrs={"class": "form-select"})
    )
    source = forms.CharField(
        label=_("How you know"), max_length=200, widget=forms.TextInput(attrs={"class": "form-control"})
    )


class TryForm(forms.Form):
    """A text to try. It is read and forgotten."""

    text = forms.CharField(
        label=_("Text"),
        max_length=MAX_CHARACTERS,
        strip=False,
        help_text=_("It is read and forgotten: nothing of it is kept or logged."),
        widget=forms.Textarea(
            attrs={
                "class": "form-control",
                "rows": 6,
                "spellcheck": "false",
                "autocomplete": "off",
                "dir": "auto",
            }
        ),
    )
