"""Forms of what is known in a case: observations, tasks, translations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.accounts import policy
from tocsin.accounts.models import User
from tocsin.cases import observations, words
from tocsin.cases.contents import CaseIdentifier
from tocsin.cases.kinds import CODES, LANGUAGES
from tocsin.tips.languages import known

SELECT = forms.Select(attrs={"class": "form-select"})


def _input(kind: str, **attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "type": kind, **attrs})


def language_choices() -> list[tuple[str, str]]:
    """(code, name) of every language that a tip may be in, by name."""
    return sorted(((code, str(LANGUAGES.get(code, code))) for code in known()), key=lambda pair: pair[1])


def _people() -> list[tuple[str, str]]:
    people = list(User.objects.filter(is_active=True).order_by("username"))
    able = [user for user in people if policy.allowed(user, "case.work")]
    return [("", str(_("nobody yet"))), *((str(user.pk), str(user)) for user in able)]


class ObservationForm(forms.Form):
    """What a person saw, heard or had confirmed."""

    kind = forms.ChoiceField(label=_("What"), widget=SELECT, choices=list(CODES["fact"].items()))
    about = forms.ChoiceField(label=_("Of what"), required=False, widget=SELECT)
    amount = forms.DecimalField(
        label=_("Number of members, or the fee"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    currency = forms.CharField(
        label=_("Currency of the fee (three letters; empty: nobody said)"),
        required=False,
        max_length=5,
        widget=_input("text", spellcheck="false", autocomplete="off"),
    )
    period = forms.ChoiceField(
        label=_("The fee is paid"),
        required=False,
        widget=SELECT,
        choices=[("", _("nobody said how often")), *words.PERIODS.items()],
    )
    owner = forms.ChoiceField(label=_("Owned by"), required=False, widget=SELECT)
    grade = forms.ChoiceField(
        label=_("Known how"), initial="seen", widget=SELECT, choices=list(words.GRADES.items())
    )
    at = forms.DateTimeField(
        label=_("When it was so (empty: now)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"class": "form-control", "type": "datetime-local"}),
    )

    def __init__(self, *args: Any, identifiers: Iterable[CaseIdentifier] = (), **kwargs: Any) -> None:
        """`identifiers`: what the case names; sealed ones are left out."""
        super().__init__(*args, **kwargs)
        named = [(one.public_id, one.shown) for one in identifiers if not one.sealed]
        self.fields["about"].choices = [("", _("the case as a whole")), *named]  # type: ignore[attr-defined]
        self.fields["owner"].choices = [("", _("not said")), *named]  # type: ignore[attr-defined]
        self.fields["amount"].widget.attrs["class"] = "form-control"

    def asked(self) -> dict[str, Any]:
        """What `observations.add` takes."""
        values = dict(self.cleaned_data)
        at: datetime | None = values["at"]
        return values | {"at": at or timezone.now()}


class TaskForm(forms.Form):
    """Something to do: what, for whom, until when."""

    text = forms.CharField(
        label=_("What is to be done (sealed)"),
        max_length=5000,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 2}),
    )
    assigned_to = forms.ChoiceField(label=_("For whom"), required=False, widget=SELECT)
    due_on = forms.DateField(label=_("Until"), required=False, widget=_input("date"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].choices = _people()  # type: ignore[attr-defined]

    def person(self) -> User | None:
        """Whom it is given to."""
        chosen = self.cleaned_data.get("assigned_to")
        return User.objects.filter(pk=chosen).first() if chosen else None


class TranslationTaskForm(TaskForm):
    """Ask for a translation of a tip."""

    text = None  # type: ignore[assignment]
    language = forms.ChoiceField(label=_("Into"), widget=SELECT)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]
        self.fields["language"].initial = words.language().partition("-")[0]


class TranslationForm(forms.Form):
    """A tip's text in another language."""

    language = forms.ChoiceField(label=_("Language of the translation"), widget=SELECT)
    text = forms.CharField(
        label=_("Translation (sealed)"),
        max_length=65_536,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = language_choices()  # type: ignore[attr-defined]
        self.fields["language"].initial = words.language().partition("-")[0]


KINDS = observations.KINDS
