"""Forms of the case pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from tocsin.cases import subject as subjects
from tocsin.cases import words
from tocsin.cases.kinds import LANGUAGES
from tocsin.cases.models import CaseState, Lane
from tocsin.identifiers.roles import MentionRole
from tocsin.lib import places
from tocsin.tips.languages import known

SELECT = forms.Select(attrs={"class": "form-select"})


def _lines(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"class": "form-control", "rows": rows})


def _line(**attrs: str | Promise) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attrs})


def _language_choices() -> list[tuple[str, str]]:
    named = sorted(((code, str(LANGUAGES.get(code, code))) for code in known()), key=lambda pair: pair[1])
    return [("", str(_("all"))), *named]


class QueueForm(forms.Form):
    """Filters of the queue, kept in the URL. An unknown value filters nothing."""

    lane = forms.ChoiceField(
        label=_("Lane"),
        required=False,
        widget=SELECT,
        choices=[
            ("", _("all")),
            (Lane.IMMEDIATE, _("Immediate")),
            (Lane.HIGH, _("High")),
            (Lane.NORMAL, _("Normal")),
            (Lane.LOW, _("Low")),
        ],
    )
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        widget=SELECT,
        choices=[
            ("", _("all")),
            *((code, words.STATES[code]) for code in CaseState.values if code != "merged"),
        ],
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, widget=SELECT, choices=lazy(_language_choices, list)()
    )
    q = forms.CharField(
        label=_("Identifier or case number"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control", "spellcheck": "false"}),
    )

    def asked(self) -> dict[str, str]:
        """The filters that make sense; the others are empty."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class FindingForm(forms.Form):
    """What an analyst adds without a tip."""

    text = forms.CharField(
        label=_("Identifier"),
        max_length=2000,
        widget=_line(spellcheck="false", placeholder=_("an address, or “weibo: name”")),
    )
    role = forms.ChoiceField(label=_("Role"), choices=MentionRole.choices, widget=SELECT)
    note = forms.CharField(
        label=_("Where and how you found it (sealed)"), required=False, max_length=5000, widget=_lines(2)
    )


class NoteForm(forms.Form):
    """A note on the case."""

    text = forms.CharField(label=_("Note (sealed)"), max_length=20_000, widget=_lines(3))


def _countries() -> list[tuple[str, str]]:
    return [(row.code, row.name(words.language())) for row in places.countries().values()]


def _country_choices() -> list[tuple[str, str]]:
    named = sorted(_countries(), key=lambda pair: pair[1])
    return [("", str(_("not known"))), *named]


def _subject_roles() -> list[tuple[str, str]]:
    return [("", str(_("not said"))), *subjects.choices("role")]


def _bases() -> list[tuple[str, str]]:
    return subjects.choices("basis")


class SubjectForm(forms.Form):
    """Who the case is about, as far as anybody knows: sealed, only inside the case."""

    name = forms.CharField(
        label=_("Name or nickname"), required=False, max_length=300, widget=_line(autocomplete="off")
    )
    aliases = forms.CharField(
        label=_("Other names, one a line"), required=False, max_length=2000, widget=_lines(2)
    )
    city = forms.ChoiceField(label=_("City"), required=False, widget=SELECT)
    country = forms.ChoiceField(
        label=_("Country, where the city is not known"),
        required=False,
        widget=SELECT,
        choices=lazy(_country_choices, list)(),
    )
    role = forms.ChoiceField(
        label=_("Role"), required=False, widget=SELECT, choices=lazy(_subject_roles, list)()
    )
    grade = forms.ChoiceField(
        label=_("Known how"), initial="said", widget=SELECT, choices=list(words.GRADES.items())
    )
    basis = forms.ChoiceField(
        label=_("Legal ground"), required=False, widget=SELECT, choices=lazy(_bases, list)()
    )
    review_on = forms.DateField(
        label=_("To be asked again on (empty: in half a year)"),
        required=False,
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, proposed: list[tuple[str, int]] | None = None, **kwargs: Any) -> None:
        """`proposed`: keys of the cities that the tips name, with how many tips name each."""
        super().__init__(*args, **kwargs)
        self.fields["city"].choices = _city_choices(proposed or [])  # type: ignore[attr-defined]  # a ChoiceField


def _city_choices(proposed: list[tuple[str, int]]) -> list[Any]:
    named = [
        (key, _("%(city)s: named in %(n)d tips") % {"city": words.city(key), "n": n}) for key, n in proposed
    ]
    first = {key for key, _n in proposed}
    others = [(key, row.name(words.language())) for key, row in places.cities().items() if key not in first]
    groups = [(_("Named in the tips"), named), (_("Other cities"), sorted(others, key=lambda pair: pair[1]))]
    return [("", _("not known")), *(group for group in groups if group[1])]
