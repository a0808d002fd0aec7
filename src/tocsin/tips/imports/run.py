"""Import a file: each message becomes a quiet tip of its own, and never a second one.

The token of a message is keyed with `lookup.key` over what makes it that message, so another run, or another
export of the same chat, finds the tip that is there. An interrupted import is simply run again.
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import BinaryIO

from django.db import connection

from tocsin.lib import decoding, sealing
from tocsin.tips import accept
from tocsin.tips.accept import Draft, Incoming, Refused
from tocsin.tips.imports.clock import ORDERS, BadZone, Clock, NoOrder, NoZone
from tocsin.tips.imports.rejects import Rejects
from tocsin.tips.imports.sealers import GIVEN, Sealers
from tocsin.tips.imports.source import Message, Options, Rejected, Row, Skipped, Source, Unclear
from tocsin.tips.text import encodable

FORMATS = {
    "telegram": "telegram", "whatsapp": "whatsapp", "csv": "table", "jsonl": "jsonlines", "paste": "pasted",
    "xarf": "xarf", "activitypub": "activitypub",
}  # fmt: skip
_CHATS = ("telegram", "whatsapp", "paste")
_BATCH = 2000  # messages a transaction: the door waits for its turn no longer than a quarter of a second
_AHEAD = GIVEN  # batches that are sealed while one is being stored
_BATCH_MOST = 4 << 20  # characters
_SHOWN = 100
_TURN = 0.0005  # seconds that a thread may keep Python for itself while another one wants it
Progress = Callable[[int], None]  # told how many bytes of the file were read


@dataclass(slots=True)
class Summary:
    """What an import did. `broken` says where and why reading had to stop before the end."""

    format: str
    encoding: str = ""
    read: int = 0  # messages, also those refused
    new: int = 0
    known: int = 0
    rejected: int = 0
    skipped: Counter[str] = field(default_factory=Counter)  # media, service, blank
    pictures: int = 0  # left out of messages that were taken
    doubtful: int = 0  # times long ago or to come, kept and marked
    broken: str = ""
    rejects: list[Rejected] = field(default_factory=list)  # the first hundred
    rejected_file: Path | None = None


def run(
    source: Path | str | bytes,
    form: str,
    options: Options,
    actor: str,
    campaign_id: int | None = None,
    taken_by_id: int | None = None,
    *,
    progress: Progress | None = None,
) -> Summary:
    """Import a file (or a text, or a file's bytes) in a format of `FORMATS`. Rejected rows of a file go to FILE.rejected.

    Raises `Unclear` with a sentence where the file needs an option or is of another kind, and OSError where it
    cannot be read. What was imported before stays; running again adds nothing twice.
    """
    if isinstance(source, str | bytes):
        text = io.BytesIO(encodable(source).encode("utf-8") if isinstance(source, str) else source)
        return _Run(text, form, options, None).go(actor, campaign_id, taken_by_id, progress)
    with source.open("rb") as stream:
        return _Run(stream, form, options, source).go(actor, campaign_id, taken_by_id, progress)


def messages(stream: BinaryIO, form: str, options: Options) -> tuple[str, Iterator[Row]]:
    """The name of the encoding, and what is in the file: the pure half of an import."""
    if form not in FORMATS:
        raise Unclear(f"There is no format {form!r}. There are: {', '.join(FORMATS)}.")
    if options.date_order not in ("", *ORDERS):
        raise Unclear(f"The date order is one of {', '.join(ORDERS)}.")
    try:
        clock = Clock(options.timezone, options.date_order)
    except BadZone as error:
        raise Unclear(str(error)) from None
    found = decoding.detect(stream)
    return found.name, _rows(Source(stream, found, options, clock), form)


def _rows(source: Source, form: str) -> Iterator[Row]:
    try:
        yield from import_module(f"tocsin.tips.imports.{FORMATS[form]}").rows(source)
    except NoZone:
        raise Unclear(
            "The times in this file have no time zone: say where they were written, for example "
            "--timezone Europe/Paris."
        ) from None
    except NoOrder as error:
        raise Unclear(
            f"Day or month first in {str(error)[:40]}? Say --date-order dmy or --date-order mdy."
        ) from None


class _Run:
    """One import: its file, its counts, its rejected rows."""

    def __init__(self, stream: BinaryIO, form: str, options: Options, path: Path | None) -> None:
        self.stream, self.form = stream, form
        encoding, self.rows = messages(stream, form, options)
        self.summary = Summary(form, encoding)
        self.rejects = Rejects(path)
        self.equal: Counter[str] = Counter()
        self.path = path

    def go(
        self, actor: str, campaign_id: int | None, taken_by_id: int | None, progress: Progress | None
    ) -> Summary:
        """Read, seal and store, batch by batch: the next one is sealed while one is being stored."""
        items = (self._incoming(one, campaign_id, taken_by_id) for one in self._messages())
        with self.rejects, _quick_turns(), _pages_in_memory(), Sealers(self.path) as sealers:
            waiting = []
            for batch in _batches(items):
                waiting.append(sealers.submit(self._unknown(batch)))
                if len(waiting) > _AHEAD:
                    self._store(sealers.take(waiting.pop(0)), actor)
                if progress:
                    progress(self.stream.tell())
            for future in waiting:
                self._store(sealers.take(future), actor)
        self.summary.rejected_file = self.rejects.file
        return self.summary

    def _messages(self) -> Iterator[Message]:
        """The messages that can be taken; all others are counted, and rejected ones written down."""
        summary = self.summary
        for row in self.rows:
            if isinstance(row, Skipped):
                summary.skipped[row.why] += 1
            elif isinstance(row, Rejected):
                self._reject(row)
            elif (refused := _refused(row)) is None:
                summary.read += 1
                summary.pictures += row.pictures
                yield row
            elif refused.reason == "blank":
                summary.skipped["blank"] += 1
            else:
                most = f"at most {accept.MAX_BYTES:,} are taken"
                self._reject(Rejected(row.line, f"the message has {refused.size:,} bytes, {most}"))

    def _reject(self, row: Rejected) -> None:
        self.summary.read += 1
        self.summary.rejected += 1
        if row.fatal:
            self.summary.broken = f"line {row.line}: {row.reason}"
        if len(self.summary.rejects) < _SHOWN:
            self.summary.rejects.append(row)
        self.rejects.write(row)

    def _incoming(self, row: Message, campaign_id: int | None, taken_by_id: int | None) -> Incoming:
        return Incoming(
            text=row.text,
            source="chat" if self.form in _CHATS else "import",
            token=self._token(row),
            sender=row.sender,
            occurred_at=row.at,
            quiet=True,
            campaign_id=campaign_id,
            taken_by_id=taken_by_id,
            **row.fields,
        )

    def _token(self, row: Message) -> str:
        """Equal for the same message in any export. Of equal messages without ids the second is another one."""
        said = [self.form, row.chat, row.id, row.time, row.sender, row.text]
        if not row.id:
            name = sealing.lookup_tag("import-equal", _joined(said))
            said.append(str(self.equal[name]))
            self.equal[name] += 1
        return sealing.lookup_tag("import-token", _joined(said))

    def _unknown(self, batch: Sequence[Incoming]) -> list[Incoming]:
        """Those without a tip: sealing the others again would be most of the work of a second run."""
        there = accept.tokens_known([item.token for item in batch if item.token])
        self.summary.known += sum(item.token in there for item in batch)
        return [item for item in batch if item.token not in there]

    def _store(self, drafts: Sequence[Draft], actor: str) -> None:
        if drafts:
            new = sum(one.new for one in accept.stored(drafts, actor))
            self.summary.new += new
            self.summary.known += len(drafts) - new
            self.summary.doubtful += sum(draft.tip.time_doubtful for draft in drafts)


@contextmanager
def _quick_turns() -> Iterator[None]:
    """Sealing leaves Python at every message; with the usual 5 ms it would wait for its turn longer than it works."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def _pages_in_memory() -> Iterator[None]:
    """SQLite's indexes of random tags are touched all over: 64 MB instead of 2 MB of them stay in memory."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute("PRAGMA cache_size = -65536")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")


def _joined(parts: Sequence[str]) -> str:
    """One text for several, in which they cannot run together."""
    return "".join([f"{len(part)}:{part}" for part in parts])


def _batches(items: Iterator[Incoming]) -> Iterator[list[Incoming]]:
    """Two thousand at once, or fewer where they are long: memory stays flat."""
    batch, size = list[Incoming](), 0
    for item in items:
        batch.append(item)
        size += len(item.text)
        if len(batch) == _BATCH or size > _BATCH_MOST:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _refused(row: Message) -> Refused | None:
    try:
        accept.checked(row.text)
    except Refused as refused:
        return refused
    return None
