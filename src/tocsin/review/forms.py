"""Forms of the review room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.review.models import OnWhat, Verdict


class AssessForm(forms.Form):
    """What was decided, on what, and why."""

    verdict = forms.ChoiceField(
        label=_("Assessment"),
        choices=[("", _("choose")), *Verdict.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    on_what = forms.ChoiceField(
        label=_("On what"),
        choices=[("", _("choose")), *OnWhat.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    rationale = forms.CharField(
        label=_("Why (sealed)"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )


class RejectForm(forms.Form):
    """Why something is not approved: its proposer reads it."""

    reason = forms.CharField(
        label=_("Why not?"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
