"""The routes of `/api/v1`: guard, schema, one call, answer."""

from __future__ import annotations

from typing import Annotated, Any, cast

from django.http import HttpRequest
from ninja import Header, NinjaAPI, Status

from tocsin.lib import receipts
from tocsin.tips import copies
from tocsin.tips.accept import Accepted
from tocsin.tips.api import problems
from tocsin.tips.api.callers import Caller, Key, admit
from tocsin.tips.api.problems import Problem
from tocsin.tips.api.reading import StrictJson
from tocsin.tips.api.schemas import BatchIn, BatchTaken, State, States, Taken, TipIn
from tocsin.tips.api.taking import take

api = NinjaAPI(
    title="Tocsin intake API",
    version="1",
    description="Tips from other systems. A tip is sealed before it is stored; its receipt opens its mailbox.",
    openapi_url=None,  # ours says more (describe.py), and its page needs no script
    docs_url=None,
    parser=StrictJson(),
    urls_namespace="api",
)
problems.register(api)

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Any name that you give this sending, e.g. a UUID. A repeat with the same key and body stores "
        "nothing and gives the same receipts; with another body it is refused (409). Without it, every call stores.",
    ),
]
Receipt = Annotated[
    str,
    Header(
        alias="Tocsin-Receipt",
        min_length=20,
        max_length=40,
        pattern=r"^[0-9A-Za-z-]+$",
        description="The receipt, with or without hyphens. It never belongs into an address.",
    ),
]


@api.post("/tips", auth=Key("tips:write"), response={200: Taken, 201: Taken}, operation_id="send_tip")
def send_tip(request: HttpRequest, tip: TipIn, idempotency_key: IdempotencyKey = None) -> Any:
    """Send one tip. 201: it is stored; 200: it was stored before under the same key."""
    admit(_caller(request))
    (answer,) = take(_caller(request), [tip], idempotency_key, single=True)
    return Status(201 if answer.new else 200, _taken(answer))


@api.post(
    "/tips/batch",
    auth=Key("tips:write"),
    response={200: BatchTaken, 201: BatchTaken},
    operation_id="send_batch",
)
def send_batch(request: HttpRequest, batch: BatchIn, idempotency_key: IdempotencyKey = None) -> Any:
    """Send several tips in one transaction: all are stored, or none. The answer keeps their order."""
    admit(_caller(request), len(batch.tips))
    answers = take(_caller(request), batch.tips, idempotency_key)
    new = any(answer.new for answer in answers)
    return Status(201 if new else 200, BatchTaken(tips=[_taken(answer) for answer in answers]))


@api.get("/tips/status", auth=Key("tips:read"), response=States, operation_id="read_status")
def read_status(request: HttpRequest, receipt: Receipt) -> Any:
    """How far the hotline is with what was sent under a receipt. Messages are read in the mailbox only."""
    admit(_caller(request))
    normal = receipts.normalise(receipt)
    found = copies.of_box(normal) if normal else []
    if not found:
        raise Problem(404, "There is nothing under this receipt.")
    return States(tips=[State(stage=one.stage, outcome=one.outcome, received_at=one.at) for one in found])


def _caller(request: HttpRequest) -> Caller:
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # set by the framework once `Key` let it pass


def _taken(answer: Accepted) -> Taken:
    return Taken(id=answer.public_id, receipt=answer.receipt, new=answer.new)
