"""The whole import: tips in the database, each once; what is refused is written down; any bytes are borne."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.audit.models import AuditRow
from tocsin.lib import sealing
from tocsin.tips import accept
from tocsin.tips.bodies import text_of
from tocsin.tips.imports import run as importing
from tocsin.tips.imports.source import Options, Unclear
from tocsin.tips.models import ReporterCopy, Tip

db = pytest.mark.django_db


def whatsapp(*texts: str, start: int = 1) -> str:
    return "".join(f"20/11/2026, 21:{n:02} - Lin: {text}\n" for n, text in enumerate(texts, start))


def telegram(*numbers: int) -> str:
    items = [
        {
            "id": n,
            "type": "message",
            "date_unixtime": str(1_700_000_000 + n),
            "from_id": "user1",
            "text": f"pot {n}",
        }
        for n in numbers
    ]
    return json.dumps({"id": 5, "messages": items}, indent=1)


@db
def test_each_message_becomes_a_quiet_tip_with_its_time_and_its_sealed_sender(bring: Any) -> None:
    summary = bring("whatsapp", whatsapp("at the lake", "on the hill"), timezone="UTC")
    assert (summary.read, summary.new, summary.known, summary.encoding) == (2, 2, 0, "UTF-8")
    first, second = Tip.objects.order_by("occurred_at")
    assert (text_of(first), text_of(second)) == ("at the lake", "on the hill")
    assert first.source == "chat" and first.occurred_at is not None and first.occurred_at.minute == 1
    assert sealing.unseal(first.sender_sealed) == "Lin"
    assert not ReporterCopy.objects.exists()
    assert AuditRow.objects.filter(actor="cli:import", action="tip.received").count() == 2


@db
@pytest.mark.parametrize("form", ["telegram", "whatsapp", "csv", "jsonl", "paste"])
def test_importing_a_file_twice_adds_nothing(bring: Any, form: str) -> None:
    content = {
        "telegram": telegram(1, 2, 3),
        "whatsapp": whatsapp("same", "same", "other") * 2,  # equal lines are messages of their own
        "csv": "text\npots\npots\nvases\n",
        "jsonl": '{"text": "pots"}\n{"text": "pots"}\n{"text": "vases"}\n',
        "paste": "Lin 2026-11-20 21:03\npots\nLin 2026-11-20 21:03\npots\nLin 2026-11-20 21:03\nvases\n",
    }[form]
    first = bring(form, content, timezone="UTC")
    assert first.new == first.read == (6 if form == "whatsapp" else 3)
    again = bring(form, content, timezone="Asia/Shanghai")
    assert (again.new, again.known) == (0, first.new)
    assert Tip.objects.count() == first.new


@db
def test_overlapping_exports_of_a_chat_add_only_what_is_new(bring: Any) -> None:
    assert bring("telegram", telegram(1, 2, 3)).new == 3
    later = bring("telegram", telegram(2, 3, 4))
    assert (later.new, later.known) == (1, 2)
    bring("whatsapp", whatsapp("a", "b", "c"), timezone="UTC")
    later = bring("whatsapp", whatsapp("b", "c", "d", start=2), timezone="UTC")
    assert (later.new, later.known) == (1, 2)


@db
def test_an_edited_message_is_a_tip_beside_the_first_one(bring: Any) -> None:
    bring("telegram", telegram(1))
    assert bring("telegram", telegram(1).replace("pot 1", "pot one")).new == 1


@db
def test_an_import_that_was_interrupted_goes_on_when_run_again(
    bring: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_BATCH", 2)
    with pytest.raises(Unclear):  # the last message has no zone: the first ones are stored already
        bring("csv", "time,text\n2026-11-20T21:03:00Z,a\n2026-11-20T21:03:00Z,b\n2026-11-20T21:03:00Z,c\n"
                     "2026-11-20T21:03:00Z,d\n2026-11-20T21:03:00Z,e\n2026-11-20T21:03:00Z,f\n2026-11-20 21:03,g\n")  # fmt: skip
    there = Tip.objects.count()
    summary = bring(
        "csv",
        "time,text\n2026-11-20T21:03:00Z,a\n2026-11-20T21:03:00Z,b\n2026-11-20T21:03:00Z,c\n",
        timezone="UTC",
    )
    assert (summary.known, summary.new) == (there, 3 - there) and there == 2
    assert Tip.objects.count() == 3


@db
def test_rejected_rows_are_named_in_a_private_file_that_is_never_overwritten(
    bring: Any, tmp_path: Path
) -> None:
    content = '{"text": "pots"}\nbroken\n{"text": "' + "x" * 70_000 + '"}\n'
    summary = bring("jsonl", content, name="tips.jsonl")
    file = tmp_path / "tips.jsonl.rejected"
    assert summary.rejected_file == file and file.stat().st_mode & 0o777 == 0o600
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [row["line"] for row in rows] == [2, 3] and "70,000 bytes" in rows[1]["reason"]
    assert (summary.read, summary.new, summary.rejected) == (3, 1, 2)
    before = file.read_bytes()
    again = bring("jsonl", content, name="tips.jsonl")
    assert again.rejected_file == tmp_path / "tips.jsonl.rejected.2" and file.read_bytes() == before


@db
def test_blank_and_media_only_messages_are_counted_not_refused(bring: Any) -> None:
    summary = bring("whatsapp", whatsapp("pots", "<Media omitted>", "\u200b"), timezone="UTC")
    assert (summary.new, summary.rejected, dict(summary.skipped)) == (1, 0, {"media": 1, "blank": 1})


@db
def test_times_of_1970_and_of_the_future_are_kept_and_marked(bring: Any) -> None:
    summary = bring(
        "csv", "time,text\n1970-01-01T00:00:00Z,a\n2199-01-01T00:00:00Z,b\n2026-01-01T00:00:00Z,c\n"
    )
    assert (summary.new, summary.doubtful) == (3, 2)
    assert Tip.objects.filter(time_doubtful=True).count() == 2


@db
@pytest.mark.parametrize(
    ("codec", "name"),
    [("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("gb18030", "GB18030")],
)  # fmt: skip
def test_a_table_in_another_encoding_is_read_and_the_encoding_said(bring: Any, codec: str, name: str) -> None:
    text = "时间,发送者,内容\n2026-11-20T21:03:00Z,林,湖边的陶器店在卖花瓶 kiln.example.org\n"
    summary = bring("csv", text.encode(codec))
    assert (summary.encoding, summary.new) == (name, 1)
    assert text_of(Tip.objects.get()) == "湖边的陶器店在卖花瓶 kiln.example.org"


@db
def test_a_table_in_latin_1_is_read(bring: Any) -> None:
    summary = bring(
        "csv", "texte;auteur\nÀ côté du café : des vases fêlés, très jolis;Léa\n".encode("cp1252")
    )
    assert summary.encoding == "Latin-1"
    assert text_of(Tip.objects.get()).startswith("À côté du café")


@db
def test_a_pasted_text_is_imported_for_a_campaigner(analyst: Any) -> None:
    text = "Lin 2026-11-20 21:03\npots\nWei 2026-11-20 21:04\nvases\n"
    summary = importing.run(text, "paste", Options("UTC"), analyst.actor, None, analyst.pk)
    assert summary.new == 2 and set(Tip.objects.values_list("taken_by_id", flat=True)) == {analyst.pk}


@db
def test_a_large_batch_with_tips_that_came_in_meanwhile_stores_the_others() -> None:
    items = [accept.Incoming(text=f"pot {n}", token=f"t{n}", quiet=True) for n in range(300)]
    drafts = accept.drafted(items)
    accept.accept(items[:5])
    answers = accept.stored(drafts, "cli:import")
    assert [one.new for one in answers] == [False] * 5 + [True] * 295
    assert Tip.objects.count() == 300


@pytest.mark.parametrize(
    ("options", "said"),
    [(Options("Mars/Olympus"), "time zone"), (Options(date_order="xyz"), "date order")],
)
def test_an_option_that_is_not_known_is_said(options: Options, said: str) -> None:
    with pytest.raises(Unclear, match=said):
        importing.messages(io.BytesIO(b""), "csv", options)


HEADS = [
    b"",
    b"{",
    b"[",
    b'{"messages": [',
    b"20/11/2026, 21:03 - Lin: ",
    b"text,time\n",
    b"\xff\xfe",
    b'{"type": "Flag"}',
    b'{"text":',
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(importing.FORMATS)),
    st.sampled_from(HEADS),
    st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
)
def test_any_bytes_give_rows_or_one_clear_sentence(form: str, head: bytes, rest: bytes) -> None:
    try:
        rows = list(importing.messages(io.BytesIO(head + rest), form, Options("UTC", "dmy"))[1])
    except Unclear as error:
        assert str(error)
    else:
        assert all(row.line >= 0 for row in rows)


@pytest.mark.django_db
def test_a_large_file_is_sealed_in_another_process_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tocsin.tips import queries
    from tocsin.tips.imports import sealers

    monkeypatch.setattr(sealers, "WORTH_IT", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    file = tmp_path / "many.jsonl"
    file.write_text(
        "".join(f'{{"text": "kiln {n} t.me/kiln_{n}", "sender": "s{n % 3}"}}\n' for n in range(40))
    )
    assert importing.run(file, "jsonl", Options(), "cli:test").new == 40
    assert importing.run(file, "jsonl", Options(), "cli:test").new == 0
    said = [queries.narrative(tip, None) for tip in Tip.objects.order_by("pk")]
    assert said == [f"kiln {n} t.me/kiln_{n}" for n in range(40)]
