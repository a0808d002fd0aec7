"""CSV: delimiter found by trying, columns by a mapping or by their usual names."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence

from tocsin.tips.imports.source import LINE_MOST, Message, Rejected, Row, Skipped, Source, Unclear
from tocsin.tips.paste import FIELDS, TEXT_NAMES, TIME_NAMES

TARGETS = ("text", "time", "id", "chat", *(name for name in FIELDS if name != "source"))
_USUAL = {
    "text": (*TEXT_NAMES, "texte", "内容", "消息", "文本", "nachricht", "mensaje"),
    "time": (*TIME_NAMES, "occurred_at", "datetime", "created_at", "时间", "日期", "heure", "horodatage"),
    "sender": ("sender", "from", "author", "user", "username", "name", "发送者", "发件人", "昵称", "expéditeur", "auteur"),
    "id": ("id", "message_id", "编号"),
    "chat": ("chat", "chat_id", "channel", "group", "conversation"),
}  # fmt: skip
_DELIMITERS = ",;\t|"


def rows(source: Source) -> Iterator[Row]:
    """A message a row; rows that lack the text's column are refused."""
    delimiter = _delimiter(source)
    csv.field_size_limit(LINE_MOST)
    reader = csv.reader(_lines(source), delimiter=delimiter)
    columns, first = _columns(reader, source)
    for number, row in itertools.chain(first, _rows(reader)):
        if isinstance(row, str):
            yield Rejected(number, row)
        elif any(cell.strip() for cell in row):
            yield _message(number, row, columns, source)


def _lines(source: Source) -> Iterator[str]:
    return (line + "\n" for _number, line in source.lines())


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str] | str]]:
    """(line in which the row ends, its cells or why it cannot be read)."""
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, f"no CSV: {error}"  # type: ignore[attr-defined]  # csv.reader's
            continue
        if row is None:
            return
        yield reader.line_num, row  # type: ignore[attr-defined]


def _delimiter(source: Source) -> str:
    """The one that cuts the first rows into the same number of cells, as many as possible."""
    sample = list(itertools.islice(_lines(source), 40))

    def good(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        except csv.Error:
            return (0.0, 0)
        usual = max(set(widths), key=widths.count) if widths else 0
        return (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)

    return max(_DELIMITERS, key=good)


def _columns(
    reader: Iterator[list[str]], source: Source
) -> tuple[dict[str, int], list[tuple[int, list[str] | str]]]:
    """target -> place of its column; and the first row, where the columns are named by numbers only."""
    wanted = dict(source.options.columns)
    if unknown := sorted(set(wanted) - set(TARGETS)):
        raise Unclear(f"--map knows no {', '.join(unknown)}. It knows: {', '.join(TARGETS)}.")
    number, head = next(_rows(reader), (1, []))
    if isinstance(head, str):
        raise Unclear(f"line {number}: {head}")
    if wanted and all(column.isdecimal() for column in wanted.values()):
        places = {target: int(column) - 1 for target, column in wanted.items()}
        first: list[tuple[int, list[str] | str]] = [(number, head)]
    else:
        places, first = _by_name(wanted, [cell.strip() for cell in head]), []
    if "text" not in places or min(places.values()) < 0:
        names = ", ".join(cell.strip()[:40] for cell in head[:30]) or "none"
        raise Unclear(
            f"Which column holds the text? Say --map text=COLUMN. The first row has the columns: {names}."
        )
    return places, first


def _by_name(wanted: dict[str, str], head: Sequence[str]) -> dict[str, int]:
    lowered = [name.lower() for name in head]
    places: dict[str, int] = {}
    for target, column in wanted.items():
        if column.lower() in lowered:
            places[target] = lowered.index(column.lower())
        elif column.isdecimal() and 0 < int(column) <= len(head):
            places[target] = int(column) - 1
        else:
            names = ", ".join(name[:40] for name in head[:30]) or "none"
            raise Unclear(f"There is no column {column!r}. The first row has the columns: {names}.")
    for target, names_of in _USUAL.items():
        found = [lowered.index(name) for name in names_of if name in lowered]
        if found and target not in places and found[0] not in places.values():
            places[target] = found[0]
    return places


def _message(number: int, row: list[str], columns: dict[str, int], source: Source) -> Row:
    place = columns["text"]
    if place >= len(row):
        return Rejected(number, f"the row has {len(row)} columns, the text is in column {place + 1}")
    said = {target: row[at].strip() for target, at in columns.items() if at < len(row) and target != "text"}
    text, time = row[place], said.pop("time", "")
    if not text.strip():
        return Skipped(number, "blank")
    try:
        at = source.clock.read(time)
    except ValueError as error:
        return Rejected(number, str(error)[:200])
    sender, name, chat = said.pop("sender", ""), said.pop("id", ""), said.pop("chat", "")
    return Message(number, text, sender, at, time, chat, name, fields=said)
