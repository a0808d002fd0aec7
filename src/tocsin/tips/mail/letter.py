"""One mail, read: its words and what stands around them. Only text parts are asked for (`structure.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser

from tocsin.tips.accept import MAX_BYTES, size_of
from tocsin.tips.mail import head, markup, words
from tocsin.tips.mail.connection import PART_BYTES, Mailbox
from tocsin.tips.mail.structure import Outline, TextPart, outline
from tocsin.tips.text import is_blank

CUT = "\n[the mail was longer; it is cut here]"
_GUESSES = ("1", "1.1", "1.1.1")  # where the words usually stand, when the structure cannot be read
_MIME_BYTES = 4_096
_TASTE_BYTES = 256  # by which it shows that a part which is called text is a picture


@dataclass(frozen=True, slots=True)
class Letter:
    """`text` is subject and words, at most what a tip may hold; `kept_out` parts were not fetched."""

    head: head.Head
    text: str
    arrived_at: datetime | None
    kept_out: int = 0
    cut: bool = False
    report: str = ""
    readable: bool = True  # False: the server's description of the mail could not be read

    @property
    def empty(self) -> bool:
        """No words at all."""
        return is_blank(self.text)


def read(box: Mailbox, uid: int, authserv: str) -> Letter:
    """Fetch headers and structure, then the text parts. Raises what `Mailbox` raises."""
    look = box.look(uid, head.FIELDS)
    top = head.read(look.headers, authserv)
    plan = (
        Outline(tuple(_guessed(box, uid)), kept_out=1) if look.structure is None else outline(look.structure)
    )
    found = _Found()
    found.add(box, uid, plan.texts)
    if is_blank(found.text):
        found.add(box, uid, plan.instead)
    kept_out = plan.kept_out + found.binary
    if is_blank(found.text) and isinstance(look.structure, tuple) and isinstance(look.structure[0], list):
        kept_out = (
            kept_out or 1
        )  # parts without a readable boundary: there was something, and it was not fetched
    text, cut = _fitted(f"{top.subject}\n\n{found.text}".strip(), found.cut)
    return Letter(
        head=top,
        text=text,
        arrived_at=look.arrived_at,
        kept_out=kept_out,
        cut=cut,
        report=plan.report,
        readable=look.structure is not None,
    )


class _Found:
    """What the text parts gave so far."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.size, self.binary, self.cut = 0, 0, False

    @property
    def text(self) -> str:
        return "\n\n".join(self.pieces)

    def add(self, box: Mailbox, uid: int, parts: Iterable[TextPart]) -> None:
        """Fetch parts until a tip is full."""
        for part in parts:
            if self.size >= MAX_BYTES:
                self.cut = True
                return
            content = box.part(uid, part.section, _TASTE_BYTES)
            if words.is_binary(words.transferred(content, part.encoding), part.charset):
                self.binary += 1  # called text, and is none: it stays where it is
                continue
            if len(content) >= _TASTE_BYTES:
                content = box.part(uid, part.section)
            whole = len(content) < PART_BYTES
            if self._read(part, words.transferred(content, part.encoding)):
                self.cut = self.cut or not whole

    def _read(self, part: TextPart, content: bytes) -> bool:
        if words.is_binary(content, part.charset):
            self.binary += 1  # called text, and is none: it is dropped here, and the mail removed
            return False
        text = words.decoded(content, part.charset).replace("\r\n", "\n").replace("\r", "\n")
        text = markup.words(text) if part.html else text.strip()
        if part.lead and part.lead not in self.pieces:
            self.pieces.append(part.lead)
        if not is_blank(text):
            self.pieces.append(text)
            self.size += size_of(text)
        return True


def _guessed(box: Mailbox, uid: int) -> Sequence[TextPart]:
    """The first text part by the mail's own headers, where the structure that the server sends is unreadable."""
    for section in _GUESSES:
        own = BytesHeaderParser().parsebytes(box.part(uid, f"{section}.MIME", _MIME_BYTES))
        kind = own.get_content_type()
        if kind in ("text/plain", "text/html") and not own.get_filename() and "Content-Type" in own:
            encoding = str(own.get("Content-Transfer-Encoding", "7bit"))
            return [TextPart(section, kind == "text/html", encoding, str(own.get_content_charset() or ""))]
    return []


def _fitted(text: str, cut: bool) -> tuple[str, bool]:
    """The text as a tip can hold it, and whether it was cut, here or when it was fetched."""
    text = text.replace("\x00", "")
    if not cut and size_of(text) <= MAX_BYTES:
        return text, False
    room = MAX_BYTES - len(CUT)
    return text.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore") + CUT, True
