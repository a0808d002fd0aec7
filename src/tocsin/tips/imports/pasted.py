"""A pasted conversation (QQ, WeChat, a web chat): heads with name and time, or one message a line."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.lib import decoding
from tocsin.tips import paste
from tocsin.tips.imports.source import Message, Rejected, Row, Source, Unclear

_MOST = 64 << 20  # bytes: nobody pastes more, and it is read whole


def rows(source: Source) -> Iterator[Row]:
    """A message a head. Without any head, each line is a message without sender and time."""
    source.stream.seek(0, 2)
    if source.stream.tell() > _MOST:
        raise Unclear("A pasted conversation has at most 64 MB: use --format jsonl or csv for more.")
    text = "".join(decoding.chunks(source.stream, source.found))
    for line in paste.parse(text):
        if line.incoming is None:
            yield Rejected(line.number, line.reason)
            continue
        one = line.incoming
        at = source.clock.aware(line.said_at) if line.said_at else one.received_at
        time = line.said_at.isoformat() if line.said_at else ""
        fields = {
            name: value
            for name in paste.FIELDS
            if name not in ("source", "sender") and (value := getattr(one, name))
        }
        yield Message(line.number, one.text, one.sender, at, time, fields=fields)
