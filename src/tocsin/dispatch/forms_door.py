"""The recipient's answer form: one answer an item for providers, one for the whole referral for police."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tocsin.dispatch.pages import Copy
from tocsin.dispatch.replies import FOR_OTHERS, NEEDS_WORDS, ItemAnswer, ReferralAnswer

WORDS = 4000  # characters of a free text
LONGEST_HOLD = timedelta(days=366)
MOST_ROWS = 200  # above it one answer for all: Django takes 500 fields, and nobody answers 500 by hand
NO_ANSWER = ("", _("No answer yet"))


def _words(label: Any, rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, required=False, max_length=WORDS, widget=widget)


class NoticeForm(forms.Form):
    """Items and their answers; "the same for all" fills what is left open."""

    def __init__(self, copy: Copy, data: Any = None) -> None:
        super().__init__(data, prefix=None, auto_id="id_%s")
        self.copy = copy
        self.items: list[Copy] = copy["items"] if len(copy["items"]) <= MOST_ROWS else []
        choices = [NO_ANSWER, *ItemAnswer.choices]
        if len(copy["items"]) > 1:
            self.fields["all"] = forms.ChoiceField(
                label=_("The same answer for every item that you leave open"), choices=choices, required=False
            )
            self.fields["all-reason"] = _words(_("Reason"))
        for item in self.items:
            self.fields[f"answer-{item['id']}"] = forms.ChoiceField(
                label=_("Answer"), choices=choices, required=False, initial=item["answer"]
            )
            self.fields[f"reason-{item['id']}"] = _words(_("Reason"))
        self.fields["text"] = _words(_("Anything else that we should know"), rows=4)

    def rows(self) -> Iterator[tuple[Copy, BoundField, BoundField]]:
        """Each item with its two fields."""
        for item in self.items:
            yield item, self[f"answer-{item['id']}"], self[f"reason-{item['id']}"]

    def all_fields(self) -> list[BoundField]:
        """The two fields for all items at once; none where there is a single item."""
        return [self["all"], self["all-reason"]] if "all" in self.fields else []

    def clean(self) -> dict[str, Any]:
        """A refusal and a question need words; an empty answer is none."""
        data = self.cleaned_data
        for name in [name for name in self.fields if name == "all" or name.startswith("answer-")]:
            reason = "all-reason" if name == "all" else name.replace("answer-", "reason-", 1)
            if data.get(name) in NEEDS_WORDS and not data.get(reason) and not data.get("text"):
                self.add_error(reason, _("Please say why, or what you ask."))
        if not self.errors and not self._said() and not data.get("text"):
            self.add_error(None, _("Nothing was chosen yet: choose an answer for at least one item."))
        return data

    def _said(self) -> dict[str, dict[str, str]]:
        """Answers by item id: what was chosen for the item, else the answer for all where none was given before."""
        data, said = self.cleaned_data, {}
        for item in self.copy["items"]:
            own = data.get(f"answer-{item['id']}", "")
            if own and (own != item["answer"] or data.get(f"reason-{item['id']}")):
                said[item["id"]] = {"answer": own, "reason": data.get(f"reason-{item['id']}", "")}
            elif not own and data.get("all"):
                said[item["id"]] = {"answer": data["all"], "reason": data.get("all-reason", "")}
        return said

    def answer(self) -> Copy:
        """What is sealed for the hotline."""
        return {"version": 1, "items": self._said(), "text": self.cleaned_data.get("text", "")}


class ReferralForm(forms.Form):
    """One answer for the referral; a hold needs a day, and may be about some of the items only."""

    answer_code = forms.ChoiceField(label=_("Your answer"), widget=forms.RadioSelect)
    until = forms.DateField(
        label=_("“Hold” lasts until the end of this day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    text = _words(_("Anything else that we should know"), rows=4)

    def __init__(self, copy: Copy, data: Any = None) -> None:
        super().__init__(data, auto_id="id_%s")
        self.copy = copy
        codes = list(ReferralAnswer) if copy["police"] else list(FOR_OTHERS)
        self.fields["answer_code"].choices = [(code.value, code.label) for code in codes]  # type: ignore[attr-defined]
        today = timezone.now().date()
        self.fields["until"].widget.attrs |= {"min": f"{today}", "max": f"{today + LONGEST_HOLD}"}
        if copy["police"] and len(copy["items"]) > 1:
            self.fields["about"] = forms.MultipleChoiceField(
                label=_("“Hold” and “go ahead” are about"),
                choices=[(item["id"], item["shown"]) for item in copy["items"]],
                initial=[item["id"] for item in copy["items"]],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """A hold has an end that lies ahead, at most a year away, and names at least one item."""
        data = self.cleaned_data
        code, until, today = data.get("answer_code"), data.get("until"), timezone.now().date()
        if code == ReferralAnswer.HOLD and "until" not in self.errors:
            if not until:
                self.add_error("until", _("Choose the day until which we keep silent."))
            elif not today <= until <= today + LONGEST_HOLD:
                self.add_error(
                    "until", _("Choose a day between today and a year from now. You can extend it later.")
                )
        if (
            code in (ReferralAnswer.HOLD, ReferralAnswer.GO_AHEAD)
            and "about" in self.fields
            and not data.get("about")
        ):
            self.add_error("about", _("Tick at least one item."))
        return data

    def answer(self) -> Copy:
        """What is sealed for the hotline."""
        data = self.cleaned_data
        said: Copy = {"version": 1, "answer": data["answer_code"], "text": data.get("text", "")}
        if data["answer_code"] == ReferralAnswer.HOLD:
            said["until"] = data["until"].isoformat()
        if data["answer_code"] in (ReferralAnswer.HOLD, ReferralAnswer.GO_AHEAD):
            said["about"] = data.get("about") or []
        return said


def reply_form(copy: Copy, data: Any = None) -> NoticeForm | ReferralForm:
    """The form that fits this dispatch."""
    return NoticeForm(copy, data) if copy["kind"] == "notice" else ReferralForm(copy, data)
