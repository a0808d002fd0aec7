"""What the mailbox page shows: stages, released sentences, messages and forms, for whoever presents the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from tocsin.lib import origin, receipts, signing, uploads
from tocsin.tips import copies, flood, form_page, messages
from tocsin.tips.copies import Status
from tocsin.tips.forms import Problem
from tocsin.tips.messages import ASK, NO, YES, Line, Thread
from tocsin.tips.progress import OUTCOMES
from tocsin.tips.text import encodable, shown

MOST_SKIPPED = 100 * messages.SHOWN


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox whose receipt was presented."""

    receipt: str
    sent: list[Status]
    thread: Thread
    question: str  # the last word about consent: consent_ask, consent_yes, consent_no, or nothing
    skip: int

    @property
    def objection(self) -> bool:
        """Whether it belongs to an objection, to which no tip is added."""
        return any(one.objection for one in self.sent)


def opened(request: HttpRequest) -> Mailbox | None:
    """The mailbox of the receipt in the body of the POST. The same work where there is none."""
    typed = request.POST.get("receipt", "")[:200]
    receipt, skip = receipts.normalise(typed) or typed, _skip(request)
    sent = copies.of_box(receipt)
    thread, question = messages.of_box(receipt, skip), messages.last_about_consent(receipt)
    return Mailbox(receipt, sent, thread, question, skip) if sent else None


def _skip(request: HttpRequest) -> int:
    asked = request.POST.get("skip", "")
    return min(int(asked), MOST_SKIPPED) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0


def enter(request: HttpRequest) -> Mailbox | HttpResponse:
    """The mailbox, or the page that asks for the receipt again.

    A network that tried too many wrong receipts waits, whether this one is right or not; nobody else does.
    """
    if seconds := flood.too_many_wrong(request):
        return ask(request, 429, wait=seconds)
    found = opened(request)
    if found is None:
        flood.wrong(request)
        return ask(request, 200, asked=True)
    return found


def ask(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The page with the box for the receipt."""
    typed = encodable(request.POST.get("receipt", "")[:200]) if request.method == "POST" else ""
    return form_page.answer(request, "status", status, {"typed": typed, **context})


def show(
    request: HttpRequest,
    box: Mailbox,
    problem: Problem | None = None,
    said: str = "",
    values: dict[str, str] | None = None,
) -> HttpResponse:
    """The mailbox; `said` is a sentence about what was just done, `values` what was typed and is not sent yet."""
    context = {
        "receipt": box.receipt,
        "sent": [_sent(one) for one in box.sent],
        "more_sent": len(box.sent) == copies.TIPS_SHOWN,
        "objection": box.objection,
        "lines": [_line(line) for line in box.thread.lines],
        "older": box.skip + messages.SHOWN if box.thread.older and box.skip < MOST_SKIPPED else 0,
        "newer": box.skip > 0,
        "question": box.question,
        "agreed": {YES: "yes", NO: "no"}.get(box.question, ""),
        "tokens": {name: signing.form_token() for name in ("write", "consent", "tip")},
        "danger_choices": [("yes", _("Yes")), ("unsure", _("I am not sure")), ("no", _("No"))],
        "most": messages.MAX_CHARACTERS,
        "problem": problem,
        "said": said,
        "values": values or {},
    }
    return form_page.answer(request, "mailbox", problem.status if problem else 200, context)


def in_the_way(request: HttpRequest) -> Problem | None:
    """Why a form of the mailbox is not taken: another site's, an old one, one with a file. Nothing typed is lost."""
    state = signing.form_token_state(request.POST.get("token", ""))
    if not origin.same_site(request) or state == "foreign":
        return Problem(
            403,
            "message",
            _("This form did not come from this page. Your text is still here: send it again."),
        )
    if uploads.refused(request):
        sentence = _(
            "Files are not taken, and no file was kept. Words and addresses are enough: send your text again."
        )
        return Problem(415, "message", sentence)
    if state == "old":
        return Problem(
            403,
            "message",
            _("This page was open for more than a day. Your text is still here: send it again."),
        )
    return None


def _sent(one: Status) -> dict[str, Any]:
    return {"stages": _stages(one.stage), "outcome": OUTCOMES.get(one.outcome, ""), "at": one.at}


def _line(line: Line) -> dict[str, Any]:
    sentences = {
        ASK: _("May we give your contact to the police, if they ask for it? You are free to say no."),
        YES: _("You answered: yes, my contact may go to the police."),
        NO: _("You answered: no, my contact may not go to the police."),
    }
    return {
        "mine": not line.outward,
        "at": line.at,
        "sentence": sentences.get(line.kind, ""),
        "text": shown(line.text),
    }


def _stages(reached: str) -> list[dict[str, Any]]:
    labels = {
        copies.RECEIVED: _("Received"),
        copies.LOOKING: _("Being looked at"),
        copies.LOOKED: _("Looked at"),
    }
    at = copies.STAGES.index(reached) if reached in copies.STAGES else 0
    last = len(copies.STAGES) - 1  # nothing follows the last stage: it is done, not going on
    return [
        {"label": labels[stage], "done": number < at or at == last, "now": number == at}
        for number, stage in enumerate(copies.STAGES)
    ]
