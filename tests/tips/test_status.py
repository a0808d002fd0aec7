"""With the receipt the reporter sees three stages and a released sentence; nobody else sees anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tocsin.lib import mailbox, receipts, sealing
from tocsin.tips import copies, opening, steps
from tocsin.tips.accept import Incoming, accept
from tocsin.tips.models import ReporterCopy, Tip
from tocsin.tips.progress import OUTCOMES, release

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> tuple[str, Tip]:
    (accepted,) = accept([Incoming(text="The shop kiln.example.org asks for home addresses")])
    return accepted.receipt, Tip.objects.get()


def ask(receipt: str) -> Any:
    return Client(enforce_csrf_checks=True).post("/status", {"receipt": receipt})


def stage(page: Any) -> str:
    found = re.search(r'aria-current="step">(?:<span[^>]*>[^<]*</span>)?([^<]*)', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def test_a_new_tip_is_received_before_any_worker_ran(sent: tuple[str, Tip]) -> None:
    page = ask(sent[0])
    assert stage(page) == "Received"
    assert page["Cache-Control"] == "no-store" and not page.cookies


def test_the_stages_follow_what_people_do(sent: tuple[str, Tip], analyst: Any) -> None:
    receipt, tip = sent
    opening.mark_opened([tip], analyst)
    assert steps.progress(10) == 1
    assert stage(ask(receipt)) == "Being looked at"
    opening.mark_actionable([tip], analyst)
    assert steps.progress(10) == 1 and steps.progress(10) == 0
    assert stage(ask(receipt)) == "Looked at"


@pytest.mark.parametrize("state", ["actionable", "not_actionable", "closed"])
def test_what_was_decided_does_not_show(sent: tuple[str, Tip], analyst: Any, state: str) -> None:
    receipt, tip = sent
    if state == "closed":
        opening.close([tip], analyst)
    else:
        opening.mark_actionable([tip], analyst, actionable=state == "actionable")
    steps.progress(10)
    page = ask(receipt)
    assert stage(page) == "Looked at"
    assert state.replace("_", " ") not in page.content.decode()


@pytest.mark.parametrize("code", OUTCOMES)
def test_a_released_sentence_is_read_by_the_reporter(sent: tuple[str, Tip], reviewer: Any, code: str) -> None:
    receipt, tip = sent
    assert str(OUTCOMES[code]) not in ask(receipt).content.decode()
    release([tip], code, reviewer)
    assert str(OUTCOMES[code]) not in ask(receipt).content.decode()
    steps.progress(10)
    assert str(OUTCOMES[code]) in ask(receipt).content.decode()


@pytest.mark.parametrize(
    "written", [str.lower, receipts.grouped, lambda r: r.replace("0", "O").replace("1", "l")]
)
def test_a_receipt_may_be_typed_as_people_type(sent: tuple[str, Tip], written: Callable[[str], str]) -> None:
    assert stage(ask(f"  {written(sent[0])} ")) == "Received"


WRONG = ["", "x", "é" * 300, receipts.from_token("nobody"), "00000000000000000000", "\ud83d", "a\x00b"]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_receipt_gets_one_sentence(sent: tuple[str, Tip], wrong: str) -> None:
    page = ask(wrong.encode("utf-8", "replace").decode())
    assert page.status_code == 200
    assert "We cannot find this receipt." in page.content.decode()
    assert "stepper" not in page.content.decode()


def test_the_same_work_is_done_whether_a_receipt_exists_or_not(
    sent: tuple[str, Tip], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, opened = sealing.open_bytes, list[int]()

    def counted(sealed: bytes, private: bytes | None = None) -> bytes:
        opened.append(len(bytes(sealed)))
        return real(sealed, private)

    monkeypatch.setattr(sealing, "open_bytes", counted)
    work = []
    for receipt in (sent[0], receipts.from_token("nobody"), "nonsense"):
        opened.clear()
        with CaptureQueriesContext(connection) as queries:
            ask(receipt)
        work.append((len(queries), [query["sql"].split("=")[0] for query in queries], list(opened)))
    assert work[0] == work[1] == work[2]
    assert work[0][0] == 3 and len(work[0][2]) == 2


def test_known_and_unknown_identifiers_give_the_same_status_page(work: Callable[[], int]) -> None:
    pages = []
    for text in ("kiln.example.org again", "kiln.example.org again", "oven.example.org again"):
        (accepted,) = accept([Incoming(text=text)])
        work()
        page = ask(accepted.receipt).content.decode().replace(accepted.receipt, "")
        pages.append(re.sub(r'name="token" value="[^"]*"|<time.*?</time>', "", page))
    assert pages[0] == pages[1] == pages[2]


def test_only_the_receipt_opens_the_copy(sent: tuple[str, Tip]) -> None:
    copy = ReporterCopy.objects.get()
    with pytest.raises(sealing.SealBroken):
        mailbox.open_copy(receipts.from_token("another"), copy.sealed)
    with pytest.raises(sealing.SealBroken):
        sealing.open_bytes(copy.sealed)
    found = copies.read(sent[0])
    assert found is not None and (found.stage, found.outcome, found.objection) == ("received", "", False)
    assert found.at == sent[1].received_at.replace(second=0, microsecond=0)


def test_copies_of_every_stage_have_the_same_length(sent: tuple[str, Tip], reviewer: Any) -> None:
    before = len(bytes(ReporterCopy.objects.get().sealed))
    release([sent[1]], "outside", reviewer)
    opening.close([sent[1]], reviewer)
    steps.progress(10)
    assert len(bytes(ReporterCopy.objects.get().sealed)) == before


def test_a_copy_that_was_lost_is_written_again(sent: tuple[str, Tip], analyst: Any) -> None:
    ReporterCopy.objects.all().delete()
    opening.mark_opened([sent[1]], analyst)
    steps.progress(10)
    assert stage(ask(sent[0])) == "Being looked at"


def test_the_receipt_never_stands_in_an_address(sent: tuple[str, Tip]) -> None:
    page = Client().get("/status", {"receipt": sent[0]})
    assert sent[0] not in page.content.decode() and "stepper" not in page.content.decode()
