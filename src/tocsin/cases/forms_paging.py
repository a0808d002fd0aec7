"""Forms of the rota and of a call to police."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tocsin.accounts.models import User
from tocsin.cases import duty, words
from tocsin.cases.police import MAX_WORDS
from tocsin.lib import places

LINE, SELECT = {"class": "form-control"}, {"class": "form-select"}
MINUTES = "%Y-%m-%dT%H:%M"


class _Person(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """A person by name; one who cannot be called is shown so."""

    def label_from_instance(self, obj: User) -> str:
        """The person's name."""
        return duty.named(obj) if obj.email else str(_("%(who)s (no address)")) % {"who": duty.named(obj)}


def _moment(label: Any) -> forms.DateTimeField:
    """Date and time to the minute, in the rota's zone; a time that a clock change leaves out is refused."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local", **LINE}, format=MINUTES)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[MINUTES, "%Y-%m-%d %H:%M"])


class DutyForm(forms.Form):
    """Who is on duty, when, and in which place of the order."""

    person = _Person(label=_("Person"), queryset=User.objects.none(), widget=forms.Select(attrs=SELECT))
    begins = _moment(_("Begins"))
    ends = _moment(_("Ends"))
    place = forms.IntegerField(
        label=_("Place in the order of calling"),
        initial=1,
        min_value=1,
        max_value=duty.MOST_PLACES,
        widget=forms.NumberInput(attrs=LINE),
    )
    weeks = forms.IntegerField(
        label=_("For how many weeks"),
        initial=1,
        min_value=1,
        max_value=duty.MOST_WEEKS,
        widget=forms.NumberInput(attrs=LINE),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [user.pk for user in duty.callable_people()]
        self.fields["person"].queryset = User.objects.filter(pk__in=ids).order_by("username")  # type: ignore[attr-defined]  # a ModelChoiceField


class PoliceForm(forms.Form):
    """A call to police: who answered, what was said."""

    country = forms.ChoiceField(label=_("Police of"), required=False, widget=forms.Select(attrs=SELECT))
    reached = forms.CharField(
        label=_("Who answered (name, unit, number)"),
        max_length=300,
        widget=forms.TextInput(attrs={**LINE, "autocomplete": "off"}),
    )
    reference = forms.CharField(
        label=_("Their reference"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={**LINE, "autocomplete": "off"}),
    )
    said = forms.CharField(
        label=_("What was said (sealed)"),
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={**LINE, "rows": 4}),
    )

    def __init__(self, *args: Any, first: list[str] | None = None, **kwargs: Any) -> None:
        """`first`: codes of the countries that the case names; those come first."""
        super().__init__(*args, **kwargs)
        named = [(code, words.country(code)) for code in first or []]
        others = sorted(
            (
                (row.code, row.name(words.language()))
                for row in places.countries().values()
                if row.code not in (first or [])
            ),
            key=lambda pair: pair[1],
        )
        self.fields["country"].choices = [*named, ("", _("not known")), *others]  # type: ignore[attr-defined]  # a ChoiceField
