"""From what a machine sent to tips with receipts. One tip is a batch of one."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.lib import signing
from tocsin.tips import campaign_names
from tocsin.tips.accept import Accepted, Incoming, Refused, accept, accept_one, check, tokens_known
from tocsin.tips.api.callers import Caller
from tocsin.tips.api.problems import Problem
from tocsin.tips.api.schemas import TipIn

SENTENCES = {
    "blank": "Nothing in this text can be seen.",
    "too_long": "This text has too many bytes in UTF-8.",
}


def take(caller: Caller, tips: Sequence[TipIn], key: str | None, *, single: bool = False) -> list[Accepted]:
    """Store all or none; a repeat under the same key gets the same receipts.

    Raises `Problem` 422 for a text that cannot be stored, 409 where the key was used for something else.
    """
    items = [_incoming(caller, tip, _token(caller, key, place)) for place, tip in enumerate(tips)]
    _check(items, single)
    if key is not None:
        # what was stored under this key went in as a whole: a part of it, or more than it, is another batch
        tokens = [item.token or "" for item in items]
        known = tokens_known([*tokens, _token(caller, key, len(items)) or ""])
        if known and known != set(tokens):
            raise _another([])
    answers = [accept_one(items[0])] if len(items) == 1 else accept(items)
    if changed := [place for place, answer in enumerate(answers) if not answer.same]:
        raise _another([("#" if single else f"#/tips/{place}") for place in changed])
    return answers


def _token(caller: Caller, key: str | None, place: int) -> str | None:
    """A keyed hash: who learns the Idempotency-Key cannot compute the receipt."""
    return None if key is None else signing.mac_of("api-once", f"{caller.public_id}\n{place}\n{key}")


def _incoming(caller: Caller, tip: TipIn, token: str | None) -> Incoming:
    fields = tip.model_dump(exclude={"campaign"})
    campaign = caller.campaign_id or campaign_names.active(tip.campaign)
    return Incoming(source="api", token=token, client_id=caller.pk, campaign_id=campaign, **fields)


def _check(items: Sequence[Incoming], single: bool) -> None:
    errors = []
    for place, item in enumerate(items):
        try:
            check(item)
        except Refused as refused:
            errors.append(("#/text" if single else f"#/tips/{place}/text", SENTENCES[refused.reason]))
    if errors:
        raise Problem(
            422, "Nothing was stored: correct what the errors name, and send it again.", errors[:100]
        )


def _another(places: Sequence[str]) -> Problem:
    sentence = "This Idempotency-Key was used for something else, which is stored. Nothing was added."
    return Problem(409, sentence, [(place, "This is not what was stored.") for place in places[:100]])
